import { randomUUID } from 'node:crypto';
import { callGuarded, warn } from '../callback-failures.ts';
import type { ACL, CallOptions, StateEvent, Watch, ZooKeeperClient } from '../client/index.ts';
import { pathFault, type RequestError } from '../client/index.ts';
import { noParent, notThere, protectionMark } from '../client/protected-create.ts';
import { ownAcl } from '../client/requests.ts';
import { ZkwireError } from '../errors.ts';
import { HELPER_ROUNDS_MAX } from '../limits.ts';
import { encodeDescription, type ServiceDescription } from './service-instance.ts';
import { type Task, Upkeep } from './upkeep.ts';

/** How a service is registered. */
export interface RegisterOptions {
  /**
   * Name of the node. While somebody else's node has it, the registration waits for that one to go:
   * after a crash it is one's own of before. Default: a name of its own, made by the server.
   */
  readonly name?: string | undefined;
  /** Who may read and delete the node. Default: everybody may do everything. */
  readonly acl?: readonly ACL[] | undefined;
  /** Ends the wait of `register`. Once it is registered it does nothing. */
  readonly signal?: AbortSignal | undefined;
  /** Told whatever becomes of the registration, from the first attempt on. */
  readonly onEvent?: ((event: RegistrationEvent) => void) | undefined;
}

/**
 * What becomes of a registration:
 * - `registered`: the node is there, and goes with this session.
 * - `unregistered`: it is not there any more, since the session has expired or somebody has deleted it.
 *   It is made again by itself.
 * - `waiting`: the name is taken; `sessionId` is whose.
 * - `failed`: an attempt has failed; another one follows.
 * - `deregistered`: the last: it was asked for, or the client has ended.
 */
export type RegistrationEvent =
  | { readonly type: 'registered'; readonly path: string; readonly sessionId: bigint }
  | { readonly type: 'unregistered'; readonly path: string; readonly reason: 'expired' | 'deleted' }
  | { readonly type: 'waiting'; readonly path: string; readonly sessionId: bigint }
  | { readonly type: 'failed'; readonly error: ZkwireError }
  | { readonly type: 'deregistered' };

/**
 * Registers a service: an ephemeral node below `servicePath` says where it is, for as long as this
 * client's session lives. The nodes above are made where they are missing. When the session has
 * expired, or somebody has deleted the node, it is made again by itself.
 *
 * Resolves when the node is there. Rejects when a server refuses it, with `ABORTED` by its signal, and
 * with `CONNECTION_CLOSED` when the client ends before.
 */
