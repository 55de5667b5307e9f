import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { dieWithParentPrefix, ownChild } from './owned-resources.ts';

/** A running server, its output going to a file. */
export interface ServerProcess {
  readonly pid: number;
  /** How it ended; undefined while it runs. */
  readonly ending: string | undefined;
  /** Resolves when it has ended. Never rejects. */
  readonly ended: Promise<void>;
  /** Sends a signal; nothing happens when it has ended. */
  signal(signal: NodeJS.Signals): void;
  /** Keeps Node's event loop alive until it has ended: for callers that wait for that. */
  hold(): void;
}

/**
 * Runs a program without a shell. The output goes to a file, not a pipe, so that a busy or stopped
 * parent cannot block the server. The child does not keep the parent alive and does not outlive it.
 */
export function startProcess(
  serverCommand: readonly [program: string, ...args: string[]],
  logPath: string,
): ServerProcess {
  const [command, ...words] = [...dieWithParentPrefix(), ...serverCommand] as [string, ...string[]];
  const log = openSync(logPath, 'a');
  let child: ChildProcess;
  try {
    // Only what a server needs: JAVA_TOOL_OPTIONS, NODE_OPTIONS and the like would change what runs.
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, LANG: 'C.UTF-8' };
    child = spawn(command, words, { stdio: ['ignore', log, log], env, detached: false });
  } finally {
    closeSync(log);
  }
  ownChild(child);
  child.unref();
  let ending: string | undefined;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      ending = signal === null ? `exit code ${code}` : `signal ${signal}`;
      resolve();
    });
    child.once('error', (error) => {
      ending = error.message;
      resolve();
    });
  });
  return {
    pid: child.pid ?? -1,
    get ending() {
      return ending;
    },
    ended,
    signal: (signal) => void child.kill(signal),
    hold: () => child.ref(),
  };
}

/** Size of a file in bytes; 0 when there is none. */
export function fileSizeBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/**
 * The last lines of a file, of its last 64 KiB and from `sinceByte` on; empty when it cannot be read.
 */
export function tailOfFile(path: string, lines: number, sinceByte: number = 0): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return '';
  }
  try {
    const sizeBytes = fstatSync(file).size;
    const tail = Buffer.alloc(Math.max(0, Math.min(sizeBytes - sinceByte, 64 * 1024)));
    const bytesRead = readSync(file, tail, 0, tail.length, sizeBytes - tail.length);
    return tail.toString('utf8', 0, bytesRead).trimEnd().split('\n').slice(-lines).join('\n');
  } finally {
    closeSync(file);
  }
}
