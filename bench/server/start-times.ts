import { fork, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { openRawSocket } from '../adapters/open-raw-socket.ts';
import { REPOSITORY } from '../repository.ts';
import type { Measurement, PartContext } from './measurement.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
const COMMAND = join(REPOSITORY, 'dist', 'cli', 'main.js');

/** Start to first reply: in a process whose code is loaded, and as a command from nothing. */
export async function measureStart({ scale, say }: PartContext): Promise<Measurement[]> {
  say(`start to first reply, ${scale.startTurns} turns`);
  const inProcess: number[] = [];
  const throughTcp: number[] = [];
  const command: number[] = [];
  const nothing: number[] = [];
  for (let turn = 0; turn < scale.startTurns; turn++) {
    inProcess.push(await startInProcess('memory'));
    throughTcp.push(await startInProcess('tcp'));
    command.push(await startCommand());
    nothing.push(await startNode());
  }
  return [
    {
      id: 'start-in-process',
      label: 'start to first reply, in process, the first of the process',
      unit: 'ms',
      values: inProcess,
    },
    {
      id: 'start-in-process-tcp',
      label: 'the same through TCP',
      unit: 'ms',
      values: throughTcp,
    },
    {
      id: 'start-command',
      label: 'start to first reply, `zkwire serve`',
      unit: 'ms',
      values: command,
    },
    { id: 'start-node', label: 'of that: Node itself (`node -e 0`)', unit: 'ms', values: nothing },
  ];
}

function startInProcess(way: 'memory' | 'tcp'): Promise<number> {
  const child = fork(join(HERE, 'start-child.js'), [way], { execArgv: [] });
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve((message as { ms: number }).ms));
    child.once('exit', (code) => reject(new Error(`the child ended with ${code}`)));
  });
}

async function startCommand(): Promise<number> {
  const startMs = performance.now();
  const child = spawn(process.execPath, [COMMAND, 'serve', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    const port = await new Promise<string>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`zkwire serve ended with ${code}`)));
      child.stdout.on('data', (text: Buffer) => {
        const found = /127\.0\.0\.1:(\d+)/.exec(text.toString());
        if (found?.[1] !== undefined) resolve(found[1]);
      });
    });
    const socket = await openRawSocket(`127.0.0.1:${port}`);
    const ms = performance.now() - startMs;
    await socket.close();
    return ms;
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

async function startNode(): Promise<number> {
  const startMs = performance.now();
  const child = spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' });
  await new Promise((resolve) => child.once('exit', resolve));
  return performance.now() - startMs;
}
