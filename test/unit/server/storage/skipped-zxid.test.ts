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
});
