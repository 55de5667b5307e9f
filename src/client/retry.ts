import { retryClass } from '../codec/index.ts';
import { RequestError, ZkwireError } from '../errors.ts';
import { TIMER_MS_MAX } from '../limits.ts';
import { jittered } from '../session/backoff.ts';
import { type Clock, systemClock } from '../session/index.ts';
import { checkNames, type OptionNames } from './option-checks.ts';

/** How often, and what, `retry` repeats. */
export interface RetryPolicy {
  /**
   * The operation may be applied twice without harm, as a read, or a set with a version: it is repeated
   * also when it is unknown whether it was applied. What the repetition is refused with (`BADVERSION`,
   * `NODEEXISTS`, `NONODE`) may then be the work of the first attempt. Default false.
   */
  readonly idempotent?: boolean | undefined;
  /** Attempts at most, the first one counted. Default 5. */
  readonly attempts?: number | undefined;
  /** Pause before the second attempt, in milliseconds; doubles with each further one. Half of it is chance. Default 100. */
  readonly pauseMs?: number | undefined;
  /** Longest pause. Default 5,000. */
  readonly pauseMsMax?: number | undefined;
  /** Ends the pauses and what follows them; give it to the operation too. */
  readonly signal?: AbortSignal | undefined;
  /** Time, instead of the system's. */
  readonly clock?: Clock | undefined;
  /** Chance, instead of `Math.random`. */
  readonly random?: (() => number) | undefined;
}

const POLICY_NAMES: OptionNames<RetryPolicy> = {
  idempotent: true,
  attempts: true,
  pauseMs: true,
  pauseMsMax: true,
  signal: true,
  clock: true,
  random: true,
};

const ATTEMPTS = 5;
const PAUSE_MS = 100;
const PAUSE_MS_MAX = 5_000;

/** Repeating is safe and pointless: the same comes of it, or the caller wants no more. */
const FINAL: ReadonlySet<string> = new Set([
  'BAD_ARGUMENT',
  'REQUEST_TOO_LARGE',
  'REPLY_TOO_LARGE',
  'CONNECTION_CLOSED',
  'AUTH_FAILED',
  'ABORTED',
]);

/**
 * Repeats `operation` while that is safe: when it was not sent, when the server did not try it
 * (`THROTTLEDOP`, a reconfiguration under way), and, if it is `idempotent`, when its outcome is unknown.
 * Everything else, and what is no RequestError, is passed on at once.
 *
 * When it gives up it rejects with the last error. An attempt whose outcome is unknown is never covered
 * by a later one that was not sent: then it rejects with the error of that attempt.
 */
export async function retry<T>(
  operation: (attempt: number) => Promise<T>,
  policy: RetryPolicy = {},
): Promise<T> {
  checkNames(policy, POLICY_NAMES);
  const attempts = checked('attempts', policy.attempts ?? ATTEMPTS, 1);
  const pauseMsMax = checked('pauseMsMax', policy.pauseMsMax ?? PAUSE_MS_MAX, 0, TIMER_MS_MAX);
  let pauseMs = Math.min(checked('pauseMs', policy.pauseMs ?? PAUSE_MS, 0), pauseMsMax);
  const { random = Math.random, signal } = policy;
  let unknown: RequestError | null = null;
  for (let attempt = 1; ; attempt++) {
    try {
      return await operation(attempt);
    } catch (thrown) {
      const error = worst(unknown, thrown);
      if (attempt >= attempts || !isWorthRepeating(thrown, policy)) throw error;
      if (thrown.outcome === 'unknown') unknown = thrown;
      const aborted = await pause(policy.clock ?? systemClock, jittered(pauseMs, random), signal);
      if (aborted) throw abortedAfter(error as RequestError, signal);
    }
    pauseMs = Math.min(pauseMsMax, pauseMs * 2);
  }
}

function isWorthRepeating(error: unknown, policy: RetryPolicy): error is RequestError {
  if (!isRequestError(error) || FINAL.has(error.code)) return false;
  if (error.outcome === 'not-sent') return true;
  if (error.outcome === 'unknown') return policy.idempotent === true;
  return retryClass(error.serverCode ?? 0) === 'later';
}

/** What is known of all attempts together. */
function worst(unknown: RequestError | null, thrown: unknown): unknown {
  const isNotSent = isRequestError(thrown) && thrown.outcome === 'not-sent';
  return unknown !== null && isNotSent ? unknown : thrown;
}

/** Of any copy of the package. */
function isRequestError(thrown: unknown): thrown is RequestError {
  return ZkwireError.is(thrown) && 'outcome' in thrown;
}

/** Resolves with true when the signal fires first. */
function pause(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  if (signal?.aborted === true) return Promise.resolve(true);
  return new Promise((resolve) => {
    const end = (aborted: boolean): void => {
      clock.clearTimer(timer);
      signal?.removeEventListener('abort', onAbort);
      resolve(aborted);
    };
    const onAbort = (): void => end(true);
    const timer = clock.setTimer(() => end(false), ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function abortedAfter(error: RequestError, signal: AbortSignal | undefined): RequestError {
  const { outcome, operation, path, xid, host } = error;
  const detail = `the AbortSignal fired after ${error.code}`;
  const failure = { code: 'ABORTED', outcome, operation, path, xid, host, cause: signal?.reason };
  return new RequestError(failure, detail);
}

function checked(
  name: keyof RetryPolicy,
  value: number,
  least: number,
  most: number = Number.POSITIVE_INFINITY,
): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  const range = most === Number.POSITIVE_INFINITY ? `from ${least} on` : `of ${least} to ${most}`;
  throw new ZkwireError('BAD_ARGUMENT', `${name} must be a whole number ${range}`);
}
