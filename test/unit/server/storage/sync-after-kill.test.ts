import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeDirectory, OpenedStorage } from './storage-rig.ts';

/** Paths that were synced by the calls that wait, in order: no test can cut the power. */
const synced: string[] = [];

vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  const paths = new Map<number, string>();
  return {
    ...real,
    openSync: (path: string, flags: string) => {
      const file = real.openSync(path, flags);
      paths.set(file, path);
      return file;
    },
    fsyncSync: (file: number) => {
      synced.push(paths.get(file) ?? '?');
      real.fsyncSync(file);
    },
  };
});

const root = makeDirectory();
afterAll(() => root.remove());
beforeEach(() => void synced.splice(0));

describe('what a killed server may have left in the memory of the system', () => {
  it('is on the disk before the next one shows it', async () => {
    const dataDir = join(root.path, 'killed');
    const first = await OpenedStorage.open(dataDir);
    for (const name of ['a', 'b']) {
      first.create(name);
      await first.storage.snapshot();
    }
    first.create('c');
    await first.close();
    const directory = join(dataDir, 'version-2');
    // Two logs are read, with a torn end that is cut.
    fs.rmSync(join(directory, 'snapshot.2'));
    fs.appendFileSync(join(directory, 'log.3'), 'torn');
    synced.splice(0);
    const again = await OpenedStorage.open(dataDir, { fsync: true });
    expect(again.tree.lastZxid).toBe(3n);
    expect(synced).toEqual([join(directory, 'log.2'), join(directory, 'log.3'), directory]);
    await again.close();
  });

  it('is left to the system without fsync', async () => {
    const dataDir = join(root.path, 'careless');
    await (await OpenedStorage.open(dataDir)).close();
    expect(synced).toEqual([]);
  });
});

describe('directories that are made', () => {
  it('have their names on the disk, all the way up', async () => {
    const dataDir = join(root.path, 'x', 'y');
    const opened = await OpenedStorage.open(dataDir, { fsync: true });
    await opened.close();
    const made = [root.path, join(root.path, 'x'), dataDir];
    expect(synced.slice(0, made.length)).toEqual(made);
  });

  it.runIf(process.platform === 'linux')('are not tried for ever', async () => {
    const error = { code: 'DIRECTORY_UNUSABLE', cause: { code: 'ENOENT' } };
    await expect(OpenedStorage.open('/proc/nowhere')).rejects.toMatchObject(error);
  });
});
