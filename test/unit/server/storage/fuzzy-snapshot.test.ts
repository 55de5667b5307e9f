import { cpSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ACL, OP } from '../../../../src/codec/index.ts';
import {
  listLogs,
  listSnapshots,
  versionDirectory,
} from '../../../../src/server/storage/data-files.ts';
import type { DataTree } from '../../../../src/server/tree/data-tree.ts';
import { TreeWalk } from '../../../../src/server/tree/tree-walk.ts';
import type { PlainTxn, Txn } from '../../../../src/server/tree/txn.ts';
import { fastCheckOptions } from '../../../property/seed.ts';
import { filesIn, makeDirectory, OpenedStorage } from './storage-rig.ts';

/** A snapshot of so many znodes takes several slices. */
const FOLDERS = 20;
const NODES_IN_FOLDER = 100;
const SESSIONS = [11n, 12n, 13n];

const root = makeDirectory();
const original = join(root.path, 'original');
let copies = 0;

beforeAll(async () => {
  const opened = await OpenedStorage.open(original);
  for (const sessionId of SESSIONS) {
    opened.commit({ type: OP.createSession, timeoutMs: 10_000 }, sessionId);
  }
  for (let folder = 0; folder < FOLDERS; folder++) {
    opened.create(`f${folder}`);
    for (let index = 0; index < NODES_IN_FOLDER; index++) {
      const path = `/f${folder}/n${index}`;
      const owner = index % 10 === 0 ? SESSIONS[folder % SESSIONS.length] : undefined;
      opened.commit(createTxn(opened, path, 'x', owner !== undefined), owner);
    }
  }
  await opened.storage.snapshot();
  await opened.close();
}, 30_000);
afterAll(() => root.remove());

function aclOf(user: string): ACL[] {
  return [{ perms: 31, id: { scheme: 'digest', id: `${user}:hash` } }];
}

function createTxn(
  { tree }: OpenedStorage,
  path: string,
  data: string,
  ephemeral: boolean,
  user = '',
): PlainTxn {
  const parent = tree.node(path.slice(0, path.lastIndexOf('/')))!;
  const acl = user === '' ? [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }] : aclOf(user);
  const parentCversion = parent.cversion + 1;
  const type = OP.create;
  return { type, path, data: Buffer.from(data), acl, ephemeral, parentCversion };
}

/** One write of a random list; the numbers say where. */
interface Step {
  readonly kind: 'create' | 'delete' | 'set' | 'acl' | 'multi' | 'end' | 'begin';
  readonly folder: number;
  readonly index: number;
  readonly text: string;
}

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('create', 'delete', 'set', 'acl', 'multi', 'end', 'begin'),
    folder: fc.nat(FOLDERS - 1),
    index: fc.nat(NODES_IN_FOLDER + 20),
    text: fc.string({ maxLength: 8 }),
  }),
  { minLength: 1, maxLength: 120 },
) as fc.Arbitrary<Step[]>;

/** As a preparer does: only what can be done. Null: nothing. */
function txnOf(opened: OpenedStorage, step: Step): { txn: Txn; sessionId: bigint } | null {
  const { tree } = opened;
  const path = `/f${step.folder}/n${step.index}`;
  const node = tree.node(path);
  const sessionId = SESSIONS[step.index % SESSIONS.length] as bigint;
  switch (step.kind) {
    case 'create': {
      if (node !== undefined) return null;
      const ephemeral = step.index % 3 === 0;
      return { txn: createTxn(opened, path, step.text, ephemeral, step.text), sessionId };
    }
    case 'delete':
      return node === undefined ? null : { txn: { type: OP.delete, path }, sessionId };
    case 'set': {
      const data = Buffer.from(step.text);
      if (node === undefined) return null;
      return { txn: { type: OP.setData, path, data, version: node.version + 1 }, sessionId };
    }
    case 'acl': {
      const acl = aclOf(`${step.text}${step.index}`);
      if (node === undefined) return null;
      return { txn: { type: OP.setACL, path, acl, version: node.aversion + 1 }, sessionId };
    }
    case 'multi': {
      if (node === undefined) return null;
      const again = createTxn(opened, path, 'again', false);
      return { txn: { type: OP.multi, txns: [{ type: OP.delete, path }, again] }, sessionId };
    }
    case 'end':
      return {
        txn: { type: OP.closeSession, paths: [...tree.ephemeralsOf(sessionId)] },
        sessionId,
      };
    case 'begin':
      return { txn: { type: OP.createSession, timeoutMs: 5_000 }, sessionId };
  }
}

