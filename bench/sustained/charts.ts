import { byteLabel } from '../cases.ts';
import { type LaneCaseResult, numbersOf, valuesOfTurns } from '../lanes/lane.ts';
import type { Chart, Point, Series } from '../lanes/lane-results.ts';
import { FLOOR_CLIENT, SUSTAINED_PAYLOADS, type SustainedCase, sustainedGroup } from './cases.ts';
import { COLLECTION_KINDS } from './collections.ts';
import { secondKey } from './second-keys.ts';

export type SustainedResult = LaneCaseResult<SustainedCase>;

const MIB = 2 ** 20;
const SWITCHES =
  'Where involuntary context switches are many, other processes wanted the core, and stalls are theirs.';

type Axis = Pick<Chart, 'yName' | 'yUnit' | 'note'>;

export function stallChartName(payloadBytes: number): string {
  return `${sustainedGroup(payloadBytes)}/longest-stall`;
}

export function sustainedCharts(results: readonly SustainedResult[]): Chart[] {
  return SUSTAINED_PAYLOADS.flatMap((payloadBytes) => {
    const ofPayload = results.filter(({ case: each }) => each.payloadBytes === payloadBytes);
    return ofPayload.length === 0 ? [] : chartsOf(payloadBytes, ofPayload);
  });
}

function chartsOf(payloadBytes: number, results: readonly SustainedResult[]): Chart[] {
  const group = sustainedGroup(payloadBytes);
  const bytes = byteLabel(payloadBytes).replace(/\d+/, '$& ');
  const load = `get of ${bytes}, depth 1,024`;
  const summary = `Full load, ${load}: stalls and collections`;
  const curve = (name: string, title: string, value: string, scale: number, axis: Axis): Chart => ({
    ...axis,
    name: `${group}/${name}`,
    title: `Full load, ${load}: ${title}`,
    kind: 'curve',
    summary: `Full load, ${load}: by second`,
    xName: 'second',
    xUnit: '',
    xScale: 'linear',
    yScale: name === 'operations' || name === 'stalls' ? 'log' : 'linear',
    series: results.map((result) => seriesOf(result, secondsOf(result, value, scale))),
  });
  const bars = (name: string, title: string, value: string, axis: Axis): Chart => ({
    ...axis,
    name: `${group}/${name}`,
    title: `Full load, ${load}: ${title}`,
    kind: 'bars',
    summary,
    xName: '',
    xUnit: '',
    xScale: 'linear',
    yScale: 'linear',
    series: results.map((result) =>
      seriesOf(result, [{ x: 0, values: valuesOfTurns(result, value) }]),
    ),
  });
  return [
    curve('operations', 'operations by second', 'opsPerSecond', 1, {
      yName: 'operations',
      yUnit: 'ops/s',
      note: '',
    }),
    bars('longest-stall', 'longest stall of the event loop', 'longestStallMs', {
      yName: 'longest stall',
      yUnit: 'ms',
      note: `Time by which a timer of 1 ms came late, at most. ${SWITCHES}`,
    }),
    ...overFloorChart(group, load, summary, results),
    bars('loop-delay', "longest delay by Node's own measurement", 'loopDelayMaxMs', {
      yName: 'longest delay',
      yUnit: 'ms',
      note: 'monitorEventLoopDelay with a resolution of 1 ms, which is in the value.',
    }),
    bars('loop-delay-p99', "99th percentile of Node's own measurement", 'loopDelayP99Ms', {
      yName: 'delay, p99',
      yUnit: 'ms',
      note: 'A reply to a thousand requests at once is a turn of the loop of about this length.',
    }),
    bars('involuntary-switches', 'involuntary context switches', 'involuntarySwitches', {
      yName: 'switches in a turn',
      yUnit: '',
      note: 'How often the kernel took the core away while there was work to do, all threads together.',
    }),
    curve('stalls', 'longest stall by second', 'stallMs', 1, {
      yName: 'longest stall',
      yUnit: 'ms',
      note: SWITCHES,
    }),
    ...collectionCharts(group, load, summary, results),
    curve('rss', 'resident size', 'rss', MIB, {
      yName: 'resident size',
      yUnit: 'MiB',
      note: 'A good 45 MiB of it is Node.',
    }),
    curve('heap', 'JavaScript heap in use', 'heapUsed', MIB, {
      yName: 'heap in use',
      yUnit: 'MiB',
      note: 'Looked at once a second, wherever the collector stood then.',
    }),
  ];
}

