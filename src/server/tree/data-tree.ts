import { type ACL, OP } from '../../codec/index.ts';
import { AclTable, OPEN_ACL_UNSAFE, READ_ACL_UNSAFE } from './acl-table.ts';
import { CONTAINER_OWNER, kindOf, NO_OWNER, NODE_KIND, ownerOfTtl } from './ephemeral-owner.ts';
import { Ephemerals } from './ephemerals.ts';
import { QUOTA_PATH, type QuotaExceeded, Quotas } from './quotas.ts';
import type {
  CloseSessionTxn,
  CreateContainerTxn,
  CreateTtlTxn,
  CreateTxn,
  PlainTxn,
  SetAclTxn,
  SetDataTxn,
  Txn,
  TxnHeader,
} from './txn.ts';
import { ZNode } from './znode.ts';

const ZOOKEEPER_PATH = '/zookeeper';
const CONFIG_PATH = '/zookeeper/config';

/**
 * Is told of every change, right after it was made, in the order in which a real server triggers
 * watches. `parent` of a child of the root is `/`.
 */
export interface TreeListener {
  created(path: string, parent: string, node: ZNode, parentNode: ZNode, zxid: bigint): void;
  deleted(path: string, parent: string, node: ZNode, parentNode: ZNode, zxid: bigint): void;
  dataChanged(path: string, node: ZNode, zxid: bigint): void;
}

/**
 * Is called after each operation of a transaction with its place in the multi (0 outside one) and
 * the znode that it made or changed: what the Stat in a reply shows, before later operations of
 * the same multi change it again. Null: the operation made or changed none.
 */
export type AfterOperation = (index: number, node: ZNode | null) => void;

type AnyCreateTxn = CreateTxn | CreateContainerTxn | CreateTtlTxn;

/** What of a {@link DataTree} can be chosen. */
export interface DataTreeOptions {
  /** A write went over a quota, or would: told by `isWithinQuota`. A real server logs it. */
  readonly onQuotaExceeded?: (exceeded: QuotaExceeded) => void;
}

/**
 * All znodes, in memory. It checks nothing: transactions come from a preparer that has, or from
 * a log. It never fails either: what a transaction of a log finds done already, because a fuzzy
 * snapshot had it, is left as it is, as Apache's server does.
 *
 * Holds some 16 million znodes: no more fit into a Map.
 */
export class DataTree {
  /** zxid of the last transaction that was applied. */
  lastZxid = 0n;
  /** The ACLs in use, and their numbers. */
  readonly acls: AclTable = new AclTable();
  /** By path. The root is there twice, as `/` and as the empty path: parents' paths are cut off at the slash. */
  readonly #nodes = new Map<string, ZNode>();
  readonly #quotas = new Quotas(this.#nodes);
  readonly #ephemerals = new Ephemerals();
  readonly #containers = new Set<string>();
  readonly #ttls = new Set<string>();
  readonly #onQuotaExceeded: (exceeded: QuotaExceeded) => void;
  #dataBytes = 0;

  /** A tree as the first start of a real server makes it. */
  constructor(options: DataTreeOptions = {}) {
    this.#onQuotaExceeded = options.onQuotaExceeded ?? (() => {});
    this.reset();
  }

  /** The znode at `path`; the root has the empty path too, as on a real server. */
  node(path: string): ZNode | undefined {
    return this.#nodes.get(path);
  }

  /** Znodes as a real server counts them: the root twice. */
  get nodeCount(): number {
    return this.#nodes.size;
  }

  /**
   * Characters of paths and bytes of data, as a real server's `approximate_data_size`: changes of
   * what is used of a quota are missing until the next start.
   */
  get dataBytes(): number {
    return this.#dataBytes;
  }

  /** Ephemeral znodes of all sessions. */
  get ephemeralCount(): number {
    return this.#ephemerals.count;
  }

  /** Paths of all containers. */
  get containers(): ReadonlySet<string> {
    return this.#containers;
  }

  /** Paths of all znodes with a time to live; `ttlMsOf` gives it. */
  get ttls(): ReadonlySet<string> {
    return this.#ttls;
  }

  /** Sessions that have ephemeral znodes, or had some and have not ended. */
  get ephemeralSessions(): IterableIterator<bigint> {
    return this.#ephemerals.sessions;
  }

  /** Names of the children of `node` in the order of a real server. Shared: not to be changed. */
  childNames(node: ZNode): readonly string[] {
    return node.childNames;
  }

