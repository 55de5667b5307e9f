import { getEventListeners } from 'node:events';
import {
  type ConnectOptions,
  connect,
  SessionTicket,
  type ZooKeeperClient,
} from '../../src/client/index.ts';
import { OP } from '../../src/codec/operations.ts';
import { SlabPool } from '../../src/codec/slab-pool.ts';
import { ZkwireError } from '../../src/errors.ts';
import { digestCredential } from '../../src/session/credentials.ts';
import { ClientHandle, type HandleContext, outcomeOf } from './client-handle.ts';
import type { EventLoop } from './event-loop.ts';
import type { Network } from './network/network.ts';
import { type ClientSetup, FRAME_BYTES_MAX, type SimulationOptions } from './options.ts';
import type { Settlement } from './oracles/invocation.ts';
import type { Random } from './random.ts';
import { drawLimits } from './workload/draw-limits.ts';
import { drawOperation } from './workload/draw-operation.ts';
import { drawQuery } from './workload/draw-query.ts';
import { drawWatch } from './workload/draw-watch.ts';
import type { Operation } from './workload/operation.ts';
import { isAboutWatches, isQuery, type OperationKind } from './workload/operation-kinds.ts';

/** What the users of one simulation share. */
export interface UserContext extends HandleContext {
  readonly options: SimulationOptions;
  readonly network: Network;
  readonly random: Random;
  /** Takes one request from what is left of the quota; false when nothing is left. */
  readonly takeRequest: () => boolean;
}

/** A close may wait twice for two seconds without any answer, in ms. */
const CLOSE_MS_MAX = 4_200;

/** A worker whose client cannot be used looks again after this time at the earliest, in ms. */
const UNUSABLE_MS = 20;

/** Chance that a worker asks all the same while nothing was heard for the session time-out. */
const LOST_ASKS = 0.05;

/** What shows that everything works: a write that asks the leader, and reads. */
const LAST_ROUND: readonly OperationKind[] = ['multi-check', 'sync', 'get', 'exists', 'children'];

/** After a failure the last round begins again so much later, in ms. */
const VERIFY_AGAIN_MS = 50;

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
export class SimUser {
  readonly index: number;
  readonly loop: EventLoop;
  readonly handles: ClientHandle[] = [];
  readonly pool: SlabPool;
  readonly setup: ClientSetup;
  readonly #context: UserContext;
  readonly #random: Random;
  readonly #reentry: Random;
  #requests = 0;
  #verifying = false;
  #verified = false;
  #stopped = false;
  #closings = 0;
  /** Ends the attempt to open a client. */
  #opening: AbortController | null = null;
  /** Session to go on with. */
  #ticket: SessionTicket | null = null;

  constructor(index: number, loop: EventLoop, setup: ClientSetup, context: UserContext) {
    this.index = index;
    this.loop = loop;
    this.setup = setup;
    this.#context = context;
    this.#random = context.random.fork(`user ${index}`);
    this.#reentry = context.random.fork(`reentry ${index}`);
    this.pool = new SlabPool({ slabBytes: context.options.slabBytes, poison: true });
  }

  /** The client in use, or being opened. */
  get handle(): ClientHandle {
    return this.handles[this.handles.length - 1] as ClientHandle;
  }

  /** Every request has been settled, and a last round of them was answered. */
  get converged(): boolean {
    return this.#verified && this.handles.every(({ unsettled }) => unsettled.length === 0);
  }

  start(): void {
    this.#open();
    for (let worker = 0; worker < this.setup.workers; worker++) this.#workLater();
  }

  /**
   * Everything works again: no more bursts, and one last round, made again until all of it is
   * answered. It shows what watches should have told by then.
   */
  verify(next = 0): void {
    if (!this.#verifying) this.restoreServers();
    this.#verifying = true;
    const { handle } = this;
    const kind = LAST_ROUND[next];
    if (kind === undefined) {
      this.#verified = true;
      return;
    }
    if (handle.zk === null || handle.closed) {
      this.#after(VERIFY_AGAIN_MS, () => this.verify());
      return;
    }
    const invocation = handle.invoke(kind, this.#draw(kind, handle), {}, () => {
      const { error } = invocation.settled as Settlement;
      const good = handle === this.handle && (error === null || outcomeOf(error) === 'rejected');
      if (good) this.verify(next + 1);
      else this.#after(VERIFY_AGAIN_MS, () => this.verify());
    });
  }

