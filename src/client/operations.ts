import { EventEmitter } from 'node:events';
import type { Stat } from '../codec/index.ts';
import { type RequestError, ZkwireError } from '../errors.ts';
import type { WaitLimits } from '../pipeline/index.ts';
import type { StateEvent } from '../session/index.ts';
import { serverPath } from './chroot.ts';
import type { ClientEvents } from './client-events.ts';
import { deleteRecursive } from './delete-recursive.ts';
import { ensurePath } from './ensure-path.ts';
import { multiRead, type ReadResults } from './multi-read.ts';
import { checkCallOptions } from './option-checks.ts';
import {
  type ProtectedCreateOptions,
  ProtectedCreator,
  type ProtectedPort,
} from './protected-create.ts';
import { existsMany, getChildrenMany, getMany } from './read-many.ts';
import {
  exists,
  getAcl,
  getAllChildrenNumber,
  getChildren,
  getChildrenAndStat,
  getConfig,
  getData,
  getEphemerals,
  sync,
  whoAmI,
} from './read-operations.ts';
import { CONFIG_PATH, checkPath, checkWatch } from './requests.ts';
import { multi } from './transaction.ts';
import { Transaction } from './transaction-builder.ts';
import type {
  ACL,
  AclOptions,
  AclResult,
  CallOptions,
  ChildrenResult,
  CreateOptions,
  CreateResult,
  GetResult,
  Identity,
  NodeData,
  ReadOptions,
  ReadStep,
  ReconfigChange,
  ReconfigOptions,
  SetAclOptions,
  TransactionResult,
  TransactionResults,
  TransactionStep,
  VersionOptions,
} from './types.ts';
import { type WalkEntry, type WalkOptions, walk } from './walk.ts';
import type { AddWatchOptions, Watch } from './watch.ts';
import type { OneShotKind, OneShotWatch } from './watch-modes.ts';
import { Watches, type WatchSelection } from './watches.ts';
import {
  create,
  createWithStat,
  deleteNode,
  reconfig,
  setAcl,
  setData,
} from './write-operations.ts';

/**
 * Every operation as a method. All of them give promises and never throw; one request each unless they
 * say otherwise. Paths are below the chroot of the connect string, in results and errors too.
 */
export abstract class Operations extends EventEmitter<ClientEvents> {
  readonly #port: ProtectedPort;
  readonly #requestTimeoutMs: number | undefined;
  readonly #watches: Watches;
  readonly #protected: ProtectedCreator;
  #sessionAhead: Promise<void> | null = null;

  /** @internal made by `connect()` */
  constructor(port: ProtectedPort, requestTimeoutMs?: number) {
    super();
    this.#port = port;
    this.#requestTimeoutMs = requestTimeoutMs;
    this.#watches = new Watches(port);
    this.#protected = new ProtectedCreator(port, () => this.#nextSession());
  }

  // Reads.