  /** Paths of the ephemeral znodes of a session, in the order in which its end deletes them. A copy. */
  ephemeralsOf(sessionId: bigint): ReadonlySet<string> {
    return new Set(this.#ephemerals.of(sessionId));
  }

  /** Those that begin with `prefix` (null, blank and `/`: all), for the request `getEphemerals`. */
  ephemeralsUnder(sessionId: bigint, prefix: string | null): readonly string[] {
    const paths = this.#ephemerals.of(sessionId);
    const start = prefix?.trim() ?? '';
    if (start === '' || start === '/') return paths;
    return paths.filter((path) => path.startsWith(prefix!));
  }

  /** How many znodes are below `path`, for the request `getAllChildrenNumber`. */
  descendantCount(path: string): number {
    const top = this.#nodes.get(path);
    if (top === undefined) return 0;
    let count = 0;
    const left = [top];
    for (let node = left.pop(); node !== undefined; node = left.pop()) {
      if (node.children === null) continue;
      count += node.children.size;
      for (const child of node.children.values()) if (child.childCount > 0) left.push(child);
    }
    return count;
  }

  /** Whether a create at `path` stays within the hard limits of a quota. Soft ones are told of. */
  createFitsQuota(path: string, data: Uint8Array | null): boolean {
    return this.#quotas.check(path, lengthOf(data), 1, this.#onQuotaExceeded);
  }

  /** The same of a setData on `node`, which is at `path`. */
  setDataFitsQuota(path: string, node: ZNode, data: Uint8Array | null): boolean {
    return this.#quotas.check(path, lengthOf(data) - node.dataLength, 0, this.#onQuotaExceeded);
  }

  /**
   * Makes the changes of a transaction. Keeps its data and ACLs: the data must be owned. `listener`
   * and `afterEach` must not throw, and must not apply another.
   */
  apply(
    header: TxnHeader,
    txn: Txn,
    listener: TreeListener | null,
    afterEach: AfterOperation | null = null,
  ): void {
    if (txn.type === OP.multi) this.#multi(header, txn.txns, listener, afterEach);
    else if (txn.type === OP.closeSession) this.#closeSession(header, txn, listener);
    else if (txn.type !== OP.createSession) {
      const node = this.#plain(header, txn, listener);
      afterEach?.(0, node);
    }
    if (header.zxid > this.lastZxid) this.lastZxid = header.zxid;
  }

  /** Back to what the constructor leaves. */
  reset(): void {
    this.beginRestore();
    for (const path of ['', ZOOKEEPER_PATH, QUOTA_PATH, CONFIG_PATH]) {
      const acl = path === CONFIG_PATH ? READ_ACL_UNSAFE : OPEN_ACL_UNSAFE;
      this.restore(path, new ZNode(Buffer.alloc(0), acl, 0n, 0, NO_OWNER));
    }
    // A real server gives this one its ACL (ZOOKEEPER-2014) by a setACL for any version.
    this.#nodes.get(CONFIG_PATH)!.aversion = -1;
    this.endRestore(0n);
  }

  /** Forgets everything, the root too. */
  beginRestore(): void {
    this.#nodes.clear();
    this.#quotas.clear();
    this.#ephemerals.clear();
    this.#containers.clear();
    this.#ttls.clear();
    this.acls.clear();
    this.#dataBytes = 0;
    this.lastZxid = 0n;
  }

  /**
   * Puts a znode of a snapshot in its place: parents before children, the root first, as the empty
   * path. False: it has no parent, or is there already; the snapshot is broken.
   */
  restore(path: string, node: ZNode): boolean {
    if (this.#nodes.has(path)) return false;
    if (path !== '') {
      const slash = path.lastIndexOf('/');
      const parent = slash === -1 ? undefined : this.#nodes.get(path.slice(0, slash));
      if (parent === undefined) return false;
      parent.addChild(path.slice(slash + 1), node);
    }
    node.acl = this.acls.retain(node.acl);
    this.#put(path, node);
    return true;
  }

  /** The snapshot is whole: it is the state at `zxid`. False: it had no root. */
  endRestore(zxid: bigint): boolean {
    const root = this.#nodes.get('');
    if (root === undefined) return false;
    this.#nodes.set('/', root);
    this.#dataBytes += sizeOf('/', root);
    this.#quotas.restore();
    this.lastZxid = zxid;
    return true;
  }

  /** Returns the znode that was made or changed. */
  #plain(header: TxnHeader, txn: PlainTxn, listener: TreeListener | null): ZNode | null {
    switch (txn.type) {
      case OP.setData:
      case OP.reconfig:
        return this.#setData(header, txn, listener);
      case OP.create:
      case OP.create2:
      case OP.createContainer:
      case OP.createTTL:
        return this.#create(header, txn, listener);
      case OP.delete:
      case OP.deleteContainer:
        this.#delete(txn.path, header.zxid, listener);
        return null;
      case OP.setACL:
        return this.#setAcl(txn);
      case OP.check:
      case OP.error:
        return null;
    }
  }

  #multi(
    header: TxnHeader,
    txns: readonly PlainTxn[],
    listener: TreeListener | null,
    afterEach: AfterOperation | null,
  ): void {
    if (txns.some((txn) => txn.type === OP.error)) return;
    for (const [index, txn] of txns.entries()) {
      const node = this.#plain(header, txn, listener);
      afterEach?.(index, node);
    }
  }

