import { cpSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { OP } from '../../src/codec/index.ts';
import { createServer } from '../../src/server/index.ts';
import { startServer } from '../../tools/zookeeper/index.ts';
import { Player } from '../differential/player.ts';
import {
  type Field,
  MULTI_END,
  OPEN_ACL,
  type RequestPlan,
  type Step,
} from '../differential/step.ts';
import { makeDirectory, OpenedStorage } from '../unit/server/storage/storage-rig.ts';
import { describeApache } from './support/real-zookeeper.ts';

const INT_MAX = 2 ** 31 - 1;
const INT_MIN = -(2 ** 31);
const PATIENCE_MS = 20_000;

/** What no client can bring about in a test: nodes that have seen two thousand million changes. */
const NODES = {
  full: { cversion: INT_MAX - 1 },
  multi: { cversion: INT_MAX - 1 },
  minus: { cversion: -4 },
  least: { cversion: INT_MIN },
  v: { version: INT_MAX, aversion: INT_MAX },
  v1: { version: -1, aversion: -1 },
  v2: { version: -3, aversion: -3 },
} as const;

async function makeNodes(dataDir: string): Promise<void> {
  const opened = await OpenedStorage.open(dataDir);
  for (const [name, counters] of Object.entries(NODES)) {
    opened.create(name);
    Object.assign(opened.tree.node(`/${name}`)!, counters);
  }
  await opened.storage.snapshot();
  await opened.close();
}

function sequential(parent: string): Field[] {
  return [['s', `/${parent}/s`], ['d', 'x'], ...OPEN_ACL, ['i', 2]];
}

function inMulti(op: number, fields: readonly Field[]): Field[] {
  return [['i', op], ['t', false], ['i', -1], ...fields];
}

function look(name: string): RequestPlan {
  const path: Field = ['s', `/${name}`];
  return { op: OP.getChildren2, parts: [[path, ['t', false]]] };
}

function set(name: string, version: number): Field[] {
  return [
    ['s', `/${name}`],
    ['d', 'y'],
    ['i', version],
  ];
}

function requests(): RequestPlan[] {
  const versions = [INT_MAX, INT_MIN, -1, 0, -3, -2, -1];
  const fromMulti = [0, 1, 2].map(() => inMulti(OP.create, sequential('multi')));
  return [
    ...['full', 'full', 'full', 'minus', 'minus', 'minus', 'minus', 'minus', 'least'].flatMap(
      (name) => [{ op: OP.create, parts: [sequential(name)] }, look(name)],
    ),
    { op: OP.multi, parts: [...fromMulti, MULTI_END] },
    look('multi'),
    ...['v', 'v1', 'v2'].flatMap((name) =>
      versions.flatMap((version): RequestPlan[] => {
        const check: Field[] = [
          ['s', `/${name}`],
          ['i', version],
        ];
        return [
          { op: OP.multi, parts: [inMulti(OP.check, check), MULTI_END] },
          { op: OP.setData, parts: [set(name, version)] },
          { op: OP.setACL, parts: [[['s', `/${name}`], ...OPEN_ACL, ['i', version]]] },
        ];
      }),
    ),
  ];
}

/** Everything that a server answers, one request after the other: 3.8.0 counts on what is under way. */
async function answers(port: number): Promise<string[]> {
  const player = new Player(port, PATIENCE_MS, { root: '', zxid: 0n });
  const connect = {
    session: 'new',
    password: 'right',
    timeoutMs: 30_000,
    readOnly: false,
  } as const;
  const steps: Step[] = [
    { kind: 'open', slot: 0, connect },
    ...requests().map((request): Step => ({ kind: 'send', slot: 0, requests: [request] })),
  ];
  const frames: string[] = [];
  for (const step of steps) {
    for (const seen of await player.play(step)) {
      expect([seen.silent, seen.closed]).toEqual([false, false]);
      frames.push(...seen.frames.map((frame) => frame.toString('hex')));
    }
  }
  await player.closeSessions();
  player.destroy();
  return frames;
}

describeApache('counters at their end', () => {
  const directories = { real: makeDirectory(), ours: makeDirectory() };
  afterAll(() => {
    for (const { remove } of Object.values(directories)) remove();
  });

  it('go on as those of a real server', { timeout: 120_000 }, async () => {
    await makeNodes(directories.ours.path);
    cpSync(directories.ours.path, directories.real.path, { recursive: true });
    const real = await startServer({ dataDir: directories.real.path, fastStart: true });
    const expected = await answers(real.port).finally(() => real.stop());
    const ours = await createServer({ dataDir: directories.ours.path, fsync: false, port: 0 });
    const answered = await answers(ours.port as number).finally(() => ours.close());
    expect(answered).toEqual(expected);
    const made = answered.flatMap((frame) => {
      const text = Buffer.from(frame, 'hex').toString('latin1');
      return text.match(/\/(full|minus|least)\/s-?[0-9]{9,10}/)?.[0] ?? [];
    });
    expect(made).toEqual([
      '/full/s2147483646',
      '/full/s2147483647',
      ...['/minus/s-000000004', '/minus/s-000000003', '/minus/s-000000002', '/minus/s-000000001'],
      '/minus/s0000000000',
      '/least/s-2147483648',
    ]);
  });
});
