import type { ZooKeeperClient } from '../../../src/client/index.ts';
import { ZkwireError } from '../../../src/errors.ts';
import {
  type RegistrationEvent,
  register,
  type ServiceInstance,
  type ServiceWatcher,
  watchService,
} from '../../../src/recipes/index.ts';
import type { ClientHandle } from '../client-handle.ts';
import { addressOf } from '../oracles/service-nodes.ts';
import type { UserView } from '../user-view.ts';
import { HELPER_TOPS } from '../workload/helper-paths.ts';
import { ServiceRecord } from './service-record.ts';

/** A list of instances, as the user was told it. */
export interface ToldList {
  readonly instances: readonly ServiceInstance[];
  readonly atMs: number;
}

/** Names that several users want. */
const NAMES = ['one', 'two'] as const;

const NAMED = 0.3;
const ABORTS = 0.2;
const ABORT_MS = 300;

/** What could not be followed is followed again so much later, in ms. */
const FOLLOW_AGAIN_MS = 200;

/** A program that registers services and follows those of others, with one client, for as long as that lives. */
export class ServiceHost {
  readonly handle: ClientHandle;
  readonly records: ServiceRecord[] = [];
  readonly lists: ToldList[] = [];
  readonly #user: UserView;
  readonly #zk: ZooKeeperClient;
  /** On the server. */
  readonly #path: string;
  #watcher: ServiceWatcher | null = null;
  #stopped = false;

  constructor(user: UserView, handle: ClientHandle, zk: ZooKeeperClient) {
    this.#user = user;
    this.handle = handle;
    this.#zk = zk;
    this.#path = user.setup.chroot + HELPER_TOPS.service;
  }

  /** `settled`: it changes its mind no more. */
  start(settled: boolean): void {
    this.#stopped = settled;
    const { registrations, follows } = this.#user.setup.services;
    for (let count = 0; count < registrations; count++) this.#register();
    if (follows) this.#follow();
    if (registrations > 0) this.#changeLater();
  }

  /** What stands stays from now on. */
  stop(): void {
    this.#stopped = true;
  }

  /** Why things are not as they should be, though everything works; null when they are. */
  get unrest(): string | null {
    if (this.handle.closed) return null;
    for (const record of this.records) {
      const text = this.#recordUnrest(record);
      if (text !== null) return `service ${record.address}: ${text}`;
    }
    return this.#user.setup.services.follows ? this.#listUnrest() : null;
  }

  // Registrations.

