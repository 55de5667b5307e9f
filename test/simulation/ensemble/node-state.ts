import type { ACL, Stat } from '../../../src/codec/records.gen.ts';

/** A node as it is after some transaction. Never changed: a change makes another one. */
export interface NodeState {
  readonly data: Buffer | null;
  readonly acl: readonly ACL[];
  readonly czxid: number;
  readonly mzxid: number;
  readonly pzxid: number;
  readonly ctimeMs: number;
  readonly mtimeMs: number;
  readonly version: number;
  readonly aversion: number;
  /** Children that there ever were: the counter of sequential nodes. */
  readonly created: number;
  /** Session of an ephemeral node, else 0n. */
  readonly owner: bigint;
  readonly life: 'plain' | 'container' | 'ttl';
  readonly ttlMs: number;
  readonly children: readonly string[];
}

/** Nodes by path. */
export type NodeTree = Map<string, NodeState>;

const OPEN_ACL: readonly ACL[] = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];

/** Stat on the wire. The cversion that it shows counts deletes too. */
export function statOf(node: NodeState): Stat {
  return {
    czxid: BigInt(node.czxid),
    mzxid: BigInt(node.mzxid),
    ctime: BigInt(node.ctimeMs),
    mtime: BigInt(node.mtimeMs),
    version: node.version,
    cversion: node.created * 2 - node.children.length,
    aversion: node.aversion,
    ephemeralOwner: node.owner,
    dataLength: node.data?.length ?? 0,
    numChildren: node.children.length,
    pzxid: BigInt(node.pzxid),
  };
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** A fresh server's nodes. */
export function firstTree(): NodeTree {
  const empty: NodeState = {
    data: Buffer.alloc(0),
    acl: OPEN_ACL,
    czxid: 0,
    mzxid: 0,
    pzxid: 0,
    ctimeMs: 0,
    mtimeMs: 0,
    version: 0,
    aversion: 0,
    created: 0,
    owner: 0n,
    life: 'plain',
    ttlMs: 0,
    children: [],
  };
  return new Map([
    ['/', { ...empty, children: ['zookeeper'] }],
    ['/zookeeper', { ...empty, children: ['config', 'quota'] }],
    ['/zookeeper/config', { ...empty, aversion: -1 }],
    ['/zookeeper/quota', empty],
  ]);
}
