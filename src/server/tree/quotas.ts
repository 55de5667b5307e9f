import { formatQuota, parseQuota, type QuotaFigures } from './quota-text.ts';
import type { ZNode } from './znode.ts';

/** Below it is a znode `<path>/zookeeper_limits` for every path with a quota, and one for what is used of it. */
export const QUOTA_PATH = '/zookeeper/quota';
const LIMIT_NAME = 'zookeeper_limits';
const STAT_NAME = 'zookeeper_stats';

/** A write that goes over a quota. */
export interface QuotaExceeded {
  /** The path that has the quota. */
  readonly path: string;
  /** What there is too much of. */
  readonly what: 'count' | 'bytes';
  /** What there would be. */
  readonly value: number;
  readonly limit: number;
  /** The write is refused. A soft limit is only told of. */
  readonly isHard: boolean;
}

/**
 * Quotas as a real server keeps them: in znodes that clients make, one with the limits and one
 * with what is used, whose text the server changes with every write below the path. Those changes
 * have no transaction: no version or zxid moves.
 */
export class Quotas {
  readonly #nodes: ReadonlyMap<string, ZNode>;
  /** Paths with limits. */
  readonly #paths = new Set<string>();

  /** `nodes`: of the tree, by path. */
  constructor(nodes: ReadonlyMap<string, ZNode>) {
    this.#nodes = nodes;
  }

  /** The path itself or its nearest ancestor with a quota; null: none. The root has none, ever. */
  prefixOf(path: string): string | null {
    if (this.#paths.size === 0) return null;
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const prefix = path.slice(0, end);
      if (this.#paths.has(prefix)) return prefix;
    }
    return null;
  }

  /** To be told of every znode that is new, before `count`: it may be one of a quota. */
  created(parent: string, name: string): void {
    if (!parent.startsWith(QUOTA_PATH)) return;
    // Right below QUOTA_PATH they are nobody's. They make a real server stop; here they do nothing.
    if (name === LIMIT_NAME) this.#paths.add(parent.slice(QUOTA_PATH.length));
    if (name === STAT_NAME) this.#recount(parent.slice(QUOTA_PATH.length));
  }

  /** To be told of every znode that is gone, before `count`. */
  deleted(parent: string, name: string): void {
    if (name !== LIMIT_NAME || !parent.startsWith(QUOTA_PATH)) return;
    this.#paths.delete(parent.slice(QUOTA_PATH.length));
  }

  /** A write at `path` changed the number of znodes and the bytes of data by that much. */
  count(path: string, bytesDiff: number, countDiff: number): void {
    const prefix = this.prefixOf(path);
    const stat = prefix === null ? undefined : this.#nodes.get(statPath(prefix));
    if (stat === undefined) return;
    const used = parseQuota(stat.data);
    used.count += countDiff;
    used.bytes += bytesDiff;
    stat.data = formatQuota(used);
  }

  /** Whether such a write at `path` would go over a limit, and `tell`s of each. A hard one ends the search. */
  check(
    path: string,
    bytesDiff: number,
    countDiff: number,
    tell: (exceeded: QuotaExceeded) => void,
  ): boolean {
    const prefix = this.prefixOf(path);
    if (prefix === null) return true;
    const limits = this.#figures(`${QUOTA_PATH}${prefix}/${LIMIT_NAME}`);
    const used = this.#figures(statPath(prefix));
    if (limits === null || used === null) return true;
    const { others } = limits;
    const excesses = [
      countDiff === 0
        ? null
        : excess('count', used.count + countDiff, limits.count, others.get('countHardLimit')),
      bytesDiff === 0
        ? null
        : excess('bytes', used.bytes + bytesDiff, limits.bytes, others.get('byteHardLimit')),
    ];
    for (const found of excesses) {
      if (found === null) continue;
      tell({ path: prefix, ...found });
      if (found.isHard) return false;
    }
    return true;
  }

  /** Finds the quotas of a tree that came from a snapshot, and counts anew: a snapshot is fuzzy. */
  restore(): void {
    this.#paths.clear();
    const root = this.#nodes.get(QUOTA_PATH);
    const found: [path: string, node: ZNode][] = root === undefined ? [] : [['', root]];
    for (let next = found.pop(); next !== undefined; next = found.pop()) {
      const [path, node] = next;
      for (const name of node.childNames) {
        const child = node.children!.get(name)!;
        if (name === LIMIT_NAME && child.childCount === 0) {
          this.#recount(path);
          this.#paths.add(path);
        } else {
          found.push([`${path}/${name}`, child]);
        }
      }
    }
  }

  #figures(path: string): QuotaFigures | null {
    const node = this.#nodes.get(path);
    return node === undefined ? null : parseQuota(node.data);
  }

  #recount(path: string): void {
    const stat = this.#nodes.get(statPath(path));
    if (stat === undefined) return;
    const top = this.#nodes.get(path);
    const used = { count: 0, bytes: 0, others: new Map<string, number>() };
    const left = top === undefined ? [] : [top];
    for (let node = left.pop(); node !== undefined; node = left.pop()) {
      used.count++;
      used.bytes += node.dataLength;
      if (node.children !== null) for (const child of node.children.values()) left.push(child);
    }
    stat.data = formatQuota(used);
  }
}

function statPath(path: string): string {
  return `${QUOTA_PATH}${path}/${STAT_NAME}`;
}

/** A hard limit takes the place of a soft one. -1 is no limit. */
function excess(
  what: 'count' | 'bytes',
  value: number,
  soft: number,
  hard = -1,
): Omit<QuotaExceeded, 'path'> | null {
  const isHard = hard > -1;
  const limit = isHard ? hard : soft;
  if (limit <= -1 || value <= limit) return null;
  return { what, value, limit, isHard };
}
