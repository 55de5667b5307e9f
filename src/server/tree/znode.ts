import { type ACL, type JuteWriter, STAT_BYTES, type Stat } from '../../codec/index.ts';
import { kindOf, NO_OWNER, NODE_KIND } from './ephemeral-owner.ts';
import { HashOrderedMap } from './hash-ordered-map.ts';

/** Buckets that Java's table of children starts with. */
const CHILD_BUCKETS = 8;

const NO_NAMES: readonly string[] = [];

/**
 * A znode. It does not know its path: the tree does. Only the tree changes one; everybody else
 * reads, and must not keep what may change (`data` is replaced, never written into).
 */
export class ZNode {
  /** Owned: no memory of a receive slab. */
  data: Buffer | null;
  /** Never changed in place. Equal lists of one tree are the same array. */
  acl: readonly ACL[];
  /** Transaction that created it. */
  czxid: bigint;
  /** Transaction that set its data last. */
  mzxid: bigint;
  /** Transaction that added or removed a child last. */
  pzxid: bigint;
  /** When it was created, ms since 1970. */
  ctimeMs: number;
  /** When its data were set last, ms since 1970. */
  mtimeMs: number;
  /** How often its data were set. */
  version = 0;
  /** As persisted: how many children were ever created. Clients see `2 * cversion - childCount`. */
  cversion = 0;
  /** How often its ACL was set. */
  aversion = 0;
  /** As persisted: a session id, 0, or a mark (`kindOf` tells which). */
  ephemeralOwner: bigint;
  /** By name; null until the first child. */
  children: HashOrderedMap<ZNode> | null = null;

  constructor(
    data: Buffer | null,
    acl: readonly ACL[],
    zxid: bigint,
    timeMs: number,
    ephemeralOwner: bigint,
  ) {
    this.data = data;
    this.acl = acl;
    this.czxid = zxid;
    this.mzxid = zxid;
    this.pzxid = zxid;
    this.ctimeMs = timeMs;
    this.mtimeMs = timeMs;
    this.ephemeralOwner = ephemeralOwner;
  }

  get childCount(): number {
    return this.children === null ? 0 : this.children.size;
  }

  /** Names of the children in the order of a real server. The list is shared, and never changes. */
  get childNames(): readonly string[] {
    return this.children === null ? NO_NAMES : this.children.names();
  }

  get dataLength(): number {
    return this.data === null ? 0 : this.data.length;
  }

  addChild(name: string, child: ZNode): void {
    this.children ??= new HashOrderedMap(CHILD_BUCKETS);
    this.children.set(name, child);
  }
}

/** The Stat of `node` as clients see it. */
export function statOf(node: ZNode): Stat {
  const numChildren = node.childCount;
  return {
    czxid: node.czxid,
    mzxid: node.mzxid,
    ctime: BigInt(node.ctimeMs),
    mtime: BigInt(node.mtimeMs),
    version: node.version,
    cversion: (2 * node.cversion - numChildren) | 0,
    aversion: node.aversion,
    ephemeralOwner: ownerSeen(node),
    dataLength: node.dataLength,
    numChildren,
    pzxid: node.pzxid,
  };
}

/** Writes what `statOf` gives, without an object in between; `dataBytes` in the place of the length of its data. */
export function writeStat(
  writer: JuteWriter,
  node: ZNode,
  dataBytes: number = node.dataLength,
): void {
  const at = writer.reserve(STAT_BYTES);
  const view = writer.view;
  const numChildren = node.childCount;
  view.setBigInt64(at, node.czxid);
  view.setBigInt64(at + 8, node.mzxid);
  writeMs(view, at + 16, node.ctimeMs);
  writeMs(view, at + 24, node.mtimeMs);
  view.setInt32(at + 32, node.version);
  view.setInt32(at + 36, 2 * node.cversion - numChildren);
  view.setInt32(at + 40, node.aversion);
  view.setBigInt64(at + 44, ownerSeen(node));
  view.setInt32(at + 52, dataBytes);
  view.setInt32(at + 56, numChildren);
  view.setBigInt64(at + 60, node.pzxid);
}

/** Containers and znodes with a time to live show no owner. */
function ownerSeen(node: ZNode): bigint {
  const owner = node.ephemeralOwner;
  return kindOf(owner) === NODE_KIND.ephemeral ? owner : NO_OWNER;
}

/** A whole number of ms as a long. A bigint in between would be an allocation. */
function writeMs(view: DataView, at: number, ms: number): void {
  view.setInt32(at, Math.floor(ms / 0x1_0000_0000));
  view.setUint32(at + 4, ms >>> 0);
}
