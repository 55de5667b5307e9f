import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { connect } from '../../../../src/client/index.ts';
import { OP, SERVER_CODE, writeMultiHeader } from '../../../../src/codec/index.ts';
import { createServer } from '../../../../src/server/index.ts';
import { RawSession } from '../../../real/support/raw-session.ts';
import { entryBytes, fileHeader, recordBytes } from './log-bytes.ts';
import { filesIn, makeDirectory, OpenedStorage } from './storage-rig.ts';

const root = makeDirectory();
afterAll(() => root.remove());

/** A multi with a null path: a real 3.8 trips over it, and the zxid that it took has no transaction. */
function skipZxid(session: RawSession): Promise<number> {
  return session.code(OP.multi, (writer) => {
    writeMultiHeader(writer, OP.check, false, -1);
    writer.ustring(null);
    writer.int(0);
    writeMultiHeader(writer, -1, true, -1);
  });
}

describe('a zxid that was taken without a transaction', () => {
  it('is an error in our log, so that nothing seems to be missing where the next log begins', async () => {
    const dataDir = join(root.path, 'ours');
    const first = await createServer({ port: 0, dataDir });
    const raw = await RawSession.open(first.port!);
    expect(await skipZxid(raw)).toBe(SERVER_CODE.MARSHALLINGERROR);
    await using zk = await connect(first.memoryConnectString);
    expect((await zk.create('/a')).length).toBe(2);
    expect((await zk.exists('/a'))?.czxid).toBe(4n);
    await first.close();
    const opened = await OpenedStorage.open(dataDir);
    await opened.close();
    expect(opened.notices).toEqual([]);
    expect(opened.tree.lastZxid).toBe(4n);
    expect(opened.storage.recovered.replayed).toBe(4);
  });

  it('may be the last one', async () => {
    const dataDir = join(root.path, 'last');
    const first = await createServer({ port: 0, dataDir });
    const raw = await RawSession.open(first.port!);
    await skipZxid(raw);
    await first.close();
    const opened = await OpenedStorage.open(dataDir);
    opened.create('b');
    await opened.close();
    expect(filesIn(dataDir)).toEqual(['log.1', 'log.3', 'snapshot.0']);
    const again = await OpenedStorage.open(dataDir);
    await again.close();
    expect(again.tree.node('/b')?.czxid).toBe(3n);
  });

  async function writeGaps(name: string): Promise<string> {
    const dataDir = join(root.path, name);
    await (await OpenedStorage.open(dataDir)).close();
    const record = recordBytes({ type: OP.createSession, timeoutMs: 5_000 });
    const fields = { cxid: 0, timeMs: 0, type: OP.createSession, record };
    const entries = [1n, 2n, 4n, 7n].map((zxid) =>
      entryBytes({ ...fields, zxid, sessionId: zxid }),
    );
    writeFileSync(join(dataDir, 'version-2', 'log.1'), Buffer.concat([fileHeader(), ...entries]));
    return dataDir;
  }

  it('is no damage within the log of a real server', async () => {
    const opened = await OpenedStorage.open(await writeGaps('real'));
    await opened.close();
    expect(opened.notices).toEqual([]);
    expect(opened.tree.lastZxid).toBe(7n);
    expect([...opened.storage.recovered.sessions.keys()]).toEqual([1n, 2n, 4n, 7n]);
  });

  it('is none where a snapshot was that cannot be read: a follower was given it, and its log went on behind', async () => {
    const dataDir = await writeGaps('follower');
    const snapshot = join(dataDir, 'version-2', 'snapshot.6');
    writeFileSync(snapshot, 'damaged');
    const opening = OpenedStorage.open(dataDir);
    await expect(opening).rejects.toMatchObject({
      code: 'LOG_DAMAGED',
      cause: { code: 'ZXID_GAP', reason: expect.stringContaining('before 0x7') },
    });
    rmSync(snapshot);
    writeFileSync(join(dataDir, 'version-2', 'snapshot.4'), 'damaged');
    const opened = await OpenedStorage.open(dataDir);
    await opened.close();
    expect(opened.tree.lastZxid).toBe(7n);
  });

  /** Zxid 1, and in a log behind it 3, with the digest that the tree has at 3, or another. */
  async function writeTwoLogs(name: string, digest: bigint | null): Promise<string> {
    const dataDir = join(root.path, name);
    await (await OpenedStorage.open(dataDir)).close();
    for (const zxid of [1n, 3n]) {
      const record = recordBytes({ type: OP.createSession, timeoutMs: 5_000 });
      const fields = { cxid: 0, timeMs: 0, type: OP.createSession, sessionId: zxid, zxid };
      const behind = Buffer.alloc(digest === null ? 0 : 12);
      if (digest !== null) behind.writeInt32BE(2);
      if (digest !== null) behind.writeBigInt64BE(digest, 4);
      const entry = entryBytes({ ...fields, record: Buffer.concat([record, behind]) });
      const path = join(dataDir, 'version-2', `log.${zxid}`);
      writeFileSync(path, Buffer.concat([fileHeader(), entry]));
    }
    return dataDir;
  }

  const EMPTY_TREE = 0x51c6d660n;

  it('is no log that is missing where the tree of a real server was what it is without one', async () => {
    const opened = await OpenedStorage.open(await writeTwoLogs('proven', EMPTY_TREE));
    await opened.close();
    expect(opened.notices).toEqual([]);
    expect([...opened.storage.recovered.sessions.keys()]).toEqual([1n, 3n]);
  });

  it.each([
    ['other', EMPTY_TREE + 1n],
    ['none', null],
  ])('is taken for a lost log where the digest is %s', async (name, digest) => {
    const dataDir = await writeTwoLogs(name, digest);
    const refusal = {
      code: 'LOG_DAMAGED',
      reason: expect.stringContaining('last good transaction is 0x1,'),
      cause: { code: 'ZXID_GAP' },
    };
    await expect(OpenedStorage.open(dataDir)).rejects.toMatchObject(refusal);
    const opened = await OpenedStorage.open(dataDir, { onDamagedLog: 'truncate' });
    await opened.close();
    expect(opened.tree.lastZxid).toBe(1n);
    expect([...opened.storage.recovered.sessions.keys()]).toEqual([1n]);
    expect(opened.storage.recovered.replayed).toBe(1);
    expect(opened.notices).toHaveLength(1);
  });

  it('is taken for one too where a snapshot had it that cannot be read', async () => {
    const dataDir = await writeTwoLogs('snapshot', EMPTY_TREE);
    writeFileSync(join(dataDir, 'version-2', 'snapshot.2'), 'damaged');
    await expect(OpenedStorage.open(dataDir)).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
  });
});
