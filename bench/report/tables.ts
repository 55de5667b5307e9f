import type { LoadCase, Target } from '../cases.ts';
import { CODEC_SUBJECTS, sizeLabel } from '../cases.ts';
import type { FigureResult } from '../figures.ts';
import { megabytes, rate, significant, times } from '../format.ts';
import { type BenchResults, type CaseResult, valuesByTurn, valuesOf } from '../results.ts';
import { median, pairedRatios, spreadOf } from '../statistics.ts';
import type { Column, Row, Table } from '../table.ts';

const NONE = '–';
const left = (title: string): Column => ({ title });
const right = (title: string): Column => ({ title, align: 'right' });

function medianOf(result: CaseResult, name: string, format: (value: number) => string): string {
  const values = valuesOf(result, name);
  // A percentile that some turns had too few samples for is not given from the others.
  return values.length < result.turns.length || values.length === 0 ? NONE : format(median(values));
}

function spreadText(values: readonly number[], format: (value: number) => string): string {
  if (values.length === 0) return NONE;
  const { min, max } = spreadOf(values);
  return values.length === 1 ? 'one turn' : `${format(min)} – ${format(max)}`;
}

/** Name and version of what a case measured; the baselines are as old as Node and have none. */
export function subjectOf(result: CaseResult): string {
  const version = result.version.startsWith('node ') ? '' : ` ${result.version}`;
  return result.subject === '' ? lastPart(result.case.name) : `${result.subject}${version}`;
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** What must be shown, and what was. */
export function tableOfFigures(figures: readonly FigureResult[]): Table {
  const columns = [
    left('figure'),
    right('must'),
    right('aim'),
    right('measured'),
    right('min – max'),
    right('turns'),
    left('verdict'),
  ];
  return { columns, rows: figures.map(figureRow) };
}

function figureRow(figure: FigureResult): Row {
  const format = (value: number): string => figureText(value, figure.unit);
  const { value, min, max, turns } = figure;
  return [
    figure.label,
    format(figure.must),
    format(figure.aim),
    value === null ? NONE : format(value),
    min === null || max === null ? NONE : `${format(min)} – ${format(max)}`,
    String(turns),
    { aim: 'aim reached', must: 'must reached', missed: 'MISSED', 'not measured': 'not measured' }[
      figure.verdict
    ],
  ];
}

function figureText(value: number, unit: FigureResult['unit']): string {
  if (unit === 'times') return times(value);
  return unit === 'share' ? significant(value) : `${significant(value)} ${unit}`;
}

/** Load cases of one server, grouped as they ran, each client with its share of the raw socket's rate. */
export function tableOfLoad(results: BenchResults, target: Target): Table | null {
  const cases = results.cases.filter(({ case: c }) => c.kind === 'load' && c.target === target);
  if (cases.length === 0) return null;
  const columns = [
    left('case'),
    left('client'),
    right('ops/s'),
    right('min – max'),
    right('of raw socket'),
    right('of best other client'),
    right('p50 us'),
    right('p90 us'),
    right('p99 us'),
    right('p99.9 us'),
    right('CPU us/op'),
    right('reads/op'),
    right('writes/op'),
    right('allocated B/op'),
    right('server CPU'),
    right('peak RSS'),
    right('turns'),
  ];
  return { columns, rows: cases.map((result) => loadRow(result, cases)) };
}

function loadRow(result: CaseResult, cases: readonly CaseResult[]): Row {
  const load = result.case as LoadCase;
  const { operation, depth, group } = load;
  const label = `${operation} ${sizeLabel(load)}, depth ${depth}`;
  if (result.notSupported !== undefined) {
    return [label, subjectOf(result), `not supported: ${result.notSupported}`];
  }
  if (result.turns.length === 0) {
    return [label, subjectOf(result), `failed: ${result.failures[0]?.reason ?? 'no turn'}`];
  }
  const rates = valuesByTurn(result, 'opsPerSecond');
  const raw = cases.find(
    ({ case: c }) => c.kind === 'load' && c.client === 'raw-socket' && c.group === group,
  );
  const shares = pairedRatios(rates, valuesByTurn(raw, 'opsPerSecond'));
  const value = (name: string): string => medianOf(result, name, (each) => significant(each));
  return [
    label,
    subjectOf(result),
    medianOf(result, 'opsPerSecond', rate),
    spreadText([...rates.values()], rate),
    shares.length === 0 ? NONE : significant(median(shares)),
    againstBest(result, cases),
    value('p50Us'),
    value('p90Us'),
    value('p99Us'),
    value('p999Us'),
    value('cpuUsPerOp'),
    value('readSyscallsPerOp'),
    value('writeSyscallsPerOp'),
    value('allocatedBytesPerOp'),
    medianOf(result, 'serverCpuShare', (share) => `${Math.round(share * 100)} %`),
    medianOf(result, 'peakRssBytes', megabytes),
    turnsText(result),
  ];
}

/** Said where zkwire loses: a page marks these rows. */
export const SLOWER = 'slower';

/** zkwire's rate over that of the fastest client that is neither its own nor a bare socket. */
function againstBest(result: CaseResult, cases: readonly CaseResult[]): string {
  const { client, group } = result.case as LoadCase;
  if (!client.startsWith('zkwire')) return NONE;
  const others = cases.filter(({ case: c }) => {
    return c.kind === 'load' && c.group === group && !/^(?:zkwire|raw)-/.test(c.client);
  });
  const rates = valuesByTurn(result, 'opsPerSecond');
  const ratios = others
    .map((other) => pairedRatios(rates, valuesByTurn(other, 'opsPerSecond')))
    .filter((each) => each.length > 0)
    .map(median);
  if (ratios.length === 0) return NONE;
  const least = Math.min(...ratios);
  return least < 1 ? `${times(least)}, ${SLOWER}` : times(least);
}

function turnsText(result: CaseResult): string {
  const failed = result.failures.length;
  return failed === 0 ? String(result.turns.length) : `${result.turns.length} (${failed} failed)`;
}

export function tableOfCodec(results: BenchResults): Table | null {
  const cases = results.cases.filter(({ case: c }) => c.kind === 'codec');
  if (cases.length === 0) return null;
  // Runs from before they were counted have no columns of dashes.
  const counted = cases.some((result) => codecAllocations(result).length > 0);
  const columns = [
    left('record'),
    right('zkwire'),
    right('node-zookeeper-client'),
    right('ratio'),
    right('min – max'),
    right('turns'),
    ...(counted ? ['zkwire allocates', 'node-zookeeper-client allocates'].map(right) : []),
  ];
  const rows = CODEC_SUBJECTS.flatMap((subject): Row[] => {
    const of = (variant: string): CaseResult | undefined =>
      cases.find(({ case: c }) => c.name === `codec/${subject}/${variant}`);
    const ours = of('zkwire');
    const theirs = of('node-zookeeper-client');
    if (ours === undefined && theirs === undefined) return [];
    const ns = (result: CaseResult | undefined): string =>
      result === undefined ? NONE : medianOf(result, 'nsPerRecord', (v) => `${significant(v)} ns`);
    const ratios = pairedRatios(
      valuesByTurn(theirs, 'nsPerRecord'),
      valuesByTurn(ours, 'nsPerRecord'),
    );
    return [
      [
        subject.replaceAll('-', ' '),
        ns(ours),
        ns(theirs),
        ratios.length === 0 ? NONE : times(median(ratios)),
        spreadText(ratios, times),
        String(ratios.length),
        ...(counted ? [allocatedText(ours), allocatedText(theirs)] : []),
      ],
    ];
  });
  return { columns, rows };
}

/** Bytes that a record allocates, on the heap and in Buffers outside of it, turn by turn. */
export function codecAllocations(result: CaseResult | undefined): number[] {
  const external = valuesByTurn(result, 'externalBytesPerRecord');
  return [...valuesByTurn(result, 'heapBytesPerRecord')].flatMap(([turn, heap]) => {
    const outside = external.get(turn);
    return outside === undefined ? [] : [heap + outside];
  });
}

function allocatedText(result: CaseResult | undefined): string {
  const values = codecAllocations(result);
  return values.length === 0 ? NONE : `${significant(median(values))} B`;
}

const MEMORY_ROWS: readonly [subject: string, value: string, label: string, unit: 'B' | 'MB'][] = [
  ['in-flight-heap', 'heapBytesPerRequest', 'JavaScript heap for a request in flight', 'B'],
  [
    'in-flight-heap',
    'externalBytesPerRequest',
    'memory outside the heap for a request in flight',
    'B',
  ],
  ['in-flight-heap', 'rssBytesPerRequest', 'RSS for a request in flight', 'B'],
  ['rss-growth', 'rssGrowthBytes', 'growth of RSS over 10 million gets at depth 1024', 'MB'],
  ['rss-growth', 'heapGrowthBytes', 'growth of the heap over the same', 'MB'],
  ['rss-growth', 'peakRssBytes', 'peak RSS over the same, Node included', 'MB'],
  ['bytes-copied', 'bytesCopiedAsView', 'bytes copied to decode 64 KiB as a view', 'B'],
  ['bytes-copied', 'bytesCopiedAsOwned', "bytes copied to decode 64 KiB as the caller's own", 'B'],
];

export function tableOfMemory(results: BenchResults): Table | null {
  const rows = MEMORY_ROWS.flatMap(([subject, name, label, unit]): Row[] => {
    const result = results.cases.find(({ case: c }) => c.name === `memory/${subject}`);
    if (result === undefined) return [];
    const format = unit === 'MB' ? megabytes : (bytes: number): string => `${significant(bytes)} B`;
    const values = valuesOf(result, name);
    const middle = values.length === 0 ? NONE : format(median(values));
    return [[label, middle, spreadText(values, format), turnsText(result)]];
  });
  if (rows.length === 0) return null;
  const columns = [left('zkwire'), right('median'), right('min – max'), right('turns')];
  return { columns, rows };
}
