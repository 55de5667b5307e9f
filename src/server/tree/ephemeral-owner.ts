/**
 * What the field `ephemeralOwner` of a persisted znode says: the session of an ephemeral one, or
 * by values that no session id has, that it is a container or has a time to live.
 */

/** Kinds of znodes, as their owner tells them. */
export const NODE_KIND = { persistent: 0, ephemeral: 1, container: 2, ttl: 3 } as const;
/** One of `NODE_KIND`. */
export type NodeKind = (typeof NODE_KIND)[keyof typeof NODE_KIND];

/** Owner of a znode that is none of the kinds below. */
export const NO_OWNER = 0n;
/** Owner of a container: the smallest signed 64-bit number. */
export const CONTAINER_OWNER: bigint = -(2n ** 63n);
/** The first byte is 0xff, the next two tell the extended type, 0 is TTL; then 40 bits for it. */
const TTL_OWNER_MIN = -(2n ** 56n);
/** Longest time to live that the field has room for: some 34 years, in ms. */
export const TTL_MS_MAX: number = 2 ** 40 - 1;

/** Owner of a znode that has `ttlMs` (1 to {@link TTL_MS_MAX}) to live. */
export function ownerOfTtl(ttlMs: number): bigint {
  return TTL_OWNER_MIN + BigInt(ttlMs);
}

/** The time to live, in ms, of a znode whose kind is `ttl`. */
export function ttlMsOf(owner: bigint): number {
  return Number(owner - TTL_OWNER_MIN);
}

/** Extended types are understood always, so that the znodes of a server that had them stay what they are. */
export function kindOf(owner: bigint): NodeKind {
  if (owner === NO_OWNER) return NODE_KIND.persistent;
  if (owner > 0n) return NODE_KIND.ephemeral;
  if (owner === CONTAINER_OWNER) return NODE_KIND.container;
  const isTtl = owner >= TTL_OWNER_MIN && owner <= TTL_OWNER_MIN + BigInt(TTL_MS_MAX);
  return isTtl ? NODE_KIND.ttl : NODE_KIND.ephemeral;
}