/** What a client stalls longer than the bare socket of the same turn. */
function overFloorChart(
  group: string,
  load: string,
  summary: string,
  results: readonly SustainedResult[],
): Chart[] {
  const floor = results.find(({ case: { client } }) => client === FLOOR_CLIENT);
  const others = results.filter((result) => result !== floor);
  if (floor === undefined || others.length === 0) return [];
  const floorMs = valuesOfTurns(floor, 'longestStallMs');
  const overFloor = (result: SustainedResult): (number | null)[] =>
    valuesOfTurns(result, 'longestStallMs').map((ms, turn) => {
      const least = floorMs[turn] ?? null;
      return ms === null || least === null ? null : ms - least;
    });
  return [
    {
      name: `${group}/longest-stall-over-${FLOOR_CLIENT}`,
      title: `Full load, ${load}: longest stall, less that of the bare socket`,
      kind: 'bars',
      summary,
      xName: '',
      xUnit: '',
      xScale: 'linear',
      yName: 'longest stall beyond the bare socket',
      yUnit: 'ms',
      yScale: 'linear',
      note: 'The bare socket has the same load, a promise a request, and no client; the difference is taken within a turn, of the longest in a minute each. Below zero the bare socket stalled longer.',
      series: others.map((result) => seriesOf(result, [{ x: 0, values: overFloor(result) }])),
    },
  ];
}

/** How many, how long together, the longest: by kind of collection, one group of bars for each. */
function collectionCharts(
  group: string,
  load: string,
  summary: string,
  results: readonly SustainedResult[],
): Chart[] {
  const kinds = COLLECTION_KINDS.filter((kind) =>
    results.some((result) => total(result, `gc.${kind}.count`) > 0),
  );
  if (kinds.length === 0) return [];
  const values = [
    { name: 'count', yName: 'collections in a turn', yUnit: '' },
    { name: 'totalMs', yName: 'time of all collections in a turn', yUnit: 'ms' },
    { name: 'longestMs', yName: 'longest collection', yUnit: 'ms' },
  ];
  const places = kinds.map((kind, at) => `${at + 1} is ${KIND_TEXTS[kind]}`).join(', ');
  return values.map(({ name, yName, yUnit }) => ({
    name: `${group}/collections-${name}`,
    title: `Full load, ${load}: garbage collections, ${yName}`,
    kind: 'bars',
    summary,
    xName: 'kind',
    xUnit: '',
    xScale: 'linear',
    yName,
    yUnit,
    yScale: 'linear',
    note: `${places}. The main thread stands still in them.`,
    series: results.map((result) =>
      seriesOf(
        result,
        kinds.map((kind, at) => {
          return { x: at + 1, values: valuesOfTurns(result, `gc.${kind}.${name}`) };
        }),
      ),
    ),
  }));
}

const KIND_TEXTS = {
  minor: 'of young objects',
  major: 'of the whole heap',
  incremental: 'a step of marking',
  weak: 'weak callbacks',
} as const;

function total(result: SustainedResult, name: string): number {
  const values = numbersOf({ x: 0, values: valuesOfTurns(result, name) });
  return values.reduce((sum, value) => sum + value, 0);
}

function secondsOf(result: SustainedResult, name: string, scale: number): Point[] {
  return Array.from({ length: result.case.seconds }, (_, index) => {
    const values = valuesOfTurns(result, secondKey(index + 1, name));
    return { x: index + 1, values: values.map((value) => (value === null ? null : value / scale)) };
  });
}

function seriesOf({ case: each, subject, version }: SustainedResult, points: Point[]): Series {
  return { name: each.client, subject, version, points };
}
