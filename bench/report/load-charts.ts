import { CLIENTS, type LoadCase, type Target } from '../cases.ts';
import { DRIVER_NAMES } from '../drivers/driver-names.ts';
import { grouped } from '../format.ts';
import { type BenchResults, type CaseResult, valuesByTurn } from '../results.ts';
import { pairedRatios } from '../statistics.ts';
import { bytesText } from './axis-number.ts';
import {
  pointOf,
  type ReportChart,
  type ReportPoint,
  type ReportSeries,
  shortName,
} from './report-chart.ts';

/** Results of one operation on one server, at all depths. */
interface LoadFamily {
  readonly target: Target;
  readonly operation: string;
  /** 100 B, 10 children: for people. */
  readonly size: string;
  readonly cases: readonly LoadResult[];
}

type LoadResult = CaseResult & { readonly case: LoadCase };

const SERVERS: Readonly<Record<Target, string>> = {
  null: 'null responder',
  embedded: 'embedded server',
  real: 'ZooKeeper',
  ensemble: 'three ZooKeepers',
};

const DEPTH = { name: 'requests in flight (depth)', unit: '', scale: 'log' } as const;
const RATE = { name: 'operations per second', unit: '' } as const;

/** What a chart says of a family: its values, its axis, how to read it. */
interface Aspect {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  readonly y: ReportChart['y'];
  point(result: LoadResult, family: LoadFamily, x: number): ReportPoint;
}

/** Of what everybody does: reads and writes of 100 B. */
export function throughputCharts(results: BenchResults): ReportChart[] {
  return familiesOf(results).filter(isMain).map(throughputChart);
}

/** Of all other operations and sizes where the client is what is measured; the rest is in the tables. */
export function furtherThroughputCharts(results: BenchResults): ReportChart[] {
  return familiesOf(results)
    .filter((family) => !isMain(family) && family.target === 'null')
    .map(throughputChart);
}

function isMain({ operation, size }: LoadFamily): boolean {
  return size === '100 B' && (operation === 'get' || operation === 'set');
}

function throughputChart(family: LoadFamily): ReportChart {
  return chartOf(family, {
    id: 'throughput',
    title: 'Throughput',
    note: `Higher is better. ${LIMITS[family.target]}`,
    y: { ...RATE, scale: 'log' },
    point: (result, _, x) => pointOf(x, values(result, 'opsPerSecond')),
  });
}

const LIMITS: Readonly<Record<Target, string>> = {
  null: 'The responder does next to nothing, so that the client is what is measured: a client that gains nothing from depth is a flat line.',
  embedded: 'The server of zkwire in a process of its own, in memory.',
  real: 'The server usually is the limit: fast clients meet at its line.',
  ensemble: 'Three servers share the machine; the client is connected to a follower.',
};

/** What an operation costs: CPU time also where the server is the limit and rates are all alike. */
export function costCharts(results: BenchResults): ReportChart[] {
  const families = familiesOf(results).filter(isMain);
  const of = (costs: readonly Cost[], targets: readonly Target[]): ReportChart[] =>
    families
      .filter(({ target }) => targets.includes(target))
      .flatMap((family) => costs.map((cost) => costChart(family, cost)))
      .filter(hasValues);
  return [...of([CPU], ['null', 'real']), ...of(FURTHER_COSTS, ['null'])];
}

type Cost = Pick<Aspect, 'id' | 'title' | 'note'> & {
  readonly name: string;
  readonly unit: string;
  /** Of a turn. */
  readonly value: string;
};

const CPU: Cost = {
  id: 'cpu',
  title: 'CPU time',
  note: 'Lower is better. All threads of the client’s process, kernel included.',
  name: 'CPU time of the client per operation',
  unit: 'us',
  value: 'cpuUsPerOp',
};

const FURTHER_COSTS: readonly Cost[] = [
  {
    id: 'reads',
    title: 'Reading system calls',
    note: 'Lower is better. Many replies that are read at once are one call.',
    name: 'reading system calls per operation',
    unit: '',
    value: 'readSyscallsPerOp',
  },
  {
    id: 'writes',
    title: 'Writing system calls',
    note: 'Lower is better. Many requests that are written at once are one call.',
    name: 'writing system calls per operation',
    unit: '',
    value: 'writeSyscallsPerOp',
  },
  {
    id: 'allocated',
    title: 'Allocation',
    note: 'Lower is better. What the collector has to take away again, on the heap of the client’s language; C has none.',
    name: 'bytes allocated per operation',
    unit: 'B',
    value: 'allocatedBytesPerOp',
  },
];

function costChart(family: LoadFamily, { name, unit, value, ...about }: Cost): ReportChart {
  return chartOf(family, {
    ...about,
    y: { name, unit, scale: 'log' },
    point: (result, _, x) => pointOf(x, values(result, value)),
  });
}

function hasValues({ series }: ReportChart): boolean {
  return series.some(({ points }) => points.some(({ value }) => value !== null));
}

/** How much of what a bare socket does is left, of the null responder only: elsewhere the server is measured. */
export function shareCharts(results: BenchResults): ReportChart[] {
  return familiesOf(results)
    .filter((family) => isMain(family) && family.target === 'null')
    .flatMap((family) => [
      shareChart(
        family,
        'raw-promise',
        'one promise a request, no codec: the same job without an engine',
      ),
      shareChart(
        family,
        'raw-socket',
        'in bulk: no request is told from the next, out of reach of any API',
      ),
    ])
    .filter((chart) => chart !== null);
}

