import { grouped, times } from '../format.ts';
import { type LaneCaseResult, valuesOfTurns } from '../lanes/lane.ts';
import type { Chart, Point, Series } from '../lanes/lane-results.ts';
import { childNames } from '../servers/canned-replies.ts';
import { CHILDREN_DEPTH, CONNECTIONS_DEPTH, type GrowthCase, PAYLOAD_DEPTH } from './cases.ts';
import { CLIFF, type CostOf, isCliff, jumpsOf } from './cliffs.ts';
import { COUNT_MIN, pointKey } from './growth-work.ts';

/** A chart that is made of one value of all cases of a group. */
interface ChartSpec {
  readonly name: string;
  readonly title: string;
  /** Of the cases. */
  readonly group: string;
  readonly metric: string;
  readonly x: Pick<Chart, 'xName' | 'xUnit'>;
  readonly y: Pick<Chart, 'yName' | 'yUnit'>;
  readonly note: string;
  /** Null for what is no cost: more is better there. */
  readonly costOf: CostOf | null;
  /** Factor from the value to the unit of y. */
  readonly scale?: number;
  /** Divided by x too. */
  readonly perX?: boolean;
}

const CHILD_NAME = childNames(1)[0] as string;
const RATE = { yName: 'operations', yUnit: 'ops/s' };
const CPU = { yName: 'CPU of the client an operation', yUnit: 'us' };
const KIB = 1 / 1024;
const MIB = 1 / 1024 / 1024;

const PAYLOAD_NOTE = `Null responder, ${PAYLOAD_DEPTH} requests in flight at every point, so 16 MiB at the end of the curve. \
The last payload is 1,023 KiB: servers and clients take requests of 1,048,575 B with header and path. CPU is of all threads, the kernel's work for the socket included.`;
const DEPTH_NOTE = `Null responder, 100 B. 65,536 requests in flight is zkwire's default limit (option inflightMax), so none was raised. \
Points at which the loops of a peer would take over a second to come round are left out. \
"raw socket + promises" decodes nothing, so what its curve rises by is what V8 takes for promises that wait: from about 10,000 on they outlive its young generation and are copied, twice, into the old one. Callbacks leave nothing behind.`;
const CHILDREN_NOTE = `Null responder, names like ${CHILD_NAME} (${CHILD_NAME.length} B), so 1.6 MB for 100,000; ${CHILDREN_DEPTH} requests in flight. \
zkwire's frame limit (option frameBytesMax, 1 MiB by default as jute.maxbuffer) was raised to 16 MiB. The raw socket makes no names of what it reads. 100,000 names at once are more than V8's young generation takes in passing: its collector copies each of them, whoever made them.`;
const WATCHES_NOTE = `Each watch is of another node and all have one listener; a responder without a watch table answers, so only the client counts. Below ${grouped(String(COUNT_MIN.watches))} watches the cost is smaller than what the process does besides.`;
const CONNECTIONS_NOTE = 'All clients in one process. Get of 100 B.';
const SHARED_NOTE = `${CONNECTIONS_NOTE} ${grouped(String(CONNECTIONS_DEPTH.shared))} requests in flight over all clients together, so with 1,000 clients each has one and is read and written for each reply: what grows is the price of system calls.`;

function payloadSpecs(operation: 'get' | 'set'): ChartSpec[] {
  const shared = {
    group: `growth/payload/${operation}`,
    x: { xName: 'payload', xUnit: 'B' },
    note: PAYLOAD_NOTE,
  };
  const name = `growth/payload/${operation}`;
  return [
    {
      ...shared,
      name,
      title: `CPU time of a ${operation}, by payload`,
      metric: 'cpuUsPerOp',
      y: CPU,
      costOf: 'x',
    },
    {
      ...shared,
      name: `${name}-rate`,
      title: `${operation} per second, by payload`,
      metric: 'opsPerSecond',
      y: RATE,
      costOf: null,
    },
  ];
}

