import type { LoadCase, Target } from '../cases.ts';
import { environmentText } from '../environment-text.ts';
import { rate, significant } from '../format.ts';
import { numbersOf } from '../lanes/lane.ts';
import type { LaneResults } from '../lanes/lane-results.ts';
import type { ReconnectResults } from '../reconnect/results.ts';
import { allTimes, percentileOrNull } from '../reconnect/samples.ts';
import { type BenchResults, type CaseResult, valuesOf } from '../results.ts';
import type { ServerResults } from '../server/results.ts';
import { median } from '../statistics.ts';
import { FIGURE_PAYLOAD_BYTES } from '../sustained/cases.ts';
import { stallChartName } from '../sustained/charts.ts';
import { type Column, renderTable, type Table } from '../table.ts';
import { figureText, type ReportFigure, verdictCounts } from './figure-table.ts';
import { type Published, publishedFiles } from './published.ts';
import type { ReadmeChart } from './readme-chart.ts';
import { subjectOf, tableOfCodec } from './tables.ts';

const NONE = '–';
const left = (title: string): Column => ({ title });
const right = (title: string): Column => ({ title, align: 'right' });

/** Where README finds page and chart, as seen from it. */
export const PAGE_PATH = 'bench/results/report.html';
export const CHART_PATH = 'bench/results/throughput.svg';

/** What stands between README's markers: scope, one chart, three small tables, a line each on the rest. */
export function renderReadmeSection(published: Published, chart: ReadmeChart | null): string {
  const { load, reconnect, server, lanes } = published;
  const blocks = [
    'One client, one connection, one server on one machine. Against the *null responder*, which answers premade replies at once, the client is what is measured; against a real ZooKeeper the server usually is the limit, and clients differ less. If you do a few hundred operations a second, none of this matters to you.',
    chart === null ? null : `![${chart.alt}](${CHART_PATH})`,
    ...(load === null ? [] : loadBlocks(load)),
    reconnect === null ? null : reconnectLine(reconnect),
    server === null ? null : serverLine(server),
    lanes.sustained === null ? null : sustainedLine(lanes.sustained),
    ...verdictBlocks(published),
    load === null ? null : footnote(load),
  ];
  return `${blocks.filter((block) => block !== null).join('\n\n')}\n`;
}

function loadBlocks(results: BenchResults): (string | null)[] {
  const server = `ZooKeeper ${results.environment.zooKeeper ?? ''}`.trim();
  return [
    ...titled(
      '**Codec**, mean time per record (data is a view with zkwire, a copy with node-zookeeper-client)',
      tableOfCodec(results),
    ),
    ...titled(
      '**Engine**: get of 100 B from the null responder, operations per second',
      headlineTable(results),
    ),
    ...titled(`**Against ${server}**: 100 B, depth 128`, serverTable(results, 'real')),
  ];
}

function titled(title: string, table: Table | null): string[] {
  return table === null ? [] : [title, renderTable(table.columns, table.rows)];
}

interface LoadResult extends CaseResult {
  readonly case: LoadCase;
}

function loadResults({ cases }: BenchResults, is: (load: LoadCase) => boolean): LoadResult[] {
  return cases.filter((result): result is LoadResult => {
    const { case: each } = result;
    return each.kind === 'load' && each.payloadBytes === 100 && is(each);
  });
}

/** Rows are clients, columns are depths. Variants that were measured at one depth are in the report. */
function headlineTable(results: BenchResults): Table | null {
  const cases = loadResults(results, (c) => c.target === 'null' && c.operation === 'get');
  if (cases.length === 0) return null;
  const depths = [...new Set(cases.map((result) => result.case.depth))].sort((a, b) => a - b);
  const deepest = depths.at(-1);
  const clients = [...new Set(cases.map((result) => result.case.client))].filter(
    (client) => cases.filter((result) => result.case.client === client).length > 1,
  );
  return {
    columns: [
      left('client'),
      ...depths.map((depth) => right(`depth ${depth}`)),
      right(`CPU us/op at ${deepest}`),
    ],
    rows: clients.map((client) => {
      const ofClient = cases.filter((result) => result.case.client === client);
      const at = (depth: number | undefined) => ofClient.find((each) => each.case.depth === depth);
      return [
        nameOf(ofClient),
        ...depths.map((depth) => cell(at(depth), 'opsPerSecond', rate)),
        cell(at(deepest), 'cpuUsPerOp', significant),
      ];
    }),
  };
}

const PERCENTILES = ['p50Us', 'p99Us', 'p999Us'] as const;

