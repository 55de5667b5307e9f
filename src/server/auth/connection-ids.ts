import type { Id } from '../../codec/index.ts';
import { javaAddress } from './ip-address.ts';

/**
 * Ids of one connection. A real server has no limit, and every id costs with every ACL that is looked
 * at; a client that shows the same credential again adds none. Above the 64 credentials that
 * zkwire's own client shows, which come on top of its address, its certificate and its SASL login.
 */
export const CONNECTION_IDS_MAX = 128;

/** Buckets that Java's table starts with. */
const BUCKETS = 16;

interface Entry {
  readonly id: Id;
  readonly hash: number;
}

/**
 * Who a connection is: its address, and everybody whom it has authenticated as. They are listed in
 * the order of Java's ConcurrentHashMap, which clients see in the answer to whoAmI and in what the
 * scheme `auth` of an ACL becomes.
 */
export class ConnectionIds {
  /** Made for the second id: most connections have one, and one needs no order. */
  #buckets: Entry[][] | null = null;
  #size = 1;
  #list: readonly Id[];

  /** `address`: of the client, as Node writes it. */
  constructor(address: string) {
    this.#list = [{ scheme: 'ip', id: javaAddress(address) }];
  }

  /** In Java's order. The array never changes; it is another one after `add`. */
  get list(): readonly Id[] {
    return this.#list;
  }

  /** Adds one that may be there already. False: there are too many. */
  add(id: Id): boolean {
    this.#buckets ??= bucketsWith(this.#list[0]!);
    const hash = hashOf(id);
    const bucket = this.#buckets[hash & (this.#buckets.length - 1)]!;
    if (bucket.some((entry) => entry.id.scheme === id.scheme && entry.id.id === id.id)) return true;
    if (this.#size === CONNECTION_IDS_MAX) return false;
    bucket.push({ id, hash });
    this.#size++;
    if (this.#size >= this.#buckets.length * 0.75) this.#buckets = doubled(this.#buckets);
    this.#list = this.#buckets.flat().map((entry) => entry.id);
    return true;
  }
}

/** A fresh table with its first id. */
function bucketsWith(id: Id): Entry[][] {
  const buckets: Entry[][] = Array.from({ length: BUCKETS }, () => []);
  const hash = hashOf(id);
  buckets[hash & (BUCKETS - 1)]!.push({ id, hash });
  return buckets;
}

/**
 * Java moves the end of a bucket, as far as it stays together, as it is, and puts everything
 * before it in front, one by one.
 */
function doubled(buckets: readonly Entry[][]): Entry[][] {
  const bit = buckets.length;
  const twice: Entry[][] = Array.from({ length: 2 * bit }, () => []);
  for (const [index, bucket] of buckets.entries()) {
    const last = bucket.at(-1);
    let tail = bucket.length;
    while (tail > 0 && (bucket[tail - 1]!.hash & bit) === (last!.hash & bit)) tail--;
    for (const entry of bucket.slice(tail)) twice[index + (entry.hash & bit)]!.push(entry);
    for (const entry of bucket.slice(0, tail)) twice[index + (entry.hash & bit)]!.unshift(entry);
  }
  return twice;
}

/** Hash of an Id in Java, as its ConcurrentHashMap spreads it. */
function hashOf(id: Id): number {
  const start = 37 * 17;
  const scheme = Math.imul(37, start + stringHash(id.scheme ?? ''));
  const hash = (scheme + stringHash(id.id ?? '')) | 0;
  return (hash ^ (hash >>> 16)) & 0x7fff_ffff;
}

function stringHash(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) {
    hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  }
  return hash;
}
