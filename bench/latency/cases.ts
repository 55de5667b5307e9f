import { byteLabel, type ClientName } from '../cases.ts';
import { DRIVER_NAMES, type DriverName, isDriverName } from '../drivers/driver-names.ts';
import { driverWarmup } from '../drivers/driver-warmup.ts';
import type { LaneCase } from '../lanes/lane.ts';
import type { PeerName } from '../peers.ts';
import { ARRIVALS, type Arrivals } from './schedule.ts';

export const LATENCY_TARGETS = ['null', 'real'] as const;
export type LatencyTarget = (typeof LATENCY_TARGETS)[number];

/** The floor, zkwire, and everybody else. */
export const LATENCY_CLIENTS = [
  'raw-promise',
  'zkwire-promise',
  'zkwire-callback',
  'zookeeper',
  'node-zookeeper-client',
  ...DRIVER_NAMES,
] as const satisfies readonly (ClientName | DriverName)[];
export type LatencyClient = (typeof LATENCY_CLIENTS)[number];

/** Whose p99.9 zkwire's is compared with. */
export const PEER_CLIENTS: readonly LatencyClient[] = [
  'zookeeper',
  'node-zookeeper-client',
  ...DRIVER_NAMES,
];

/** Half of what the client itself does at most, or the same number of requests a second for all. */
export type Load = 'half-rate' | number;

/** A small service, a busy one, and more than any service asks for. */
export const FIXED_RATES = [1_000, 10_000, 50_000] as const;

export interface LatencyTimes {
  /** Closed loops, to find the maximum rate. */
  readonly maxWarmupMs: number;
  readonly maxMeasureMs: number;
  /** Closed loops before the open one, so that V8 has seen the code. */
  readonly closedWarmupMs: number;
  readonly openWarmupMs: number;
  readonly openMeasureMs: number;
}

export interface LatencyCase extends LaneCase, LatencyTimes {
  readonly client: LatencyClient;
  readonly target: LatencyTarget;
  readonly payloadBytes: number;
  readonly load: Load;
  /** Of every open loop at this load, one after the other. The same for every client. */
  readonly arrivals: readonly Arrivals[];
}

const PAYLOAD_BYTES = 100;

/** Three seconds at 1,000 a second are 3,000 samples: three of them beyond p99.9. */
const WHOLE_TIMES: LatencyTimes = {
  maxWarmupMs: 600,
  maxMeasureMs: 1_000,
  closedWarmupMs: 500,
  openWarmupMs: 500,
  openMeasureMs: 3_000,
};
const QUICK_TIMES: LatencyTimes = {
  maxWarmupMs: 100,
  maxMeasureMs: 150,
  closedWarmupMs: 100,
  openWarmupMs: 100,
  openMeasureMs: 300,
};
/** Of what the figures come from. */
const FIGURE_TURNS = 10;
const FIXED_RATE_TURNS = 5;
/** There the server is the limit of all. */
const REAL_TURNS = 3;
/** Start and end of a process, connect and close. */
const PROCESS_MS = 200;

export function groupName(target: LatencyTarget): string {
  return `latency/${target}/get/${byteLabel(PAYLOAD_BYTES)}`;
}

export function loadName(load: Load): string {
  return load === 'half-rate' ? load : `${load}-per-second`;
}

function turnMs(client: LatencyClient, load: Load, loops: number, times: LatencyTimes): number {
  const warmupMs = (ms: number): number =>
    isDriverName(client) ? driverWarmup(client, ms).ms : ms;
  const openMs =
    PROCESS_MS + warmupMs(times.closedWarmupMs + times.openWarmupMs) + times.openMeasureMs;
  if (load !== 'half-rate') return loops * openMs;
  return PROCESS_MS + warmupMs(times.maxWarmupMs) + times.maxMeasureMs + loops * openMs;
}

function turnsOf(target: LatencyTarget, load: Load): number {
  if (target === 'real') return REAL_TURNS;
  return load === 'half-rate' ? FIGURE_TURNS : FIXED_RATE_TURNS;
}

/** All of them; a quick run has one short turn of each, and of the real server little. */
export function latencyCases(
  quick: boolean,
  arrivals: readonly Arrivals[] = ARRIVALS,
): LatencyCase[] {
  const times = quick ? QUICK_TIMES : WHOLE_TIMES;
  return LATENCY_TARGETS.flatMap((target) =>
    (['half-rate', ...FIXED_RATES] as const).flatMap((load) =>
      LATENCY_CLIENTS.filter(
        (client) => !quick || target === 'null' || client === 'zkwire-promise',
      ).map(
        (client): LatencyCase => ({
          ...times,
          name: `${groupName(target)}/${loadName(load)}/${client}`,
          group: groupName(target),
          turns: quick ? 1 : turnsOf(target, load),
          turnMs: turnMs(client, load, arrivals.length, times),
          peer: peerOf(client),
          client,
          target,
          payloadBytes: PAYLOAD_BYTES,
          load,
          arrivals,
        }),
      ),
    ),
  );
}

function peerOf(client: LatencyClient): PeerName | null {
  return client === 'zookeeper' || client === 'node-zookeeper-client' ? client : null;
}