export async function register(
  zk: ZooKeeperClient,
  servicePath: string,
  description: ServiceDescription,
  options: RegisterOptions = {},
): Promise<Registration> {
  checkArguments(servicePath, description, options);
  const { signal } = options;
  if (signal?.aborted === true) throw aborted(signal.reason);
  const registration = new Registration(zk, servicePath, description, options);
  const abort = (): void => registration.giveUp(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    await registration.stands;
  } catch (error) {
    // Without a connection that takes its time. Where it is refused, the node goes with the session.
    registration.deregister().catch(() => {});
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
  return registration;
}

/** Names that the server makes end in a counter behind this. */
const NAME_PREFIX = 'instance-';

/** A service that is registered, until it is deregistered or its client ends. */
export class Registration implements AsyncDisposable {
  /** The service. */
  readonly servicePath: string;
  readonly #zk: ZooKeeperClient;
  readonly #data: string;
  readonly #name: string | undefined;
  readonly #acl: readonly ACL[] | undefined;
  readonly #onEvent: RegisterOptions['onEvent'];
  readonly #upkeep: Upkeep;
  readonly #first: Promise<void>;
  #settle: (failure: ZkwireError | null) => void = () => {};
  /** Marks the node of a registration that has no name: no other has one that begins so. */
  readonly #id: string = randomUUID();
  /** The node that was made, whether it still stands or not. */
  #node: string | null;
  /** A node without a name may have been made by a request whose answer was lost. */
  #isInDoubt = false;
  /** The node was there before: it may say something else. */
  #isFound = false;
  #watch: Watch | null = null;
  /** What was told last. */
  #path: string | null = null;
  #sessionId = 0n;
  /** Once it is to be deregistered. */
  #left: Promise<void> | null = null;
  #refuse: (error: ZkwireError) => void = () => {};

  /** @internal `register` makes one */
  constructor(
    zk: ZooKeeperClient,
    servicePath: string,
    description: ServiceDescription,
    options: RegisterOptions,
  ) {
    this.servicePath = servicePath;
    this.#zk = zk;
    this.#data = encodeDescription(description);
    const { name, acl, onEvent } = options;
    this.#name = name;
    // A copy: it is needed again when the node is, and the caller may have changed it by then.
    this.#acl = acl && ownAcl(acl, 'create', servicePath);
    this.#onEvent = onEvent;
    this.#node = null;
    this.#first = new Promise((resolve, reject) => {
      this.#settle = (failure) => (failure === null ? resolve() : reject(failure));
    });
    this.#first.catch(() => {});
    const task: Task = {
      step: (limits) => (this.#left !== null ? this.#leave(limits) : this.#stand(limits)),
      failed: (error) => this.#failed(error),
      state: (event) => this.#state(event),
    };
    this.#upkeep = new Upkeep(zk, task);
    this.#upkeep.first.catch(this.#settle);
    this.#upkeep.ended.then(() => this.#end());
  }

  /** Path of the node; null while there is none. */
  get path(): string | null {
    return this.#path;
  }

  /** @internal resolves when it is registered for the first time */
  get stands(): Promise<void> {
    return this.#first;
  }

  /** @internal */
  giveUp(cause: unknown): void {
    this.#settle(aborted(cause));
  }

  /**
   * Takes the node away, at once instead of when the session ends. Resolves when it is gone for sure:
   * without a connection that is when there is one again, or when the client has ended. Rejects with
   * `NOAUTH` when nodes of the service may be made and not deleted: it is tried again, and ends with the session.
   *
   * A `signal` ends the wait only, with `ABORTED`: on SIGTERM there may be no server any more.
   */
  deregister(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    if (this.#left === null) {
      this.#left = new Promise((resolve, reject) => {
        this.#refuse = reject;
        this.#upkeep.ended.then(resolve);
      });
      this.#upkeep.interrupt();
    }
    const { signal } = options;
    return signal === undefined ? this.#left : orAborted(this.#left, signal);
  }

  /** `await using registration = await register(...)`: the same as `deregister()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.deregister();
  }

  /** Leads to a node that is this session's, or to one that is in the way and watched. */
  async #stand(limits: CallOptions): Promise<void> {
    const zk = this.#zk;
    for (let round = 1; round <= HELPER_ROUNDS_MAX; round++) {
      this.#node ??= await this.#create(limits);
      const path = this.#node;
      await this.#watchOver(path, limits);
      const stat = await zk.exists(path, limits);
      const owner = stat?.ephemeralOwner;
      if (owner === zk.sessionId) {
        if (this.#isFound) await this.#describe(path, limits);
        return this.#stands(path, owner);
      }
      this.#gone('deleted');
      this.#node = null;
      if (stat === null || this.#name === undefined) continue;
      // Its end is told by the watch, and then this goes on.
      return this.#tell({ type: 'waiting', path, sessionId: stat.ephemeralOwner });
    }
    this.#upkeep.wake();
  }

  /** Whoever had the session before (`detach()`) may have been somewhere else. */
  async #describe(path: string, limits: CallOptions): Promise<void> {
    const { data } = await this.#zk.get(path, limits);
    if (data?.toString() !== this.#data) await this.#zk.set(path, this.#data, limits);
    this.#isFound = false;
  }

  /** Not given up half-way: what is made has to be known. */
  async #create(limits: CallOptions): Promise<string> {
    const name = this.#name;
    const acl = this.#acl;
    for (let round = 1; ; round++) {
      try {
        if (name === undefined) return await this.#createUnnamed();
        return await this.#zk.create(this.#pathOf(name), this.#data, { acl, mode: 'ephemeral' });
      } catch (error) {
        const { code } = error as ZkwireError;
        // Whose it is shows when it is looked at: it may be of an attempt whose answer was lost.
        if (code === 'NODEEXISTS' && name !== undefined) {
          this.#isFound = true;
          return this.#pathOf(name);
        }
        if (code !== 'NONODE' || round === HELPER_ROUNDS_MAX) throw error;
        await this.#zk.ensurePath(this.servicePath, limits);
      }
    }
  }

  /** One node, however often it is asked for: also where the client itself has given up looking for it. */
  async #createUnnamed(): Promise<string> {
    const zk = this.#zk;
    const options = { acl: this.#acl, mode: 'ephemeral-sequential' } as const;
    const protectionId = this.#id;
    try {
      if (!this.#isInDoubt) {
        return await zk.create(
          this.#pathOf(protectionMark(this.#id) + NAME_PREFIX),
          this.#data,
          options,
        );
      }
    } catch (error) {
      if ((error as RequestError).outcome !== 'unknown') throw error;
      this.#isInDoubt = true;
    }
    const path = this.#pathOf(NAME_PREFIX);
    const made = await zk.createProtected(path, this.#data, { ...options, protectionId });
    this.#isInDoubt = false;
    return made;
  }

  #pathOf(name: string): string {
    return this.servicePath === '/' ? `/${name}` : `${this.servicePath}/${name}`;
  }

  /** Tells when the node goes, or may have gone. */
  async #watchOver(path: string, limits: CallOptions): Promise<void> {
    if (this.#watch?.path === path && !this.#watch.ended) return;
    await this.#unwatch();
    const listener = (event: { readonly type: string }): void => {
      if (event.type !== 'NodeDataChanged' && event.type !== 'NodeChildrenChanged') {
        this.#upkeep.wake();
      }
    };
    this.#watch = await this.#zk.watch(path, { listener, ...limits });
  }

  async #unwatch(): Promise<void> {
    const watch = this.#watch;
    this.#watch = null;
    // One that a server does not let go hears no more anyway.
    await watch?.close().catch(() => {});
  }

  async #leave(limits: CallOptions): Promise<void> {
    await this.#unwatch();
    const path = await this.#madeNode(limits);
    if (path !== null) {
      const stat = await this.#zk.exists(path, limits);
      if (stat?.ephemeralOwner === this.#zk.sessionId) {
        await this.#zk.delete(path, limits).catch(notThere);
      }
    }
    this.#upkeep.finish();
  }

  /** The node that may be there; null when there is none for sure. */
  async #madeNode(limits: CallOptions): Promise<string | null> {
    const zk = this.#zk;
    const name = this.#name;
    const known = this.#node ?? (name === undefined ? null : this.#pathOf(name));
    if (known === null && !this.#isInDoubt) return null;
    // A create whose answer was lost may not have come to this server yet.
    await zk.sync(known ?? this.servicePath, limits);
    if (known !== null) return known;
    const names = await zk.getChildren(this.servicePath, limits).catch(noParent);
    const made = names.find((each) => each.startsWith(protectionMark(this.#id)));
    return made === undefined ? null : this.#pathOf(made);
  }

  #stands(path: string, sessionId: bigint): void {
    if (this.#path === path && this.#sessionId === sessionId) return;
    this.#path = path;
    this.#sessionId = sessionId;
    this.#settle(null);
    this.#tell({ type: 'registered', path, sessionId });
  }

  #gone(reason: 'expired' | 'deleted'): void {
    const path = this.#path;
    if (path === null) return;
    this.#path = null;
    this.#tell({ type: 'unregistered', path, reason });
  }

  #failed(error: ZkwireError): void {
    // Other refusals may be over with the next attempt.
    if (error.code === 'NOAUTH') this.#refuse(error);
    this.#tell({ type: 'failed', error });
  }

  #state(event: StateEvent): void {
    if (event.state === 'expired') this.#gone('expired');
  }

  #end(): void {
    this.#path = null;
    this.#settle(new ZkwireError('CONNECTION_CLOSED', 'the client has ended'));
    void this.#unwatch();
    this.#tell({ type: 'deregistered' });
  }

  #tell(event: RegistrationEvent): void {
    const onEvent = this.#onEvent;
    callGuarded(() => onEvent?.(event), warn);
  }
}

