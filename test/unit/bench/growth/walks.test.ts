import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { walkConnections } from '../../../../bench/growth/connection-walk.ts';
import {
  type GrowthResponder,
  startGrowthResponder,
} from '../../../../bench/growth/growth-responder.ts';
import type { LoadPoint, LoadWork, WatchWork } from '../../../../bench/growth/growth-work.ts';
import { walkLoad } from '../../../../bench/growth/load-walk.ts';
import { walkWatches } from '../../../../bench/growth/watch-walk.ts';
import { nodePath } from '../../../../bench/jobs.ts';
import {
  type NullResponder,
  startNullResponder,
} from '../../../../bench/servers/null-responder.ts';

/** What is counted is the same however short the times are. */
/** In less nothing may be done, on a busy machine. */
const TIMES = { warmupMs: 5, settleMs: 0, measureMs: 500 };
const SERVERS = [
  { payloadBytes: 0 },
  { payloadBytes: 100 },
  { payloadBytes: 0, childCount: 10 },
  { payloadBytes: 0, childCount: 1_000 },
];

let growth: GrowthResponder;
let nulls: NullResponder[];
const gc = globalThis.gc;

beforeAll(async () => {
  growth = await startGrowthResponder();
  nulls = await Promise.all(SERVERS.map((options) => startNullResponder(options)));
  if (gc === undefined) {
    setFlagsFromString('--expose-gc');
    globalThis.gc = runInNewContext('gc') as NonNullable<typeof gc>;
  }
});
afterAll(async () => {
  await Promise.all([growth, ...nulls].map((server) => server.close()));
  if (gc === undefined) Reflect.deleteProperty(globalThis, 'gc');
});

function payloadPoint(payloadBytes: number, depth: number, x: number): LoadPoint {
  const server = nulls[SERVERS.findIndex((options) => options.payloadBytes === payloadBytes)];
  return {
    x,
    connectString: `127.0.0.1:${server?.port}`,
    path: nodePath(payloadBytes),
    payloadBytes,
    childCount: 0,
    frameBytes: payloadBytes,
    depth,
  };
}

function childrenPoint(childCount: number): LoadPoint {
  const server = nulls[SERVERS.findIndex((options) => options.childCount === childCount)];
  return {
    x: childCount,
    connectString: `127.0.0.1:${server?.port}`,
    path: '/parent',
    payloadBytes: 0,
    childCount,
    frameBytes: 16 * childCount,
    depth: 2,
  };
}

function load(
  client: LoadWork['client'],
  operation: LoadWork['operation'],
  points: readonly LoadPoint[],
): LoadWork {
  return { kind: 'load', client, operation, needs: {}, points, ...TIMES };
}

