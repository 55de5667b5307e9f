import { getEventListeners } from 'node:events';
import { type ConnectOptions, connect, type ZooKeeperClient } from '../../src/client/index.ts';
import { SlabPool } from '../../src/codec/slab-pool.ts';
import { digestCredential } from '../../src/session/credentials.ts';
import { digestMd5 } from '../../src/session/digest-md5.ts';
import { ClientEnd } from './client-end.ts';
import { ClientHandle } from './client-handle.ts';
import type { EventLoop } from './event-loop.ts';
import { LastRound } from './last-round.ts';
import { type ClientSetup, FRAME_BYTES_MAX, SASL_PASSWORD, saslUser } from './options.ts';
import { leftNode } from './oracles/check-protected.ts';
import type { Random } from './random.ts';
import { RequestMaker } from './request-maker.ts';
import { ServiceHost } from './services/service-host.ts';
import type { UserContext, UserView } from './user-view.ts';

/** What a callback may call the client back with. */
const REENTRIES = [
  ...Array.from({ length: 8 }, () => 'request' as const),
  'server-list',
  'server-list',
  'detach',
  'close',
] as const;

/** A client that could not be opened is opened again after so long, in ms. */
const REOPEN_MS = 200;

/** A program that uses the client: opens it, makes requests in bursts, opens it again when it has ended. */
export class SimUser implements UserView {
  readonly index: number;
  readonly loop: EventLoop;
  readonly handles: ClientHandle[] = [];
  /** What it registers and follows, one host a client. */
  readonly hosts: ServiceHost[] = [];
  readonly pool: SlabPool;
  readonly setup: ClientSetup;
  readonly context: UserContext;
  readonly random: Random;
  readonly #reentry: Random;
  readonly #requests: RequestMaker;
  readonly #round: LastRound;
  readonly #end: ClientEnd;
  #verifying = false;
  #stopped = false;
  /** Ends the attempt to open a client. */
  #opening: AbortController | null = null;

  constructor(index: number, loop: EventLoop, setup: ClientSetup, context: UserContext) {
    this.index = index;
    this.loop = loop;
    this.setup = setup;
    this.context = context;
    this.random = context.random.fork(`user ${index}`);
    this.#reentry = context.random.fork(`reentry ${index}`);
    this.pool = new SlabPool({ slabBytes: context.options.slabBytes, poison: true });
    this.#requests = new RequestMaker(this);
    this.#round = new LastRound(this, this.#requests);
    this.#end = new ClientEnd(this, loop);
  }

  /** The client in use, or being opened. */
  get handle(): ClientHandle {
    return this.handles[this.handles.length - 1] as ClientHandle;
  }