  #register(): void {
    const { random, index } = this.#user;
    const wished = random.chance(NAMED) ? NAMES[index % 2] : undefined;
    const name = this.records.some((each) => each.holds(wished)) ? undefined : wished;
    // The same program says the same of itself when it is started again.
    const own = name ?? `${this.handle.ordinal}-${this.records.length}`;
    const record = new ServiceRecord(`s${index}.${own}`, name);
    this.records.push(record);
    const abort = new AbortController();
    if (random.chance(ABORTS)) {
      this.#user.after(random.exponential(ABORT_MS), () => abort.abort());
    }
    const onEvent = (event: RegistrationEvent): void => this.#told(record, event);
    const options = { name, signal: abort.signal, onEvent };
    const { address } = record;
    register(this.#zk, HELPER_TOPS.service, { address }, options).then(
      (registration) => record.stands(registration),
      (error: unknown) => {
        record.state = 'refused';
        if (!ZkwireError.is(error)) this.#fault(`${address}: ${String(error)}`);
      },
    );
  }

  #told({ address }: ServiceRecord, event: RegistrationEvent): void {
    const { context, index } = this.#user;
    context.trace.note('service', index, address, event.type, 'path' in event ? event.path : '');
    if (event.type !== 'registered') return;
    const path = this.#user.setup.chroot + event.path;
    const was = context.history.versionsOf(path).some(({ node }) => {
      return node?.owner === event.sessionId && addressOf('', node) === address;
    });
    if (!was) this.#fault(`${address} is registered as ${path}, which never was`);
  }

  /** Takes one away and registers another, now and then. */
  #changeLater(): void {
    const { random, setup } = this.#user;
    this.#user.after(random.exponential(setup.services.changeMs), () => {
      if (this.#stopped || this.handle.isEnding) return;
      const standing = this.records.filter(({ state }) => state === 'stands');
      if (standing.length > 0) this.#deregister(random.pick(standing));
      else if (this.records.every(({ isOver }) => isOver)) this.#register();
      this.#changeLater();
    });
  }

  #deregister(record: ServiceRecord): void {
    record.state = 'leaving';
    void record.registration?.deregister().then(() => {
      record.state = 'gone';
      if (this.handle.isEnding) return;
      const left = this.#leftOf(record);
      if (left !== null) this.#fault(`${record.address} is deregistered, and ${left} is there`);
      if (!this.#stopped) this.#register();
    });
  }

  /** The node of a registration that is over; null when there is none. */
  #leftOf({ address, name }: ServiceRecord): string | null {
    const { history } = this.#user.context;
    if (name === undefined) return this.#nodesOf(address)[0] ?? null;
    if (this.records.some((each) => each.holds(name))) return null;
    const node = history.tree.get(`${this.#path}/${name}`);
    return node?.owner === this.#zk.sessionId ? name : null;
  }

  #recordUnrest(record: ServiceRecord): string | null {
    const { state, name, address, registration } = record;
    if (state === 'leaving') return 'is not gone yet';
    if (state === 'gone' || state === 'refused') {
      const left = this.#leftOf(record);
      return left === null ? null : `${left} is left`;
    }
    const path = registration?.path ?? null;
    if (path === null) return this.#waits(name) ? null : 'does not stand';
    const names = this.#nodesOf(address);
    if (names.length !== 1) return `has ${names.length} nodes`;
    const node = this.#user.context.history.tree.get(this.#user.setup.chroot + path);
    if (path !== `${HELPER_TOPS.service}/${names[0]}`) return `${path} is not its node`;
    return node?.owner === this.#zk.sessionId ? null : `its node is of session ${node?.owner}`;
  }

  /** Somebody else has the name. */
  #waits(name: string | undefined): boolean {
    if (name === undefined) return false;
    const node = this.#user.context.history.tree.get(`${this.#path}/${name}`);
    return node !== undefined && node.owner !== this.#zk.sessionId;
  }

  /** Names of the nodes that say that they are there. */
  #nodesOf(address: string): string[] {
    const { tree } = this.#user.context.history;
    return (tree.get(this.#path)?.children ?? []).filter((name) => {
      const node = tree.get(`${this.#path}/${name}`);
      return node !== undefined && addressOf(name, node) === address;
    });
  }

  // Lists.

  #follow(): void {
    const { context, random, index } = this.#user;
    const onChange = (instances: readonly ServiceInstance[]): void => {
      context.trace.note('services', index, instances.map(({ name }) => name).join());
      this.lists.push({ instances, atMs: context.nowMs() });
    };
    watchService(this.#zk, HELPER_TOPS.service, { onChange, random: random.float }).then(
      (watcher) => {
        this.#watcher = watcher;
      },
      (error: unknown) => {
        if (!ZkwireError.is(error)) this.#fault(String(error));
        this.#user.after(FOLLOW_AGAIN_MS, () => {
          if (!this.handle.isEnding) this.#follow();
        });
      },
    );
  }

  #listUnrest(): string | null {
    const watcher = this.#watcher;
    if (watcher === null) return 'there is no list of services';
    if (!watcher.isCurrent) return 'the list of services is not current';
    const { tree } = this.#user.context.history;
    const told = watcher.instances.map(({ name, zxid, sessionId, address }) => {
      return [name, zxid, sessionId, address].join();
    });
    const right = (tree.get(this.#path)?.children ?? []).toSorted().map((name) => {
      const node = tree.get(`${this.#path}/${name}`);
      return node && [name, node.mzxid, node.owner, addressOf(name, node)].join();
    });
    if (told.join(' ') === right.join(' ')) return null;
    return `the list of services is ${told.join(' ')}, not ${right.join(' ')}`;
  }

  #fault(text: string): void {
    this.#user.context.violations.add('services', `client ${this.#user.index}: ${text}`);
  }
}
