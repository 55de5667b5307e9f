import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { type RetryPolicy, retry } from '../../../src/client/index.ts';
import { type Outcome, RequestError, ZkwireError } from '../../../src/errors.ts';
import { settled, shown } from '../pipeline/pipelines.ts';
import { ManualClock } from '../session/manual-clock.ts';

let clock: ManualClock;

beforeEach(() => {
  clock = new ManualClock();
});

function failure(code: string, outcome: Outcome, serverCode?: number): RequestError {
  return new RequestError({ code, outcome, serverCode, operation: 'getData', path: '/a' });
}

const NOT_SENT = failure('CONNECTION_LOSS', 'not-sent');
const UNKNOWN = failure('CONNECTION_LOSS', 'unknown');
const THROTTLED = failure('THROTTLEDOP', 'rejected', -127);

interface Run {
  readonly attempts: number[];
  readonly pauses: number[];
  readonly result: unknown;
}

/** Runs with the failures in turn, then success; time passes as it is wanted. */
async function run(failures: readonly unknown[], policy: RetryPolicy = {}): Promise<Run> {
  const attempts: number[] = [];
  const pauses: number[] = [];
  const answer = retry(
    (attempt) => {
      attempts.push(attempt);
      const next = failures[attempt - 1];
      return next === undefined ? Promise.resolve('done') : Promise.reject(next);
    },
    { clock, random: () => 1, ...policy },
  ).catch((error: unknown) => error);
  let over = false;
  answer.then(() => {
    over = true;
  });
  for (await settled(); !over; await settled()) {
    pauses.push(clock.nextInMs);
    clock.advance(clock.nextInMs);
  }
  return { attempts, pauses, result: await answer };
}

