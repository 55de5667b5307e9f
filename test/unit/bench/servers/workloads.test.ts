import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type ZooKeeperClient } from 'zkwire';
import { createServer, type EmbeddedServer } from 'zkwire/server';
import { OPERATIONS, type Operation, type Workload } from '../../../../bench/adapters/adapter.ts';
import { adapter as rawSocket } from '../../../../bench/adapters/raw-socket.ts';
import { adapter as zkwirePromise } from '../../../../bench/adapters/zkwire-promise.ts';
import type { LoadCase } from '../../../../bench/cases.ts';
import { workloadPath } from '../../../../bench/jobs.ts';
import { checkOnce, drive } from '../../../../bench/load/drive.ts';
import { Meter } from '../../../../bench/load/meter.ts';
import { prepareNode } from '../../../../bench/load/prepare-node.ts';
import { childNames, MULTI_SETS, payloadOf } from '../../../../bench/servers/canned-replies.ts';
import { startNullResponder } from '../../../../bench/servers/null-responder.ts';

function caseOf(operation: Operation): LoadCase {
  const childCount = operation === 'getChildren' ? 10 : undefined;
  return {
    ...{ kind: 'load', name: operation, group: operation, turns: 1, inDefaultRun: false },
    ...{ client: 'raw-socket', target: 'embedded', operation, payloadBytes: 100, depth: 3 },
    ...(childCount === undefined ? {} : { childCount }),
  };
}

function workloadOf(operation: Operation): Workload {
  const benchCase = caseOf(operation);
  const { childCount = 0, depth } = benchCase;
  return { operation, path: workloadPath(benchCase), data: payloadOf(100), childCount, depth };
}

describe('the null responder', () => {
  it.each(OPERATIONS)('answers %s so that a client is content', async (operation) => {
    const options = { payloadBytes: 100, childCount: 10, mixed: operation === 'mixed' };
    const responder = await startNullResponder(options);
    const client = await zkwirePromise.connect(`127.0.0.1:${responder.port}`);
    await checkOnce(client, workloadOf(operation));
    await client.close();
    await responder.close();
  });

  it('gives what a server would', async () => {
    const responder = await startNullResponder({ payloadBytes: 100, childCount: 3 });
    const zk = await connect(`127.0.0.1:${responder.port}`);
    expect(await zk.getChildren('/x')).toEqual(childNames(3));
    expect(await zk.create('/x')).toBe('/zkwire-bench-create-100/n-0000000042');
    const transaction = zk.transaction().set('/x', 'a').set('/x', 'b');
    // One result a step is wanted; the responder knows of one number of steps only.
    await expect(transaction.commit()).rejects.toThrow();
    await zk.close();
    await responder.close();
  });
});

describe('an embedded server', () => {
  let server: EmbeddedServer;
  let zk: ZooKeeperClient;
  let address: string;
  beforeAll(async () => {
    server = await createServer({ port: 0 });
    address = `127.0.0.1:${server.port}`;
    zk = await connect(address);
  });
  afterAll(async () => {
    await zk.close();
    await server.close();
  });

  /** How many operations the raw socket did. */
  async function driven(operation: Operation): Promise<number> {
    await prepareNode(caseOf(operation), address);
    const client = await rawSocket.connect(address);
    const meter = new Meter();
    const drained = drive(client, workloadOf(operation), meter);
    await meter.run(5, 20, 60_000);
    await drained;
    // The socket would count the reply to its closing, too.
    const { completed } = meter;
    await client.close();
    return completed;
  }

  it.each(['get', 'exists', 'getChildren'] as const)(
    'has what %s looks for, and nothing changes',
    async (operation) => {
      expect(await driven(operation)).toBeGreaterThanOrEqual(20);
      const client = await zkwirePromise.connect(address);
      await checkOnce(client, workloadOf(operation));
      await client.close();
    },
  );

  it.each([
    ['set', 1],
    ['multi', MULTI_SETS],
    ['mixed', 1 / 5],
  ] as const)('is written to by the premade requests of %s', async (operation, setsEach) => {
    const path = workloadPath(caseOf(operation));
    await prepareNode(caseOf(operation), address);
    const before = await zk.exists(path);
    const operations = await driven(operation);
    const after = await zk.get(path);
    // Preparing it again is a write, too.
    const sets = after.stat.version - (before?.version ?? 0) - 1;
    expect(Buffer.from(after.data ?? [])).toEqual(payloadOf(100));
    if (operation === 'mixed') {
      // Where the ring wraps a few slots are left out.
      expect(sets).toBeGreaterThanOrEqual(Math.floor(operations * 0.15));
      expect(sets).toBeLessThanOrEqual(Math.ceil(operations * 0.25));
    } else expect(sets).toBe(operations * setsEach);
  });

  it('keeps nothing of what was created', async () => {
    const path = workloadPath(caseOf('create'));
    const operations = await driven('create');
    const stat = await zk.exists(path);
    expect(stat?.numChildren).toBe(operations);
    const [first] = (await zk.getChildren(path)).sort();
    const { data } = await zk.get(`${path}/${first}`);
    expect(Buffer.from(data ?? [])).toEqual(payloadOf(100));
    // One is gone already, as after a clean-up that was cut short.
    await zk.delete(`${path}/${first}`);
    await prepareNode(caseOf('create'), address);
    expect(await zk.exists(path)).toMatchObject({ numChildren: 0, cversion: 0 });
  });
});
