import type { Random } from '../random.ts';
import type { OperationKind } from './operation-kinds.ts';

/** Requests that take no signal, or use it for something else than ending the wait. */
const UNABORTED: ReadonlySet<OperationKind> = new Set([
  'watch-persistent',
  'watch-recursive',
  'unwatch',
  'add-auth',
  'create-protected-again',
]);

/** Those that take no time-out, or one for each step of theirs. */
const UNLIMITED: ReadonlySet<OperationKind> = new Set([
  'add-auth',
  'walk',
  'discover',
  'create-protected-again',
]);

/** Waits of callers, in ms: about as long as answers take, or much longer. */
const TIMEOUTS_MS = [20, 300, 2000];
const ABORTS_MS = [5, 300];

/** How long the caller of one request waits. */
export interface DrawnLimits {
  readonly limits: { timeoutMs?: number; signal?: AbortSignal };
  /** Whose signal it is; null: no signal. */
  readonly abort: AbortController | null;
  /** When the signal fires, in ms from the call. It may have fired before. */
  readonly abortInMs: number;
}

/** Draws the limits of one request. */
export function drawLimits(
  kind: OperationKind,
  random: Random,
  chances: { readonly timeoutChance: number; readonly abortChance: number },
): DrawnLimits {
  const limits: DrawnLimits['limits'] = {};
  if (!UNLIMITED.has(kind) && random.chance(chances.timeoutChance)) {
    limits.timeoutMs = random.int(0, random.pick(TIMEOUTS_MS));
  }
  if (UNABORTED.has(kind) || !random.chance(chances.abortChance)) {
    return { limits, abort: null, abortInMs: 0 };
  }
  const abort = new AbortController();
  limits.signal = abort.signal;
  if (random.chance(0.1)) abort.abort();
  return { limits, abort, abortInMs: random.exponential(random.pick(ABORTS_MS)) };
}
