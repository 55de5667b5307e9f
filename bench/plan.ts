import type { BenchCase, LoadCase } from './cases.ts';
import { isDriverName } from './drivers/driver-names.ts';
import { driverWarmup } from './drivers/driver-warmup.ts';

/** Of the times of a turn: without a server and a connection less is enough. */
export const CODEC_TIME_SHARE = 0.4;

/** Measured and warm-up time of a turn. */
export interface TurnTimes {
  measureMs: number;
  warmupMs: number;
}

/** Less warm-up shows V8 at work on what runs once a read: after 0.3 s it gave every client half its rate. */
export const DEFAULT_TIMES: TurnTimes = { measureMs: 400, warmupMs: 600 };
export const QUICK_TIMES: TurnTimes = { measureMs: 150, warmupMs: 100 };

/** How long the heap of a Node client is looked at after each measured time. */
export const ALLOCATION_MS = 60;
/** Start and end of a process, connect and close. */
const PROCESS_MS = 160;
const JAVA_PROCESS_MS = 600;
/** Typical time of a turn of the cases that measure an amount and not a time, on two cores of a cloud machine. */
const MEMORY_TURN_MS = { 'in-flight-heap': 3_000, 'rss-growth': 7_000, 'bytes-copied': 200 };
/** Once: looking for the peers, starting the real server and warming it. */
const SET_UP_MS = 15_000;

export function turnMs(benchCase: BenchCase, times: TurnTimes): number {
  if (benchCase.kind === 'memory') return MEMORY_TURN_MS[benchCase.subject];
  const { measureMs, warmupMs } = times;
  if (benchCase.kind === 'codec') return (measureMs + warmupMs) * CODEC_TIME_SHARE + PROCESS_MS;
  const { client } = benchCase;
  const isSlow = isSlowToWarm(benchCase);
  if (isDriverName(client)) {
    const { ms, stretch } = driverWarmup(client, warmupMs);
    const processMs = client === 'java' ? JAVA_PROCESS_MS : PROCESS_MS;
    return measureMs + ms * (isSlow ? 0.3 + 0.7 * stretch : 1) + processMs;
  }
  return measureMs + warmupMs * (isSlow ? 1.4 : 1) + ALLOCATION_MS + PROCESS_MS;
}

/** Those whose warm-up is stretched, because they do few operations a second. */
function isSlowToWarm({ client, target }: LoadCase): boolean {
  return target === 'real' || target === 'ensemble' || client.includes('zookeeper');
}

/** Estimate of a whole run, the peers' first installation not counted. */
export function planMs(cases: readonly BenchCase[], times: TurnTimes): number {
  return cases.reduce((sum, each) => sum + each.turns * turnMs(each, times), SET_UP_MS);
}

/** Groups in the order of their first case. */
export function groupCases(cases: readonly BenchCase[]): BenchCase[][] {
  const groups = new Map<string, BenchCase[]>();
  for (const benchCase of cases) {
    const group = groups.get(benchCase.group) ?? [];
    group.push(benchCase);
    groups.set(benchCase.group, group);
  }
  return [...groups.values()];
}
