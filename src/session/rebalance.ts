import { type Endpoint, sameEndpoint } from './connect-string.ts';

/**
 * Balance of clients over servers when the list of servers changes (ZOOKEEPER-1355). Each client
 * decides by itself, with the dice; if all servers had the same number of clients before, they have
 * it again afterwards, and no more clients have moved than must.
 */

/** Order in which a client that moves tries the new list: new and old servers in the right proportion, each once. */
export class Rebalance {
  /** Servers that were in the old list too. */
  readonly #kept: Endpoint[];
  readonly #fresh: Endpoint[];
  readonly #freshShare: number;
  readonly #random: () => number;

  /** `freshShare`: probability of trying a fresh server while both kinds are left. */
  constructor(
    kept: readonly Endpoint[],
    fresh: readonly Endpoint[],
    freshShare: number,
    random: () => number,
  ) {
    this.#kept = [...kept];
    this.#fresh = [...fresh];
    this.#freshShare = freshShare;
    this.#random = random;
  }

  /** The next server to try; null when all have been tried. */
  next(): Endpoint | null {
    const wanted = this.#random() < this.#freshShare ? this.#fresh : this.#kept;
    const other = wanted === this.#fresh ? this.#kept : this.#fresh;
    return wanted.shift() ?? other.shift() ?? null;
  }
}

/**
 * What the client of server `home` does when `servers`, in random order, replace `old`: null to stay.
 *
 * - More servers than before, `home` among them: it keeps `old/servers` of its clients.
 * - More, `home` gone: its clients go to fresh servers; the kept ones must lose clients, not gain.
 * - As many or fewer, `home` among them: it must gain clients, so all of its own stay.
 * - As many or fewer, `home` gone: its clients fill the kept servers up, the rest goes to fresh ones.
 */
export function rebalancing(
  old: readonly Endpoint[],
  servers: readonly Endpoint[],
  home: Endpoint,
  random: () => number,
): Rebalance | null {
  const kept = servers.filter((server) => includes(old, server));
  const fresh = servers.filter((server) => !includes(old, server));
  if (!includes(servers, home)) {
    return new Rebalance(kept, fresh, freshShare(old.length, kept.length, fresh.length), random);
  }
  // Not above 0 unless there are more servers.
  const leaving = 1 - old.length / servers.length;
  return random() < leaving ? new Rebalance(kept, fresh, 1, random) : null;
}

/**
 * Part of the clients of the servers that are gone (`old - kept` of them) that goes to fresh ones: all
 * but what the kept ones lack. Each of these has had 1/old of all clients and is to have 1/servers.
 * 1 and above when the kept ones lack nothing.
 */
function freshShare(old: number, kept: number, fresh: number): number {
  const lacking = kept / (kept + fresh) - kept / old;
  const homeless = (old - kept) / old;
  return 1 - lacking / homeless;
}

function includes(servers: readonly Endpoint[], server: Endpoint): boolean {
  return servers.some((one) => sameEndpoint(one, server));
}
