import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { ZooKeeperEnsemble, ZooKeeperServer } from '../zookeeper/index.ts';

export interface Kill {
  /** When the signal was sent, in ms on the clock of the history. */
  readonly atMs: number;
  /** Port of the leader that it hit. */
  readonly port: number;
}

const POLL_MS = 20;
/** A killed server that is not back after this long is no ensemble to go on with. */
const BACK_MS = 30_000;

/** Kills the leader over and over, and starts it again at once. The next kill waits until all servers serve. */
export class LeaderKiller {
  readonly kills: Kill[] = [];
  readonly #ensemble: ZooKeeperEnsemble;

  constructor(ensemble: ZooKeeperEnsemble) {
    this.#ensemble = ensemble;
  }

  /** Kills every `periodMs` until `endMs` on the clock of `performance.now()`; all servers serve when it resolves. */
  async run(periodMs: number, endMs: number): Promise<void> {
    for (let nextMs = performance.now() + periodMs; nextMs < endMs; ) {
      await delay(Math.max(0, nextMs - performance.now()));
      await this.#killOnce();
      nextMs = Math.max(nextMs + periodMs, performance.now());
    }
    await delay(Math.max(0, endMs - performance.now()));
  }

  async #killOnce(): Promise<void> {
    const leader = await this.#ensemble.waitForLeader();
    this.kills.push({ atMs: performance.now(), port: leader.port });
    await leader.kill('SIGKILL');
    await leader.restart({ waitUntilServing: false });
    await allServing(this.#ensemble.servers);
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
