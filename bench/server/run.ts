/** `npm run bench:server`: the whole run, from options to tables. */
import { join } from 'node:path';
import process from 'node:process';
import { tryFindZooKeeper } from '../../tools/zookeeper/index.ts';
import { describeEnvironment } from '../environment.ts';
import { createProgress } from '../progress.ts';
import { LOCAL_RESULTS, publishResults, writeResults } from '../publish.ts';
import type { Skipped } from '../results.ts';
import { runMain } from '../run-main.ts';
import { serverFigures } from './figures.ts';
import { type Measurement, type PartContext, QUICK_SCALE, WHOLE_SCALE } from './measurement.ts';
import { measureZnodes } from './million-znodes.ts';
import {
  type Part,
  parseServerOptions,
  SERVER_HELP,
  type ServerBenchOptions,
  serverCommand,
} from './options.ts';
import { renderServerReport } from './report-text.ts';
import { SERVER_RESULTS, SERVER_SCHEMA, type ServerResults } from './results.ts';
import { measureStart } from './start-times.ts';
import { measureWatchers } from './watching-sessions.ts';
import { measureWrites } from './write-throughput.ts';

const MEASURE: Readonly<Record<Part, (context: PartContext) => Promise<Measurement[]>>> = {
  start: measureStart,
  watchers: measureWatchers,
  znodes: measureZnodes,
  writes: measureWrites,
};

async function main(args: readonly string[]): Promise<number> {
  const options = parseServerOptions(args);
  if (options.help) {
    process.stdout.write(SERVER_HELP);
    return 0;
  }
  const { results, failures } = await measure(options);
  const name = `server-${results.startedAt.replaceAll(':', '-')}.json`;
  const path = options.json ?? join(LOCAL_RESULTS, name);
  writeResults(path, results);
  process.stdout.write(`${renderServerReport(results)}\nresults: ${path}\n`);
  if (options.publish) await publishResults(SERVER_RESULTS, results);
  return failures > 0 ? 1 : 0;
}

async function measure(
  options: ServerBenchOptions,
): Promise<{ results: ServerResults; failures: number }> {
  const startedAt = new Date();
  const progress = createProgress();
  const installation = tryFindZooKeeper();
  const environment = describeEnvironment(
    [],
    installation instanceof Error ? null : installation.version,
  );
  const skipped: Skipped[] = [];
  const context: PartContext = {
    scale: options.quick ? QUICK_SCALE : WHOLE_SCALE,
    say: (line) => progress.say(line),
    skip: (name, reason) => void skipped.push({ name, reason }),
  };
  const measurements: Measurement[] = [];
  let failures = 0;
  for (const part of options.parts) {
    try {
      measurements.push(...(await MEASURE[part](context)));
    } catch (cause) {
      failures++;
      skipped.push({ name: part, reason: `FAILED: ${(cause as Error).message}` });
    }
  }
  const results: ServerResults = {
    kind: 'server',
    schema: SERVER_SCHEMA,
    startedAt: startedAt.toISOString(),
    elapsedSeconds: (Date.now() - startedAt.getTime()) / 1000,
    command: serverCommand(options),
    quick: options.quick,
    environment,
    measurements,
    skipped,
    figures: serverFigures(measurements),
  };
  return { results, failures };
}

await runMain('bench:server', main);