function depthSpecs(): ChartSpec[] {
  const shared = { group: 'growth/depth', x: { xName: 'depth', xUnit: '' }, note: DEPTH_NOTE };
  return [
    {
      ...shared,
      name: 'growth/depth/cpu',
      title: 'CPU time of a get, by depth',
      metric: 'cpuUsPerOp',
      y: CPU,
      costOf: 'each',
    },
    {
      ...shared,
      name: 'growth/depth/rate',
      title: 'get per second, by depth',
      metric: 'opsPerSecond',
      y: RATE,
      costOf: null,
    },
    {
      ...shared,
      name: 'growth/depth/latency',
      title: 'median latency of a get, by depth',
      metric: 'p50Us',
      y: { yName: 'p50 of latency', yUnit: 'us' },
      costOf: null,
    },
  ];
}

function childrenSpecs(): ChartSpec[] {
  const shared = {
    group: 'growth/children',
    x: { xName: 'children', xUnit: '' },
    metric: 'cpuUsPerOp',
    note: CHILDREN_NOTE,
  };
  return [
    {
      ...shared,
      name: 'growth/children/reply',
      title: 'CPU time of a getChildren, by children',
      y: { yName: 'CPU of the client a reply', yUnit: 'us' },
      costOf: 'x',
    },
    {
      ...shared,
      name: 'growth/children/child',
      title: 'CPU time of one child in a getChildren, by children',
      y: { yName: 'CPU of the client a child', yUnit: 'ns' },
      costOf: 'each',
      scale: 1_000,
      perX: true,
    },
  ];
}

function watchSpecs(): ChartSpec[] {
  const shared = {
    group: 'growth/watches',
    x: { xName: 'watches', xUnit: '' },
    note: WATCHES_NOTE,
    costOf: 'each',
  } as const;
  return [
    {
      ...shared,
      name: 'growth/watches/heap',
      title: 'heap of one watch, by watches registered',
      metric: 'heapBytes',
      y: { yName: 'JavaScript heap a watch', yUnit: 'B' },
    },
    {
      ...shared,
      name: 'growth/watches/register',
      title: 'CPU time to register one watch, by watches registered',
      metric: 'registerUs',
      y: { yName: 'CPU of the client a watch', yUnit: 'us' },
    },
    {
      ...shared,
      name: 'growth/watches/event',
      title: 'CPU time of one event, by watches registered',
      metric: 'eventUs',
      y: { yName: 'CPU of the client an event', yUnit: 'us' },
      note: `${WATCHES_NOTE} Events come in a burst and are of nodes far apart; one-shot watches would be used up.`,
    },
  ];
}

function connectionSpecs(): ChartSpec[] {
  const shared = {
    group: 'growth/connections',
    x: { xName: 'clients', xUnit: '' },
    note: CONNECTIONS_NOTE,
  };
  return [
    {
      ...shared,
      name: 'growth/connections/connect',
      title: 'time until all clients are connected',
      metric: 'connectMs',
      y: { yName: 'time', yUnit: 'ms' },
      costOf: 'x',
    },
    {
      ...shared,
      name: 'growth/connections/heap',
      title: 'heap of a connected client, by clients',
      metric: 'heapBytes',
      y: { yName: 'JavaScript heap a client', yUnit: 'KiB' },
      scale: KIB,
      costOf: 'each',
      note: `${CONNECTIONS_NOTE} Idle clients, from ${COUNT_MIN.heap} on.`,
    },
    {
      ...shared,
      name: 'growth/connections/rss',
      title: 'resident memory of a client, by clients',
      metric: 'rssBytes',
      y: { yName: 'RSS a client', yUnit: 'MiB' },
      scale: MIB,
      costOf: 'each',
      note: `${CONNECTIONS_NOTE} After the load, with the buffers that it needed, from ${COUNT_MIN.rss} on.`,
    },
    {
      ...shared,
      name: 'growth/connections/cpu',
      title: `CPU time of a get, by clients with ${CONNECTIONS_DEPTH.own} requests in flight each`,
      metric: 'ownCpuUsPerOp',
      y: CPU,
      costOf: 'each',
    },
    {
      ...shared,
      name: 'growth/connections/shared-cpu',
      title: 'CPU time of a get, by clients that share a load',
      metric: 'cpuUsPerOp',
      y: CPU,
      costOf: null,
      note: SHARED_NOTE,
    },
    {
      ...shared,
      name: 'growth/connections/shared-server-cpu',
      title: 'CPU time of the server for a get, by clients that share a load',
      metric: 'serverCpuUsPerOp',
      y: { yName: 'CPU of the server an operation', yUnit: 'us' },
      costOf: null,
      note: SHARED_NOTE,
    },
    {
      ...shared,
      name: 'growth/connections/shared-rate',
      title: 'get per second of all clients together, by clients that share a load',
      metric: 'opsPerSecond',
      y: RATE,
      costOf: null,
      note: SHARED_NOTE,
    },
  ];
}

