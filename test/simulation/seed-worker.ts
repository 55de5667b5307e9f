import { drawOptions } from './options.ts';
import { failureText } from './report-text.ts';
import { Simulation } from './simulation.ts';
import { addReport, noTotals, type Totals } from './totals.ts';

/** What a worker is asked for: seeds `[from, to]`. */
export interface SeedTask {
  readonly from: number;
  readonly to: number;
}

/** What it gives back. */
export interface SeedResult {
  readonly totals: Totals;
  readonly failures: readonly string[];
}

/** Runs the seeds of a task, one after the other. */
export async function runSeeds({ from, to }: SeedTask): Promise<SeedResult> {
  const totals = noTotals();
  const failures: string[] = [];
  for (let seed = from; seed <= to; seed++) {
    const report = await new Simulation(drawOptions(seed)).run();
    addReport(totals, report);
    if (report.violations.length > 0) failures.push(failureText(report));
  }
  return { totals, failures };
}
