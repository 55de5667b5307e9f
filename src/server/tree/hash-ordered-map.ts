/**
 * A map by names that lists them in the order in which Java's HashSet does. Clients of a real
 * server see that order in every list of children, so ours is the same.
 *
 * Left out: Java turns a bucket of nine names into a tree, or doubles a table of less than 64
 * buckets instead. A million counters, numbers or UUIDs never put more than eight into one bucket:
 * it takes names that were made to collide.
 */
export class HashOrderedMap<V> {
  /** In the order of insertion, which is also the order within a bucket. */
  readonly #values = new Map<string, V>();
  /** Buckets of Java's table: a power of two that never shrinks. */
  #buckets: number;
  /** What `names` gave last, while it is still right. */
  #listed: readonly string[] | null = null;

  /** `buckets`: what Java's table starts with, a power of two. */
  constructor(buckets: number) {
    this.#buckets = buckets;
  }

  get size(): number {
    return this.#values.size;
  }

  get(name: string): V | undefined {
    return this.#values.get(name);
  }

  /** The values in the order of their insertion. */
  values(): IterableIterator<V> {
    return this.#values.values();
  }

  /** Adds a name; one that is there keeps its place and gets the new value. */
  set(name: string, value: V): void {
    this.#values.set(name, value);
    this.#listed = null;
    // Java's load factor.
    if (this.#values.size > this.#buckets * 0.75) this.#buckets *= 2;
  }

  delete(name: string): boolean {
    if (!this.#values.delete(name)) return false;
    this.#listed = null;
    return true;
  }

  /** The names in Java's order. Kept until the next change; never changed afterwards. */
  names(): readonly string[] {
    this.#listed ??= this.namesOnce();
    return this.#listed;
  }

  /** As `names`, for a visitor of all maps that should not leave a list behind in each. */
  namesOnce(): readonly string[] {
    return this.#listed ?? inHashOrder([...this.#values.keys()], this.#buckets);
  }

  /** The names in the order in which a clone of Java's set lists them: its table has the size that they need. */
  namesOfClone(): readonly string[] {
    // In Java's single precision: size / 0.75 + 1, then the next power of two.
    const wanted = Math.floor(Math.fround(Math.fround(this.size / 0.75) + 1));
    return inHashOrder(this.namesOnce(), 2 ** Math.ceil(Math.log2(wanted)));
  }
}

/** `names` by their bucket in a table of `buckets`; names of one bucket stay in the order given. */
function inHashOrder(names: readonly string[], buckets: number): readonly string[] {
  if (names.length < 2) return names;
  const bucketOf = new Int32Array(names.length);
  for (let index = 0; index < names.length; index++) {
    bucketOf[index] = spreadHash(names[index]!) & (buckets - 1);
  }
  // A table that had many more names once is not worth a pass over all its buckets.
  if (names.length * 16 < buckets) return sorted(names, bucketOf);
  const next = new Int32Array(buckets + 1);
  for (const bucket of bucketOf) next[bucket + 1]!++;
  for (let bucket = 0; bucket < buckets; bucket++) next[bucket + 1]! += next[bucket]!;
  const ordered = new Array<string>(names.length);
  for (let index = 0; index < names.length; index++) {
    ordered[next[bucketOf[index]!]!++] = names[index]!;
  }
  return ordered;
}

function sorted(names: readonly string[], bucketOf: Int32Array): readonly string[] {
  const indexes = Array.from(names, (_, index) => index);
  indexes.sort((a, b) => bucketOf[a]! - bucketOf[b]!);
  return indexes.map((index) => names[index]!);
}

/** String.hashCode of Java, and what HashMap makes of it. */
function spreadHash(name: string): number {
  let hash = 0;
  for (let index = 0; index < name.length; index++) {
    hash = (Math.imul(hash, 31) + name.charCodeAt(index)) | 0;
  }
  return hash ^ (hash >>> 16);
}
