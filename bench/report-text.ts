import type { LoadCase } from './cases.ts';
import { environmentText } from './environment-text.ts';
import { rate, significant } from './format.ts';
import { codecTable, figuresTable, loadTable, memoryTable, subjectOf } from './report-tables.ts';
import { type BenchResults, type CaseResult, valuesOf } from './results.ts';
import { median } from './statistics.ts';
import { type Column, renderTable } from './table.ts';

/** Everything that was measured, as Markdown that also reads well in a terminal. */
export function renderReport(results: BenchResults): string {
  return joined([
    ...details(results),
    '### What it must show',
    figuresTable(results.figures),
    footnote(results),
    notMeasured(results),
  ]);
}

/** The same for README: figures and the headline first, the rest folded. */
export function renderReadmeSection(results: BenchResults): string {
  return joined([
    `One client, one connection, one server on the same machine. Against the *null responder*, which answers premade replies at once, the client is what is measured; against a real ZooKeeper the server usually is the limit, and clients differ less. If you do a few hundred operations a second, none of this matters to you.`,
    '**get of 100 bytes from the null responder, operations per second** (median)',
    headlineTable(results),
    '**What it must show**',
    figuresTable(results.figures),
    footnote(results),
    '<details><summary>All tables: load, codec, memory</summary>',
    ...details(results),
    '</details>',
    notMeasured(results),
  ]);
}

function joined(blocks: readonly (string | null)[]): string {
  return `${blocks.filter((block) => block !== null && block !== '').join('\n\n')}\n`;
}

function details(results: BenchResults): (string | null)[] {
  return [
    ...titled('### Codec: time per record', codecTable(results)),
    ...titled('### Memory', memoryTable(results)),
    ...titled('### Load on the null responder', loadTable(results, 'null')),
    ...titled('### Load on the embedded server, in memory', loadTable(results, 'embedded')),
    ...titled(
      `### Load on ZooKeeper ${results.environment.zooKeeper ?? ''}`.trim(),
      loadTable(results, 'real'),
    ),
    skippedList(results),
  ];
}

function titled(title: string, table: string | null): (string | null)[] {
  return table === null ? [] : [title, table];
}

function skippedList({ skipped }: BenchResults): string | null {
  if (skipped.length === 0) return null;
  return ['Not run:', ...skipped.map(({ name, reason }) => `- ${name}: ${reason}`)].join('\n');
}

function notMeasured({ notMeasured: items }: BenchResults): string {
  return ['What we did not measure:', ...items.map((item) => `- ${item}`)].join('\n');
}

/** Rows are clients, columns are depths: the one table to look at first. */
function headlineTable(results: BenchResults): string | null {
  const cases = results.cases.filter(({ case: c }) => c.kind === 'load' && isHeadline(c));
  if (cases.length === 0) return null;
  const depths = [...new Set(cases.map(depthOf))].sort((a, b) => a - b);
  const clients = [...new Set(cases.map(clientOf))];
  const columns: Column[] = [
    { title: 'client' },
    ...depths.map((depth) => ({ title: `depth ${depth}`, align: 'right' as const })),
    { title: `CPU us/op at ${depths.at(-1)}`, align: 'right' },
  ];
  const rows = clients.map((client) => {
    const ofDepth = (depth: number | undefined): CaseResult | undefined =>
      cases.find((result) => clientOf(result) === client && depthOf(result) === depth);
    return [
      nameOf(cases, client),
      ...depths.map((depth) => cell(ofDepth(depth), 'opsPerSecond', rate)),
      cell(ofDepth(depths.at(-1)), 'cpuUsPerOp', (value) => significant(value)),
    ];
  });
  return renderTable(columns, rows);
}

function isHeadline({ target, operation, payloadBytes }: LoadCase): boolean {
  return target === 'null' && operation === 'get' && payloadBytes === 100;
}

function depthOf(result: CaseResult): number {
  return (result.case as LoadCase).depth;
}

function clientOf(result: CaseResult): string {
  return (result.case as LoadCase).client;
}

/** Name and version; a client that failed everywhere goes by the name of its cases. */
function nameOf(cases: readonly CaseResult[], client: string): string {
  const ofClient = cases.filter((result) => clientOf(result) === client);
  const measured = ofClient.find(({ subject }) => subject !== '');
  return measured === undefined ? client : subjectOf(measured);
}

function cell(
  result: CaseResult | undefined,
  name: string,
  format: (value: number) => string,
): string {
  if (result === undefined) return '–';
  const values = valuesOf(result, name);
  return values.length === 0 ? 'failed' : format(median(values));
}

function footnote(results: BenchResults): string {
  const { environment, startedAt, command, measureSeconds, quick } = results;
  const method = `Medians; every turn is a process of its own, ${significant(measureSeconds)} s measured after warm-up; ratios are taken turn by turn.`;
  const warning = quick ? ' A quick run: not to be quoted.' : '';
  return `${environmentText(environment, startedAt)}. ${method}${warning} To repeat: \`${command}\`.`;
}
