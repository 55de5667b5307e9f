import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { ZooKeeperEnsemble, ZooKeeperServer } from '../zookeeper/index.ts';

/** `leader` and `follower`: killed with SIGKILL and started again. `freeze`: any server, stopped and let go on. */
export const FAULT_KINDS = ['leader', 'follower', 'freeze'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** When the signal was sent, in ms on the clock of the history. */
  readonly atMs: number;
  /** Port of the server that it hit. */
  readonly port: number;
}

const POLL_MS = 20;
/** A server that is not back after this long is no ensemble to go on with. */
const BACK_MS = 120_000;
/**
 * Longer than clients take to give a silent server up: they are elsewhere when it goes on, and what they
 * had sent to it waits in its sockets.
 */
const FREEZE_MS = 8_000;

/** Makes one fault after the other. The next one waits until all servers serve. */
export class FaultMaker {
  readonly faults: Fault[] = [];
  readonly #ensemble: ZooKeeperEnsemble;
  readonly #kinds: readonly FaultKind[];
  readonly #chance: () => number;

  constructor(ensemble: ZooKeeperEnsemble, kinds: readonly FaultKind[], chance: () => number) {
    this.#ensemble = ensemble;
    this.#kinds = kinds;
    this.#chance = chance;
  }

  /** One every `periodMs` until `endMs` on the clock of `performance.now()`; all servers serve when it resolves. */
  async run(periodMs: number, endMs: number): Promise<void> {
    for (let nextMs = performance.now() + periodMs; nextMs < endMs; ) {
      await delay(Math.max(0, nextMs - performance.now()));
      await this.#makeOne(this.#oneOf(this.#kinds));
      nextMs = Math.max(nextMs + periodMs, performance.now());
    }
    await delay(Math.max(0, endMs - performance.now()));
  }

  async #makeOne(kind: FaultKind): Promise<void> {
    const leader = await this.#ensemble.waitForLeader();
    const { servers } = this.#ensemble;
    if (kind === 'freeze') await this.#freeze(this.#oneOf(servers));
    else if (kind === 'leader') await this.#kill(kind, leader);
    else await this.#kill(kind, this.#oneOf(servers.filter((server) => server !== leader)));
    await allServing(servers);
  }

  async #kill(kind: FaultKind, server: ZooKeeperServer): Promise<void> {
    this.#note(kind, server);
    await server.kill('SIGKILL');
    await server.restart({ waitUntilServing: false });
  }

  async #freeze(server: ZooKeeperServer): Promise<void> {
    this.#note('freeze', server);
    server.pause();
    await delay(FREEZE_MS);
    server.resume();
  }

  #note(kind: FaultKind, { port }: ZooKeeperServer): void {
    this.faults.push({ kind, atMs: performance.now(), port });
  }

  #oneOf<T>(list: readonly T[]): T {
    return list[Math.floor(this.#chance() * list.length)] as T;
  }
}

/** Resolves when every server leads or follows. */
export async function allServing(servers: readonly ZooKeeperServer[]): Promise<void> {
  const deadline = performance.now() + BACK_MS;
  for (;;) {
    const modes = await Promise.all(servers.map((server) => server.mode()));
    if (modes.every((mode) => mode === 'leader' || mode === 'follower')) return;
    if (performance.now() > deadline) {
      throw new Error(`not all servers serve after ${BACK_MS} ms: ${modes.join(', ')}`);
    }
    await delay(POLL_MS);
  }
}

/** Resolves when all servers have the same last zxid: what one has applied, all have. */
export async function allEqual(servers: readonly ZooKeeperServer[]): Promise<void> {
  const deadline = performance.now() + BACK_MS;
  for (;;) {
    const answers = await Promise.all(
      servers.map((server) => server.fourLetterWord('srvr').catch(() => '')),
    );
    const zxids = answers.map((answer) => /^Zxid: (\S+)/m.exec(answer)?.[1]);
    if (zxids[0] !== undefined && zxids.every((zxid) => zxid === zxids[0])) return;
    if (performance.now() > deadline) {
      throw new Error(`the servers do not become equal: ${zxids.join(', ')}`);
    }
    await delay(POLL_MS);
  }
}
