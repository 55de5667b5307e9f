import { describe, expect, it } from 'vitest';
import { LatencyHistogram } from '../../../src/client/latency-histogram.ts';
import { Metrics } from '../../../src/client/metrics.ts';
import { SERVER_CODE } from '../../../src/codec/index.ts';
import { LinkError, type Outcome, RequestError } from '../../../src/errors.ts';
import { dataReply, reply } from '../pipeline/frames.ts';
import { settled } from '../pipeline/pipelines.ts';
import { scriptedClient } from './scripted-client.ts';

const GET_DATA = 4;
const CREATE = 1;

function failure(code: string, outcome: Outcome): RequestError {
  return new RequestError({ code, outcome, operation: 'getData' });
}

describe('a latency histogram', () => {
  it('gives percentiles in ms', () => {
    const histogram = new LatencyHistogram();
    for (let ms = 1; ms <= 1000; ms++) histogram.record(ms);
    const summary = histogram.summary()!;
    expect(summary.count).toBe(1000);
    const expected = { minMs: 1, meanMs: 500.5, p50Ms: 500, p90Ms: 900, p99Ms: 990, p999Ms: 999 };
    for (const [name, ms] of Object.entries({ ...expected, maxMs: 1000 })) {
      const error = Math.abs(summary[name as keyof typeof summary] - ms) / ms;
      expect(error, name).toBeLessThanOrEqual(0.001);
    }
  });

  it.each([
    [0, 0.001],
    [0.0004, 0.001],
    [0.0016, 0.002],
    [1.234, 1.234],
  ])('takes %d ms for %d', (ms, shownMs) => {
    const histogram = new LatencyHistogram();
    histogram.record(ms);
    expect(histogram.summary()).toMatchObject({ count: 1, minMs: shownMs, maxMs: shownMs });
  });

  it('takes what is longer than an hour for an hour', () => {
    const histogram = new LatencyHistogram();
    histogram.record(1e12);
    const { count, maxMs } = histogram.summary()!;
    expect(count).toBe(1);
    expect(Math.abs(maxMs - 3_600_000)).toBeLessThan(3_600);
  });

  it('says nothing of nothing', () => {
    expect(new LatencyHistogram().summary()).toBeNull();
  });
});

describe('metrics', () => {
  it('are by operation, with outcomes, codes, bytes and latencies of what was answered', () => {
    let nowMs = 100;
    const metrics = new Metrics(() => nowMs);
    metrics.settled(GET_DATA, 20, 90, 2, null);
    metrics.settled(GET_DATA, 21, 0, 4, failure('NONODE', 'rejected'));
    metrics.settled(GET_DATA, 22, 0, 6000, failure('REQUEST_TIMEOUT', 'unknown'));
    metrics.settled(GET_DATA, 23, 0, 7000, failure('SESSION_LOST', 'not-sent'));
    metrics.settled(GET_DATA, 24, 0, 6, failure('NONODE', 'rejected'));
    metrics.settled(CREATE, 50, 0, 8000, failure('CONNECTION_LOSS', 'unknown'));
    nowMs = 350;
    const latency = {
      count: 3,
      minMs: 2,
      meanMs: expect.closeTo(4, 2),
      p50Ms: 4.001,
      p90Ms: 6.003,
      p99Ms: 6.003,
      p999Ms: 6.003,
      maxMs: 6.003,
    };
    expect(metrics.snapshot()).toEqual({
      durationMs: 250,
      operations: {
        getData: {
          requests: 5,
          ok: 1,
          rejected: 2,
          unknown: 1,
          notSent: 1,
          errors: { NONODE: 2, REQUEST_TIMEOUT: 1, SESSION_LOST: 1 },
          requestBytes: 110,
          replyBytes: 90,
          latency,
        },
        create: {
          requests: 1,
          ok: 0,
          rejected: 0,
          unknown: 1,
          notSent: 0,
          errors: { CONNECTION_LOSS: 1 },
          requestBytes: 50,
          replyBytes: 0,
          latency: null,
        },
      },
    });
  });

  it('are plain data', () => {
    const metrics = new Metrics(() => 0);
    metrics.settled(GET_DATA, 20, 90, 2, null);
    const snapshot = metrics.snapshot();
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
    metrics.settled(GET_DATA, 20, 90, 2, null);
    expect(snapshot.operations.getData?.requests).toBe(1);
  });

  it('begin anew with a reset, and end with a stop', () => {
    let nowMs = 0;
    const metrics = new Metrics(() => nowMs);
    metrics.settled(GET_DATA, 20, 90, 2, null);
    nowMs = 10;
    metrics.reset();
    nowMs = 15;
    expect(metrics.snapshot()).toEqual({ durationMs: 5, operations: {} });
    metrics.stop();
    nowMs = 20;
    metrics.stop();
    expect(metrics.snapshot().durationMs).toBe(5);
    metrics.reset();
    expect(metrics.snapshot().durationMs).toBe(0);
  });

  it('keep only so many codes, whatever a server makes up; those that are known all fit', () => {
    const metrics = new Metrics(() => 0);
    for (let code = 0; code < 1000; code++) {
      metrics.settled(GET_DATA, 20, 0, 1, failure(`UNKNOWN(${code})`, 'rejected'));
    }
    metrics.settled(GET_DATA, 20, 0, 1, failure('UNKNOWN(1)', 'rejected'));
    const errors = metrics.snapshot().operations.getData!.errors;
    expect(Object.keys(errors)).toHaveLength(65);
    expect([errors['UNKNOWN(1)'], errors.OTHER]).toEqual([2, 936]);
    expect(Object.keys(SERVER_CODE).length).toBeLessThan(64);
  });
});