  /** Data and Stat of a node. A node without data gives `data: null`. */
  get(path: string, options?: ReadOptions): Promise<GetResult> {
    try {
      const watch = this.#oneShot('data', 'getData', path, options);
      return getData(this.#port, path, watch, this.#limits(options));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Stat of a node, or null when there is none. A node that is not there can be watched too. */
  exists(path: string, options?: ReadOptions): Promise<Stat | null> {
    try {
      const watch = this.#oneShot('data', 'exists', path, options);
      return exists(this.#port, path, watch, this.#limits(options));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Names of a node's children, in no order. */
  getChildren(
    path: string,
    options?: ReadOptions & { readonly withStat?: false | undefined },
  ): Promise<string[]>;
  /** Names of a node's children and its Stat. */
  getChildren(
    path: string,
    options: ReadOptions & { readonly withStat: true },
  ): Promise<ChildrenResult>;
  getChildren(
    path: string,
    options: ReadOptions & { readonly withStat?: boolean | undefined },
  ): Promise<string[] | ChildrenResult>;
  getChildren(
    path: string,
    options?: ReadOptions & { readonly withStat?: boolean | undefined },
  ): Promise<string[] | ChildrenResult> {
    try {
      const watch = this.#oneShot('child', 'getChildren', path, options);
      const limits = this.#limits(options);
      return options?.withStat === true
        ? getChildrenAndStat(this.#port, path, watch, limits)
        : getChildren(this.#port, path, watch, limits);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Data and Stat of many nodes, in the order of the paths: a result or an error each. Costs one promise, and never rejects because of a node. */
  getMany(paths: readonly string[], options?: CallOptions): Promise<(GetResult | RequestError)[]> {
    return promised(() => getMany(this.#port, paths, this.#limits(options)));
  }

  /** As `getMany`: a Stat, null or an error each. */
  existsMany(
    paths: readonly string[],
    options?: CallOptions,
  ): Promise<(Stat | null | RequestError)[]> {
    return promised(() => existsMany(this.#port, paths, this.#limits(options)));
  }

  /** As `getMany`: names or an error each. */
  getChildrenMany(
    paths: readonly string[],
    options?: CallOptions,
  ): Promise<(string[] | RequestError)[]> {
    return promised(() => getChildrenMany(this.#port, paths, this.#limits(options)));
  }

  /** Several reads in one request (servers from 3.6 on): a result or an error each. */
  multiRead<const Steps extends readonly ReadStep[]>(
    steps: Steps,
    options?: CallOptions,
  ): Promise<ReadResults<Steps>> {
    const read = (): Promise<unknown> => multiRead(this.#port, steps, this.#limits(options));
    return promised(read) as Promise<ReadResults<Steps>>;
  }

  /** ACL and Stat of a node. */
  getAcl(path: string, options?: CallOptions): Promise<AclResult> {
    return promised(() => getAcl(this.#port, path, this.#limits(options)));
  }

  /**
   * Paths of the ephemeral nodes of this session, in no order (servers from 3.6 on). `prefix` is compared
   * with their first characters: `/a/b` finds `/a/bc` too. Under a chroot: those in it.
   */
  getEphemerals(prefix = '/', options?: CallOptions): Promise<string[]> {
    return promised(() => getEphemerals(this.#port, prefix, this.#limits(options)));
  }

  /** How many nodes there are below a node, at any depth (servers from 3.6 on). */
  getAllChildrenNumber(path: string, options?: CallOptions): Promise<number> {
    return promised(() => getAllChildrenNumber(this.#port, path, this.#limits(options)));
  }

  /** By what identities the server knows the session, in no order (servers from 3.7 on). */
  whoAmI(options?: CallOptions): Promise<Identity[]> {
    return promised(() => whoAmI(this.#port, this.#limits(options)));
  }

  /** The configuration of the ensemble: `data` is its text, `stat.version` grows with each change. The same under any chroot. */
  getConfig(options?: ReadOptions): Promise<GetResult> {
    return promised(() => {
      const target = options?.watch;
      if (target !== undefined) checkWatch(target, 'getData', CONFIG_PATH);
      const watch = target && this.#watches.oneShot('data', CONFIG_PATH, target);
      return getConfig(this.#port, watch, this.#limits(options));
    });
  }

  /** Waits until this server has caught up with the leader. Reads made after the call see it, no await needed between. */
  sync(path: string, options?: CallOptions): Promise<void> {
    return promised(() => sync(this.#port, path, this.#limits(options)));
  }

  /** A node and all below it, parents first: `for await (const { path, children, stat } of zk.walk('/a'))`. Nodes that vanish meanwhile are left out. */
  walk(path: string, options: WalkOptions = {}): AsyncGenerator<WalkEntry, void, undefined> {
    return walk(this.#port, path, options, () => this.#limits(options));
  }

  // Writes.

  /** Writes a node's data and gives its new Stat. */
  set(path: string, data: NodeData, options?: VersionOptions): Promise<Stat> {
    try {
      return setData(this.#port, path, data, options?.version ?? -1, this.#limits(options));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Makes a node and gives its path (with the counter when it is sequential). Under a chroot `/` is the node of the chroot. */
  create(
    path: string,
    data?: NodeData,
    options?: CreateOptions & { readonly withStat?: false | undefined },
  ): Promise<string>;
  /** Makes a node and gives its path and Stat. */
  create(
    path: string,
    data: NodeData | undefined,
    options: CreateOptions & { readonly withStat: true },
  ): Promise<CreateResult>;
  create(
    path: string,
    data: NodeData | undefined,
    options: CreateOptions & { readonly withStat?: boolean | undefined },
  ): Promise<string | CreateResult>;
  create(
    path: string,
    data: NodeData = null,
    options: CreateOptions & { readonly withStat?: boolean | undefined } = {},
  ): Promise<string | CreateResult> {
    try {
      const limits = this.#limits(options);
      return options.withStat === true
        ? createWithStat(this.#port, path, data, options, limits)
        : create(this.#port, path, data, options, limits);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Makes a node and those above it where they are missing, the chroot's too. One round trip when all are there, two otherwise. */
  async ensurePath(path: string, options: CallOptions & AclOptions = {}): Promise<void> {
    return ensurePath(this.#port, path, options, this.#limits(options));
  }

  /**
   * Makes a node that is found again: when the connection is lost before the answer, the node is looked
   * for by the UUID in its name (`_c_<uuid>-name`, as Curator has it), and made again only if it is not
   * there. So there is one node when it resolves, and an ephemeral one is this session's.
   *
   * When it rejects with outcome `unknown` (a time-out, an abort, the session lost), a node that may
   * have been made is deleted as soon as the session allows; unless `protectionId` is given.
   */
  async createProtected(
    path: string,
    data: NodeData = null,
    options: ProtectedCreateOptions = {},
  ): Promise<string> {
    return this.#protected.create(path, data, options, this.#limits(options));
  }

  /** Deletes a node that has no children. */
  delete(path: string, options?: VersionOptions): Promise<void> {
    try {
      return deleteNode(this.#port, path, options?.version ?? -1, this.#limits(options));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Deletes a node and all below it; no error when it is not there. Not one transaction: when it rejects, some are deleted. */
  async deleteRecursive(path: string, options?: CallOptions): Promise<void> {
    return deleteRecursive(this.#port, path, this.#limits(options));
  }

  /** Replaces the ACL of a node and gives its new Stat. */
  setAcl(path: string, acl: readonly ACL[], options?: SetAclOptions): Promise<Stat> {
    return promised(() =>
      setAcl(this.#port, path, acl, options?.aversion ?? -1, this.#limits(options)),
    );
  }

  /**
   * All steps or none. Rejects with a TransactionError that names the step when the server refuses;
   * nothing was applied then.
   */
  multi<const Steps extends readonly TransactionStep[]>(
    steps: Steps,
    options?: CallOptions,
  ): Promise<TransactionResults<Steps>> {
    const write = (): Promise<unknown> => multi(this.#port, steps, this.#limits(options));
    return promised(write) as Promise<TransactionResults<Steps>>;
  }

  /** The same step by step: `zk.transaction().create('/a').check('/b', 3).commit()`. */
  transaction<Results extends readonly TransactionResult[] = []>(): Transaction<Results> {
    return new Transaction((steps, options) => this.multi(steps, options));
  }

  /** Changes the members of the ensemble and gives the new configuration. The servers must allow it (`reconfigEnabled`), and so must the ACL of `/zookeeper/config`. */
  reconfig(change: ReconfigChange, options?: ReconfigOptions): Promise<GetResult> {
    return promised(() =>
      reconfig(this.#port, change, options?.configId ?? -1n, this.#limits(options)),
    );
  }

  // Watches.

  /** A watch that stays, until it is closed (servers from 3.6 on). The node need not exist. */
  watch(path: string, options: AddWatchOptions = {}): Promise<Watch> {
    return promised(() => this.#watches.watch(path, options, this.#limits(options)));
  }

  /** Ends watches of a path, whoever set them: each hears `Ended`. Rejects with `NOWATCHER` when there are none. */
  removeWatches(
    path: string,
    selection: WatchSelection = 'any',
    options?: CallOptions,
  ): Promise<void> {
    return promised(() => this.#watches.remove(path, selection, this.#limits(options)));
  }

  /** Whether the server has such a watch for this client. */
  checkWatches(
    path: string,
    selection: WatchSelection = 'any',
    options?: CallOptions,
  ): Promise<boolean> {
    return promised(() => this.#watches.check(path, selection, this.#limits(options)));
  }

  #oneShot(
    kind: OneShotKind,
    operation: string,
    path: string,
    options: ReadOptions | undefined,
  ): OneShotWatch | undefined {
    const target = options?.watch;
    if (target === undefined) return undefined;
    checkPath(path, operation);
    checkWatch(target, operation, path);
    return this.#watches.oneShot(kind, serverPath(this.#port.chroot, path), target);
  }

  /** Resolves with the next session; rejects when the client is done. One promise for all who wait. */
  #nextSession(): Promise<void> {
    this.#sessionAhead ??= new Promise((resolve, reject) => {
      const told = (event: StateEvent): void => {
        if (event.state !== 'session' && event.state !== 'closed') return;
        this.off('state', told);
        this.#sessionAhead = null;
        if (event.state === 'session') resolve();
        else reject(event.reason ?? new ZkwireError('CONNECTION_CLOSED', 'the client was closed'));
      };
      this.on('state', told);
    });
    return this.#sessionAhead;
  }

  #limits(options: CallOptions | undefined): WaitLimits | undefined {
    if (options !== undefined) checkCallOptions(options);
    const timeoutMs = options?.timeoutMs ?? this.#requestTimeoutMs;
    return this.#port.waitLimits(timeoutMs, options?.signal);
  }
}

/** What cannot be asked for at all rejects, like everything else. */
function promised<T>(call: () => Promise<T>): Promise<T> {
  try {
    return call();
  } catch (error) {
    return Promise.reject(error);
  }
}
