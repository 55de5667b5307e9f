import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { DirectoryLock } from '../../../../src/server/storage/directory-lock.ts';
import { makeDirectory } from './storage-rig.ts';

const directories: { remove: () => void }[] = [];
let path = '';

beforeEach(() => {
  const directory = makeDirectory();
  directories.push(directory);
  path = directory.path;
});
afterAll(() => {
  for (const { remove } of directories) remove();
});

/** Leaves the lock of `identity`. */
function leave(identity: string): void {
  writeFileSync(join(path, 'zkwire.lock'), identity);
}

describe('the lock of a data directory', () => {
  it('is taken once, and leaves nothing behind', () => {
    const lock = DirectoryLock.take(path);
    expect(readdirSync(path)).toEqual(['zkwire.lock']);
    expect(() => DirectoryLock.take(path)).toThrow('this process has it open');
    lock.release();
    expect(readdirSync(path)).toEqual([]);
    lock.release();
    DirectoryLock.take(path).release();
  });

  it('is that of the directory, whatever name it goes by', () => {
    const lock = DirectoryLock.take(path);
    symlinkSync(path, `${path}-alias`);
    expect(() => DirectoryLock.take(`${path}-alias`)).toThrow('DIRECTORY_IN_USE');
    lock.release();
  });

  it('is refused while the process that has it lives', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(other, 'spawn');
    // What another process writes is what this one would write of it.
    const own = DirectoryLock.take(path);
    const identity = identityIn(path).replace(/^\d+/, String(other.pid));
    own.release();
    leave(identity.replace(/\d+\n$/, `${beginOf(other.pid ?? 0)}\n`));
    expect(() => DirectoryLock.take(path)).toThrow(`process ${other.pid} has it open`);
    other.kill('SIGKILL');
    await once(other, 'exit');
    DirectoryLock.take(path).release();
  });

  it.each([
    ['an id that nobody has', '4194303 -\n'],
    ['an id that was given again', `${process.pid} another-boot/1\n`],
    ['nothing', ''],
    ['something else', 'no process\n'],
  ])('is taken over from %s', (_, identity) => {
    leave(identity);
    const lock = DirectoryLock.take(path);
    expect(readdirSync(path)).toEqual(['zkwire.lock']);
    lock.release();
  });
});

function identityIn(directory: string): string {
  return readFileSync(join(directory, 'zkwire.lock'), 'utf8');
}

function beginOf(pid: number): string {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '');
  return fields.split(' ')[19] ?? '';
}
