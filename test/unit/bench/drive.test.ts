import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallbackClient, PromiseClient, Workload } from '../../../bench/adapters/adapter.ts';
import { adapter as rawSocket } from '../../../bench/adapters/raw-socket.ts';
import { checkOnce, drive } from '../../../bench/load/drive.ts';
import { Meter, timedLoopStride } from '../../../bench/load/meter.ts';
import { payloadOf } from '../../../bench/servers/canned-replies.ts';
import { type NullResponder, startNullResponder } from '../../../bench/servers/null-responder.ts';

const workload: Workload = { operation: 'get', path: '/x', data: payloadOf(100), depth: 7 };

/** Counts how many of its operations are open at the same time. */
class FakePromises implements PromiseClient {
  readonly style = 'promise';
  open = 0;
  openMax = 0;
  failAfter = Number.POSITIVE_INFINITY;
  async get(): Promise<Buffer> {
    this.open++;
    this.openMax = Math.max(this.openMax, this.open);
    await new Promise((resolve) => setImmediate(resolve));
    this.open--;
    if (this.failAfter-- <= 0) throw new Error('it broke');
    return workload.data;
  }
  set(): Promise<Buffer> {
    return this.get();
  }
  dataOf(result: unknown): Uint8Array {
    return result as Uint8Array;
  }
  async close(): Promise<void> {}
}

function callbacks(promises: FakePromises): CallbackClient {
  return {
    style: 'callback',
    get: (_path, done) => void promises.get().then((data) => done(null, data), done),
    set: (_path, _data, done) => void promises.get().then(() => done(null), done),
    close: () => promises.close(),
  };
}

/** A busy machine may keep us from all work for some hundred milliseconds: too long for nothing to be done. */
const MEASURE_MS = 1_000;

describe('drive', () => {
  it.each(['promise', 'callback'])(
    'keeps as many operations open as the depth (%s)',
    async (style) => {
      const fake = new FakePromises();
      const meter = new Meter();
      const drained = drive(style === 'promise' ? fake : callbacks(fake), workload, meter);
      // Short: more would be more than the samples that are kept. A stall is waited for by `measure` itself.
      const measured = await meter.measure(5, 20, () => {});
      await drained;
      expect(fake.openMax).toBe(7);
      expect(fake.open).toBe(0);
      expect(measured.operations).toBeGreaterThan(7);
      expect(measured.samples).toBeGreaterThanOrEqual(measured.operations - 7);
      expect(measured.opsPerSecond).toBeCloseTo(measured.operations / measured.seconds, 5);
    },
  );

  it.each(['promise', 'callback'])('fails the turn when an operation fails (%s)', async (style) => {
    const fake = new FakePromises();
    fake.failAfter = 20;
    const meter = new Meter();
    void drive(style === 'promise' ? fake : callbacks(fake), workload, meter);
    await expect(meter.measure(5, 60_000, () => {})).rejects.toThrow('it broke');
    expect(meter.running).toBe(false);
  });

  it('warms up until enough is done, but not for ever', async () => {
    const meter = new Meter();
    const drained = drive(new FakePromises(), workload, meter);
    await meter.run(1, 30, 60_000);
    await drained;
    expect(meter.completed).toBeGreaterThanOrEqual(30);
    const idle = new Meter();
    await idle.run(1, 1, 30);
    expect(idle.running).toBe(false);
  });

  it('refuses a turn in which nothing happened', async () => {
    await expect(new Meter().measure(1, 5, () => {})).rejects.toThrow(/no operation completed/);
  });
});

describe('checkOnce', () => {
  it('refuses a client that reads something else', async () => {
    const fake = new FakePromises();
    await checkOnce(fake, workload);
    await checkOnce(callbacks(fake), { ...workload, operation: 'set' });
    const other = { ...workload, data: payloadOf(99) };
    await expect(checkOnce(fake, other)).rejects.toThrow('get gave 100 bytes, not the 99 expected');
    await expect(checkOnce(callbacks(fake), other)).rejects.toThrow(/100 bytes/);
  });
});

describe('timedLoopStride', () => {
  it('times every loop up to 64 and at most 64 of more', () => {
    expect([1, 16, 64, 65, 128, 1024].map(timedLoopStride)).toEqual([1, 1, 1, 2, 2, 16]);
  });
});

describe('raw socket', () => {
  let responder: NullResponder;
  beforeEach(async () => {
    responder = await startNullResponder({ payloadBytes: 100 });
  });
  afterEach(() => responder.close());

  it.each([
    ['get', 1, 100],
    ['get', 5, 100],
    ['get', 1024, 100],
    ['set', 300, 1024],
  ] as const)('%s at depth %i with %i bytes: closed loop, drained at the end', async (...row) => {
    const [operation, depth, payloadBytes] = row;
    const client = await rawSocket.connect(`127.0.0.1:${responder.port}`);
    const meter = new Meter();
    const drained = drive(
      client,
      { operation, path: '/x', data: payloadOf(payloadBytes), depth },
      meter,
    );
    const measured = await meter.measure(10, MEASURE_MS, () => {});
    await drained;
    expect(meter.completed).toBeGreaterThanOrEqual(measured.operations);
    // How many rounds fit into the time is the machine's affair; the first one is always drained.
    expect(meter.completed).toBeGreaterThanOrEqual(depth);
    expect(measured.operations).toBeGreaterThan(0);
    expect(measured.p50Us).toBeGreaterThan(0);
    await client.close();
  });
});
