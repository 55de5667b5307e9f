import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { drawOptions } from './options.ts';
import { failureText } from './report-text.ts';
import { runSeedPool } from './seed-pool.ts';
import { runSeeds, type SeedTask } from './seed-worker.ts';
import { Simulation } from './simulation.ts';
import { type Totals, totalsText } from './totals.ts';

const USAGE = `usage: npm run simulate -- --seed N [--all]        one seed with its trace; --all: all of the trace
       npm run simulate -- --seeds A-B [--workers K]  many seeds, in K processes (default: one a core)`;

/** Progress is told this often, in ms. */
const PROGRESS_MS = 5_000;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    workers: { type: 'string' },
    all: { type: 'boolean', default: false },
    worker: { type: 'boolean', default: false },
  },
});

if (values.worker) work();
else if (values.seed !== undefined) process.exitCode = await one(Number(values.seed), values.all);
else if (values.seeds !== undefined) process.exitCode = await many(values.seeds, values.workers);
else {
  console.error(USAGE);
  process.exitCode = 2;
}

/** A worker of the pool. */
function work(): void {
  process.on('message', (task: SeedTask) => {
    runSeeds(task).then(
      (result) => process.send?.(result),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
}

async function one(seed: number, all: boolean): Promise<number> {
  const report = await new Simulation(drawOptions(seed), true).run();
  if (all) console.log(report.lines.join('\n'));
  if (report.violations.length > 0) {
    console.log(failureText(report));
    return 1;
  }
  const { requests, faults, traceHash, outcomes } = report;
  console.log(`seed ${seed}: good; ${requests} requests, ${faults} faults, trace ${traceHash}`);
  console.log(outcomes);
  return 0;
}

async function many(range: string, workers: string | undefined): Promise<number> {
  const match = /^(\d+)-(\d+)$/.exec(range);
  if (match === null) {
    console.error(USAGE);
    return 2;
  }
  const startedMs = performance.now();
  let toldMs = startedMs;
  const totals = await runSeedPool({
    from: Number(match[1]),
    to: Number(match[2]),
    workers: workers === undefined ? availableParallelism() : Number(workers),
    script: new URL(import.meta.url),
    onFailure: (text) => console.log(text),
    onProgress: (soFar: Totals) => {
      if (performance.now() - toldMs < PROGRESS_MS) return;
      toldMs = performance.now();
      console.log(totalsText(soFar));
    },
  });
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(totals.outcomes, totals.faultKinds, totals.kinds, totals.occasions);
  console.log(`${totalsText(totals)}; ${seconds} s`);
  if (totals.failed.length > 0) console.log(`failed: ${totals.failed.join(' ')}`);
  return totals.failed.length === 0 ? 0 : 1;
}
