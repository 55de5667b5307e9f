import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { waitUntilStopped } from '../../../../tools/zookeeper/stopped-process.ts';

const HAS_PROC = existsSync('/proc/self/task');
if (!HAS_PROC) console.log('skipped: states of threads are in /proc, which this system has not');

const children: number[] = [];
afterEach(() => {
  for (const pid of children.splice(0)) process.kill(pid, 'SIGKILL');
});

/** A program of several threads, all busy or waiting. */
async function startThreads(): Promise<number> {
  const child = spawn(process.execPath, ['-e', "console.log('up'); for (;;);"]);
  children.push(child.pid as number);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child.pid as number;
}

function states(pid: number): Set<string> {
  const tasks = `/proc/${pid}/task`;
  const stats = readdirSync(tasks).map((task) => readFileSync(`${tasks}/${task}/stat`, 'latin1'));
  return new Set(stats.map((stat) => stat.charAt(stat.lastIndexOf(')') + 2)));
}

describe.skipIf(!HAS_PROC)('waitUntilStopped', () => {
  it('comes back when all threads stand still', async () => {
    const pid = await startThreads();
    expect(states(pid)).not.toEqual(new Set(['T']));
    process.kill(pid, 'SIGSTOP');
    waitUntilStopped(pid);
    expect(states(pid)).toEqual(new Set(['T']));
  });

  it('waits for nobody who is not there', () => {
    expect(waitUntilStopped(2 ** 22 + 1)).toBeUndefined();
  });
});
