import { callGuarded, warn } from '../callback-failures.ts';
import type {
  CallOptions,
  GetResult,
  Watch,
  WatchEvent,
  ZooKeeperClient,
} from '../client/index.ts';
import { RequestError } from '../client/index.ts';
import { ServiceError, ZkwireError } from '../errors.ts';
import { checkServicePath } from './registration.ts';
import { instanceOf, type ServiceInstance } from './service-instance.ts';
import { type Task, Upkeep } from './upkeep.ts';

/** How an instance is chosen: each in its turn, or by chance. */
export type Selection = 'turn' | 'chance';

/** How a service is watched. */
export interface WatchServiceOptions {
  /** Told the new list after each change, the first one too. */
  readonly onChange?: ((instances: readonly ServiceInstance[]) => void) | undefined;
  /** Told of attempts to read the list that failed, and of single nodes that may not be read. Attempts are repeated. */
  readonly onFailed?: ((error: ZkwireError) => void) | undefined;
  /** Ends the wait of `watchService`. Once there is a list it does nothing. */
  readonly signal?: AbortSignal | undefined;
  /** Chance, instead of `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** The instances that are registered now, by name; none when nobody ever was. Takes the limits of one call. */
export async function discover(
  zk: ZooKeeperClient,
  servicePath: string,
  limits: CallOptions = {},
): Promise<ServiceInstance[]> {
  checkServicePath(servicePath);
  const names = await namesOf(zk, servicePath, limits);
  const results = await readNodes(zk, servicePath, names, limits);
  return names.flatMap((name, at) => {
    const result = results[at] as GetResult | RequestError;
    if (!(result instanceof RequestError)) return instanceOf(name, result.data, result.stat);
    if (result.code === 'NONODE') return [];
    throw result;
  });
}

/**
 * Follows the instances of a service: `instances` is the list as it is now, kept up to date by one
 * recursive watch (servers from 3.6 on), over lost connections and expired sessions. The service need not exist.
 *
 * Resolves with the first list. Rejects when a server refuses it, with `ABORTED` by its signal, and with
 * `CONNECTION_CLOSED` when the client ends before.
 */
export async function watchService(
  zk: ZooKeeperClient,
  servicePath: string,
  options: WatchServiceOptions = {},
): Promise<ServiceWatcher> {
  checkServicePath(servicePath);
  const { signal } = options;
  const watcher = new ServiceWatcher(zk, servicePath, options);
  const abort = (): void => void watcher.close();
  if (signal?.aborted === true) abort();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    await watcher.first;
  } catch (error) {
    await watcher.close();
    if (signal?.aborted !== true) throw error;
    const message = 'the AbortSignal fired before there was a list';
    throw new ZkwireError('ABORTED', message, { cause: signal.reason });
  } finally {
    signal?.removeEventListener('abort', abort);
  }
  return watcher;
}

/** The instances of a service, followed until it is closed or the client ends. */
export class ServiceWatcher implements AsyncDisposable {
  /** The service. */
  readonly servicePath: string;
  readonly #zk: ZooKeeperClient;
  readonly #onChange: WatchServiceOptions['onChange'];
  readonly #onFailed: WatchServiceOptions['onFailed'];
  readonly #random: () => number;
  readonly #upkeep: Upkeep;
  readonly #known = new Map<string, ServiceInstance>();
  /** Nodes that were changed since they were asked for. */
  #stale = new Set<string>();
  /** Anything may have changed: there was a gap. */
  #isAllStale = false;
  #watch: Watch | null = null;
  /** What the server shows may be another list by now. */
  #isReading = true;
  #instances: readonly ServiceInstance[] = [];
  #turn = 0;
  #told = false;

  /** @internal `watchService` makes one */
  constructor(zk: ZooKeeperClient, servicePath: string, options: WatchServiceOptions) {
    this.servicePath = servicePath;
    this.#zk = zk;
    const { onChange, onFailed, random = Math.random } = options;
    this.#onChange = onChange;
    this.#onFailed = onFailed;
    this.#random = random;
    const task: Task = {
      step: (limits) => this.#read(limits),
      failed: (error) => this.#call(onFailed, error),
    };
    this.#upkeep = new Upkeep(zk, task);
  }

  /** @internal resolves with the first list */
  get first(): Promise<void> {
    return this.#upkeep.first;
  }

  /** The instances, by name. A list is never changed: after a change there is another one. */
  get instances(): readonly ServiceInstance[] {
    return this.#instances;
  }

  /** Whether the list is what the server shows: false without a connection, and while it is read again. */
  get isCurrent(): boolean {
    const isRead = !this.#isReading && this.#upkeep.isIdle;
    return isRead && this.#zk.connected && this.#watch?.ended === false;
  }

  /** One instance: the next in turn (default), or one by chance. Throws a ServiceError `NO_INSTANCE` when there is none. */
  pick(by: Selection = 'turn'): ServiceInstance {
    return this.#instances[this.#start(by)] as ServiceInstance;
  }