/** Writes them, with other turns in between; a snapshot is begun at one of them. */
async function write(
  opened: OpenedStorage,
  list: readonly Step[],
  snapshotAt: number,
): Promise<void> {
  for (const [index, step] of list.entries()) {
    if (index === snapshotAt % list.length) void opened.storage.snapshot();
    const write = txnOf(opened, step);
    if (write !== null) opened.commit(write.txn, write.sessionId);
    if (index % 4 === 0) await nextTurn();
  }
  await opened.storage.snapshot();
}

describe('a snapshot that is written while the tree changes', () => {
  it('and the log behind it give the tree back, with the sessions', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(), async (list, snapshotAt) => {
        const dataDir = join(root.path, `copy-${++copies}`);
        cpSync(original, dataDir, { recursive: true });
        const opened = await OpenedStorage.open(dataDir);
        const sessions = new Map(opened.storage.recovered.sessions);
        await write(opened, list, snapshotAt);
        for (const { sessionId, txn } of opened.log) {
          if (txn.type === OP.createSession) sessions.set(sessionId, txn.timeoutMs);
          if (txn.type === OP.closeSession) sessions.delete(sessionId);
        }
        await opened.close();
        await expectSame(dataDir, opened, sessions);
        // The one before it, and both logs.
        const [newest] = listSnapshots(versionDirectory(dataDir)).slice(-1);
        rmSync(newest!.path);
        await expectSame(dataDir, opened, sessions);
        rmSync(dataDir, { recursive: true });
      }),
      fastCheckOptions(20),
    );
  }, 60_000);

  it('leaves out what comes meanwhile, and locks what gets an ACL that it does not know', async () => {
    const dataDir = join(root.path, 'late');
    cpSync(original, dataDir, { recursive: true });
    const opened = await OpenedStorage.open(dataDir);
    const { lastZxid } = opened.tree;
    const last = lastPathOf(opened.tree);
    const taken = opened.storage.snapshot();
    await firstSlice(dataDir);
    opened.commit({ type: OP.setACL, path: last, acl: aclOf('late'), version: 1 });
    opened.commit(createTxn(opened, '/f19/late', '', false), 1n);
    await taken;
    await opened.close();
    for (const log of listLogs(versionDirectory(dataDir))) rmSync(log.path);
    const alone = await OpenedStorage.open(dataDir);
    await alone.close();
    expect(alone.tree.lastZxid).toBe(lastZxid);
    expect(alone.tree.node('/f19/late')).toBeUndefined();
    expect(alone.tree.node('/f19')?.acl[0]?.perms).toBe(31);
    expect(alone.tree.node(last)?.acl).toEqual([
      { perms: 0, id: { scheme: 'world', id: 'anyone' } },
    ]);
  });
});

/** The znode that a snapshot has last. */
function lastPathOf(tree: DataTree): string {
  const walk = new TreeWalk(tree);
  while (walk.next());
  return walk.path;
}

/** The snapshot that is being taken has its table of ACLs and its first znodes. */
async function firstSlice(dataDir: string): Promise<void> {
  const unfinished = (name: string): boolean => name.startsWith('unfinished-snapshot');
  for (;;) {
    const [name] = filesIn(dataDir).filter(unfinished);
    if (name !== undefined && statSync(join(dataDir, 'version-2', name)).size > 0) return;
    await nextTurn();
  }
}

async function expectSame(
  dataDir: string,
  written: OpenedStorage,
  sessions: ReadonlyMap<bigint, number>,
): Promise<void> {
  const opened = await OpenedStorage.open(dataDir);
  await opened.close();
  expect(opened.notices).toEqual([]);
  expect(opened.tree.lastZxid).toBe(written.tree.lastZxid);
  expect(opened.storage.recovered.sessions).toEqual(sessions);
  const wanted = written.state;
  for (const [path, node] of Object.entries(opened.state)) {
    expect({ path, ...node, children: [] }).toEqual({ path, ...wanted[path], children: [] });
    expect(new Set(node.children)).toEqual(new Set(wanted[path]?.children));
  }
  expect(Object.keys(opened.state)).toHaveLength(Object.keys(wanted).length);
}
