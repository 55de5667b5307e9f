import type { Measurement } from '../server/measurement.ts';
import type { ServerResults } from '../server/results.ts';
import { pointOf, type ReportChart } from './report-chart.ts';

const SUBJECTS = [
  { id: 'embedded', name: 'embedded server', ours: true },
  { id: 'real', name: 'ZooKeeper', ours: false },
] as const;

const MODES = [
  { id: 'fsync', name: 'on disk (fsync)' },
  { id: 'nosync', name: 'without fsync' },
] as const;

const DEPTHS = [1, 128, 1024];

/** What the server takes to start, and what it writes beside a real one. */
export function serverCharts({ measurements, environment }: ServerResults): ReportChart[] {
  const byId = new Map(measurements.map((each) => [each.id, each]));
  const charts = [startChart(byId), writesChart(byId, environment)];
  return charts.filter((chart) => chart.series.some(({ points }) => points.length > 0));
}

type Measured = ReadonlyMap<string, Measurement>;

const STARTS = [
  ['start-in-process', 'in process (memory)'],
  ['start-in-process-tcp', 'in process (TCP)'],
  ['start-command', 'as a command'],
  ['start-node', 'Node alone'],
] as const;

function startChart(byId: Measured): ReportChart {
  const there = STARTS.filter(([id]) => byId.has(id));
  return {
    id: 'server-start',
    title: 'The embedded server: start to first reply',
    note: 'Lower is better. The first start of a fresh process whose code is loaded, and `zkwire serve` from nothing; what Node takes for itself (`node -e 0`) is the last bar.',
    kind: 'bars',
    x: { name: 'way of starting', unit: '', scale: 'linear' },
    y: { name: 'start to first reply', unit: 'ms', scale: 'linear' },
    groups: [''],
    marks: [],
    series: there.map(([id, name]) => ({
      name,
      version: '',
      ours: id !== 'start-node',
      points: [pointOf(0, byId.get(id)?.values ?? [])],
    })),
  };
}

function writesChart(
  byId: Measured,
  { zkwire, zooKeeper }: ServerResults['environment'],
): ReportChart {
  const kinds = MODES.flatMap((mode) => DEPTHS.map((depth) => ({ mode, depth })));
  return {
    id: 'server-writes',
    title: 'Writes: set of 100 B by a bare socket',
    note: 'Higher is better. Both servers write a transaction log; at depth 1 the disk’s flush is what is measured.',
    kind: 'bars',
    x: { name: 'durability and depth', unit: '', scale: 'linear' },
    y: { name: 'operations per second', unit: '', scale: 'linear' },
    groups: kinds.map(({ mode, depth }) => `${mode.name}, depth ${depth.toLocaleString('en')}`),
    marks: [],
    series: SUBJECTS.map(({ id, name, ours }) => ({
      name,
      version: ours ? zkwire : (zooKeeper ?? ''),
      ours,
      points: kinds.flatMap(({ mode, depth }, x) => {
        const measured = byId.get(`set-${mode.id}-${depth}-${id}`);
        return measured === undefined ? [] : [pointOf(x, measured.values)];
      }),
    })),
  };
}
