import { type ACL, OP } from '../../codec/index.ts';
import { javaTrim } from '../java-string.ts';
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

  /** Sessions that have or had ephemeral znodes and have not ended. */
  get ephemeralSessions(): IterableIterator<bigint> {
    return this.#ephemerals.sessions;
  }

  /** For `dump`: sessions that have or had ephemeral znodes, and their paths in the order of a real server. */
  get ephemeralsBySession(): Iterable<[sessionId: bigint, paths: readonly string[]]> {
    return this.#ephemerals.entries();
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
  ephemeralPaths(sessionId: bigint, prefix: string | null): readonly string[] {
    const paths = this.#ephemerals.of(sessionId);
    const start = javaTrim(prefix ?? '');
    if (prefix === null || start === '' || start === '/') return paths;
    return paths.filter((path) => path.startsWith(prefix));
  }

  /** How many znodes are below `path`, for the request `getAllChildrenNumber`. */
  descendantsOf(path: string): number {
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
  setDataFitsQuota(
    path: string,
    node: Pick<ZNode, 'dataLength'>,
    data: Uint8Array | null,
  ): boolean {
    return this.#quotas.check(path, lengthOf(data) - node.dataLength, 0, this.#onQuotaExceeded);
  }

  /**
   * Makes the changes of a transaction. Keeps its data and ACLs: the data must be owned. `listener`
   * must not throw, and must not apply another. It sees each change of a multi before the next.
   */
  apply(header: TxnHeader, txn: Txn, listener: TreeListener | null): void {
    switch (txn.type) {
      case OP.multi:
        this.#multi(header, txn.txns, listener);
        break;
      case OP.closeSession:
        this.#closeSession(header, txn, listener);
        break;
      case OP.createSession:
        break;
      default:
        this.#plain(header, txn, listener);
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

  #plain(header: TxnHeader, txn: PlainTxn, listener: TreeListener | null): void {
    switch (txn.type) {
      case OP.setData:
      case OP.reconfig:
        this.#setData(header, txn, listener);
        break;
      case OP.create:
      case OP.create2:
      case OP.createContainer:
      case OP.createTTL:
        this.#create(header, txn, listener);
        break;
      case OP.delete:
      case OP.deleteContainer:
        this.#delete(txn.path, header.zxid, listener);
        break;
      case OP.setACL:
        this.#setAcl(txn);
        break;
      default:
        // A check or an error changes nothing.
        break;
    }
  }

  #multi(header: TxnHeader, txns: readonly PlainTxn[], listener: TreeListener | null): void {
    if (txns.some((txn) => txn.type === OP.error)) return;
    for (const txn of txns) this.#plain(header, txn, listener);
  }

  #create(header: TxnHeader, txn: AnyCreateTxn, listener: TreeListener | null): void {
    const { path, data } = txn;
    const { zxid } = header;
    const slash = path.lastIndexOf('/');
    const parent = slash <= 0 ? '/' : path.slice(0, slash);
    const parentNode = this.#nodes.get(parent);
    if (parentNode === undefined) return;
    const existing = this.#nodes.get(path);
    if (existing !== undefined) {
      // The snapshot may have been without this ACL (ZOOKEEPER-4846).
      this.#replaceAcl(existing, txn.acl);
      if (txn.type === OP.create) countChild(parentNode, txn.parentCversion, zxid);
      return;
    }
    countChild(parentNode, txn.parentCversion, zxid);
    const acl = this.acls.retain(txn.acl);
    const node = new ZNode(data, acl, zxid, header.timeMs, ownerOf(header, txn));
    const name = path.slice(slash + 1);
    parentNode.addChild(name, node);
    this.#put(path, node);
    // What a quota counts in it comes later: who makes such a node is told what it was made as.
    listener?.created(path, parent, node, parentNode, zxid);
    this.#quotas.created(parent, name);
    this.#quotas.count(path, lengthOf(data), 1);
  }

  #delete(path: string, zxid: bigint, listener: TreeListener | null): void {
    const slash = path.lastIndexOf('/');
    const parent = slash <= 0 ? '/' : path.slice(0, slash);
    const parentNode = this.#nodes.get(parent);
    if (parentNode === undefined) return;
    const name = path.slice(slash + 1);
    parentNode.children?.delete(name);
    // Also without such a child: a fuzzy snapshot may have met the parent before, the child after.
    if (zxid > parentNode.pzxid) parentNode.pzxid = zxid;
    const node = this.#nodes.get(path);
    if (node === undefined) return;
    this.#remove(path, node);
    if (node.childCount > 0) this.#removeBelow(path, node);
    this.#quotas.deleted(parent, name);
    this.#quotas.count(path, -node.dataLength, -1);
    listener?.deleted(path, parent, node, parentNode, zxid);
  }

  #setData(header: TxnHeader, txn: SetDataTxn, listener: TreeListener | null): void {
    const { path, data } = txn;
    const node = this.#nodes.get(path);
    if (node === undefined) return;
    const bytesDiff = lengthOf(data) - node.dataLength;
    node.data = data;
    node.mtimeMs = header.timeMs;
    node.mzxid = header.zxid;
    node.version = txn.version;
    this.#quotas.count(path, bytesDiff, 0);
    this.#dataBytes += bytesDiff;
    listener?.dataChanged(path, node, header.zxid);
  }

  #setAcl({ path, acl, version }: SetAclTxn): void {
    const node = this.#nodes.get(path);
    if (node === undefined) return;
    this.#replaceAcl(node, acl);
    node.aversion = version;
  }

  #closeSession(header: TxnHeader, txn: CloseSessionTxn, listener: TreeListener | null): void {
    const left = this.#ephemerals.take(header.sessionId);
    const listed = txn.paths ?? [];
    for (const path of listed) this.#delete(path, header.zxid, listener);
    // What is in both is gone by its second turn.
    for (const path of left) this.#delete(path, header.zxid, listener);
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

  /**
   * In a log only: its znode had no children, so those here are a later one's, which a fuzzy
   * snapshot had. The log makes them anew, and under the znode that is then their parent.
   */
  #removeBelow(path: string, node: ZNode): void {
    const left: [path: string, node: ZNode][] = [[path, node]];
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const [parent, { children }] = next;
      for (const name of children?.names() ?? []) {
        const child = children!.get(name)!;
        this.#remove(`${parent}/${name}`, child);
        left.push([`${parent}/${name}`, child]);
      }
    }
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
