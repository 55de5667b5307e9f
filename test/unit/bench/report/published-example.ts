import type { Environment } from '../../../../bench/environment.ts';
import { computeFigures } from '../../../../bench/figures.ts';
import { LANE_SCHEMA, type LaneResults } from '../../../../bench/lanes/lane-results.ts';
import type { Published } from '../../../../bench/report/published.ts';
import { type BenchResults, type CaseResult, RESULTS_SCHEMA } from '../../../../bench/results.ts';
import { caseResult } from '../case-result.ts';
import { ENVIRONMENT_EXAMPLE } from '../environment-example.ts';

const ENVIRONMENT: Environment = {
  ...ENVIRONMENT_EXAMPLE,
  cpuModel: 'Some <CPU>',
  peers: { zookeeper: '7.3.0' },
  zooKeeper: '3.8.0',
};

export function loadResult(
  place: string,
  client: string,
  subject: string,
  rates: readonly number[],
): CaseResult {
  const latency = { p50Us: 10, p90Us: 20, p99Us: 40, cpuUsPerOp: 0.5 };
  const values = rates.map((opsPerSecond) => ({ opsPerSecond, ...latency }));
  return caseResult(`load/${place}/${client}`, subject, values);
}

const NULL_GET = 'null/get/100B';

const CASES: readonly CaseResult[] = [
  loadResult(`${NULL_GET}/depth-1`, 'raw-socket', 'raw socket', [10_000, 20_000, 30_000]),
  loadResult(`${NULL_GET}/depth-1`, 'zkwire-promise', 'zkwire (promises)', [9_000, 15_000, 30_000]),
  loadResult(`${NULL_GET}/depth-1`, 'zookeeper', 'zookeeper', [8_000]),
  loadResult(`${NULL_GET}/depth-1024`, 'raw-socket', 'raw socket', [4e6]),
  loadResult(`${NULL_GET}/depth-1024`, 'zkwire-promise', 'zkwire (promises)', [1e6]),
  {
    ...loadResult(`${NULL_GET}/depth-1024`, 'zookeeper', '', []),
    failures: [{ turn: 0, reason: 'it went away' }],
  },
  loadResult('real/set/100B/depth-128', 'zkwire-promise', 'zkwire (promises)', [2_000, 2_400]),
  loadResult('real/set/100B/depth-128', 'zookeeper', 'zookeeper', [2_500]),
  caseResult('codec/decode-stat/zkwire', 'zkwire', [{ nsPerRecord: 50 }]),
  caseResult('codec/decode-stat/node-zookeeper-client', 'x', [{ nsPerRecord: 2_000 }]),
];

export const LOAD: BenchResults = {
  schema: RESULTS_SCHEMA,
  startedAt: '2026-11-21T10:00:00.000Z',
  elapsedSeconds: 1,
  command: 'npm run bench',
  quick: false,
  measureSeconds: 0.4,
  warmupSeconds: 0.3,
  environment: ENVIRONMENT,
  cases: [...CASES],
  skipped: [{ name: 'cases of npm x', reason: 'no compiler' }],
  figures: computeFigures(CASES),
  notMeasured: ['the `moon`'],
};

export const GROWTH: LaneResults = {
  kind: 'growth',
  schema: LANE_SCHEMA,
  startedAt: '2026-11-21T11:00:00.000Z',
  elapsedSeconds: 60,
  command: 'npm run bench:growth',
  quick: true,
  environment: ENVIRONMENT,
  charts: [
    {
      name: 'growth/payload/get',
      title: 'Cost of a get against its payload',
      kind: 'curve',
      xName: 'payload',
      xUnit: 'B',
      xScale: 'log',
      yName: 'time',
      yUnit: 'us',
      yScale: 'log',
      note: 'Cliffs, marked with ! (twice as much): none.',
      series: [
        {
          name: 'zkwire',
          subject: 'zkwire (promises)',
          version: '0.1.0',
          points: [
            { x: 0, values: [0.5] },
            { x: 1, values: [1, 2, 3] },
            { x: 2 ** 20, values: [null, 800] },
          ],
        },
        { name: 'peer', subject: 'peer', version: '2', points: [{ x: 1, values: [null] }] },
      ],
    },
    {
      name: 'growth/connections',
      title: 'Memory of a connection',
      kind: 'bars',
      xName: 'connections',
      xUnit: '',
      xScale: 'linear',
      yName: 'RSS',
      yUnit: 'B',
      yScale: 'linear',
      note: '',
      series: [
        { name: 'idle', subject: 'zkwire', version: '0.1.0', points: [{ x: 1000, values: [512] }] },
        { name: 'busy', subject: 'zkwire', version: '0.1.0', points: [{ x: 1000, values: [640] }] },
      ],
    },
  ],
  figures: [],
  skipped: [],
  notMeasured: [],
};

const NO_LANES = { latency: null, sustained: null, watches: null, growth: null };

/** Results of load and of one lane; the rest was not measured. */
export const PUBLISHED: Published = {
  load: LOAD,
  reconnect: null,
  server: null,
  lanes: { ...NO_LANES, growth: GROWTH },
};

export const NOTHING: Published = { load: null, reconnect: null, server: null, lanes: NO_LANES };
