import { expect } from 'vitest';
import { RequestError, type ZooKeeperClient } from '../../../src/client/index.ts';

/** Creates made in one turn of the event loop. */
const PER_TURN = 100;

/**
 * Pipelined creates of `dir/0`, `dir/1`, ... without waiting for any, and what became of each, to
 * be compared with what the server has in the end.
 */
export class WriteLoad {
  readonly #zk: ZooKeeperClient;
  readonly #dir: string;
  readonly #endings: string[] = [];
  /** Why each failed: what was lost with one connection has one reason, the same object. */
  readonly #reasons: unknown[] = [];
  readonly #settled: number[] = [];
  #made = 0;
  #pending = 0;
  #stopping = false;

  constructor(zk: ZooKeeperClient, dir: string) {
    this.#zk = zk;
    this.#dir = dir;
  }

  /** Creates until `stop()`, with at most `pendingMax` unanswered. */
  async run(pendingMax: number): Promise<void> {
    while (!this.#stopping) {
      for (let index = 0; index < PER_TURN && this.#pending < pendingMax; index++) this.#make();
      await new Promise((resolve) => setImmediate(resolve));
    }
    while (this.#pending > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  stop(): void {
    this.#stopping = true;
  }

  /** How many ended so: `ok`, or `code/outcome`. */
  get counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const ending of this.#endings) counts[ending] = (counts[ending] ?? 0) + 1;
    return counts;
  }

  get made(): number {
    return this.#made;
  }

  /**
   * Compares with the server: what was acknowledged is there, what was never sent is not, and of
   * what is unknown on one connection a prefix is there. Gives how many of the unknown ones were applied.
   */
  check(children: readonly string[]): number {
    const present = new Set(children);
    expect(present.size).toBe(children.length);
    expect(this.#endings).toHaveLength(this.#made);
    // One after the other, in the order of the calls, over all connections.
    expect(this.#settled).toEqual(Array.from({ length: this.#made }, (_, index) => index));
    const wrong: string[] = [];
    let applied = 0;
    let gap = false;
    let reason: unknown;
    for (const [index, ending] of this.#endings.entries()) {
      const there = present.delete(String(index));
      const outcome = ending.split('/')[1];
      if (outcome === 'unknown') {
        if (this.#reasons[index] !== reason) gap = false;
        reason = this.#reasons[index];
        // Behind a hole in the unknown ones of a connection nothing may be there.
        if (there && gap) wrong.push(`${index}: applied behind one that was not`);
        if (there) applied++;
        gap = !there || gap;
        continue;
      }
      if (there !== (ending === 'ok')) wrong.push(`${index}: ${ending}, but ${there}`);
    }
    expect(wrong).toEqual([]);
    expect([...present]).toEqual([]);
    return applied;
  }

  #make(): void {
    const index = this.#made++;
    this.#pending++;
    this.#zk.create(`${this.#dir}/${index}`).then(
      () => this.#settle(index, 'ok'),
      (error: unknown) => {
        const known = error instanceof RequestError;
        if (known) this.#reasons[index] = error.cause;
        this.#settle(index, known ? `${error.code}/${error.outcome}` : String(error));
      },
    );
  }

  #settle(index: number, ending: string): void {
    this.#pending--;
    this.#settled.push(index);
    this.#endings[index] = ending;
  }
}
