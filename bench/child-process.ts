import { type ChildProcess, fork } from 'node:child_process';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Job, JobMessage, JobPhase, JobResult } from './jobs.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
const TAIL_CHARS = 500;

export interface ChildOptions {
  timeoutMs: number;
  execArgv?: readonly string[];
  /** Added to this process's environment. */
  env?: Record<string, string>;
  onPhase?: (phase: JobPhase) => void;
}

/** Runs a job in a child and waits for its result. Rejects with the reason, its last words included. */
export function runJob(job: Job, options: ChildOptions): Promise<JobResult> {
  return runScript<JobResult>(join(HERE, 'child.js'), job, options);
}

/** The same for any script that answers its job with `answerJob`. */
export function runScript<Result>(
  script: string,
  job: object,
  options: ChildOptions,
): Promise<Result> {
  const child = fork(script, [JSON.stringify(job)], {
    execArgv: [...(options.execArgv ?? [])],
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const tail = keepTail(child);
  return new Promise((resolve, reject) => {
    let outcome: (() => void) | null = null;
    const timer = setTimeout(() => {
      outcome = () => reject(new Error(`no result after ${options.timeoutMs / 1000} s`));
      child.kill('SIGKILL');
    }, options.timeoutMs);
    child.on('message', (message: JobMessage<Result>) => {
      if (message.type === 'phase') options.onPhase?.(message.phase);
      else if (message.type === 'result') outcome ??= () => resolve(message.result);
      else outcome ??= () => reject(new Error(message.reason));
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (outcome !== null) outcome();
      else reject(new Error(`the process ended with ${code ?? signal}: ${tail() || 'no output'}`));
    });
  });
}

function keepTail(child: ChildProcess): () => string {
  let tail = '';
  const keep = (chunk: Buffer): void => {
    tail = (tail + chunk.toString('utf8')).slice(-TAIL_CHARS);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return () => tail.trim().split('\n').slice(-3).join(' | ');
}
