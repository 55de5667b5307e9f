import { grouped } from '../format.ts';
import type { ReconnectCase } from '../reconnect/cases.ts';
import type { ReconnectCaseResult, ReconnectResults } from '../reconnect/results.ts';
import { allTimes, mediansByTurn, percentileOrNull } from '../reconnect/samples.ts';
import { pointOf, type ReportChart, type ReportPoint } from './report-chart.ts';

const CAUSES: Readonly<Record<ReconnectCase['cause'], string>> = {
  reset: 'TCP reset',
  restart: 'server killed and started again',
  'leader-killed': 'leader of three killed, to the first write',
  frozen: 'server in use frozen',
};

interface Faults {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  readonly has: (cause: ReconnectCase['cause']) => boolean;
}

const RANGES =
  'Further left is better. The dot is p50 over all faults, the tick p99 where there were faults enough, else the longest.';

const FAULTS: readonly Faults[] = [
  {
    id: 'reconnect-resets',
    title: 'The connection is reset, the server lives',
    note: `${RANGES} Without watches the bare socket is the floor: connect, handshake, one request.`,
    has: (cause) => cause === 'reset',
  },
  {
    id: 'reconnect-outages',
    title: 'The server is away, or silent',
    note: `${RANGES} A restart and an election take their time whoever waits: the bare socket shows how much.`,
    has: (cause) => cause !== 'reset',
  },
];

/** Clients beside each other, cause by cause, on one axis: they lie three orders of magnitude apart. */
export function reconnectCharts({ cases }: ReconnectResults): ReportChart[] {
  return FAULTS.flatMap(({ has, ...named }) => {
    const ofFaults = cases.filter((result) => has(result.case.cause));
    return ofFaults.length === 0 ? [] : [faultsChart(named, ofFaults)];
  });
}

function faultsChart(
  named: Pick<Faults, 'id' | 'title' | 'note'>,
  cases: readonly ReconnectCaseResult[],
): ReportChart {
  const groups = [...new Set(cases.map(({ case: { group } }) => group))];
  const clients = [...new Set(cases.map(({ case: { client } }) => client))];
  return {
    ...named,
    kind: 'ranges',
    x: { name: 'fault', unit: '', scale: 'linear' },
    y: { name: 'from the fault to the first good reply', unit: 'ms', scale: 'log' },
    groups: groups.map((group) => {
      const first = cases.find((result) => result.case.group === group);
      return first === undefined ? group : headOf(first.case);
    }),
    marks: ['p50', 'p99 or longest'],
    series: clients.map((client) => {
      const ofClient = cases.filter((result) => result.case.client === client);
      const { subject = '', version = '' } = ofClient.find(({ subject }) => subject !== '') ?? {};
      return {
        name: subject === '' ? client : subject,
        version: version.startsWith('node ') ? '' : version,
        ours: client === 'zkwire',
        points: ofClient.map((result) => recovery(result, groups.indexOf(result.case.group))),
      };
    }),
  };
}

function headOf({ cause, target, addresses, watches }: ReconnectCase): string {
  if (cause !== 'reset') return CAUSES[cause];
  const server = target === 'null' ? 'null responder' : 'ZooKeeper';
  const where = addresses === 1 ? '1 address' : `${addresses} addresses`;
  const restored = watches === 0 ? [] : [`${grouped(String(watches))} watches`];
  return [`${CAUSES[cause]}, ${server}, ${where}`, ...restored].join(', ');
}

function recovery(result: ReconnectCaseResult, x: number): ReportPoint {
  const times = allTimes(result);
  const p50 = percentileOrNull(times, 0.5);
  const far = percentileOrNull(times, 0.99) ?? times.at(-1) ?? null;
  if (p50 === null) return { ...pointOf(x, []), further: [null], text: 'failed' };
  if (!Number.isFinite(p50)) {
    const seconds = result.case.limitMs / 1000;
    return { ...pointOf(x, []), further: [null], text: `not back within ${seconds} s` };
  }
  const { min, max } = pointOf(x, [...mediansByTurn(result).values()].filter(Number.isFinite));
  const further = [far !== null && Number.isFinite(far) ? far : null];
  const point = { x, value: p50, min, max, turns: result.turns.length, further };
  // A client whose watches are not all there has not come back, whatever its time says.
  const kept = result.turns.flatMap(({ watchesKept }) => watchesKept ?? []);
  return Math.min(...kept) < result.case.watches ? { ...point, remark: 'watches lost' } : point;
}
