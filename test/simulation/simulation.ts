import type { ConnectHandshake } from '../../src/codec/connect.ts';
import type { Timer } from '../../src/session/clock.ts';
import type { ClientHandle } from './client-handle.ts';
import { Ensemble } from './ensemble/ensemble.ts';
import { WALL_CLOCK_MS } from './ensemble/history.ts';
import { EventLoop } from './event-loop.ts';
import { FaultInjector } from './faults/fault-injector.ts';
import type { FaultKind } from './faults/fault-kinds.ts';
import { type Guards, guardGlobals } from './guards.ts';
import { Handover } from './handover.ts';
import type { SentFrame } from './network/frame-tap.ts';
import { Network } from './network/network.ts';
import type { SimSocket, SocketObserver } from './network/sim-socket.ts';
import { countOccasions } from './occasions.ts';
import { dialectOf, SASL_PASSWORD, type SimulationOptions, saslUser } from './options.ts';
import { checkHelpers } from './oracles/check-helpers.ts';
import { checkLog } from './oracles/check-log.ts';
import { OutcomeCheck } from './oracles/check-outcomes.ts';
import { checkProtected } from './oracles/check-protected.ts';
import { checkServices } from './oracles/check-services.ts';
import { WatchCheck } from './oracles/check-watches.ts';
import { type Violation, Violations } from './oracles/violations.ts';
import { drawUuid, Random } from './random.ts';
import { runSteps } from './run-steps.ts';
import { Scheduler } from './scheduler.ts';
import { SimUser } from './sim-user.ts';
import { Strangers } from './strangers.ts';
import { Trace } from './trace.ts';

/** What came of one seed. */
export interface SimulationReport {
  readonly seed: number;
  readonly options: SimulationOptions;
  readonly violations: readonly Violation[];
  readonly traceHash: string;
  /** The trace in words: its last lines, or all of it. */
  readonly lines: readonly string[];
  readonly requests: number;
  readonly faults: number;
  readonly faultKinds: Readonly<Partial<Record<FaultKind, number>>>;
  readonly outcomes: Readonly<Record<string, number>>;
  /** Requests by kind. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly occasions: Readonly<Record<string, number>>;
  readonly events: number;
  readonly steps: number;
  readonly connections: number;
  readonly transactions: number;
  readonly virtualMs: number;
}

/** No run takes longer than this, in virtual time. */
const RUN_MS_MAX = 3_600_000;

/** Nor more steps. */
const STEPS_MAX = 2_000_000;

/** Time to converge after all faults: so many session time-outs, and this. */
const CONVERGE_TIMEOUTS = 3;
const CONVERGE_MS = 12_000;

/** Time for a client to close when nothing is wrong. */
const CLOSE_MS = 10_000;

/** A timer set with the global function, and whose it is. */
interface LoopTimer {
  readonly loop: EventLoop;
  readonly timer: Timer;
}

type Phase = 'faults' | 'converging' | 'closing' | 'over';

/** One seed: a small world, its faults, and the verdict. */
export class Simulation {
  readonly #options: SimulationOptions;
  readonly #random: Random;
  readonly #scheduler: Scheduler;
  readonly #trace: Trace;
  readonly #violations: Violations;
  readonly #ensemble: Ensemble;
  readonly #network: Network;
  readonly #users: SimUser[];
  readonly #strangers: Strangers;
  readonly #handover: Handover;
  readonly #injector: FaultInjector;
  /** Process that ran last: whose a global timer is. */
  #running: EventLoop | null = null;
  #wallJumpMs = 0;
  #order = 0;
  #requestsLeft: number;
  #faultsLeft: number;
  #phase: Phase = 'faults';
  #phaseEndsMs: number = RUN_MS_MAX;
  /** Clients that have to be looked at when the step is over. */
  readonly #touched: ClientHandle[] = [];
  /** Socket that a client was given bytes of in this step. */
  #reading: SimSocket | null = null;
  #events = 0;

