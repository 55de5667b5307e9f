import type { Profile } from './check.ts';

/** Where releases of Apache ZooKeeper differ in what a client can see. */
export interface ReleaseRules {
  /** A create2 in a multi is answered as one, with a Stat (ZOOKEEPER-4026); else as a create. */
  readonly create2InMulti: boolean;
  /** exists, and watch events, need READ on the node (since 3.8.4 and 3.9.2). */
  readonly readGuardsExists: boolean;
  /** Notifications carry the zxid of the change (ZOOKEEPER-4655); else -1. */
  readonly zxidInEvents: boolean;
  /** checkWatches and removeWatches know the types 4 and 5, and 1 and 2 mean one-shot watches only. */
  readonly lastingWatcherTypes: boolean;
  /** One-shot and lasting watches of one path stand beside each other (ZOOKEEPER-4466). */
  readonly modesCoexist: boolean;
}

/**
 * The rules of a profile. The release that the server names refines them, when it is one of the
 * profile; else those of 3.8.0 and of the newest 3.9 hold.
 */
export function rulesOf(
  profile: Profile,
  release: readonly [number, number, number] | null,
): ReleaseRules {
  const patch = patchOf(profile, release);
  const is39 = profile === '3.9';
  return {
    create2InMulti: is39 || patch >= 2,
    readGuardsExists: is39 ? patch >= 2 : patch >= 4,
    zxidInEvents: is39,
    lastingWatcherTypes: is39,
    modesCoexist: is39,
  };
}

function patchOf(profile: Profile, release: readonly [number, number, number] | null): number {
  const is39 = profile === '3.9';
  const newest = is39 ? Number.POSITIVE_INFINITY : 0;
  if (release === null) return newest;
  const [major, minor, patch] = release;
  return major === 3 && minor === (is39 ? 9 : 8) ? patch : newest;
}
