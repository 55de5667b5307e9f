/** `npm run bench`: the whole run, from options to tables. */
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { allCases, type BenchCase, peerOf } from './cases.ts';
import { describeEnvironment } from './environment.ts';
import { computeFigures } from './figures.ts';
import { NOT_MEASURED } from './not-measured.ts';
import {
  type BenchOptions,
  commandToRepeat,
  HELP,
  parseBenchOptions,
  selectCases,
  UsageError,
} from './options.ts';
import { PEER_NAMES, type PeerName, type PeerState, preparePeers } from './peers.ts';
import { DEFAULT_TIMES, planMs, QUICK_TIMES, type TurnTimes } from './plan.ts';
import { createProgress } from './progress.ts';
import { LATEST_RESULTS, LOCAL_RESULTS, publishResults, writeResults } from './publish.ts';
import { type RealServer, startRealServer } from './real-server.ts';
import { renderReport } from './report-text.ts';
import { type BenchResults, RESULTS_SCHEMA, type Skipped } from './results.ts';
import { runCases } from './runner.ts';

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
  for (const { name, turns } of cases) process.stdout.write(`${name}  ${turns} turns\n`);
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
  const peers = await preparePeers(neededPeers(cases), (line) => progress.say(line));
  const real = needsRealServer(cases) ? await startRealServer() : null;
  const environment = describeEnvironment(peers, isServer(real) ? real.version : null);
  const { possible, skipped } = sortOut(cases, peers, real);
  for (const { name, reason } of skipped) progress.say(`not run: ${name}: ${reason}`);
  try {
    const server = isServer(real) ? real : null;
    const leftMs = planMs(possible, times);
    const endMs = endOf(options);
    const context = { times, real: server, progress, leftMs, endMs, cutShort: false };
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
    if (isServer(real)) await real.stop();
  }
}

function neededPeers(cases: readonly BenchCase[]): PeerName[] {
  return PEER_NAMES.filter((name) => cases.some((each) => peerOf(each) === name));
}

function needsRealServer(cases: readonly BenchCase[]): boolean {
  return cases.some((each) => each.kind === 'load' && each.target === 'real');
}

function isServer(real: RealServer | string | null): real is RealServer {
  return typeof real === 'object' && real !== null;
}

/** Leaves out what cannot run here, and says once for each reason what that is. */
function sortOut(
  cases: readonly BenchCase[],
  peers: readonly PeerState[],
  real: RealServer | string | null,
): { possible: BenchCase[]; skipped: Skipped[] } {
  const skipped = new Map<string, Skipped>();
  const possible = cases.filter((benchCase) => {
    const reason = missingFor(benchCase, peers, real);
    if (reason !== null) skipped.set(reason.name, reason);
    return reason === null;
  });
  return { possible, skipped: [...skipped.values()] };
}

function missingFor(
  benchCase: BenchCase,
  peers: readonly PeerState[],
  real: RealServer | string | null,
): Skipped | null {
  if (benchCase.kind === 'load' && benchCase.target === 'real' && typeof real === 'string') {
    return { name: 'cases on a real server', reason: real };
  }
  const peer = peers.find(({ name }) => name === peerOf(benchCase));
  if (peer === undefined || peer.missing === null) return null;
  return { name: `cases of npm ${peer.name}`, reason: peer.missing };
}

// A reader that went away (`| head`) is no failure of the run.
process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
  if (cause.code !== 'EPIPE') throw cause;
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Forked children end when the channel to this process closes, the real server by its exit hook.
  process.once(signal, () => process.exit(130));
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (cause) {
  process.exitCode = cause instanceof UsageError ? 2 : 1;
  process.stderr.write(`bench: ${(cause as Error).message}\n`);
}
