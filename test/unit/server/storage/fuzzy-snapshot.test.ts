import { cpSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OP } from '../../../../src/codec/index.ts';
import {
  listLogs,
  listSnapshots,
  versionDirectory,
} from '../../../../src/server/storage/data-files.ts';
import type { DataTree } from '../../../../src/server/tree/data-tree.ts';
import { TreeWalk } from '../../../../src/server/tree/tree-walk.ts';
import { fastCheckOptions } from '../../../property/seed.ts';
import { aclOf, createTxn, fillStorage, steps, writeSteps } from './random-writes.ts';
import { filesIn, makeDirectory, OpenedStorage } from './storage-rig.ts';

const root = makeDirectory();
const original = join(root.path, 'original');
let copies = 0;

beforeAll(async () => {
  const opened = await OpenedStorage.open(original);
  await fillStorage(opened);
  await opened.close();
});
afterAll(() => root.remove());

describe('a snapshot that is written while the tree changes', () => {
  it('and the log behind it give the tree back, with the sessions', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(), async (list, snapshotAt) => {
        const dataDir = join(root.path, `copy-${++copies}`);
        cpSync(original, dataDir, { recursive: true });
        const opened = await OpenedStorage.open(dataDir);
        const sessions = new Map(opened.storage.recovered.sessions);
        await writeSteps(opened, list, snapshotAt);
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
      fastCheckOptions(8),
    );
  });

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
