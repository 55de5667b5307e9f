import { environmentText } from './environment-text.ts';
import { significant } from './format.ts';
import { codecTable, figuresText, loadTable, memoryTable } from './report-tables.ts';
import type { BenchResults } from './results.ts';

/** Everything that was measured, as Markdown that also reads well in a terminal. */
export function renderReport(results: BenchResults): string {
  return joined([
    ...details(results),
    '### What it must show',
    figuresText(results.figures),
    footnote(results),
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
    ...titled('### Load on an ensemble of three', loadTable(results, 'ensemble')),
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

function footnote(results: BenchResults): string {
  const { environment, startedAt, command, measureSeconds, quick } = results;
  const method = `Medians; every turn is a process of its own, ${significant(measureSeconds)} s measured after warm-up; ratios are taken turn by turn.`;
  const warning = quick ? ' A quick run: not to be quoted.' : '';
  return `${environmentText(environment, startedAt)}. ${method}${warning} To repeat: \`${command}\`.`;
}