  /** Why it is not as it should be, though everything works; null when it is. */
  get unrest(): string | null {
    if (!this.#round.over) return 'the last round is not over';
    if (this.handles.some(({ unsettled }) => unsettled.length > 0)) return 'requests wait';
    const left = leftNode(this.context.history, this.handle);
    if (left !== null) return `nobody knows of ${left}, and it is not deleted`;
    return this.hosts[this.hosts.length - 1]?.unrest ?? null;
  }

  start(): void {
    this.#open();
    this.#requests.start();
  }

  /** Everything works again: no more bursts, and one last round. */
  verify(): void {
    this.restoreServers();
    this.#verifying = true;
    this.#requests.stop();
    for (const host of this.hosts) host.stop();
    this.#round.begin();
  }

  /** Everything of it has ended. */
  get over(): boolean {
    return this.#end.pending === 0 && this.handles.every(({ closed }) => closed);
  }

  /** Makes no more requests, and ends. */
  close(): void {
    this.#stopped = true;
    this.#requests.stop();
    this.#close();
  }

  /** Does something to the client at a bad moment; false when there is none to do it to. */
  deed(deed: 'close' | 'detach' | 'server-list'): boolean {
    const { handle } = this;
    if (this.#stopped || handle.isEnding) return false;
    if (deed === 'close') {
      this.#close();
      return true;
    }
    if (handle.zk === null) return false;
    if (deed === 'detach') {
      this.#end.detach(handle);
      return true;
    }
    const some = this.#allServers().filter(() => this.random.chance(0.6));
    handle.zk.updateServers(this.#connectString(some.length === 0 ? [0] : some));
    return true;
  }

  /** Not a timer of the loop's: those are the client's, and counted. */
  after(delayMs: number, run: () => void): void {
    this.loop.io(this.context.nowMs() + delayMs, run);
  }

  /** Calls the client back from inside one of its callbacks. */
  #callBack(handle: ClientHandle): void {
    const { options, trace, takeRequest } = this.context;
    if (!this.#reentry.chance(options.reentryChance)) return;
    if (this.#stopped || this.#verifying || handle !== this.handle || handle.zk === null) return;
    const call = this.#reentry.pick(REENTRIES);
    trace.note('call back', this.index, call);
    if (call !== 'request') this.deed(call);
    else if (takeRequest()) this.#requests.request(() => {});
  }

  /** Everything is as it was in the beginning. */
  restoreServers(): void {
    const { handle } = this;
    if (handle.zk !== null && !handle.isEnding) handle.zk.updateServers(this.#connectString());
  }

  #close(): void {
    const { handle } = this;
    if (handle.isEnding) return;
    if (handle.zk !== null) {
      this.#end.close(handle);
      return;
    }
    handle.ending();
    this.#opening?.abort();
  }

  #open(): void {
    const { index, loop, pool, setup, context } = this;
    const ordinal = this.handles.length + 1;
    const handle = new ClientHandle({ index, ordinal, loop, pool, setup, context });
    this.handles.push(handle);
    handle.calledBack = () => this.#callBack(handle);
    const ticket = this.#end.takeTicket();
    if (ticket !== null) handle.resume(ticket);
    const opening = new AbortController();
    this.#opening = opening;
    const { signal } = opening;
    const resume = ticket ?? undefined;
    connect(this.#connectString(), { ...this.#connectOptions(handle), signal, resume }).then(
      (zk) => this.#opened(handle, zk),
      () => {
        if (getEventListeners(signal, 'abort').length > 0) {
          context.violations.add('leak', `client ${index}: a listener on its signal`);
        }
        handle.ending();
        this.#reopenLater();
      },
    );
  }

  #opened(handle: ClientHandle, zk: ZooKeeperClient): void {
    handle.zk = zk;
    zk.on('state', ({ state }) => {
      if (state === 'closed') this.#reopenLater();
    });
    // Not before: its listeners come after the user's own.
    if (handle.isEnding) return;
    const host = new ServiceHost(this, handle, zk);
    this.hosts.push(host);
    host.start(this.#verifying);
  }

  #reopenLater(): void {
    if (this.#stopped) return;
    this.after(REOPEN_MS, () => {
      if (!this.#stopped) this.#open();
    });
  }

  #connectString(servers: readonly number[] = this.#allServers()): string {
    return servers.map((index) => `zk${index}:2181`).join(',') + this.setup.chroot;
  }

  #allServers(): number[] {
    return Array.from({ length: this.context.options.servers }, (_, index) => index);
  }

  #connectOptions(handle: ClientHandle): ConnectOptions {
    const { network } = this.context;
    const { setup, loop } = this;
    const chance = this.random.fork(`client ${this.handles.length}`);
    return {
      sessionTimeoutMs: Math.round(setup.sessionTimeoutMs),
      connectTimeoutMs: setup.connectTimeoutMs,
      readOnly: setup.readOnly,
      whileDisconnected: setup.whileDisconnected,
      afterExpiry: setup.afterExpiry,
      inflightMax: setup.inflightMax,
      frameBytesMax: FRAME_BYTES_MAX,
      auth: Array.from({ length: setup.credentials }, (_, nth) => {
        return digestCredential(`user${this.index}.${nth}`, 'secret');
      }),
      sasl: setup.sasl ? this.#sasl(chance.fork('sasl')) : undefined,
      clock: loop,
      random: chance.float,
      dialer: ({ host }, signal) => {
        return network.dial(handle, Number(host.slice(2)), `${host}:2181`, signal);
      },
      onState: handle.onState,
      onCallbackError: handle.onCallbackError,
    };
  }

  #sasl(chance: Random): ConnectOptions['sasl'] {
    const random = (bytes: number): Buffer => chance.bytes(bytes);
    return digestMd5({ user: saslUser(this.index), password: SASL_PASSWORD, random });
  }
}
