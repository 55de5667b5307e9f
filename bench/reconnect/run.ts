/** `npm run bench:reconnect`: the whole run, from options to tables. */
import { join } from 'node:path';
import process from 'node:process';
import { tryFindZooKeeper } from '../../tools/zookeeper/index.ts';
import { describeEnvironment } from '../environment.ts';
import { isPeerThere, missingPeers, PEER_NAMES, preparePeers } from '../peers.ts';
import { createProgress } from '../progress.ts';
import { LOCAL_RESULTS, publishResults, writeResults } from '../publish.ts';
import { runMain } from '../run-main.ts';
import { faultMs, type ReconnectCase, reconnectCases } from './cases.ts';
import { reconnectFigures } from './figures.ts';
import {
  parseReconnectOptions,
  RECONNECT_HELP,
  type ReconnectOptions,
  reconnectCommand,
  selectReconnectCases,
} from './options.ts';
import { renderReconnectReport } from './report-text.ts';
import {
  RECONNECT_NOT_MEASURED,
  RECONNECT_RESULTS,
  RECONNECT_SCHEMA,
  type ReconnectResults,
} from './results.ts';
import { runReconnectCases } from './runner.ts';

async function main(args: readonly string[]): Promise<number> {
  const options = parseReconnectOptions(args);
  if (options.help) {
    process.stdout.write(RECONNECT_HELP);
    return 0;
  }
  const cases = selectReconnectCases(reconnectCases(options.quick), options.filter);
  if (options.list) {
    listCases(cases);
    return 0;
  }
  const results = await measure(cases, options);
  const name = `reconnect-${results.startedAt.replaceAll(':', '-')}.json`;
  const path = options.json ?? join(LOCAL_RESULTS, name);
  writeResults(path, results);
  process.stdout.write(`${renderReconnectReport(results)}\nresults: ${path}\n`);
  if (options.publish) await publishResults(RECONNECT_RESULTS, results);
  return results.cases.some(({ failures }) => failures.length > 0) ? 1 : 0;
}

function planMs(cases: readonly ReconnectCase[]): number {
  return cases.reduce((sum, each) => sum + each.turns * each.faults * faultMs(each), 0);
}

function listCases(cases: readonly ReconnectCase[]): void {
  for (const { name, turns, faults } of cases) {
    process.stdout.write(`${name}  ${turns} turns of ${faults} faults\n`);
  }
  process.stdout.write(`${cases.length} cases, about ${Math.ceil(planMs(cases) / 60_000)} min\n`);
}

async function measure(
  cases: readonly ReconnectCase[],
  options: ReconnectOptions,
): Promise<ReconnectResults> {
  const startedAt = new Date();
  const progress = createProgress();
  const wanted = PEER_NAMES.filter((name) => cases.some(({ client }) => client === name));
  const peers = await preparePeers(wanted, (line) => progress.say(line));
  const installation = tryFindZooKeeper();
  const zooKeeper = installation instanceof Error ? null : installation.version;
  const environment = describeEnvironment(peers, zooKeeper);
  const skipped = missingPeers(peers);
  for (const { name, reason } of skipped) progress.say(`not run: ${name}: ${reason}`);
  const possible = cases.filter(({ client }) => isPeerThere(client, peers));
  const context = { progress, skipped, leftMs: planMs(possible) };
  const results = await runReconnectCases(possible, context);
  return {
    kind: 'reconnect',
    schema: RECONNECT_SCHEMA,
    startedAt: startedAt.toISOString(),
    elapsedSeconds: (Date.now() - startedAt.getTime()) / 1000,
    command: reconnectCommand(options),
    quick: options.quick,
    environment,
    cases: results,
    skipped,
    figures: reconnectFigures(results),
    notMeasured: RECONNECT_NOT_MEASURED,
  };
}

await runMain('bench:reconnect', main);
