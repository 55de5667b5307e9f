import { startRealEnsemble, startRealServer } from '../real-server.ts';
import type { BenchServer } from './server-process.ts';

/** Targets that are Apache's own server. */
export const REAL_TARGETS = ['real', 'ensemble'] as const;
export type RealTarget = (typeof REAL_TARGETS)[number];

export function isRealTarget(target: string): target is RealTarget {
  return (REAL_TARGETS as readonly string[]).includes(target);
}

const START: Record<RealTarget, () => Promise<BenchServer | string>> = {
  real: () => startRealServer(),
  ensemble: startRealEnsemble,
};

/** One of them at a time: servers that idle would still take time from those that are measured. */
export class RealServers {
  #running: { target: RealTarget; server: BenchServer } | null = null;
  readonly #failed = new Map<RealTarget, string>();

  /** The server of that target, started when it does not run. Rejects with the reason when it cannot be. */
  async at(target: RealTarget): Promise<BenchServer> {
    if (this.#running?.target === target) return this.#running.server;
    const failed = this.#failed.get(target);
    if (failed !== undefined) throw new Error(failed);
    await this.stop();
    const server = await START[target]();
    if (typeof server === 'string') {
      // It is not tried again for every group: each time could take half a minute.
      this.#failed.set(target, server);
      throw new Error(server);
    }
    this.#running = { target, server };
    return server;
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    await running?.server.stop();
  }
}
