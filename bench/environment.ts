import { execFileSync } from 'node:child_process';
import os from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { REPOSITORY, readManifest } from './repository.ts';

export interface Environment {
  cpuModel: string;
  cpuCount: number;
  memoryBytes: number;
  operatingSystem: string;
  architecture: string;
  node: string;
  v8: string;
  zkwire: string;
  /** Commit that was measured, with `-dirty` when files were changed; null outside a work tree. */
  commit: string | null;
  peers: Record<string, string>;
  /** Version of the real server, null when there was none. */
  zooKeeper: string | null;
  /** Mean number of runnable processes over the last minute, before the run began. */
  loadAverageAtStart: number;
}

export function describeEnvironment(
  peers: readonly { name: string; version: string }[],
  zooKeeper: string | null,
): Environment {
  const cpus = os.cpus();
  return {
    cpuModel: cpus[0]?.model.trim() || 'unknown',
    cpuCount: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    operatingSystem: `${os.type()} ${os.release()}`,
    architecture: os.arch(),
    node: process.versions.node,
    v8: process.versions.v8,
    zkwire: readManifest(join(REPOSITORY, 'package.json')).version,
    commit: commitOf(REPOSITORY),
    peers: Object.fromEntries(peers.map(({ name, version }) => [name, version])),
    zooKeeper,
    loadAverageAtStart: os.loadavg()[0] ?? Number.NaN,
  };
}

function commitOf(folder: string): string | null {
  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  try {
    const commit = git('rev-parse', '--short=12', 'HEAD').trim();
    // Results and the tables made of them change with every published run.
    const changed = git('status', '--porcelain', '--', 'src', 'bench', ':!bench/results').trim();
    return changed === '' ? commit : `${commit}-dirty`;
  } catch {
    return null;
  }
}