/** Reads and writes apart, a row for each client. */
function serverTable(results: BenchResults, target: Target): Table | null {
  const cases = loadResults(results, (c) => c.target === target && c.depth === 128);
  if (cases.length === 0) return null;
  return {
    columns: [
      left('operation'),
      left('client'),
      ...['ops/s', 'p50 us', 'p99 us', 'p99.9 us', 'CPU us/op'].map(right),
    ],
    rows: cases.map((result) => [
      result.case.operation,
      nameOf([result]),
      cell(result, 'opsPerSecond', rate),
      ...PERCENTILES.map((name) => cell(result, name, rate)),
      cell(result, 'cpuUsPerOp', significant),
    ]),
  };
}

/** Name and version; a client that failed everywhere goes by the name of its cases. */
function nameOf(cases: readonly CaseResult[]): string {
  const measured = cases.find(({ subject }) => subject !== '') ?? cases[0];
  return measured === undefined ? NONE : subjectOf(measured);
}

function cell(
  result: CaseResult | undefined,
  name: string,
  format: (value: number) => string,
): string {
  if (result === undefined) return NONE;
  const values = valuesOf(result, name);
  if (result.turns.length === 0) return 'failed';
  // A percentile that some turns had too few samples for is not given from the others.
  return values.length < result.turns.length ? NONE : format(median(values));
}

const FAULTS = [
  ['reset/real/3-addresses', 'TCP reset, three addresses'],
  ['reset/real/1-address', 'TCP reset, one address'],
  ['leader-killed/ensemble/3-addresses', 'Leader of three killed (first write)'],
] as const;

function reconnectLine({ cases }: ReconnectResults): string | null {
  const parts = FAULTS.flatMap(([group, text]) => {
    const clients = cases
      .filter((result) => result.case.group === group)
      .flatMap((result) => {
        const p50 = percentileOrNull(allTimes(result), 0.5);
        if (p50 === null) return [];
        const time = Number.isFinite(p50) ? `${rateOrLess(p50)} ms` : 'not back';
        return [`${result.subject} ${time}`];
      });
    return clients.length === 0 ? [] : [`${text}: ${clients.join(', ')}`];
  });
  if (parts.length === 0) return null;
  return `**Reconnecting**, median from the fault to the first good reply on a real ZooKeeper. ${parts.join('. ')}.`;
}

function rateOrLess(value: number): string {
  return value < 1000 ? significant(value) : rate(value);
}

function serverLine({ figures }: ServerResults): string | null {
  const parts = figures.flatMap((figure) =>
    figure.value === null ? [] : [`${figure.label} ${figureText(figure, figure.value)}`],
  );
  return parts.length === 0 ? null : `**The embedded server**, medians: ${parts.join('; ')}.`;
}

/** The stalls that figures are about, beside that of the bare socket: what is left is the client's. */
function sustainedLine({ charts }: LaneResults): string | null {
  const chart = charts.find(({ name }) => name === stallChartName(FIGURE_PAYLOAD_BYTES));
  const parts = (chart?.series ?? []).flatMap(({ name, subject, points }) => {
    const numbers = points.flatMap(numbersOf);
    return numbers.length === 0 ? [] : [`${subject || name} ${significant(median(numbers))} ms`];
  });
  if (parts.length === 0) return null;
  return `**A minute of full load**, get of 100 B at depth 1024: longest stall of the event loop, medians: ${parts.join(', ')}.`;
}

function verdictBlocks(published: Published): string[] {
  const figures = publishedFiles(published).flatMap(({ results }) => results?.figures ?? []);
  const bound = figures.filter(({ verdict }) => verdict !== 'measured');
  if (bound.length === 0) return [`All values and charts: [the report](${PAGE_PATH}).`];
  const counts = verdictCounts(bound);
  const line = `Of ${bound.length} figures that were set before measuring, ${counts.aim} reach their aim, ${counts.must} what they must, ${counts.missed} miss it, ${counts['not measured']} were not measured. All of them, with every value, method and limits: [the report](${PAGE_PATH}), one page to open from disk.`;
  const missed = bound.filter(({ verdict }) => verdict === 'missed');
  return missed.length === 0 ? [line] : [line, ...missedBlocks(missed)];
}

/** Losing rows are not left to a page that few open. */
function missedBlocks(missed: readonly ReportFigure[]): string[] {
  const text = (figure: ReportFigure, value: number | null): string => figureText(figure, value);
  const columns = [left('figure'), right('must'), right('measured')];
  const rows = missed.map((figure) => [
    figure.label,
    // A figure without a must is missed when its aim is.
    text(figure, figure.must ?? figure.aim),
    text(figure, figure.value),
  ]);
  return [
    `<details><summary>What was missed (${missed.length})</summary>`,
    renderTable(columns, rows),
    '</details>',
  ];
}

function footnote({ environment, startedAt, command, quick }: BenchResults): string {
  const warning = quick ? ' A quick run: not to be quoted.' : '';
  return `${environmentText(environment, startedAt)}. Medians of turns, each a process of its own.${warning} To repeat: \`${command}\`.`;
}
