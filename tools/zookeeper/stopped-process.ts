import { readdirSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** A signal reaches threads that run on a processor within a clock tick; more only guards against hanging. */
const STOP_MS_MAX = 10_000;

/**
 * Waits, without letting anything else run, until every thread of a process stands still after a SIGSTOP:
 * the signal is on its way when `kill` returns, and a server that runs on meanwhile answers. Where there is no
 * /proc nothing is known, and nothing is waited for.
 */
export function waitUntilStopped(pid: number): void {
  const lastMs = performance.now() + STOP_MS_MAX;
  while (!isStopped(pid)) {
    if (performance.now() > lastMs) throw new Error(`process ${pid} does not stop`);
  }
}

function isStopped(pid: number): boolean {
  const tasks = `/proc/${pid}/task`;
  return threadsIn(tasks).every((thread) => AT_REST.includes(stateOf(`${tasks}/${thread}/stat`)));
}

/** Stopped, or ended: a zombie is not coming back. */
const AT_REST = ['T', 'Z', 'X'];

function threadsIn(tasks: string): string[] {
  try {
    return readdirSync(tasks);
  } catch {
    return [];
  }
}

/** The letter behind the program's name, which is in brackets and may hold anything. A thread that has gone meanwhile has ended. */
function stateOf(path: string): string {
  try {
    const text = readFileSync(path, 'latin1');
    return text.charAt(text.lastIndexOf(')') + 2);
  } catch {
    return 'X';
  }
}
