import type { Lane } from '../lanes/lane.ts';
import { type LatencyCase, latencyCases } from './cases.ts';
import { latencyCharts } from './charts.ts';
import { latencyFigures } from './figures.ts';
import {
  type LatencyServers,
  measureLatency,
  missingDriver,
  openLatencyServers,
} from './measure.ts';
import { ARRIVALS, arrivalsOf } from './schedule.ts';

export const LATENCY_LANE: Lane<LatencyCase, LatencyServers> = {
  kind: 'latency',
  about:
    'Measures latency in an open loop: requests are made when they are due, whatever became of those before.',
  notMeasured: [
    'the network: client and server share one machine and its cores, over loopback',
    'writes, other payloads than 100 B, mixes, several connections at once',
    'rates between the half and the whole of the maximum, where queues grow in every client',
    'arrivals other than evenly spaced ones and Poisson: real users come in waves',
  ],
  own: {
    name: 'arrivals',
    placeholder: 'LIST',
    about: 'when requests come, for all clients and loads: constant, poisson',
    byDefault: ARRIVALS.join(','),
  },
  cases: (quick, arrivals) => latencyCases(quick, arrivalsOf(arrivals)),
  missing: missingDriver,
  open: openLatencyServers,
  measure: measureLatency,
  charts: latencyCharts,
  figures: latencyFigures,
};