describe('walkLoad', () => {
  it.each(['raw-socket', 'zkwire-promise', 'zkwire-callback'] as const)(
    '%s goes from server to server and measures each point',
    async (client) => {
      const points = [payloadPoint(0, 4, 0), payloadPoint(100, 4, 100)];
      const { subject, values } = await walkLoad(load(client, 'get', points));
      expect(subject).not.toBe('');
      for (const x of [0, 100]) {
        expect(values[`opsPerSecond at ${x}`]).toBeGreaterThan(0);
        expect(values[`cpuUsPerOp at ${x}`]).toBeGreaterThan(0);
      }
      expect(Object.keys(values)).toHaveLength(6);
    },
  );

  it('measures a set, and one connection at several depths', async () => {
    const { values } = await walkLoad(
      load('zkwire-promise', 'set', [payloadPoint(100, 1, 1), payloadPoint(100, 64, 64)]),
    );
    expect(values['cpuUsPerOp at 1']).toBeGreaterThan(0);
    expect(values['cpuUsPerOp at 64']).toBeGreaterThan(0);
  });

  it.each(['raw-socket', 'zkwire-promise', 'zkwire-callback'] as const)(
    '%s lists children',
    async (client) => {
      const points = [childrenPoint(10), childrenPoint(1_000)];
      const { values } = await walkLoad(load(client, 'getChildren', points));
      expect(values['cpuUsPerOp at 10']).toBeGreaterThan(0);
      expect(values['cpuUsPerOp at 1000']).toBeGreaterThan(0);
    },
  );

  it('checks that it gets what the point says', async () => {
    const wrongBytes = { ...payloadPoint(100, 1, 1), payloadBytes: 7 };
    await expect(walkLoad(load('zkwire-promise', 'get', [wrongBytes]))).rejects.toThrow(
      'get gave 100 bytes, not the 7 expected',
    );
    const wrongCount = { ...childrenPoint(10), childCount: 11 };
    await expect(walkLoad(load('zkwire-promise', 'getChildren', [wrongCount]))).rejects.toThrow(
      'getChildren gave 10 names, not the 11 expected',
    );
  });

  it('asks for more than the usual limits where a point needs it', async () => {
    const points = [childrenPoint(1_000)];
    const small = {
      ...load('zkwire-promise', 'getChildren', points),
      needs: { frameBytesMax: 64 },
    };
    // A reply may be 64 KiB longer than a request.
    const { values } = await walkLoad(small);
    expect(values['cpuUsPerOp at 1000']).toBeGreaterThan(0);
    await expect(
      walkLoad({ ...small, operation: 'set', points: [payloadPoint(100, 1, 1)] }),
    ).rejects.toThrow('REQUEST_TOO_LARGE');
    const deep = [payloadPoint(100, 5_000, 5_000)];
    const promises = load('raw-promise', 'get', deep);
    const walked = await walkLoad({ ...promises, needs: { depthMax: 5_000 } });
    expect(walked.values['opsPerSecond at 5000']).toBeGreaterThan(0);
  });

  it('leaves out a point that would take too long', async () => {
    // At 1,000 times the bytes of what went before, by the estimate for a slow point.
    const endless = { ...payloadPoint(100, 4, 9), frameBytes: 1e15 };
    const points = [payloadPoint(100, 4, 1), endless, payloadPoint(100, 8, 2)];
    const { values } = await walkLoad(load('zkwire-promise', 'get', points));
    expect(values['opsPerSecond at 1']).toBeGreaterThan(0);
    expect(values['opsPerSecond at 9']).toBeUndefined();
    expect(values['opsPerSecond at 2']).toBeGreaterThan(0);
  });
});

describe('walkWatches', () => {
  const work: Omit<WatchWork, 'style' | 'connectString'> = {
    kind: 'watches',
    counts: [1, 10, 1_000],
    events: 50,
    warmup: 20,
  };

  it('registers up to each count, and hears the events there', async () => {
    const connectString = `127.0.0.1:${growth.port}`;
    const { values } = await walkWatches({ ...work, style: 'persistent', connectString });
    expect(Object.keys(values)).toEqual([
      'eventUs at 1',
      'eventUs at 10',
      'registerUs at 1000',
      'heapBytes at 1000',
      'eventUs at 1000',
    ]);
    // A path, an entry of a map and a Watch cannot be less.
    expect(values['heapBytes at 1000']).toBeGreaterThan(50);
    expect(values['heapBytes at 1000']).toBeLessThan(10_000);
  });

  it('has no events for watches that are told once', async () => {
    const connectString = `127.0.0.1:${growth.port}`;
    const { values } = await walkWatches({ ...work, style: 'one-shot', connectString });
    expect(Object.keys(values)).toEqual(['registerUs at 1000', 'heapBytes at 1000']);
  });
});

describe('walkConnections', () => {
  it('makes all clients anew at each point', async () => {
    const phases: string[] = [];
    const { connectString } = payloadPoint(100, 1, 1);
    const { values } = await walkConnections(
      {
        kind: 'connections',
        connectString,
        counts: [1, 20],
        sharedDepth: 20,
        ownDepth: 2,
        ...TIMES,
      },
      (phase) => void phases.push(phase),
    );
    expect(phases).toEqual(['measuring', 'measured', 'measuring', 'measured']);
    expect(values['operations at 1']).toBeGreaterThan(0);
    expect(values['operations at 20']).toBeGreaterThan(0);
    expect(values['ownCpuUsPerOp at 20']).toBeGreaterThan(0);
    expect(values['heapBytes at 1']).toBeUndefined();
    // The responder's heap is in it here.
    expect(values['heapBytes at 20']).toBeTypeOf('number');
    expect(values['rssBytes at 20']).toBeUndefined();
  });
});
