import { type ChildProcess, fork } from 'node:child_process';
import type { SeedResult, SeedTask } from './seed-worker.ts';
import { addTotals, noTotals, type Totals } from './totals.ts';

export interface SeedPoolOptions {
  readonly from: number;
  readonly to: number;
  /** Processes that run seeds. */
  readonly workers: number;
  /** The script of a worker: one that answers each SeedTask with a SeedResult. */
  readonly script: URL;
  readonly onProgress?: (totals: Totals) => void;
  readonly onFailure: (text: string) => void;
}

/** Seeds that a worker is given at a time. */
const TASK_SEEDS = 20;

/** Runs a range of seeds in several processes. */
export async function runSeedPool(options: SeedPoolOptions): Promise<Totals> {
  const totals = noTotals();
  let next = options.from;
  const nextTask = (): SeedTask | null => {
    if (next > options.to) return null;
    const task = { from: next, to: Math.min(options.to, next + TASK_SEEDS - 1) };
    next = task.to + 1;
    return task;
  };
  const done = ({ totals: more, failures }: SeedResult): void => {
    addTotals(totals, more);
    for (const failure of failures) options.onFailure(failure);
    options.onProgress?.(totals);
  };
  await Promise.all(
    Array.from({ length: options.workers }, () => runWorker(options.script, nextTask, done)),
  );
  totals.failed.sort((a, b) => a - b);
  return totals;
}

function runWorker(
  script: URL,
  nextTask: () => SeedTask | null,
  done: (result: SeedResult) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = fork(script, ['--worker']);
    let task: SeedTask | null = null;
    const give = (): void => {
      task = nextTask();
      if (task === null) child.disconnect();
      else child.send(task);
    };
    child.on('message', (result) => {
      done(result as SeedResult);
      give();
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (task === null) resolve();
      else reject(new Error(`a worker ended with ${code} in seeds ${task.from}-${task.to}`));
    });
    give();
  });
}