describe('retry', () => {
  it('makes one attempt when that is enough', async () => {
    expect(await run([])).toEqual({ attempts: [1], pauses: [], result: 'done' });
    expect(clock.timers).toBe(0);
  });

  it.each([
    ['was not sent', NOT_SENT],
    ['was throttled', THROTTLED],
    ['came during a reconfiguration', failure('RECONFIGINPROGRESS', 'rejected', -14)],
    ['found no connection', failure('NOT_CONNECTED', 'not-sent')],
    ['was the session', failure('SESSION_EXPIRED', 'not-sent')],
    ['found no room', failure('PIPELINE_FULL', 'not-sent')],
  ])('repeats what %s', async (_name, error) => {
    expect(await run([error, error])).toEqual({
      attempts: [1, 2, 3],
      pauses: [100, 200],
      result: 'done',
    });
  });

  it.each([
    ['unknown', UNKNOWN],
    ['a time-out', failure('REQUEST_TIMEOUT', 'unknown')],
    ['a refusal', failure('NONODE', 'rejected', -101)],
    ['a refusal without a number', failure('NONODE', 'rejected')],
    ['a refusal of nobody knows what', failure('UNKNOWN(-999)', 'rejected', -999)],
    ['an argument', failure('BAD_ARGUMENT', 'not-sent')],
    ['too large', failure('REQUEST_TOO_LARGE', 'not-sent')],
    ['a closed client', failure('CONNECTION_CLOSED', 'not-sent')],
    ['a refused credential', failure('AUTH_FAILED', 'not-sent')],
    ['an abort', failure('ABORTED', 'not-sent')],
    ['no request', new ZkwireError('CONNECT_FAILED', 'x')],
    ['not of here', new TypeError('x')],
    ['no error', 'text'],
  ])('passes on %s at once', async (_name, error) => {
    expect(await run([error])).toEqual({ attempts: [1], pauses: [], result: error });
  });

  it('repeats what is unknown only when that does no harm, and never an abort', async () => {
    const idempotent = true;
    expect((await run([UNKNOWN], { idempotent })).result).toBe('done');
    expect((await run([UNKNOWN], { idempotent: false })).result).toBe(UNKNOWN);
    const aborted = failure('ABORTED', 'unknown');
    expect((await run([aborted], { idempotent })).result).toBe(aborted);
    const refused = failure('NONODE', 'rejected', -101);
    expect((await run([refused], { idempotent })).result).toBe(refused);
  });

  it('makes so many attempts and no more', async () => {
    const failures = Array.from({ length: 9 }, () => failure('NOT_CONNECTED', 'not-sent'));
    const five = await run(failures);
    expect(five.attempts).toEqual([1, 2, 3, 4, 5]);
    expect(five.result).toBe(failures[4]);
    expect((await run(failures, { attempts: 1 })).pauses).toEqual([]);
    const { pauses, attempts } = await run(failures, { attempts: 8, pauseMs: 10, pauseMsMax: 65 });
    expect(attempts).toHaveLength(8);
    expect(pauses).toEqual([10, 20, 40, 65, 65, 65, 65]);
    expect((await run(failures, { attempts: 3, pauseMs: 60_000 })).pauses).toEqual([5000, 5000]);
  });

  it('leaves half of each pause to chance', async () => {
    expect((await run([NOT_SENT, NOT_SENT], { random: () => 0 })).pauses).toEqual([50, 100]);
    expect((await run([NOT_SENT, NOT_SENT], { random: () => 0.5 })).pauses).toEqual([75, 150]);
  });

  it('does not cover an unknown outcome by a later attempt that was not sent', async () => {
    const policy = { idempotent: true, attempts: 3 };
    expect((await run([UNKNOWN, NOT_SENT, NOT_SENT], policy)).result).toBe(UNKNOWN);
    const refused = failure('NODEEXISTS', 'rejected', -110);
    expect((await run([UNKNOWN, refused], policy)).result).toBe(refused);
    const closed = failure('CONNECTION_CLOSED', 'not-sent');
    expect((await run([UNKNOWN, closed], policy)).result).toBe(UNKNOWN);
    const second = failure('CONNECTION_LOSS', 'unknown');
    expect((await run([UNKNOWN, second, NOT_SENT], policy)).result).toBe(second);
  });

  it('ends with its signal, in the pause and before it', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const answer = retry(() => Promise.reject(UNKNOWN), { clock, signal, idempotent: true }).catch(
      (error: unknown) => error,
    );
    await settled();
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await answer).toMatchObject({
      code: 'ABORTED',
      outcome: 'unknown',
      operation: 'getData',
      path: '/a',
      cause: reason,
    });
    expect([clock.timers, getEventListeners(signal, 'abort')]).toEqual([0, []]);
    const late = retry(() => Promise.reject(NOT_SENT), { clock, signal });
    expect(await late.catch(shown)).toBe('ABORTED/not-sent');
    expect(clock.timers).toBe(0);
  });

  it('leaves no listener behind after a pause', async () => {
    const { signal } = new AbortController();
    await run([NOT_SENT, NOT_SENT], { signal });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('takes an operation that throws like one that rejects', async () => {
    const answer = retry(() => {
      throw failure('BAD_ARGUMENT', 'not-sent');
    });
    expect(await answer.catch(shown)).toBe('BAD_ARGUMENT/not-sent');
  });

  it.each([
    { attempts: 0 },
    { attempts: 1.5 },
    { pauseMs: -1 },
    { pauseMsMax: Number.NaN },
    { pauseMsMax: 2 ** 31 },
    { idempotant: true } as RetryPolicy,
  ])('refuses %o before it does anything', async (policy) => {
    await expect(retry(() => expect.unreachable('it was called'), policy)).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
    });
  });

  it('goes by the system clock unless told otherwise', async () => {
    let attempts = 0;
    const answer = retry(
      () => (++attempts < 3 ? Promise.reject(NOT_SENT) : Promise.resolve(attempts)),
      { pauseMs: 1 },
    );
    expect(await answer).toBe(3);
  });
});