describe('metrics of a client', () => {
  it('are off until they are started, and the same until they are stopped', async () => {
    const { zk } = await scriptedClient();
    expect(zk.metrics).toBeNull();
    const metrics = zk.startMetrics();
    expect(zk.startMetrics()).toBe(metrics);
    expect(zk.metrics).toBe(metrics);
    zk.stopMetrics();
    zk.stopMetrics();
    expect(zk.metrics).toBeNull();
    expect(zk.startMetrics()).not.toBe(metrics);
  });

  it('count what is made and settled while they are on', async () => {
    const { zk, link, clock } = await scriptedClient();
    const before = zk.get('/before');
    await settled();
    const metrics = zk.startMetrics();
    const answers = [zk.get('/a'), zk.get('/b').catch(() => null), zk.exists('/c')];
    await settled();
    clock.advance(3);
    link.deliver(dataReply(1, 'x'), dataReply(2, 'four'), reply(3, { err: -101 }));
    clock.advance(4);
    link.deliver(reply(4, { err: -101 }));
    await Promise.all([before, ...answers]);
    const late = zk.get('/late');
    await settled();
    zk.stopMetrics();
    link.deliver(dataReply(5, 'x'));
    await late;
    const { durationMs, operations } = metrics.snapshot();
    expect(durationMs).toBe(7);
    const { getData, exists } = operations;
    expect(getData).toMatchObject({
      requests: 2,
      ok: 1,
      rejected: 1,
      errors: { NONODE: 1 },
      requestBytes: 2 * (12 + 4 + 2 + 1),
      replyBytes: 20 + 4 + 4 + 68 + 20,
      latency: { count: 2, minMs: 3 },
    });
    // Null for the caller, and a refusal on the wire.
    expect(exists).toMatchObject({ requests: 1, rejected: 1, latency: { minMs: 7 } });
    expect(Object.keys(operations)).toEqual(['getData', 'exists']);
  });

  it('tell losses, time-outs, aborts and what was never sent apart', async () => {
    const { zk, link, clock } = await scriptedClient({ requestTimeoutMs: 100_000 });
    const metrics = zk.startMetrics();
    const ending = new AbortController();
    const failures = [
      zk.get('/timeout', { timeoutMs: 10 }),
      zk.get('/abort', { signal: ending.signal }),
      zk.get('/lost'),
    ].map((answer) => answer.catch((error: RequestError) => error.code));
    await settled();
    clock.advance(100);
    ending.abort();
    failures.push(zk.set('/held', 'x', { signal: AbortSignal.abort() }).then(String, () => 'none'));
    link.over(new LinkError('LINK_CLOSED', link.host));
    expect(await Promise.all(failures)).toEqual([
      'REQUEST_TIMEOUT',
      'ABORTED',
      'CONNECTION_LOSS',
      'none',
    ]);
    const { getData, setData } = metrics.snapshot().operations;
    expect(getData).toMatchObject({
      requests: 3,
      unknown: 3,
      errors: { REQUEST_TIMEOUT: 1, ABORTED: 1, CONNECTION_LOSS: 1 },
      latency: null,
    });
    // Refused before it was a request.
    expect(setData).toBeUndefined();
    await zk.close();
  });
});
