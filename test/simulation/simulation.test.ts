import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { OCCASIONS } from './occasions.ts';
import { drawOptions } from './options.ts';
import { failureText } from './report-text.ts';
import { runSeedPool } from './seed-pool.ts';
import { Simulation } from './simulation.ts';
import { totalsText } from './totals.ts';
import { OPERATION_KINDS } from './workload/operation-kinds.ts';

/** Environment variable that chooses other seeds, `A-B`, for a longer search. */
const SEEDS_VARIABLE = 'ZKWIRE_SIMULATION_SEEDS';

const [FROM = 1, TO = 600] = (process.env[SEEDS_VARIABLE] ?? '1-600').split('-').map(Number);
const SEEDS = TO - FROM + 1;

/** Each seed makes more requests and faults than this. */
const REQUESTS_MIN = 200;
const FAULTS_MIN = 20;

/** In so many seeds everything happens. */
const ALL_KINDS_SEEDS = 200;

/** Seeds that run in this process too, where coverage is measured. */
const SEEDS_HERE = 25;

const ROOT = new URL('../../', import.meta.url);
const SCRIPT = new URL('build/simulation/test/simulation/main.js', ROOT);

describe('simulation', () => {
  it('does the same again for the same seed', async () => {
    for (const seed of [FROM, FROM + 1, FROM + 2]) {
      const once = await new Simulation(drawOptions(seed)).run();
      const again = await new Simulation(drawOptions(seed), true).run();
      expect(again.traceHash).toBe(once.traceHash);
      expect(again.outcomes).toEqual(once.outcomes);
    }
    // One after the other: the virtual clock is a global one.
    const one = await new Simulation(drawOptions(FROM)).run();
    const other = await new Simulation(drawOptions(FROM + 1)).run();
    expect(one.traceHash).not.toBe(other.traceHash);
  });

  it(`finds nothing wrong in ${SEEDS_HERE} seeds of this process`, async () => {
    for (let seed = FROM; seed < FROM + SEEDS_HERE; seed++) {
      const report = await new Simulation(drawOptions(seed)).run();
      if (report.violations.length > 0) expect.unreachable(failureText(report));
      expect(report.requests).toBeGreaterThanOrEqual(REQUESTS_MIN);
      expect(report.faults).toBeGreaterThanOrEqual(FAULTS_MIN);
    }
  });

  it(`finds nothing wrong in seeds ${FROM} to ${TO}`, {
    timeout: 300_000 + SEEDS * 1_000,
  }, async () => {
    // Compiled, because a module of the test runner's costs more than the seeds.
    execFileSync('npx', ['tsc', '-p', 'test/simulation'], { cwd: ROOT, stdio: 'pipe' });
    const failures: string[] = [];
    const totals = await runSeedPool({
      from: FROM,
      to: TO,
      workers: Math.min(2, availableParallelism()),
      script: SCRIPT,
      onFailure: (text) => failures.push(text),
    });
    console.log(`simulation: ${totalsText(totals)}; set ${SEEDS_VARIABLE}=A-B for other seeds`);
    expect(failures.slice(0, 3).join('\n\n')).toBe('');
    expect(totals.seeds).toBe(SEEDS);
    expect(totals.requests).toBeGreaterThanOrEqual(SEEDS * REQUESTS_MIN);
    expect(totals.faults).toBeGreaterThanOrEqual(SEEDS * FAULTS_MIN);
    // Fewer seeds need not draw everything.
    if (SEEDS < ALL_KINDS_SEEDS) return;
    for (const kind of OPERATION_KINDS) expect(totals.kinds[kind], kind).toBeGreaterThan(0);
    for (const occasion of OCCASIONS) {
      expect(totals.occasions[occasion], occasion).toBeGreaterThan(0);
    }
  });
});
