import { once } from 'node:events';
import { delimiter } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Command,
  HELP,
  parseCommandLine,
  type StartCommand,
  UsageError,
} from './command-line.ts';
import { findZooKeeper, ZooKeeperNotFound } from './installation.ts';
import { embeddedInstallation, type ServerInstallation } from './server-installation.ts';
import { startEnsemble } from './start-ensemble.ts';
import { startServer } from './start-server.ts';
import type { TlsFiles } from './tls-files.ts';
import { ServerStartError } from './zookeeper-server.ts';

/** Something that was started, as far as this command needs to know it. */
interface Started extends AsyncDisposable {
  readonly connectString: string;
  readonly secureConnectString: string | undefined;
  readonly tls: TlsFiles | undefined;
}

async function run(args: readonly string[]): Promise<number> {
  try {
    await execute(parseCommandLine(args));
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`zookeeper: ${error.message}\n(--help shows the usage)\n`);
      return 2;
    }
    const isExpected = error instanceof ZooKeeperNotFound || error instanceof ServerStartError;
    process.stderr.write(`zookeeper: ${isExpected ? error.message : (error as Error).stack}\n`);
    return 1;
  }
}

function execute(command: Command): void | Promise<void> {
  if (command.kind === 'start') return runServers(command);
  process.stdout.write(command.kind === 'help' ? HELP : describeInstallation());
}

function describeInstallation(): string {
  const found = findZooKeeper();
  return lines({
    version: found.version,
    source: found.source,
    java: found.java,
    classPath: found.classPath.join(delimiter),
  });
}

async function runServers(command: StartCommand): Promise<void> {
  const installation = command.isEmbedded ? embeddedInstallation() : findZooKeeper();
  const { signal } = stopOnSignals();
  const what = command.isEmbedded ? "zkwire's own server" : `ZooKeeper ${installation.version}`;
  progress(`starting ${what} ...`);
  const starting = start(command, installation);
  const started = await Promise.race([starting, once(signal, 'abort').then(() => undefined)]);
  // While they start, the exit hook ends them: it kills what runs and removes the files.
  if (started === undefined) return;
  process.stdout.write(describeStarted(started));
  progress(command.runForMs === undefined ? 'Ctrl-C stops' : `stops in ${command.runForMs} ms`);
  await delay(command.runForMs ?? LONGEST_TIMER_MS, undefined, { signal }).catch(() => undefined);
  progress('stopping ...');
  await started[Symbol.asyncDispose]();
}

// What Node's timers can hold: nearly 25 days.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function stopOnSignals(): AbortController {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => controller.abort());
  }
  return controller;
}

async function start(
  { ensembleSize, server }: StartCommand,
  installation: ServerInstallation,
): Promise<Started> {
  if (ensembleSize !== undefined) return startEnsemble({ ...server, size: ensembleSize });
  return startServer({ ...server, installation });
}

function describeStarted(started: Started): string {
  const { connectString, secureConnectString, tls } = started;
  if (tls === undefined || secureConnectString === undefined) return lines({ connectString });
  return lines({ connectString, secureConnectString, ca: tls.ca, cert: tls.cert, key: tls.key });
}

function lines(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${text}\n`);
}

process.exit(await run(process.argv.slice(2)));
