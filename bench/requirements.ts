import { type BenchCase, peerOf } from './cases.ts';
import { buildDriver, DRIVER_NAMES, type Driver } from './drivers/driver.ts';
import { buildSocketCallCounter, type SocketCallCounter } from './drivers/socket-call-counter.ts';
import { PEER_NAMES, type PeerState, preparePeers } from './peers.ts';
import { findRealServer } from './real-server.ts';
import type { Skipped } from './results.ts';
import { isRealTarget } from './servers/real-servers.ts';

/** What cases need of this machine, and what there is. */
export interface Requirements {
  readonly peers: readonly PeerState[];
  readonly drivers: readonly Driver[];
  /** For npm `zookeeper`; null where it is not wanted or cannot be had. */
  readonly socketCalls: SocketCallCounter | null;
  /** Version of the real server; a text says why there is none; null when no case wants it. */
  readonly real: { readonly version: string } | string | null;
}

/** Installs and compiles what these cases need and is not there yet. */
export async function prepareRequirements(
  cases: readonly BenchCase[],
  say: (line: string) => void,
): Promise<Requirements> {
  const names = PEER_NAMES.filter((name) => cases.some((each) => peerOf(each) === name));
  const peers = await preparePeers(names, say);
  const drivers: Driver[] = [];
  for (const name of DRIVER_NAMES) {
    if (cases.some((each) => clientOf(each) === name)) drivers.push(await buildDriver(name, say));
  }
  const socketCalls = names.includes('zookeeper') ? await buildSocketCallCounter() : null;
  const real = cases.some(wantsRealServer) ? await findRealServer() : null;
  return { peers, drivers, socketCalls, real };
}

function clientOf(benchCase: BenchCase): string | null {
  return benchCase.kind === 'load' ? benchCase.client : null;
}

function wantsRealServer(benchCase: BenchCase): boolean {
  return benchCase.kind === 'load' && isRealTarget(benchCase.target);
}

/** Leaves out what cannot run here, and says once for each reason what that is. */
export function sortOut(
  cases: readonly BenchCase[],
  requirements: Requirements,
): { possible: BenchCase[]; skipped: Skipped[] } {
  const skipped = new Map<string, Skipped>();
  const possible = cases.filter((benchCase) => {
    const reason = missingFor(benchCase, requirements);
    if (reason !== null) skipped.set(reason.name, reason);
    return reason === null;
  });
  return { possible, skipped: [...skipped.values()] };
}

function missingFor(benchCase: BenchCase, { peers, drivers, real }: Requirements): Skipped | null {
  if (wantsRealServer(benchCase) && typeof real === 'string') {
    return { name: 'cases on a real server', reason: real };
  }
  const driver = drivers.find(({ name }) => name === clientOf(benchCase));
  if (driver !== undefined && driver.missing !== null) {
    return { name: `cases of the ${driver.subject}`, reason: `missing: ${driver.missing}` };
  }
  const peer = peers.find(({ name }) => name === peerOf(benchCase));
  if (peer === undefined || peer.missing === null) return null;
  return { name: `cases of npm ${peer.name}`, reason: peer.missing };
}
