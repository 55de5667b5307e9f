import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Manifest, REPOSITORY, readManifest } from './repository.ts';
import type { Skipped } from './results.ts';
import { runCommand } from './run-command.ts';

export const PEERS_FOLDER: string = join(REPOSITORY, 'bench', 'peers');
export const PEER_NAMES = ['zookeeper', 'node-zookeeper-client'] as const;
export type PeerName = (typeof PEER_NAMES)[number];

/** Compiling libzookeeper takes 10 s here; a slow machine may need a lot more. */
const INSTALL_TIMEOUT_MS = 10 * 60_000;

export interface PeerState {
  name: PeerName;
  version: string;
  /** Why it cannot be measured; null when it can. */
  missing: string | null;
}

/** What is not run for want of peers. */
export function missingPeers(peers: readonly PeerState[]): Skipped[] {
  return peers.flatMap(({ name, missing }) =>
    missing === null ? [] : [{ name: `cases of npm ${name}`, reason: missing }],
  );
}

/** Whether cases of this client can run: what is no peer, and no client, is always there. */
export function isPeerThere(client: string | null, peers: readonly PeerState[]): boolean {
  return peers.every(({ name, missing }) => name !== client || missing === null);
}

const requirePeer = createRequire(join(PEERS_FOLDER, 'package.json'));

/** A peer's module. `path` is a file in it, for benchmarks of its own codec. */
export function loadPeer(name: PeerName, path = ''): unknown {
  return requirePeer(path === '' ? name : `${name}/${path}`);
}

export function peerVersion(name: PeerName): string {
  return peerManifest(name)?.version ?? 'not installed';
}

function peerManifest(name: PeerName): Manifest | null {
  const path = join(PEERS_FOLDER, 'node_modules', name, 'package.json');
  return existsSync(path) ? readManifest(path) : null;
}

/**
 * Installs what is not there yet. The packages come first and without their scripts, then the one
 * with native code is compiled, so that a failed build leaves the other usable.
 *
 * @param names only these; compiling is for those who need it
 * @param say told what is being done, one line each
 */
export async function preparePeers(
  names: readonly PeerName[],
  say: (line: string) => void,
): Promise<PeerState[]> {
  if (names.length === 0) return [];
  const wanted = readManifest(join(PEERS_FOLDER, 'package.json')).dependencies ?? {};
  const stale = names.some((name) => peerManifest(name)?.version !== wanted[name]);
  let installed: string | null = null;
  if (stale) {
    say(`installing the peers (${PEER_NAMES.join(', ')}) into bench/peers`);
    installed = await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
  }
  const states: PeerState[] = [];
  for (const name of names) {
    const version = wanted[name] ?? 'unknown';
    states.push({ name, version, missing: installed ?? (await prepare(name, say)) });
  }
  return states;
}

async function prepare(name: PeerName, say: (line: string) => void): Promise<string | null> {
  if ((await loads(name)) === null) return null;
  if (name === 'zookeeper') {
    say(
      'compiling the C library and the addon of zookeeper (make, C++ compiler and Python needed)',
    );
    const failed = await npm(['rebuild', name, '--foreground-scripts']);
    if (failed !== null) return failed;
  }
  return loads(name);
}

/** Tried in a process of its own: a native module may take the process down. */
async function loads(name: PeerName): Promise<string | null> {
  const script = `require(${JSON.stringify(name)})`;
  return runCommand(process.execPath, ['-e', script], { cwd: PEERS_FOLDER, timeoutMs: 30_000 });
}

function npm(args: string[]): Promise<string | null> {
  const command = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  return runCommand(command, args, {
    cwd: PEERS_FOLDER,
    timeoutMs: INSTALL_TIMEOUT_MS,
    env: nodeHeaders(),
  });
}

/** Where Node's headers came with Node, node-gyp is told so: otherwise it would download them. */
function nodeHeaders(): Record<string, string> {
  const prefix = dirname(dirname(process.execPath));
  const header = join(prefix, 'include', 'node', 'node.h');
  return existsSync(header) ? { npm_config_nodedir: prefix } : {};
}