  /** Makes no more requests. */
  stop(): void {
    this.#stopped = true;
  }

  /** Everything of it has ended. */
  get over(): boolean {
    return this.#closings === 0 && this.handles.every(({ closed }) => closed);
  }

  close(): void {
    this.stop();
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
    if (deed === 'detach') return this.#detach(handle);
    const some = this.#allServers().filter(() => this.#random.chance(0.6));
    handle.zk.updateServers(this.#connectString(some.length === 0 ? [0] : some));
    return true;
  }

  /** Calls the client back from inside one of its callbacks. */
  #callBack(handle: ClientHandle): void {
    const { options, trace, takeRequest } = this.#context;
    if (!this.#reentry.chance(options.reentryChance)) return;
    if (this.#stopped || this.#verifying || handle !== this.handle || handle.zk === null) return;
    const call = this.#reentry.pick(REENTRIES);
    trace.note('call back', this.index, call);
    if (call !== 'request') this.deed(call);
    else if (takeRequest()) this.#request(() => {});
  }

  /** Everything is as it was in the beginning. */
  restoreServers(): void {
    const { handle } = this;
    if (handle.zk !== null && !handle.isEnding) handle.zk.updateServers(this.#connectString());
  }

  #close(): void {
    const { handle } = this;
    if (handle.isEnding) return;
    if (handle.zk === null) {
      handle.ending();
      this.#opening?.abort();
      return;
    }
    this.#closings++;
    const sinceMs = this.#context.nowMs();
    const done = (error?: unknown): void => {
      this.#closings--;
      const tookMs = this.#context.nowMs() - sinceMs;
      const { violations } = this.#context;
      if (error !== undefined) violations.add('close', `client ${this.index}: ${String(error)}`);
      if (tookMs > CLOSE_MS_MAX && !this.loop.wasBlocked(sinceMs)) {
        violations.add('F30', `client ${this.index}: close took ${tookMs} ms`);
      }
      if (!handle.closed) violations.add('F30', `client ${this.index}: closed without saying so`);
    };
    const closing = handle.close();
    if (handle.close() !== closing) {
      this.#context.violations.add('F31', `client ${this.index}: two promises of two closes`);
    }
    closing.then(() => done(), done);
  }

  /** Leaves the session to another client, which goes on with it. */
  #detach(handle: ClientHandle): boolean {
    this.#closings++;
    handle.detach().then(
      (ticket) => {
        this.#closings--;
        this.#ticket = this.#random.chance(0.4) ? nearTheLastXid(ticket) : ticket;
      },
      (error: unknown) => {
        this.#closings--;
        if (!ZkwireError.is(error)) {
          this.#context.violations.add('F30', `client ${this.index}: ${String(error)}`);
        }
        // There was no session to detach from yet.
        if (!handle.closed) handle.goesOn();
      },
    );
    if (handle.grammar.sessionId !== 0n && this.#random.chance(0.3)) this.#endAgain(handle);
    return true;
  }

  /** A client that leaves its session is asked to end once more: that ends nothing else, and does settle. */
  #endAgain(handle: ClientHandle): void {
    const { violations } = this.#context;
    this.#closings++;
    const settled = (text: string | null): void => {
      this.#closings--;
      if (text !== null) violations.add('F31', `client ${this.index}: ${text}`);
    };
    if (this.#random.chance(0.5)) {
      handle.close().then(
        () => settled(handle.closed ? null : 'close was over before detach'),
        (error: unknown) => settled(`close while leaving: ${String(error)}`),
      );
    } else {
      handle.detach().then(
        () => settled('left twice'),
        (error: unknown) => settled(ZkwireError.is(error) ? null : String(error)),
      );
    }
  }

  #open(): void {
    const handle = new ClientHandle(this.index, this.loop, this.pool, this.setup, this.#context);
    this.handles.push(handle);
    handle.calledBack = () => this.#callBack(handle);
    const ticket = this.#ticket;
    this.#ticket = null;
    if (ticket !== null) handle.resume(ticket);
    const opening = new AbortController();
    this.#opening = opening;
    const { signal } = opening;
    const resume = ticket ?? undefined;
    connect(this.#connectString(), { ...this.#connectOptions(handle), signal, resume }).then(
      (zk) => this.#opened(handle, zk),
      () => {
        if (getEventListeners(signal, 'abort').length > 0) {
          this.#context.violations.add('leak', `client ${this.index}: a listener on its signal`);
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
  }

  #reopenLater(): void {
    if (this.#stopped) return;
    this.#after(REOPEN_MS, () => {
      if (!this.#stopped) this.#open();
    });
  }

  #connectString(servers: readonly number[] = this.#allServers()): string {
    return servers.map((index) => `zk${index}:2181`).join(',') + this.setup.chroot;
  }

  #allServers(): number[] {
    return Array.from({ length: this.#context.options.servers }, (_, index) => index);
  }

  #connectOptions(handle: ClientHandle): ConnectOptions {
    const { network } = this.#context;
    const { setup, loop } = this;
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
      clock: loop,
      random: this.#random.fork(`client ${this.handles.length}`).float,
      dialer: ({ host }, signal) => {
        return network.dial(handle, Number(host.slice(2)), `${host}:2181`, signal);
      },
      onState: handle.onState,
      onCallbackError: handle.onCallbackError,
    };
  }

  #workLater(): void {
    this.#after(this.#random.exponential(this.setup.thinkMs), () => this.#work());
  }