const SPECS: readonly ChartSpec[] = [
  ...payloadSpecs('get'),
  ...payloadSpecs('set'),
  ...depthSpecs(),
  ...childrenSpecs(),
  ...watchSpecs(),
  ...connectionSpecs(),
];

/** What a chart's y is the cost of; null for a chart of something else. */
export function costOfChart({ name }: Chart): CostOf | null {
  return SPECS.find((spec) => spec.name === name)?.costOf ?? null;
}

/** All charts that have a value; what was not measured has none. */
export function growthCharts(results: readonly LaneCaseResult<GrowthCase>[]): Chart[] {
  return SPECS.flatMap((spec) => {
    const series = results
      .filter((result) => result.case.group === spec.group)
      .map((result) => seriesOf(result, spec))
      .filter(({ points }) => points.some(({ values }) => values.some((each) => each !== null)));
    return series.length === 0 ? [] : [chartOf(spec, series)];
  });
}

function seriesOf(result: LaneCaseResult<GrowthCase>, spec: ChartSpec): Series {
  const { name, group, xs } = result.case;
  const points = xs.map((x): Point => {
    const factor = (spec.scale ?? 1) / (spec.perX === true ? x : 1);
    const values = valuesOfTurns(result, pointKey(spec.metric, x));
    return { x, values: values.map((value) => (value === null ? null : value * factor)) };
  });
  const last = name.slice(group.length + 1);
  return { name: last, subject: subjectOf(result), version: result.version, points };
}

/** Connections are of one client to different servers. */
function subjectOf({ case: each, subject }: LaneCaseResult<GrowthCase>): string {
  if (each.curve !== 'connections') return subject;
  return each.target === 'null' ? `${subject}, null responder` : `${subject}, embedded server`;
}

function chartOf({ name, title, x, y, note, costOf }: ChartSpec, series: Series[]): Chart {
  return {
    name,
    title,
    kind: 'curve',
    ...x,
    xScale: 'log',
    ...y,
    yScale: 'log',
    note: costOf === null ? note : `${note} ${cliffText(series, costOf)}`,
    series,
  };
}

function cliffText(series: readonly Series[], costOf: CostOf): string {
  const rule = `cost over ${CLIFF} times as much ${costOf === 'x' ? 'per unit ' : ''}as at the point before`;
  const found = series.flatMap((each) =>
    jumpsOf(each, costOf)
      .filter(isCliff)
      .map(({ to, ratio }) => `${each.name} at ${grouped(String(to.x))} (${times(ratio)})`),
  );
  if (found.length === 0) return `No cliff (${rule}).`;
  return `Cliffs, marked with ! (${rule}): ${found.join(', ')}.`;
}

/** `!` at a cliff. */
export function cliffMark(chart: Chart, series: Series, point: Point): string {
  const costOf = costOfChart(chart);
  if (costOf === null) return '';
  const jump = jumpsOf(series, costOf).find(({ to }) => to.x === point.x);
  return jump !== undefined && isCliff(jump) ? '! ' : '';
}