function aborted(cause: unknown, what = 'registered'): ZkwireError {
  const message = `the AbortSignal fired before the service was ${what}`;
  return new ZkwireError('ABORTED', message, { cause });
}

/** What comes of `left`, unless `signal` fires before. */
function orAborted(left: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(aborted(signal.reason, 'deregistered'));
    const unlisten = (): void => signal.removeEventListener('abort', abort);
    left.finally(unlisten).then(resolve, reject);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

function checkArguments(
  servicePath: string,
  description: ServiceDescription,
  { name }: RegisterOptions,
): void {
  checkServicePath(servicePath);
  if (typeof description?.address !== 'string' || description.address === '') {
    throw new ZkwireError('BAD_ARGUMENT', 'a service needs an address: { address: "host:port" }');
  }
  if (name === undefined) return;
  const fault = /^$|\//.test(name) ? 'it is empty or has a slash' : pathFault(`/${name}`);
  if (fault === null) return;
  throw new ZkwireError('BAD_ARGUMENT', `${JSON.stringify(name)} is no name of a node: ${fault}`);
}

/** Throws a ZkwireError `BAD_ARGUMENT` for what is no path. */
export function checkServicePath(path: string): void {
  const fault = pathFault(path);
  if (fault === null) return;
  throw new ZkwireError('BAD_ARGUMENT', `${JSON.stringify(path)} is no path: ${fault}`);
}
