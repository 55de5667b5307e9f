import { HashOrderedMap } from './hash-ordered-map.ts';

/** Buckets that Java's set of the paths of a session starts with. */
const PATH_BUCKETS = 16;

/** Which session has which ephemeral znodes. */
export class Ephemerals {
  /** A session that had one stays until it ends, as on a real server: `dump` shows it. */
  readonly #bySession = new Map<bigint, HashOrderedMap<true>>();
  #count = 0;

  /** Ephemeral znodes of all sessions. */
  get count(): number {
    return this.#count;
  }

  add(sessionId: bigint, path: string): void {
    let paths = this.#bySession.get(sessionId);
    if (paths === undefined) {
      paths = new HashOrderedMap(PATH_BUCKETS);
      this.#bySession.set(sessionId, paths);
    }
    paths.set(path, true);
    this.#count++;
  }

  delete(sessionId: bigint, path: string): void {
    if (this.#bySession.get(sessionId)?.delete(path) === true) this.#count--;
  }

  get sessions(): IterableIterator<bigint> {
    return this.#bySession.keys();
  }

  /** Each session with its paths, in the order of a real server's own set. */
  *entries(): IterableIterator<[sessionId: bigint, paths: readonly string[]]> {
    for (const [sessionId, paths] of this.#bySession) yield [sessionId, paths.namesOnce()];
  }

  /** In the order in which a real server lists and deletes them. */
  of(sessionId: bigint): readonly string[] {
    return this.#bySession.get(sessionId)?.namesOfClone() ?? [];
  }

  /** The session has ended. Returns what it still had, in the order of a real server's own set. */
  take(sessionId: bigint): readonly string[] {
    const paths = this.#bySession.get(sessionId);
    if (paths === undefined) return [];
    this.#bySession.delete(sessionId);
    this.#count -= paths.size;
    return paths.namesOnce();
  }

  clear(): void {
    this.#bySession.clear();
    this.#count = 0;
  }
}
