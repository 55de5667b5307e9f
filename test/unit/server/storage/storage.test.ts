import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { OP } from '../../../../src/codec/index.ts';
import type { ServerClock } from '../../../../src/server/config/server-clock.ts';
import { filesIn, makeDirectory, OpenedStorage } from './storage-rig.ts';

const root = makeDirectory();
let dataDir = '';
let count = 0;

afterAll(() => root.remove());
beforeEach(() => {
  dataDir = join(root.path, String(++count));
});

function snapshotOf(zxid: string): Promise<unknown> {
  return expect.poll(() => filesIn(dataDir)).toContain(`snapshot.${zxid}`);
}

describe('the storage of a server', () => {
  it('numbers transactions, and tells when they are durable', async () => {
    const opened = await OpenedStorage.open(dataDir, { fsync: true });
    expect([opened.create('a'), opened.create('b')]).toEqual([1, 2]);
    expect(opened.storage.appended).toBe(2);
    expect(opened.storage.pendingBytes).toBeGreaterThan(0);
    await opened.storage.flush();
    expect([opened.storage.flushed, opened.flushed]).toEqual([2, [2]]);
    expect(opened.storage.pendingBytes).toBe(0);
    await opened.close();
  });

  it('takes a snapshot and begins a log after half of snapCount and some more', async () => {
    const opened = await OpenedStorage.open(dataDir, { snapCount: 20, random: () => 0.2 });
    for (let index = 0; index < 30; index++) {
      opened.create(`n${index}`);
      await opened.storage.flush();
      // The end of the storage, or a snapshot that still is being taken, would be in the way of the next.
      if (index === 11) await snapshotOf('c');
      if (index === 23) await snapshotOf('18');
    }
    await opened.close();
    expect(filesIn(dataDir)).toEqual(
      ['log.1', 'log.d', 'log.19', 'snapshot.0', 'snapshot.18', 'snapshot.c'].sort(),
    );
    const again = await OpenedStorage.open(dataDir);
    expect(again.state).toEqual(opened.state);
    expect(again.storage.recovered.replayed).toBe(6);
    await again.close();
  });

  it('takes one also after so many bytes', async () => {
    const opened = await OpenedStorage.open(dataDir, { snapBytes: 4_000, random: () => 0 });
    opened.create('a', 'x'.repeat(1_800));
    opened.create('b', 'x'.repeat(400));
    opened.create('c', 'x'.repeat(400));
    await opened.storage.snapshot();
    await opened.close();
    expect(filesIn(dataDir)).toEqual(['log.1', 'log.3', 'snapshot.0', 'snapshot.2']);
  });

  it('wants logs and snapshots where they are looked for', async () => {
    const opened = await OpenedStorage.open(dataDir);
    opened.create('a');
    await opened.close();
    const apart = join(root.path, `${count}-logs`);
    const misplaced = { code: 'DIRECTORY_UNUSABLE', file: join(dataDir, 'version-2', 'log.1') };
    await expect(OpenedStorage.open(dataDir, { dataLogDir: apart })).rejects.toMatchObject(
      misplaced,
    );
    const other = { code: 'DIRECTORY_UNUSABLE', file: join(dataDir, 'version-2', 'snapshot.0') };
    await expect(OpenedStorage.open(apart, { dataLogDir: dataDir })).rejects.toMatchObject(other);
    const again = await OpenedStorage.open(dataDir);
    await again.close();
    expect(again.state).toEqual(opened.state);
  });

  it('counts what it has replayed', async () => {
    const opened = await OpenedStorage.open(dataDir);
    for (let index = 0; index < 9; index++) opened.create(`n${index}`);
    await opened.close();
    const again = await OpenedStorage.open(dataDir, { snapCount: 10, random: () => 0.99 });
    again.create('x');
    await again.storage.snapshot();
    await again.close();
    expect(filesIn(dataDir)).toContain('snapshot.a');
  });

  it('takes one snapshot at a time, and none after its end', async () => {
    const opened = await OpenedStorage.open(dataDir);
    opened.create('a');
    expect(opened.storage.snapshot()).toBe(opened.storage.snapshot());
    await opened.storage.snapshot();
    opened.create('b');
    const late = opened.storage.snapshot().catch((error: Error) => error.name);
    await opened.close();
    expect(await late).toBe('AbortError');
    expect(filesIn(dataDir)).toEqual(['log.1', 'log.2', 'snapshot.0', 'snapshot.1']);
  });

  it('knows its sessions over snapshots and logs', async () => {
    const opened = await OpenedStorage.open(dataDir);
    opened.commit({ type: OP.createSession, timeoutMs: 4_000 }, -5n);
    opened.commit({ type: OP.createSession, timeoutMs: 6_000 }, 6n);
    await opened.storage.snapshot();
    opened.commit({ type: OP.closeSession, paths: [] }, 6n);
    opened.commit({ type: OP.createSession, timeoutMs: 8_000 }, 8n);
    await opened.close();
    const again = await OpenedStorage.open(dataDir);
    await again.close();
    expect([...again.storage.recovered.sessions]).toEqual([
      [-5n, 4_000],
      [8n, 8_000],
    ]);
  });

  it('opens a directory once', async () => {
    const opened = await OpenedStorage.open(dataDir);
    await expect(OpenedStorage.open(dataDir)).rejects.toMatchObject({ code: 'DIRECTORY_IN_USE' });
    const logs = { dataLogDir: join(root.path, 'shared-logs') };
    const first = await OpenedStorage.open(join(root.path, 'first'), logs);
    const second = join(root.path, 'second');
    await expect(OpenedStorage.open(second, logs)).rejects.toThrow('DIRECTORY_IN_USE');
    await first.close();
    await (await OpenedStorage.open(second, logs)).close();
    await opened.close();
  });

  it('may have its logs in the same directory by another name', async () => {
    const names = { dataLogDir: `${dataDir}-alias` };
    mkdirSync(dataDir);
    symlinkSync(dataDir, names.dataLogDir);
    const opened = await OpenedStorage.open(dataDir, names);
    opened.create('a');
    await opened.close();
    const again = await OpenedStorage.open(dataDir, names);
    expect(again.state).toEqual(opened.state);
    await again.close();
  });

  it('tells of a disk that failed, and ends with that', async () => {
    const opened = await OpenedStorage.open(dataDir);
    symlinkSync('/dev/full', join(dataDir, 'version-2', 'unfinished-log.1'));
    opened.create('a');
    await expect(opened.storage.flush()).rejects.toThrow('WRITE_FAILED');
    expect(opened.failures).toHaveLength(1);
    await expect(opened.storage.snapshot()).rejects.toThrow('WRITE_FAILED');
    await expect(opened.close()).rejects.toThrow('WRITE_FAILED');
    const again = await OpenedStorage.open(dataDir);
    expect([again.tree.lastZxid, filesIn(dataDir)]).toEqual([0n, ['snapshot.0']]);
    await again.close();
  });

  it('goes on without a snapshot that could not be taken', async () => {
    const opened = await OpenedStorage.open(dataDir, { snapCount: 2, random: () => 0 });
    symlinkSync('/dev/full', join(dataDir, 'version-2', 'unfinished-snapshot.1'));
    opened.create('a');
    while (opened.notices.length === 0) await new Promise(setImmediate);
    expect(opened.notices).toMatchObject([{ file: dataDir, unusedBytes: 0 }]);
    expect(opened.notices[0]?.message).toContain('ENOSPC');
    opened.create('b');
    await opened.storage.snapshot();
    await opened.close();
    expect(filesIn(dataDir)).toContain('snapshot.2');
  });
});

