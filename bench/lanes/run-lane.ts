import { join } from 'node:path';
import process from 'node:process';
import { tryFindZooKeeper } from '../../tools/zookeeper/index.ts';
import { describeEnvironment } from '../environment.ts';
import { significant } from '../format.ts';
import { isPeerThere, missingPeers, PEER_NAMES, preparePeers } from '../peers.ts';
import { createProgress } from '../progress.ts';
import { LOCAL_RESULTS, publishResults, writeResults } from '../publish.ts';
import { runMain } from '../run-main.ts';
import type { Lane, LaneCase, LaneServers } from './lane.ts';
import {
  durationText,
  type LaneOptions,
  type LaneTimes,
  laneCommand,
  laneHelp,
  parseLaneOptions,
  selectLaneCases,
} from './lane-options.ts';
import { renderLaneReport } from './lane-report.ts';
import { LANE_RESULTS, LANE_SCHEMA, type LaneResults } from './lane-results.ts';
import { planMs, runLaneCases } from './lane-runner.ts';

/** Over the number of cores: load averages are not exact. */
const BUSY_MARGIN = 0.5;

/** The whole run of a lane as a process: options, turns, files, tables, exit code. */
export function runLane<C extends LaneCase, S extends LaneServers>(
  lane: Lane<C, S>,
): Promise<void> {
  return runMain(`bench:${lane.kind}`, (args) => run(lane, args));
}

async function run<C extends LaneCase, S extends LaneServers>(
  lane: Lane<C, S>,
  args: readonly string[],
): Promise<number> {
  const options = parseLaneOptions(args, lane.own);
  if (options.help) {
    process.stdout.write(laneHelp(lane.kind, lane.about, timesOf(lane), lane.own));
    return 0;
  }
  const own = options.own ?? lane.own?.byDefault ?? '';
  const cases = selectLaneCases(lane.cases(options.quick, own), options);
  if (options.list) {
    listCases(cases);
    return 0;
  }
  const { results, failures } = await measureLane(lane, cases, options);
  const path = options.json ?? join(LOCAL_RESULTS, fileName(results));
  writeResults(path, results);
  process.stdout.write(`${renderLaneReport(results, lane.mark)}\nresults: ${path}\n`);
  if (options.publish) await publishResults(LANE_RESULTS[lane.kind], results);
  return failures > 0 ? 1 : 0;
}

function timesOf<C extends LaneCase, S extends LaneServers>(lane: Lane<C, S>): LaneTimes {
  const ms = (quick: boolean): number => planMs(lane.cases(quick, lane.own?.byDefault ?? ''));
  return { wholeMs: ms(false), quickMs: ms(true) };
}

function fileName({ kind, startedAt }: LaneResults): string {
  return `${kind}-${startedAt.replaceAll(':', '-')}.json`;
}

function listCases(cases: readonly LaneCase[]): void {
  for (const { name, turns } of cases) process.stdout.write(`${name}  ${turns} turns\n`);
  process.stdout.write(`${cases.length} cases, ${durationText(planMs(cases))}\n`);
}

/** Measures the cases that this machine can run. */
export async function measureLane<C extends LaneCase, S extends LaneServers>(
  lane: Lane<C, S>,
  cases: readonly C[],
  options: LaneOptions,
): Promise<{ results: LaneResults; failures: number }> {
  const startedAt = new Date();
  const progress = createProgress();
  const wanted = PEER_NAMES.filter((name) => cases.some(({ peer }) => peer === name));
  const peers = await preparePeers(wanted, (line) => progress.say(line));
  const installation = tryFindZooKeeper();
  const zooKeeper = installation instanceof Error ? null : installation.version;
  const environment = describeEnvironment(peers, zooKeeper);
  const skipped = missingPeers(peers);
  const possible: C[] = [];
  for (const each of cases.filter(({ peer }) => isPeerThere(peer, peers))) {
    const reason = await lane.missing?.(each, (line) => progress.say(line));
    if (typeof reason === 'string') skipped.push({ name: each.name, reason });
    else possible.push(each);
  }
  for (const { name, reason } of skipped) progress.say(`not run: ${name}: ${reason}`);
  const context = { progress, skipped, leftMs: planMs(possible) };
  progress.say(`${possible.length} cases, ${durationText(context.leftMs)}`);
  const { loadAverageAtStart: load, cpuCount } = environment;
  // A run before this one leaves as much as there are cores; what is more was somebody else.
  if (load > cpuCount + BUSY_MARGIN) {
    progress.say(`this machine is busy (load average ${significant(load)}): do not quote this run`);
  }
  const measured = await runLaneCases(lane, possible, context);
  const charts = lane.charts(measured);
  const results: LaneResults = {
    kind: lane.kind,
    schema: LANE_SCHEMA,
    startedAt: startedAt.toISOString(),
    elapsedSeconds: (Date.now() - startedAt.getTime()) / 1000,
    command: laneCommand(lane.kind, options, lane.own),
    quick: options.quick,
    ...(lane.own === undefined
      ? {}
      : { settings: { [lane.own.name]: options.own ?? lane.own.byDefault } }),
    environment,
    charts,
    figures: lane.figures(charts),
    skipped,
    notMeasured: lane.notMeasured,
  };
  return { results, failures: measured.reduce((sum, each) => sum + each.failures.length, 0) };
}