  /**
   * All instances in the order in which to try them, the picked one first: a host that is dead is not
   * gone before its session has expired. Throws a ServiceError `NO_INSTANCE` when there is none.
   */
  inOrder(by: Selection = 'turn'): ServiceInstance[] {
    const start = this.#start(by);
    return [...this.#instances.slice(start), ...this.#instances.slice(0, start)];
  }

  /** Follows no more; the list stays as it is. Nothing is left behind, at the server neither. */
  async close(): Promise<void> {
    this.#upkeep.finish();
    await this.#upkeep.ended;
    const watch = this.#watch;
    this.#watch = null;
    // One that a server does not let go hears no more anyway.
    await watch?.close().catch(() => {});
  }

  /** `await using shop = await watchService(...)`: the same as `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #start(by: Selection): number {
    const { length } = this.#instances;
    if (length === 0) throw new ServiceError('NO_INSTANCE', this.servicePath);
    if (by === 'chance') return Math.floor(this.#random() * length);
    return this.#turn++ % length;
  }

  async #read(limits: CallOptions): Promise<void> {
    this.#isReading = true;
    if (this.#watch?.ended !== false) {
      // First the watch, then the list: what changes in between is told.
      const { servicePath: path } = this;
      const listener = (event: WatchEvent): void => this.#changed(event);
      this.#watch = await this.#zk.watch(path, { recursive: true, listener, ...limits });
      this.#isAllStale = true;
    }
    const isAllStale = this.#isAllStale;
    const stale = this.#stale;
    this.#isAllStale = false;
    this.#stale = new Set();
    try {
      const names = await namesOf(this.#zk, this.servicePath, limits);
      const wanted = names.filter(
        (name) => isAllStale || stale.has(name) || !this.#known.has(name),
      );
      const results = await readNodes(this.#zk, this.servicePath, wanted, limits);
      for (const result of results) if (!isAnswer(result)) throw result;
      const listed = new Set(names);
      for (const name of this.#known.keys()) if (!listed.has(name)) this.#known.delete(name);
      for (const [at, name] of wanted.entries()) this.#take(name, results[at]);
    } catch (error) {
      this.#isAllStale = true;
      throw error;
    }
    this.#isReading = false;
    this.#publish();
  }

  #take(name: string, result: GetResult | RequestError | undefined): void {
    if (result instanceof RequestError) {
      this.#known.delete(name);
      // Gone since it was listed: of that there is an event.
      if (result.code !== 'NONODE') this.#call(this.#onFailed, result);
    } else if (result !== undefined) {
      const instance = instanceOf(name, result.data, result.stat);
      // One that is as before stays the same object: then the list may be the same too.
      if (!isSame(this.#known.get(name), instance)) this.#known.set(name, instance);
    }
  }

  #publish(): void {
    const instances = [...this.#known.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    const before = this.#instances;
    const isSameList =
      instances.length === before.length && instances.every((each, at) => each === before[at]);
    if (this.#told && isSameList) return;
    this.#told = true;
    this.#instances = instances;
    this.#call(this.#onChange, instances);
  }

  #changed(event: WatchEvent): void {
    if (event.type === 'Resync' || event.type === 'Ended') {
      this.#isAllStale = true;
    } else {
      const prefix = this.servicePath === '/' ? '/' : `${this.servicePath}/`;
      const name = event.path.slice(prefix.length);
      // What is below an instance is not ours.
      if (name.includes('/')) return;
      this.#stale.add(name);
    }
    this.#upkeep.wake();
  }

  #call<T>(callback: ((value: T) => unknown) | undefined, value: T): void {
    callGuarded(() => callback?.(value), warn);
  }
}

/** Whether it is the last word about this node. Other failures, the server's too, may be over in a moment. */
function isAnswer(result: GetResult | RequestError): boolean {
  return !(result instanceof RequestError) || FINAL.has(result.code);
}

const FINAL: ReadonlySet<string> = new Set(['NONODE', 'NOAUTH']);

function isSame(one: ServiceInstance | undefined, other: ServiceInstance): boolean {
  return one !== undefined && one.zxid === other.zxid && one.sessionId === other.sessionId;
}

/** Names of the nodes below the service, sorted. */
async function namesOf(
  zk: ZooKeeperClient,
  servicePath: string,
  limits: CallOptions,
): Promise<string[]> {
  try {
    return (await zk.getChildren(servicePath, limits)).sort();
  } catch (error) {
    if ((error as ZkwireError).code === 'NONODE') return [];
    throw error;
  }
}

function readNodes(
  zk: ZooKeeperClient,
  servicePath: string,
  names: readonly string[],
  limits: CallOptions,
): Promise<(GetResult | RequestError)[]> {
  const prefix = servicePath === '/' ? '/' : `${servicePath}/`;
  return zk.getMany(
    names.map((name) => prefix + name),
    limits,
  );
}