describe('a purge', () => {
  /** Snapshots at 2, 4, 6 and so on, a log for each two transactions. */
  async function fill(options = {}): Promise<OpenedStorage> {
    const opened = await OpenedStorage.open(dataDir, options);
    for (let index = 0; index < 5; index++) {
      opened.create(`a${index}`);
      opened.create(`b${index}`);
      await opened.storage.snapshot();
    }
    return opened;
  }

  it('keeps the newest snapshots and the logs that lead on from them', async () => {
    const opened = await fill();
    const gone = opened.storage.purge().map((path) => path.slice(path.lastIndexOf('/') + 1));
    expect(gone.sort()).toEqual(['log.1', 'log.3', 'snapshot.0', 'snapshot.2', 'snapshot.4']);
    expect(filesIn(dataDir)).toEqual([
      'log.5',
      'log.7',
      'log.9',
      'snapshot.6',
      'snapshot.8',
      'snapshot.a',
    ]);
    expect(opened.storage.purge()).toEqual([]);
    await opened.close();
    // Each of them leads to the same.
    for (const name of ['snapshot.a', 'snapshot.8']) {
      truncateSync(join(dataDir, 'version-2', name), 50);
      const again = await OpenedStorage.open(dataDir);
      await again.close();
      expect(again.state).toEqual(opened.state);
    }
  });

  it('counts snapshots that are whole only', async () => {
    const opened = await fill();
    truncateSync(join(dataDir, 'version-2', 'snapshot.a'), 50);
    writeFileSync(join(dataDir, 'version-2', 'snapshot.b'), '');
    opened.storage.purge();
    expect(filesIn(dataDir)).toEqual(
      expect.arrayContaining(['snapshot.4', 'snapshot.6', 'snapshot.8', 'snapshot.a', 'log.3']),
    );
    expect(filesIn(dataDir)).not.toContain('snapshot.2');
    await opened.close();
  });

  it('comes at once, and again and again', async () => {
    await (await fill()).close();
    const timers: { run: () => void; delayMs: number }[] = [];
    const clock: ServerClock = {
      nowMs: () => 0,
      wallMs: () => 0,
      setTimer: (run, delayMs) => timers.push({ run, delayMs }),
      clearTimer: () => {},
    };
    const opened = await OpenedStorage.open(dataDir, { purgeIntervalMs: 5_000, clock });
    expect(filesIn(dataDir)).not.toContain('snapshot.4');
    opened.create('more');
    await opened.storage.snapshot();
    expect(timers.map(({ delayMs }) => delayMs)).toEqual([5_000]);
    timers[0]?.run();
    expect(filesIn(dataDir)).not.toContain('snapshot.6');
    expect(timers).toHaveLength(2);
    await opened.close();
    timers[1]?.run();
    expect(timers).toHaveLength(2);
  });
});