  constructor(options: SimulationOptions, keepTrace = false) {
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#scheduler = new Scheduler(this.#random.fork('ties'));
    const nowMs = (): number => this.#scheduler.nowMs;
    this.#trace = new Trace(nowMs);
    this.#trace.keepAll = keepTrace;
    this.#violations = new Violations(this.#trace, nowMs);
    this.#requestsLeft = options.requests;
    this.#faultsLeft = options.faults;
    this.#ensemble = new Ensemble({
      scheduler: this.#scheduler,
      random: this.#random.fork('ensemble'),
      servers: options.servers,
      tickMs: options.tickMs,
      hopMaxMs: options.hopMaxMs,
      dialect: dialectOf(options),
      readOnlyMode: options.readOnlyMode,
      saslUsers: new Map(options.clients.map((_, index) => [saslUser(index), SASL_PASSWORD])),
    });
    this.#ensemble.onTransaction = ({ zxid, session, xid, op, path, err }) => {
      this.#trace.note('log', zxid, session, xid, op, path ?? '', err);
    };
    this.#ensemble.onServerFrame = (socket, { kind, xid, op, zxid, err, path }) => {
      this.#trace.note('server', socket, kind, xid, op, zxid, err, path ?? '');
    };
    this.#network = new Network({
      scheduler: this.#scheduler,
      random: this.#random.fork('network'),
      weather: options.weather,
      observer: this.#observer(),
    });
    for (const server of this.#ensemble.servers) this.#network.addServer(server);
    const strangers = this.#random.fork('strangers');
    this.#strangers = new Strangers(options, this.#scheduler, this.#ensemble, strangers);
    this.#handover = new Handover(this.#ensemble.history);
    this.#users = options.clients.map((setup, index) => this.#user(setup, index));
    this.#injector = this.#faultInjector();
  }

  /** Runs it to its end. */
  async run(): Promise<SimulationReport> {
    const guards = this.#guard();
    const onRejection = (error: unknown): void => {
      this.#violations.add('rejections', `nobody heard of ${String(error)}`);
    };
    const onException = (error: unknown): void => {
      this.#violations.add('crash', `thrown outside of every call: ${stackOf(error)}`);
    };
    process.on('unhandledRejection', onRejection);
    process.on('uncaughtException', onException);
    try {
      this.#prepare();
      await runSteps(() => this.#step());
      this.#judge();
    } catch (error) {
      this.#violations.add('crash', stackOf(error));
    } finally {
      process.off('unhandledRejection', onRejection);
      process.off('uncaughtException', onException);
      guards.restore();
    }
    return this.#report();
  }

  #guard(): Guards {
    const uuids = this.#random.fork('uuids');
    const virtual = {
      wallMs: () => WALL_CLOCK_MS + this.#scheduler.nowMs + this.#wallJumpMs,
      uuid: () => drawUuid(uuids),
      setTimer: (run: () => void, delayMs: number) => {
        const loop = this.#running as EventLoop;
        return { loop, timer: loop.setTimer(run, delayMs) };
      },
      clearTimer: (set: LoopTimer | undefined) => set?.loop.clearTimer(set.timer),
    };
    return guardGlobals(virtual, (what) => {
      this.#violations.add('determinism', `${what} was used`);
    });
  }

  // The world.

  #user(setup: SimulationOptions['clients'][0], index: number): SimUser {
    const loop = new EventLoop(this.#scheduler, this.#random.int(0, 1_000_000));
    loop.onRun = () => {
      this.#running = loop;
    };
    const chance = this.#random.fork('callbacks');
    return new SimUser(index, loop, setup, {
      options: this.#options,
      network: this.#network,
      random: this.#random,
      history: this.#ensemble.history,
      handover: this.#handover,
      trace: this.#trace,
      violations: this.#violations,
      nowMs: () => this.#scheduler.nowMs,
      nextOrder: () => this.#order++,
      reading: () => this.#reading,
      touched: (handle) => this.#touched.push(handle),
      resumed: (sessionId, lines) => this.#handover.resumed(sessionId, lines),
      callbackThrows: () => chance.chance(this.#options.callbackThrows),
      takeRequest: () => {
        if (this.#requestsLeft === 0) return false;
        this.#requestsLeft--;
        return true;
      },
    });
  }

  #faultInjector(): FaultInjector {
    return new FaultInjector({
      scheduler: this.#scheduler,
      random: this.#random.fork('faults'),
      ensemble: this.#ensemble,
      network: this.#network,
      trace: this.#trace,
      loops: this.#users.map(({ loop }) => loop),
      jumpWallClock: (byMs) => {
        this.#wallJumpMs += byMs;
      },
      storm: (writes) => {
        for (let write = 0; write < writes; write++) this.#strangers.write();
      },
      user: (client, deed) => this.#users[client]?.deed(deed) ?? false,
      faultMs: this.#options.faultMs,
      sessionTimeoutMs: (client) => this.#users[client]?.setup.sessionTimeoutMs ?? 0,
    });
  }

  #observer(): SocketObserver {
    const handleOf = ({ client }: SimSocket): ClientHandle => client as ClientHandle;
    return {
      handshake: (socket: SimSocket, request: ConnectHandshake) => {
        handleOf(socket).handshake(socket, request);
      },
      sent: (socket: SimSocket, frame: SentFrame) => handleOf(socket).sent(socket, frame),
      reading: (socket: SimSocket, bytes: number) => {
        this.#trace.note('read', socket.client.index, socket.ordinal, bytes);
        handleOf(socket).heard(socket, bytes);
        this.#reading = socket;
      },
      ended: (socket: SimSocket) => this.#trace.note('ended', socket.client.index, socket.ordinal),
    };
  }

  #prepare(): void {
    this.#strangers.prepare();
    for (const user of this.#users) user.start();
    this.#nextFault();
    this.#strangers.begin(() => this.#phase === 'faults');
  }

  // Faults, and what follows them.

  #nextFault(): void {
    this.#scheduler.after(this.#random.exponential(this.#options.faultGapMs), () => {
      if (this.#phase !== 'faults') return;
      if (this.#faultsLeft > 0) {
        const kind = this.#random.weighted<FaultKind>(this.#options.faultWeights);
        if (this.#injector.inject(kind)) this.#faultsLeft--;
      } else if (this.#requestsLeft === 0) {
        this.#heal();
        return;
      }
      this.#nextFault();
    });
  }

  #heal(): void {
    this.#trace.note('heal all');
    this.#phase = 'converging';
    this.#injector.healAll();
    const timeoutMs = Math.max(...this.#users.map(({ setup }) => setup.sessionTimeoutMs));
    const longestMs = Math.max(timeoutMs, this.#options.tickMs * 2) * CONVERGE_TIMEOUTS;
    const { nowMs } = this.#scheduler;
    const awakeMs = Math.max(nowMs, ...this.#users.map(({ loop }) => loop.blockedUntilMs));
    this.#phaseEndsMs = awakeMs + longestMs + CONVERGE_MS;
    for (const user of this.#users) user.verify();
  }

  /** After each event: what follows in this phase; false at the end. */
  #step(): boolean {
    for (const handle of this.#touched.splice(0)) handle.stepDone();
    this.#readDone();
    const { nextMs, steps, nowMs } = this.#scheduler;
    if (this.#phase === 'converging' && this.#users.every(({ unrest }) => unrest === null))
      this.#close();
    if (this.#phase === 'closing' && this.#users.every(({ over }) => over)) this.#settleDown();
    if (nextMs > this.#phaseEndsMs || steps > STEPS_MAX) {
      if (this.#phase !== 'over') this.#violations.add('O1', this.#whatHangs());
      return false;
    }
    if (nowMs > RUN_MS_MAX) return false;
    return this.#scheduler.step();
  }

  #whatHangs(): string {
    const users = this.#users.map(({ index, handle, unrest }) => {
      const waiting =
        handle.unsettled
          .map(({ id }) => id)
          .slice(0, 5)
          .join(' ') || 'nothing';
      const text = `client ${index} is ${handle.grammar.phase}, waits for ${waiting}`;
      return unrest === null ? text : `${text} (${unrest})`;
    });
    return `${this.#phase} takes too long: ${users.join('; ')}`;
  }

  #close(): void {
    this.#trace.note('close');
    this.#phase = 'closing';
    this.#phaseEndsMs = this.#scheduler.nowMs + CLOSE_MS;
    for (const user of this.#users) user.close();
  }

  /** Everybody has closed; what is still under way may arrive. */
  #settleDown(): void {
    this.#phase = 'over';
    for (const { index, loop } of this.#users) {
      if (loop.timers > 0) this.#violations.add('leak', `client ${index}: ${loop.timers} timers`);
    }
    this.#phaseEndsMs = this.#scheduler.nowMs + CLOSE_MS;
  }

  #readDone(): void {
    const socket = this.#reading;
    if (socket === null) return;
    this.#reading = null;
    (socket.client as ClientHandle).read(socket, socket.dropped);
  }

  // The verdict.

  #judge(): void {
    const handles = this.#users.flatMap((user) => user.handles);
    const outcomes = new OutcomeCheck(this.#ensemble.history, this.#violations);
    for (const handle of handles) outcomes.check(handle);
    const { zxidInEvents } = this.#ensemble.dialect;
    const watches = new WatchCheck(this.#ensemble.history, this.#violations, zxidInEvents);
    for (const handle of handles) watches.check(handle);
    this.#events = watches.events;
    checkLog(this.#ensemble.history, handles, this.#violations);
    checkHelpers(this.#ensemble.history, handles, this.#violations);
    checkProtected(this.#ensemble.history, handles, this.#violations);
    const hosts = this.#users.flatMap((user) => user.hosts);
    checkServices(this.#ensemble.history, hosts, this.#violations);
    this.#handover.check(this.#violations);
    if (this.#phase !== 'over') return;
    for (const handle of handles) handle.checkLeft();
    for (const { ordinal, ended } of this.#network.sockets) {
      if (!ended) this.#violations.add('leak', `socket ${ordinal} is still open`);
    }
    for (const { index, pool } of this.#users) {
      const { outstanding } = pool.counters();
      if (outstanding > 0) this.#violations.add('leak', `client ${index}: ${outstanding} slabs`);
    }
  }

  #report(): SimulationReport {
    const handles = this.#users.flatMap((user) => user.handles);
    const outcomes: Record<string, number> = {};
    const kinds: Record<string, number> = {};
    for (const { settled, kind } of handles.flatMap(({ invocations }) => invocations)) {
      kinds[kind] = (kinds[kind] ?? 0) + 1;
      const error = settled?.error as { code?: string; outcome?: string } | null | undefined;
      const name = error == null ? 'ok' : `${error.outcome} ${error.code}`;
      outcomes[name] = (outcomes[name] ?? 0) + 1;
    }
    return {
      seed: this.#options.seed,
      options: this.#options,
      violations: this.#violations.list,
      traceHash: this.#trace.hash,
      lines: this.#trace.lines(),
      requests: handles.reduce((sum, { invocations }) => sum + invocations.length, 0),
      faults: this.#injector.total,
      faultKinds: this.#injector.done,
      outcomes,
      kinds,
      occasions: countOccasions(
        handles,
        this.#users.flatMap((user) => user.hosts),
        this.#handover,
      ),
      events: this.#events,
      steps: this.#scheduler.steps,
      connections: this.#network.sockets.length,
      transactions: this.#ensemble.history.log.length,
      virtualMs: this.#scheduler.nowMs,
    };
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
