/** `npm run bench`: the whole run, from options to tables. */
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { allCases, type BenchCase } from './cases.ts';
import { describeEnvironment } from './environment.ts';
import { computeFigures } from './figures.ts';
import { NOT_MEASURED } from './not-measured.ts';
import {
  type BenchOptions,
  commandToRepeat,
  HELP,
  parseBenchOptions,
  selectCases,
} from './options.ts';
import { DEFAULT_TIMES, planMs, QUICK_TIMES, type TurnTimes } from './plan.ts';
import { createProgress } from './progress.ts';
import { LATEST_RESULTS, LOCAL_RESULTS, publishResults, writeResults } from './publish.ts';
import { renderReport } from './report-text.ts';
import { prepareRequirements, sortOut } from './requirements.ts';
import { type BenchResults, RESULTS_SCHEMA, type Skipped } from './results.ts';
import { runMain } from './run-main.ts';
import { type RunContext, runCases } from './runner.ts';
import { RealServers } from './servers/real-servers.ts';

/** Five minutes, less what starting and stopping the real server take. */
const DEFAULT_RUN_MS = 290_000;

const CUT_SHORT: Skipped = {
  name: 'further turns of the last cases',
  reason: 'this machine is too slow for all of them in five minutes; the tables show how many ran',
};

async function main(args: readonly string[]): Promise<number> {
  const options = parseBenchOptions(args);
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const cases = selectCases(allCases(), options);
  const times = timesOf(options);
  if (options.list) {
    listCases(cases, times);
    return 0;
  }
  const results = await measure(cases, times, options, args);
  const path =
    options.json ?? join(LOCAL_RESULTS, `${results.startedAt.replaceAll(':', '-')}.json`);
  writeResults(path, results);
  process.stdout.write(`${renderReport(results)}\nresults: ${path}\n`);
  if (options.publish) await publishResults(LATEST_RESULTS, results);
  return results.cases.some(({ failures }) => failures.length > 0) ? 1 : 0;
}

function timesOf({ quick, seconds, warmup }: BenchOptions): TurnTimes {
  const { measureMs, warmupMs } = quick ? QUICK_TIMES : DEFAULT_TIMES;
  return {
    measureMs: seconds === null ? measureMs : seconds * 1000,
    warmupMs: warmup === null ? warmupMs : warmup * 1000,
  };
}

/** A default run ends in five minutes, also on a slow machine; who asks for more gets it. */
function endOf({ all, turns, seconds, warmup }: BenchOptions): number {
  const asked = all || turns !== null || seconds !== null || warmup !== null;
  return asked ? Number.POSITIVE_INFINITY : performance.now() + DEFAULT_RUN_MS;
}

function listCases(cases: readonly BenchCase[], times: TurnTimes): void {
  for (const { name, turns } of cases) {
    process.stdout.write(`${name}  ${turns === 0 ? 'not supported' : `${turns} turns`}\n`);
  }
  const seconds = Math.round(planMs(cases, times) / 1000);
  process.stdout.write(`${cases.length} cases, about ${seconds} s\n`);
}

async function measure(
  cases: readonly BenchCase[],
  times: TurnTimes,
  options: BenchOptions,
  args: readonly string[],
): Promise<BenchResults> {
  const startedAt = new Date();
  const progress = createProgress();
  const requirements = await prepareRequirements(cases, (line) => progress.say(line));
  const { peers, drivers, real } = requirements;
  const version = real === null || typeof real === 'string' ? null : real.version;
  const environment = describeEnvironment([...peers, ...drivers], version);
  const { possible, skipped } = sortOut(cases, requirements);
  for (const { name, reason } of skipped) progress.say(`not run: ${name}: ${reason}`);
  const servers = new RealServers();
  try {
    const context: RunContext = {
      times,
      servers,
      socketCalls: requirements.socketCalls,
      drivers: new Map(drivers.map((driver) => [driver.name, driver])),
      progress,
      leftMs: planMs(possible, times),
      endMs: endOf(options),
      cutShort: false,
    };
    const results = await runCases(possible, context);
    if (context.cutShort) skipped.push(CUT_SHORT);
    return {
      schema: RESULTS_SCHEMA,
      startedAt: startedAt.toISOString(),
      elapsedSeconds: (Date.now() - startedAt.getTime()) / 1000,
      command: commandToRepeat(args),
      quick: options.quick,
      measureSeconds: times.measureMs / 1000,
      warmupSeconds: times.warmupMs / 1000,
      environment,
      cases: results,
      skipped,
      figures: computeFigures(results),
      notMeasured: NOT_MEASURED,
    };
  } finally {
    await servers.stop();
  }
}

await runMain('bench', main);
