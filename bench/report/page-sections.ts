import type { LaneKind, LaneResults } from '../lanes/lane-results.ts';
import { tableOfRecovery } from '../reconnect/tables.ts';
import { tableOfMeasurements } from '../server/report-text.ts';
import type { Table } from '../table.ts';
import { codecCharts } from './codec-charts.ts';
import { laneCharts } from './lane-charts.ts';
import {
  closedLoopLatencyCharts,
  costCharts,
  furtherThroughputCharts,
  shareCharts,
  throughputCharts,
} from './load-charts.ts';
import type { Published } from './published.ts';
import { reconnectCharts } from './reconnect-charts.ts';
import type { ReportChart } from './report-chart.ts';
import { serverCharts } from './server-charts.ts';
import { tableOfCodec, tableOfLoad, tableOfMemory } from './tables.ts';

/** One part of the page: charts, and the tables with everything that was measured for them. */
export interface PageSection {
  readonly id: string;
  readonly title: string;
  /** What is measured here. */
  readonly intro: string;
  readonly charts: readonly ReportChart[];
  /** Folded: what few look for. */
  readonly further?: readonly ReportChart[];
  readonly tables: readonly NamedTable[];
  /** The file that is not there, and the command that makes it; null when it is. */
  readonly absent: { readonly file: string; readonly command: string } | null;
}

interface NamedTable {
  readonly title: string;
  readonly table: Table;
}

/** The parts of the page in their order, also those without results. */
export function pageSections(published: Published): PageSection[] {
  const { load, lanes } = published;
  return [
    {
      id: 'throughput',
      title: 'Throughput',
      intro:
        'Closed loops: as many requests in flight as the depth says, each followed by the next as soon as its reply is there. One client, one connection, one server.',
      charts: load === null ? [] : tallestFirst(throughputCharts(load)),
      further: load === null ? [] : furtherThroughputCharts(load),
      tables: load === null ? [] : loadTables(published),
      absent: load === null ? { file: 'latest.json', command: 'bench' } : null,
    },
    {
      id: 'latency',
      title: 'Latency',
      intro:
        'In a closed loop a client sets its own rate. In an open loop requests are due at fixed times whether or not the last one is answered, and waiting counts from the time they were due.',
      charts: [
        ...(lanes.latency === null ? [] : tallestFirst(laneCharts(lanes.latency))),
        ...(load === null ? [] : tallestFirst(closedLoopLatencyCharts(load))),
      ],
      tables: [],
      absent: absentLane(lanes.latency, 'latency'),
    },
    {
      id: 'cost',
      title: 'Cost of an operation',
      intro:
        'What an operation costs the process that asks, wherever the limit of throughput lies: the rest is left for the service around it.',
      charts: load === null ? [] : tallestFirst(costCharts(load)),
      tables: [],
      absent: null,
    },
    {
      id: 'share',
      title: 'Share of the raw socket',
      intro:
        'A bare socket that sends premade requests and counts replies is what Node and the kernel allow. What a client leaves of it is the price of everything it does.',
      charts: load === null ? [] : shareCharts(load),
      tables: [],
      absent: null,
    },
    {
      id: 'codec',
      title: 'Codec and memory',
      intro: 'Records to bytes and back, without a socket; and what requests in flight hold.',
      charts: load === null ? [] : codecCharts(load),
      tables:
        load === null
          ? []
          : named([
              ['Codec', tableOfCodec(load)],
              ['Memory', tableOfMemory(load)],
            ]),
      absent: null,
    },
    laneSection(
      lanes.sustained,
      'sustained',
      'Sustained load',
      'Full load for a minute: rate, collector pauses, stalls of the event loop. A second ends when the loop comes round: who stalls long has fewer, longer ones in the minute.',
    ),
    laneSection(
      lanes.watches,
      'watches',
      'Watches',
      'How fast events reach those who wait for them.',
    ),
    laneSection(
      lanes.growth,
      'growth',
      'How cost grows',
      'From small to large: a straight line on both logarithmic axes is cost in proportion, a bend upwards is a cliff.',
    ),
    reconnectSection(published),
    serverSection(published),
  ];
}

/** Charts of a height stand side by side: curves, then rows from many to few. */
function tallestFirst(charts: readonly ReportChart[]): ReportChart[] {
  const rows = ({ kind, series }: ReportChart): number =>
    kind === 'curve'
      ? Number.POSITIVE_INFINITY
      : series.reduce((sum, { points }) => sum + points.length, 0);
  // Two of infinite height differ by NaN, which is no order: they stay as they were.
  return [...charts].sort((a, b) => rows(b) - rows(a) || 0);
}

function named(list: readonly (readonly [string, Table | null])[]): NamedTable[] {
  return list.flatMap(([title, table]) => (table === null ? [] : [{ title, table }]));
}

function loadTables({ load }: Published): NamedTable[] {
  if (load === null) return [];
  const { zooKeeper } = load.environment;
  return named([
    ['Load on the null responder', tableOfLoad(load, 'null')],
    ['Load on the embedded server, in memory', tableOfLoad(load, 'embedded')],
    [`Load on ZooKeeper ${zooKeeper ?? ''}`.trim(), tableOfLoad(load, 'real')],
    ['Load on an ensemble of three', tableOfLoad(load, 'ensemble')],
  ]);
}

function absentLane(results: LaneResults | null, kind: LaneKind): PageSection['absent'] {
  return results === null ? { file: `${kind}.json`, command: `bench:${kind}` } : null;
}

function laneSection(
  results: LaneResults | null,
  kind: LaneKind,
  title: string,
  intro: string,
): PageSection {
  const charts = results === null ? [] : tallestFirst(laneCharts(results));
  return { id: kind, title, intro, charts, tables: [], absent: absentLane(results, kind) };
}

function reconnectSection({ reconnect }: Published): PageSection {
  return {
    id: 'reconnect',
    title: 'Reconnecting',
    intro:
      'The time from a fault to the first good reply to a request made after it. A client always has one request under way; session and watches have to survive.',
    charts: reconnect === null ? [] : reconnectCharts(reconnect),
    tables:
      reconnect === null
        ? []
        : [{ title: 'Every fault and client', table: tableOfRecovery(reconnect.cases) }],
    absent: reconnect === null ? { file: 'reconnect.json', command: 'bench:reconnect' } : null,
  };
}

function serverSection({ server }: Published): PageSection {
  return {
    id: 'server',
    title: 'The embedded server',
    intro:
      'How soon it is there, how much it holds, what it writes. Server and clients on one machine.',
    charts: server === null ? [] : serverCharts(server),
    tables:
      server === null
        ? []
        : [{ title: 'Everything measured', table: tableOfMeasurements(server.measurements) }],
    absent: server === null ? { file: 'server.json', command: 'bench:server' } : null,
  };
}
