import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { DirectoryLock } from '../../../../src/server/storage/directory-lock.ts';
import { identityOf } from '../../../../src/server/storage/process-identity.ts';
import { makeDirectory } from './storage-rig.ts';

/** As it is installed: `npm test` builds it first. */
const MODULE = pathToFileURL(
  join(import.meta.dirname, '../../../../dist/server/storage/directory-lock.js'),
).href;
/** Takes the lock, tells of it, and lives until its input ends. */
const TAKER = `
  import { DirectoryLock } from ${JSON.stringify(MODULE)};
  const told = await DirectoryLock.take(process.argv[1]).then(() => 'taken', ({ code }) => code);
  console.log(told);
  process.stdin.resume();
`;

const directories: { remove: () => void }[] = [];
const processes: ChildProcess[] = [];
let path = '';

beforeEach(() => {
  const directory = makeDirectory();
  directories.push(directory);
  path = directory.path;
});
afterAll(() => {
  for (const process of processes) process.kill('SIGKILL');
  for (const { remove } of directories) remove();
});

/** Leaves the lock of `identity`, without a socket. */
function leave(identity: string): void {
  writeFileSync(join(path, 'zkwire-0000000000000001.lock'), identity);
}

function filesHere(): string[] {
  return readdirSync(path).map((name) => name.replace(/[0-9a-f]{16}/, 'ID'));
}

/** Another process that takes the lock; `told` is what it says of it. */
async function taker(command: readonly string[] = []): Promise<{
  readonly process: ChildProcess;
  readonly told: string;
}> {
  const node = [process.execPath, '--input-type=module', '-e', TAKER, path];
  const [program = '', ...rest] = [...command, ...node];
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
  processes.push(child);
  const [told] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  return { process: child, told };
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

const inNamespace = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];

function canUnshare(): boolean {
  try {
    execFileSync(inNamespace[0]!, [...inNamespace.slice(1), 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write('a lock across containers is not tested: no rights for namespaces\n');
    return false;
  }
}

describe('the lock of a data directory', () => {
  it('is taken once, and leaves nothing behind', async () => {
    const lock = await DirectoryLock.take(path);
    expect(filesHere()).toContain('zkwire-ID.lock');
    await expect(DirectoryLock.take(path)).rejects.toThrow('this process has it open');
    lock.release();
    expect(filesHere()).toEqual([]);
    lock.release();
    (await DirectoryLock.take(path)).release();
  });

  it('is that of the directory, whatever name it goes by', async () => {
    const lock = await DirectoryLock.take(path);
    symlinkSync(path, `${path}-alias`);
    await expect(DirectoryLock.take(`${path}-alias`)).rejects.toThrow('DIRECTORY_IN_USE');
    lock.release();
  });

  it('may be in a directory whose name is longer than an address of a socket', async () => {
    path = join(path, 'd'.repeat(120));
    mkdirSync(path);
    const lock = await DirectoryLock.take(path);
    expect((await taker()).told).toBe('DIRECTORY_IN_USE');
    lock.release();
    expect(filesHere()).toEqual([]);
  });

  it('is refused while the process that has it lives', async () => {
    const other = await taker();
    expect(other.told).toBe('taken');
    const who = `process ${other.process.pid} has it open`;
    await expect(DirectoryLock.take(path)).rejects.toThrow(who);
    other.process.kill('SIGSTOP');
    await expect(DirectoryLock.take(path)).rejects.toThrow(who);
    await end(other.process);
    const lock = await DirectoryLock.take(path);
    lock.release();
    expect(filesHere()).toEqual([]);
  });

  it('is refused while the process lives that left one without a socket', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    processes.push(other);
    await once(other, 'spawn');
    leave(identityOf(other.pid ?? 0));
    await expect(DirectoryLock.take(path)).rejects.toThrow(`process ${other.pid} has it open`);
    await end(other);
    (await DirectoryLock.take(path)).release();
  });

  it('is had by one of many who come at once', async () => {
    const others = await Promise.all(Array.from({ length: 5 }, () => taker()));
    const told = others.map((other) => other.told).sort();
    expect(told.filter((word) => word !== 'DIRECTORY_IN_USE')).toEqual(['taken']);
    expect(told).toHaveLength(5);
  });

  it.skipIf(!canUnshare())('is seen from other containers', async () => {
    const first = await taker(inNamespace);
    expect(first.told).toBe('taken');
    await expect(DirectoryLock.take(path)).rejects.toThrow('process 1 has it open');
    expect((await taker(inNamespace)).told).toBe('DIRECTORY_IN_USE');
    // Of a namespace whose parent is killed the rest dies a little later; this way it is over when it says so.
    const ended = once(first.process, 'exit');
    first.process.stdin?.end();
    await ended;
    expect(filesHere()).toContain('zkwire-ID.lock');
    const lock = await DirectoryLock.take(path);
    expect((await taker(inNamespace)).told).toBe('DIRECTORY_IN_USE');
    lock.release();
  });

  it('is not taken over from a container that nobody can ask', async () => {
    const [boot, begin] = identityOf(process.pid).split(' ').slice(1);
    leave(`1 ${boot} ${begin} pid:[1]\n`);
    const lock = join(path, 'zkwire-0000000000000001.lock');
    await expect(DirectoryLock.take(path)).rejects.toThrow(
      `process 1 may have it open: if not, remove ${lock}`,
    );
    expect(readFileSync(lock, 'utf8')).toContain('pid:[1]');
    expect(filesHere()).toEqual(['zkwire-ID.lock']);
  });

  it.each([
    ['an id that nobody has', () => identityOf(process.pid).replace(/^\d+/, '4194303')],
    ['an id that was given again', () => identityOf(process.pid).replace(/ \d+ /, ' 1 ')],
    ['a machine that was started anew', () => identityOf(process.pid).replace(/ \S+ /, ' boot ')],
    ['nothing', () => ''],
    ['something else', () => 'no process\n'],
  ])('is taken over from %s', async (_, identity) => {
    leave(identity());
    const lock = await DirectoryLock.take(path);
    expect(readdirSync(path)).not.toContain('zkwire-0000000000000001.lock');
    lock.release();
    expect(filesHere()).toEqual([]);
  });
});
