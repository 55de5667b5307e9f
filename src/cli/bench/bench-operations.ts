import type { ZooKeeperClient } from '../../client/index.ts';

/** What can be measured. */
export const BENCH_OPERATIONS = ['get', 'set', 'create', 'exists', 'children', 'mixed'] as const;

/** What one request of the load is. */
export type BenchOperation = (typeof BENCH_OPERATIONS)[number];

/** Children of the node that `children` lists. */
const CHILDREN = 10;

/**
 * Nodes that one measurement of `create` makes at most, and the data in them; it ends early then. They
 * cost the server some hundred bytes of memory each, besides, and have to be deleted again.
 */
export const CREATED_MAX = 200_000;
const CREATED_BYTES_MAX: number = 256 * 1024 * 1024;

/** Deletes that are under way at once. */
const DELETES_AT_ONCE = 1_000;

/** The nodes of a benchmark: all below one that is its own. */
export class BenchNodes {
  /** Everything is below it. */
  readonly base: string;
  readonly #data: Buffer;
  readonly #createdMax: number;
  #created = 0;

  constructor(base: string, dataBytes: number) {
    this.base = base;
    this.#data = Buffer.alloc(dataBytes, 'zkwire');
    this.#createdMax = Math.min(CREATED_MAX, Math.floor(CREATED_BYTES_MAX / (dataBytes + 1)));
  }

  /** Makes what is read and written. */
  async make(zk: ZooKeeperClient): Promise<void> {
    await zk.create(this.base);
    await zk.create(`${this.base}/data`, this.#data);
    await zk.create(`${this.base}/list`);
    for (let n = 0; n < CHILDREN; n++) await zk.create(`${this.base}/list/child-${n}`);
  }

  /** Removes everything. Does nothing when there is nothing. */
  async remove(zk: ZooKeeperClient): Promise<void> {
    await this.removeCreated(zk);
    if ((await zk.exists(this.base)) !== null) await zk.deleteRecursive(this.base);
  }

  /** Removes what `create` made, by name: a list of so many could be longer than a reply may be. */
  async removeCreated(zk: ZooKeeperClient): Promise<void> {
    while (this.#created > 0) {
      const deletes: Promise<void>[] = [];
      while (this.#created > 0 && deletes.length < DELETES_AT_ONCE) {
        deletes.push(zk.delete(this.#createdPath(--this.#created)).catch(ignoreMissing));
      }
      await Promise.all(deletes);
    }
  }

  /** How often a request can be sent before there is nothing more to do. */
  issuesMax(operation: BenchOperation): number {
    return operation === 'create' ? this.#createdMax : Number.POSITIVE_INFINITY;
  }

  /** The request that is sent over and over; null from it: there is nothing more to do. */
  issuer(operation: BenchOperation): (zk: ZooKeeperClient) => Promise<unknown> | null {
    const path = `${this.base}/data`;
    const data = this.#data;
    const list = `${this.base}/list`;
    let turn = 0;
    switch (operation) {
      case 'get':
        return (zk) => zk.get(path);
      case 'set':
        return (zk) => zk.set(path, data);
      case 'exists':
        return (zk) => zk.exists(path);
      case 'children':
        return (zk) => zk.getChildren(list);
      case 'create':
        return (zk) => {
          if (this.#created >= this.#createdMax) return null;
          return zk.create(this.#createdPath(this.#created++), data);
        };
      case 'mixed':
        return (zk) => (++turn % 5 === 0 ? zk.set(path, data) : zk.get(path));
    }
  }

  #createdPath(n: number): string {
    return `${this.base}/n${n}`;
  }
}

/** A create that failed may have made its node, or not. */
function ignoreMissing(error: { code?: string }): void {
  if (error.code !== 'NONODE') throw error;
}