  #create(header: TxnHeader, txn: AnyCreateTxn, listener: TreeListener | null): ZNode | null {
    const { path, data } = txn;
    const { zxid } = header;
    const slash = path.lastIndexOf('/');
    const parent = slash <= 0 ? '/' : path.slice(0, slash);
    const parentNode = this.#nodes.get(parent);
    if (parentNode === undefined) return null;
    const existing = this.#nodes.get(path);
    if (existing !== undefined) {
      this.#replaceAcl(existing, txn.acl);
      if (txn.type === OP.create) countChild(parentNode, txn.parentCversion, zxid);
      return null;
    }
    countChild(parentNode, txn.parentCversion, zxid);
    const acl = this.acls.retain(txn.acl);
    const node = new ZNode(data, acl, zxid, header.timeMs, ownerOf(header, txn));
    const name = path.slice(slash + 1);
    parentNode.addChild(name, node);
    this.#put(path, node);
    this.#quotas.created(parent, name);
    this.#quotas.count(path, lengthOf(data), 1);
    listener?.created(path, parent, node, parentNode, zxid);
    return node;
  }

  #delete(path: string, zxid: bigint, listener: TreeListener | null): void {
    const slash = path.lastIndexOf('/');
    const parent = slash <= 0 ? '/' : path.slice(0, slash);
    const parentNode = this.#nodes.get(parent);
    if (parentNode === undefined) return;
    const name = path.slice(slash + 1);
    parentNode.children?.delete(name);
    // Also when there is no such child: a fuzzy snapshot has the parent before, the child after its end.
    if (zxid > parentNode.pzxid) parentNode.pzxid = zxid;
    const node = this.#nodes.get(path);
    if (node === undefined) return;
    this.#remove(path, node);
    this.#quotas.deleted(parent, name);
    this.#quotas.count(path, -node.dataLength, -1);
    listener?.deleted(path, parent, node, parentNode, zxid);
  }

  #setData(header: TxnHeader, txn: SetDataTxn, listener: TreeListener | null): ZNode | null {
    const { path, data } = txn;
    const node = this.#nodes.get(path);
    if (node === undefined) return null;
    const bytesDiff = lengthOf(data) - node.dataLength;
    node.data = data;
    node.mtimeMs = header.timeMs;
    node.mzxid = header.zxid;
    node.version = txn.version;
    this.#quotas.count(path, bytesDiff, 0);
    this.#dataBytes += bytesDiff;
    listener?.dataChanged(path, node, header.zxid);
    return node;
  }

  #setAcl(txn: SetAclTxn): ZNode | null {
    const node = this.#nodes.get(txn.path);
    if (node === undefined) return null;
    this.#replaceAcl(node, txn.acl);
    node.aversion = txn.version;
    return node;
  }

  #closeSession(header: TxnHeader, txn: CloseSessionTxn, listener: TreeListener | null): void {
    const left = this.#ephemerals.take(header.sessionId);
    const listed = txn.paths ?? [];
    for (const path of listed) this.#delete(path, header.zxid, listener);
    const done = new Set(listed);
    for (const path of left) if (!done.has(path)) this.#delete(path, header.zxid, listener);
  }

  #replaceAcl(node: ZNode, acl: readonly ACL[]): void {
    const replaced = node.acl;
    node.acl = this.acls.retain(acl);
    this.acls.release(replaced);
  }

  #put(path: string, node: ZNode): void {
    this.#nodes.set(path, node);
    this.#dataBytes += sizeOf(path, node);
    const owner = node.ephemeralOwner;
    if (owner === NO_OWNER) return;
    const kind = kindOf(owner);
    if (kind === NODE_KIND.container) this.#containers.add(path);
    else if (kind === NODE_KIND.ttl) this.#ttls.add(path);
    else this.#ephemerals.add(owner, path);
  }

  #remove(path: string, node: ZNode): void {
    this.#nodes.delete(path);
    this.#dataBytes -= sizeOf(path, node);
    this.acls.release(node.acl);
    const owner = node.ephemeralOwner;
    if (owner === NO_OWNER) return;
    const kind = kindOf(owner);
    if (kind === NODE_KIND.container) this.#containers.delete(path);
    else if (kind === NODE_KIND.ttl) this.#ttls.delete(path);
    else this.#ephemerals.delete(owner, path);
  }
}

/**
 * The parent's cversion and pzxid of a create. They never go back: a fuzzy snapshot may have
 * counted later creates already.
 */
function countChild(parent: ZNode, cversion: number, zxid: bigint): void {
  const counted = cversion === -1 ? parent.cversion + 1 : cversion;
  if (counted <= parent.cversion) return;
  parent.cversion = counted;
  parent.pzxid = zxid;
}

function ownerOf(header: TxnHeader, txn: AnyCreateTxn): bigint {
  if (txn.type === OP.createContainer) return CONTAINER_OWNER;
  if (txn.type === OP.createTTL) return ownerOfTtl(txn.ttlMs);
  return txn.ephemeral ? header.sessionId : NO_OWNER;
}

function lengthOf(data: Uint8Array | null): number {
  return data === null ? 0 : data.length;
}

/** What `approximate_data_size` counts of a znode. */
function sizeOf(path: string, node: ZNode): number {
  return path.length + node.dataLength;
}
