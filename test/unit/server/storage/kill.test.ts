import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { connect, type ZooKeeperClient } from '../../../../src/client/index.ts';
import { makeDirectory } from './storage-rig.ts';

/** As it is installed: `npm test` builds it first. */
const PROGRAM = join(import.meta.dirname, '../../../../dist/cli/main.js');
const ROUNDS = 4;
const WRITERS = 8;
/** So many writes of one client are on their way at once. */
const DEPTH = 8;

const root = makeDirectory();
const dataDir = join(root.path, 'data');
const processes: ChildProcess[] = [];

afterAll(() => {
  for (const process of processes) process.kill('SIGKILL');
  root.remove();
});

/** `zkwire serve` with a snapshot every 200 transactions or so. */
async function serve(): Promise<{ process: ChildProcess; connectString: string }> {
  const options = ['--port', '0', '--data-dir', dataDir, '-Dzookeeper.snapCount=300'];
  const process = spawn(globalThis.process.execPath, [PROGRAM, 'serve', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  processes.push(process);
  const lines = createInterface({ input: process.stdout! });
  const [line] = (await once(lines, 'line')) as [string];
  const connectString = /127\.0\.0\.1:\d+/.exec(line)?.[0];
  if (connectString === undefined) throw new Error(`it does not serve: ${line}`);
  return { process, connectString };
}

/** What was acknowledged: the last number written to each counter, and every node that was made. */
interface Acknowledged {
  readonly counters: Map<string, number>;
  readonly nodes: Set<string>;
}

/** Writes until the server is gone. */
async function write(zk: ZooKeeperClient, name: string, done: Acknowledged): Promise<void> {
  const counter = `/counter-${name}`;
  const first = done.counters.get(counter) ?? 0;
  const write = async (number: number): Promise<void> => {
    const path = await zk.create(`/node-${name}-`, null, { mode: 'persistent-sequential' });
    done.nodes.add(path.slice(1));
    await zk.set(counter, String(number));
    done.counters.set(counter, Math.max(number, done.counters.get(counter) ?? 0));
  };
  for (let number = first + 1; ; number += DEPTH) {
    const group = Array.from({ length: DEPTH }, (_, index) => write(number + index));
    const results = await Promise.allSettled(group);
    if (results.some(({ status }) => status === 'rejected')) return;
  }
}

async function check(connectString: string, done: Acknowledged): Promise<void> {
  const zk = await connect(connectString);
  const children = new Set(await zk.getChildren('/'));
  expect([...done.nodes].filter((name) => !children.has(name))).toEqual([]);
  for (const [path, number] of done.counters) {
    expect(Number((await zk.get(path)).data)).toBeGreaterThanOrEqual(number);
  }
  await zk.close();
}

describe('zkwire serve, killed under load', () => {
  it('loses no write that it has acknowledged', async () => {
    const done: Acknowledged = { counters: new Map(), nodes: new Set() };
    for (let round = 0; round < ROUNDS; round++) {
      const { process, connectString } = await serve();
      await check(connectString, done);
      const clients = await Promise.all(
        Array.from({ length: WRITERS }, () => connect(connectString)),
      );
      for (let writer = 0; round === 0 && writer < WRITERS; writer++) {
        await clients[0]!.create(`/counter-${writer}`, '0');
      }
      const before = done.nodes.size;
      const writers = clients.map((zk, index) => write(zk, String(index), done));
      while (done.nodes.size < before + 500) await delay(5);
      process.kill('SIGKILL');
      await once(process, 'exit');
      for (const zk of clients) void zk.close().catch(() => {});
      await Promise.all(writers);
    }
    const last = await serve();
    await check(last.connectString, done);
    expect(readdirSync(join(dataDir, 'version-2')).length).toBeGreaterThan(2 * ROUNDS);
  });
});