function shareChart(family: LoadFamily, baseline: string, what: string): ReportChart | null {
  const bases = family.cases.filter(({ case: { client } }) => client === baseline);
  if (bases.length === 0) return null;
  const rest = family.cases.filter(
    ({ case: { client, depth } }) =>
      !client.startsWith('raw-') && bases.some((base) => base.case.depth === depth),
  );
  return chartOf(
    { ...family, cases: rest },
    {
      id: `share-of-${baseline}`,
      title: `Share of ${bases[0]?.subject ?? baseline}`,
      note: `Higher is better; 1 is the raw socket, ${what}. Ratios are taken turn by turn.`,
      y: { name: 'share of its operations per second', unit: '', scale: 'linear' },
      point: (result, _, x) => {
        const base = bases.find((each) => each.case.depth === result.case.depth);
        const of = (each: CaseResult | undefined): Map<number, number> =>
          valuesByTurn(each, 'opsPerSecond');
        return pointOf(x, pairedRatios(of(result), of(base)));
      },
    },
  );
}

const PERCENTILES = ['p90Us', 'p99Us', 'p999Us'] as const;

/** Closed loop: dots are medians, ticks what lies beyond. */
export function closedLoopLatencyCharts(results: BenchResults): ReportChart[] {
  return familiesOf(results)
    .filter(isMain)
    .map((family) => ({
      ...described(family, {
        id: 'closed-loop',
        title: 'Latency, closed loop',
        note: 'Further left is better. The dot is p50, the ticks are p90, p99 and p99.9, where there were samples enough. In a closed loop a slow client asks less often: its latency is that of its own rate, and under overload it is flattered.',
      }),
      kind: 'ranges',
      x: DEPTH,
      y: { name: 'time from request to reply', unit: 'us', scale: 'log' },
      groups: depthsOf(family).map((depth) => `depth ${grouped(String(depth))}`),
      marks: ['p50', 'p90', 'p99', 'p99.9'],
      series: seriesOf(family, (result) => {
        const point = pointOf(depthsOf(family).indexOf(result.case.depth), values(result, 'p50Us'));
        // A percentile that some turns had too few samples for is not given from the others.
        const further = PERCENTILES.map((name) => {
          const { value, turns } = pointOf(0, values(result, name));
          return turns === result.turns.length ? value : null;
        });
        return explained(result, { ...point, further });
      }),
    }));
}

/** Families in the order of the file; a depth more makes a curve of bars. */
function familiesOf({ cases }: BenchResults): LoadFamily[] {
  const families = new Map<string, LoadFamily & { cases: LoadResult[] }>();
  for (const result of cases) {
    if (result.case.kind !== 'load') continue;
    const { target, operation, payloadBytes, childCount } = result.case;
    const size = childCount === undefined ? bytesText(payloadBytes) : `${childCount} children`;
    const key = `${target}/${operation}/${size}`;
    const family = families.get(key) ?? { target, operation, size, cases: [] };
    family.cases.push(result as LoadResult);
    families.set(key, family);
  }
  return [...families.values()];
}

function depthsOf({ cases }: LoadFamily): number[] {
  return [...new Set(cases.map(({ case: { depth } }) => depth))].sort((a, b) => a - b);
}

function described(
  { target, operation, size }: LoadFamily,
  { id, title, note }: Pick<Aspect, 'id' | 'title' | 'note'>,
): Pick<ReportChart, 'id' | 'title' | 'note'> {
  const what = `${operation}, ${size}, ${SERVERS[target]}`;
  const place = `${target}-${operation}-${size}`.replaceAll(' ', '');
  return { id: `${id}-${place}`, title: `${title}: ${what}`, note };
}

/** A curve over depths; where there is one depth only, bars. */
function chartOf(family: LoadFamily, aspect: Aspect): ReportChart {
  const depths = depthsOf(family);
  const isCurve = depths.length > 1;
  return {
    ...described(family, aspect),
    kind: isCurve ? 'curve' : 'bars',
    x: DEPTH,
    y: isCurve ? aspect.y : { ...aspect.y, scale: 'linear' },
    groups: isCurve ? [] : depths.map((depth) => `depth ${grouped(String(depth))}`),
    marks: [],
    series: seriesOf(family, (result) => {
      const { depth } = result.case;
      return explained(
        result,
        aspect.point(result, family, isCurve ? depth : depths.indexOf(depth)),
      );
    }),
  };
}

function seriesOf(
  { cases }: LoadFamily,
  point: (result: LoadResult) => ReportPoint,
): ReportSeries[] {
  const there = new Set(cases.map(({ case: { client } }) => client));
  return [...CLIENTS, ...DRIVER_NAMES]
    .filter((client) => there.has(client))
    .map((client) => {
      const results = cases.filter((result) => result.case.client === client);
      const { subject = '', version = '' } = results.find((each) => each.subject !== '') ?? {};
      return {
        name: shortName(subject === '' ? client : subject),
        version: version.startsWith('node ') ? '' : version,
        ours: client.startsWith('zkwire'),
        points: results.map(point),
      };
    });
}

function values(result: CaseResult, name: string): number[] {
  return [...valuesByTurn(result, name).values()];
}

/** Clients without a value are shown, and why they have none. */
function explained(result: CaseResult, point: ReportPoint): ReportPoint {
  if (point.value !== null) return point;
  if (result.notSupported !== undefined) return { ...point, text: 'not supported' };
  return result.failures.length === 0 ? point : { ...point, text: 'failed' };
}
