import { once } from 'node:events';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { guardStreams } from '../../../src/cli/standard-streams.ts';

/** A stream on which every write fails so. */
function broken(code: string): Writable {
  return new Writable({
    autoDestroy: false,
    write: (_chunk, _encoding, done) =>
      done(Object.assign(new Error(`${code}: no more`), { code })),
  });
}

function working(): Writable & { text: string } {
  const stream = Object.assign(
    new Writable({
      write(chunk, _encoding, done) {
        stream.text += chunk;
        done();
      },
    }),
    { text: '' },
  );
  return stream;
}

/** A process in which a command has printed. */
async function afterPrinting(stdout: Writable) {
  const stderr = working();
  const owner: { stdout: Writable; stderr: Writable; exitCode?: number } = { stdout, stderr };
  const exitWith = guardStreams(owner);
  const failed = once(stdout, 'error');
  stdout.write('a line\n');
  await failed;
  stdout.write('another line\n');
  await new Promise(setImmediate);
  return { owner, stderr, exitWith };
}

describe('guardStreams', () => {
  it('says nothing of a reader that is gone, and leaves the exit code as it is', async () => {
    const { owner, stderr, exitWith } = await afterPrinting(broken('EPIPE'));
    exitWith(0);
    expect([owner.exitCode, stderr.text]).toEqual([0, '']);
  });

  it('tells once of a disk that is full; no command that was well ends with 0', async () => {
    const { owner, stderr, exitWith } = await afterPrinting(broken('ENOSPC'));
    expect(stderr.text).toBe('zkwire: standard output cannot be written: ENOSPC: no more\n');
    expect(owner.exitCode).toBe(1);
    exitWith(0);
    expect(owner.exitCode).toBe(1);
    exitWith(130);
    expect(owner.exitCode).toBe(130);
  });

  it('also holds when the error comes after the command', async () => {
    const owner = { stdout: broken('ENOSPC'), stderr: working(), exitCode: 0 };
    guardStreams(owner)(0);
    const failed = once(owner.stdout, 'error');
    owner.stdout.write('a line\n');
    await failed;
    expect(owner.exitCode).toBe(1);
  });

  it('lives on without anywhere to complain', async () => {
    const owner = { stdout: working(), stderr: broken('EPIPE'), exitCode: 0 };
    guardStreams(owner)(2);
    const failed = once(owner.stderr, 'error');
    owner.stderr.write('a complaint\n');
    await failed;
    expect(owner.exitCode).toBe(2);
  });
});