  /** One burst of requests; the next when all of them have been settled. */
  #work(): void {
    if (this.#stopped || this.#verifying) return;
    const lost = this.handle.grammar.lostTold && !this.#random.chance(LOST_ASKS);
    if (this.handle.zk === null || this.handle.closed || lost) {
      this.#after(UNUSABLE_MS + this.#random.exponential(this.setup.thinkMs / 4), () =>
        this.#work(),
      );
      return;
    }
    let pending = 1;
    const settled = (): void => {
      if (--pending === 0) this.#workLater();
    };
    for (let left = this.#random.int(1, this.setup.depthMax); left > 0; left--) {
      // Nothing is left to be asked: the worker goes home.
      if (!this.#context.takeRequest()) return;
      pending++;
      this.#request(settled);
    }
    settled();
  }

  #request(onSettled: () => void): void {
    const { options } = this.#context;
    const random = this.#random;
    const { handle } = this;
    const kind = random.weighted<OperationKind>(options.operationWeights);
    const operation = this.#draw(kind, handle);
    const { limits, abort, abortInMs } = drawLimits(kind, random, options);
    const invocation = handle.invoke(kind, operation, limits, onSettled);
    if (abort === null) return;
    this.#after(abortInMs, () => {
      // Its listener on the signal must be gone by then.
      if (invocation.settled === null) invocation.abortedMs = this.#context.nowMs();
      abort.abort();
    });
  }

  #draw(kind: OperationKind, handle: ClientHandle): Operation {
    const { options, nextOrder } = this.#context;
    const context = {
      random: this.#random,
      chroot: this.setup.chroot,
      tag: `c${this.index}.${this.handles.length}-${this.#requests++}`,
      nameTail: 'n'.repeat(options.nameBytes),
      calledBack: () => handle.calledBack(),
    };
    if (kind === 'add-auth') return this.#addAuth(handle);
    if (isQuery(kind)) return drawQuery(kind, context);
    if (!isAboutWatches(kind)) return drawOperation(kind, context);
    return drawWatch(kind, {
      ...context,
      standing: () => handle.standingWatches(),
      hear: (record, event) => handle.hear(record, event),
      nextOrder,
    });
  }

  #addAuth(handle: ClientHandle): Operation {
    return {
      op: OP.auth,
      path: null,
      write: false,
      tag: null,
      aside: true,
      call: (zk) => {
        const nth = handle.credentials++;
        return zk.addAuth(digestCredential(`user${this.index}.${nth}`, 'secret'));
      },
      check: () => null,
    };
  }

  /** Not a timer of the loop's: those are the client's, and counted. */
  #after(delayMs: number, run: () => void): void {
    this.loop.io(this.#context.nowMs() + delayMs, run);
  }
}

/** The same session, whose xids begin again at 1 soon. */
function nearTheLastXid(ticket: SessionTicket): SessionTicket {
  const { sessionId, password, sessionTimeoutMs, lastZxidSeen } = ticket;
  const lastXid = 0x7fff_ffff - 20;
  return new SessionTicket({ sessionId, password, sessionTimeoutMs, lastZxidSeen, lastXid });
}
