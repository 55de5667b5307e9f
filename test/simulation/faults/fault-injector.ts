import type { Ensemble } from '../ensemble/ensemble.ts';
import { FRAME_FAULTS } from '../ensemble/frame-faults.ts';
import type { SimServer } from '../ensemble/server.ts';
import type { ServerConnection } from '../ensemble/server-connection.ts';
import { EVENT } from '../ensemble/watch-table.ts';
import type { EventLoop } from '../event-loop.ts';
import type { Network } from '../network/network.ts';
import type { SimSocket } from '../network/sim-socket.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Trace } from '../trace.ts';
import type { FaultKind } from './fault-kinds.ts';

/** What faults are done to. */
export interface FaultTargets {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly ensemble: Ensemble;
  readonly network: Network;
  readonly trace: Trace;
  /** Event loops of the clients, by index. */
  readonly loops: readonly EventLoop[];
  /** Moves the wall clock. */
  readonly jumpWallClock: (byMs: number) => void;
  /** Many writes of strangers. */
  readonly storm: (writes: number) => void;
  /** What users do to their client at a bad moment; false when they cannot. */
  readonly user: (client: number, deed: 'close' | 'detach' | 'server-list') => boolean;
  /** Length of a fault that lasts, on average, in ms. */
  readonly faultMs: number;
  readonly sessionTimeoutMs: (client: number) => number;
}

/** Does faults, each for a while; `healAll` ends those that are left. */
export class FaultInjector {
  /** Faults done, by kind. */
  readonly done: Partial<Record<FaultKind, number>> = {};
  readonly #targets: FaultTargets;
  #heals: Set<() => void> = new Set();

  constructor(targets: FaultTargets) {
    this.#targets = targets;
  }

  get total(): number {
    return Object.values(this.done).reduce((sum, count) => sum + count, 0);
  }

  /** Does one; false when there is nothing that it could be done to now. */
  inject(kind: FaultKind): boolean {
    if (!this.#inject(kind)) return false;
    this.done[kind] = (this.done[kind] ?? 0) + 1;
    return true;
  }

  /** Everything works again from now on. */
  healAll(): void {
    for (const heal of this.#heals) heal();
    this.#heals = new Set();
    const { ensemble, network } = this.#targets;
    network.healAll();
    for (const server of ensemble.servers) {
      server.restart();
      server.thaw();
      server.reconnect();
      server.lagMs = 0;
    }
  }

  #note(kind: string, ...values: (string | number)[]): true {
    this.#targets.trace.note(`fault ${kind}`, ...values);
    return true;
  }

  /** Ends the fault after a while, or with `healAll`. */
  #for(durationMs: number, heal: () => void): void {
    this.#heals.add(heal);
    this.#targets.scheduler.after(durationMs, () => {
      if (!this.#heals.delete(heal)) return;
      this.#targets.trace.note('heal');
      heal();
    });
  }

  #durationMs(): number {
    return this.#targets.random.exponential(this.#targets.faultMs);
  }

  #socket(): SimSocket | null {
    const open = this.#targets.network.open();
    return open.length === 0 ? null : this.#targets.random.pick(open);
  }

  #connection(): ServerConnection | null {
    const open = this.#targets.ensemble.servers.flatMap((server) => {
      return [...server.connections].filter((connection) => connection.open);
    });
    return open.length === 0 ? null : this.#targets.random.pick(open);
  }

  #server(): SimServer {
    return this.#targets.random.pick(this.#targets.ensemble.servers);
  }

  #client(): number {
    return this.#targets.random.int(0, this.#targets.loops.length - 1);
  }

  #inject(kind: FaultKind): boolean {
    switch (kind) {
      case 'reset':
      case 'half-open':
      case 'clog':
        return this.#toSocket(kind);
      case 'black-hole':
      case 'one-way':
      case 'partition':
        return this.#toPaths(kind);
      case 'slices':
      case 'latency':
        return this.#toWeather(kind);
      case 'cut-frame':
      case 'bad-frame':
      case 'unasked':
      case 'expire':
      case 'moved':
        return this.#toConnection(kind);
      case 'kill':
      case 'machine-gone':
      case 'freeze':
      case 'isolate':
      case 'election':
      case 'blackout':
        return this.#toServers(kind);
      case 'resolver':
      case 'dials-fail':
      case 'late-links':
        return this.#toDials(kind);
      case 'close':
      case 'detach':
      case 'server-list': {
        const client = this.#client();
        return this.#targets.user(client, kind) && this.#note(kind, client);
      }
      case 'block': {
        const client = this.#client();
        const longestMs = this.#targets.sessionTimeoutMs(client) * 1.5;
        const durationMs = this.#targets.random.between(0, longestMs);
        this.#targets.loops[client]?.block(durationMs);
        return this.#note(kind, client, durationMs);
      }
      case 'wall-clock': {
        const byMs = this.#targets.random.between(-86_400_000, 86_400_000);
        this.#targets.jumpWallClock(byMs);
        return this.#note(kind, byMs);
      }
      case 'storm':
        this.#targets.storm(this.#targets.random.int(20, 60));
        return this.#note(kind);
      default:
        return this.#toOneServer(kind);
    }
  }

  #toSocket(kind: 'reset' | 'half-open' | 'clog'): boolean {
    const socket = this.#socket();
    if (socket === null) return false;
    if (kind === 'reset') socket.reset();
    else if (kind === 'half-open') socket.resetClient();
    else {
      socket.clog();
      this.#for(this.#durationMs(), () => socket.flow());
    }
    return this.#note(kind, socket.ordinal);
  }

  #toPaths(kind: 'black-hole' | 'one-way' | 'partition'): boolean {
    const { network, random, ensemble } = this.#targets;
    const client = this.#client();
    const servers = kind === 'partition' ? ensemble.servers : [this.#server()];
    const direction = random.pick(['to-server', 'to-client'] as const);
    for (const { index } of servers) {
      network.cut(client, index, direction);
      if (kind !== 'one-way') {
        network.cut(client, index, direction === 'to-server' ? 'to-client' : 'to-server');
      }
    }
    // A partition is about as long as the session lives: some sessions survive it.
    const durationMs =
      kind === 'partition'
        ? random.between(0.2, 1.8) * this.#targets.sessionTimeoutMs(client)
        : this.#durationMs() * 2;
    this.#for(durationMs, () => {
      for (const { index } of servers) network.heal(client, index);
    });
    return this.#note(kind, client, servers[0]?.index ?? -1, direction, durationMs);
  }

  #toWeather(kind: 'slices' | 'latency'): boolean {
    const { network, random } = this.#targets;
    const calm = network.calm;
    network.weather =
      kind === 'slices'
        ? { ...calm, pieceBytesMax: random.pick([1, 2, 7, 30]) }
        : { ...calm, latencyMaxMs: calm.latencyMaxMs + random.pick([50, 300, 1500]) };
    this.#for(this.#durationMs(), () => {
      network.weather = calm;
    });
    return this.#note(kind, network.weather.pieceBytesMax, network.weather.latencyMaxMs);
  }

  #toConnection(kind: 'cut-frame' | 'bad-frame' | 'unasked' | 'expire' | 'moved'): boolean {
    const { random, ensemble } = this.#targets;
    const connection = this.#connection();
    if (connection === null) return false;
    const { session } = connection;
    if (kind === 'cut-frame') connection.output.nextFrameFault = 'cut';
    else if (kind === 'bad-frame') connection.output.nextFrameFault = random.pick(FRAME_FAULTS);
    else if (kind === 'unasked') {
      if (random.chance(0.5)) connection.pongUnasked();
      else connection.notify(EVENT.changed, '/nobody/watches/this', 0);
    } else if (session === null || connection.readOnly) return false;
    else if (kind === 'expire') ensemble.expire(session);
    else session.owner = (connection.server.index + 1) % ensemble.servers.length;
    return this.#note(kind, connection.socket.ordinal, connection.output.nextFrameFault ?? '');
  }

  #toServers(
    kind: 'kill' | 'machine-gone' | 'freeze' | 'isolate' | 'election' | 'blackout',
  ): boolean {
    const { ensemble, random } = this.#targets;
    const server = random.chance(0.5) ? (ensemble.leader ?? this.#server()) : this.#server();
    const durationMs = this.#durationMs();
    if (kind === 'election') {
      if (ensemble.leader === null) return false;
      ensemble.loseLeader();
      return this.#note(kind);
    }
    if (kind === 'blackout') {
      for (const each of ensemble.servers) each.kill('process');
      this.#for(durationMs, () => {
        for (const each of ensemble.servers) each.restart();
      });
      return this.#note(kind, durationMs);
    }
    if (!server.up) return false;
    if (kind === 'freeze') {
      server.freeze();
      this.#for(durationMs, () => server.thaw());
    } else if (kind === 'isolate') {
      server.cutOff();
      this.#for(durationMs * 2, () => server.reconnect());
    } else {
      server.kill(kind === 'kill' ? 'process' : 'machine');
      this.#for(durationMs, () => server.restart());
    }
    return this.#note(kind, server.index, server === ensemble.leader ? 'leads' : '', durationMs);
  }

  #toDials(kind: 'resolver' | 'dials-fail' | 'late-links'): boolean {
    const { dialFaults } = this.#targets.network;
    if (kind === 'resolver') dialFaults.resolverDown = true;
    else if (kind === 'dials-fail') dialFaults.failChance = 0.5;
    else dialFaults.lateLinkChance = 0.3;
    this.#for(this.#durationMs() * 2, () => {
      if (kind === 'resolver') dialFaults.resolverDown = false;
      else if (kind === 'dials-fail') dialFaults.failChance = 0;
      else dialFaults.lateLinkChance = 0;
    });
    return this.#note(kind);
  }

  #toOneServer(
    kind:
      | 'lag'
      | 'slow-server'
      | 'bad-handshake'
      | 'refuse-handshakes'
      | 'throttle'
      | 'unknown-code',
  ): boolean {
    const { random } = this.#targets;
    const server = this.#server();
    const { faults } = server;
    const durationMs = this.#durationMs();
    const lateMs = random.exponential(durationMs);
    const how = random.pick(['text', 'refusal', 'short', 'negative'] as const);
    switch (kind) {
      case 'lag':
        server.lagMs = lateMs;
        break;
      case 'slow-server':
        faults.slowMs = lateMs;
        break;
      case 'bad-handshake':
        faults.handshake = how;
        break;
      case 'refuse-handshakes':
        faults.handshake = 'close';
        break;
      case 'throttle':
        faults.throttleChance = 0.3;
        break;
      default:
        faults.unknownCodeChance = 0.2;
    }
    this.#for(durationMs * 2, () => {
      if (kind === 'lag') server.lagMs = 0;
      else if (kind === 'slow-server') faults.slowMs = 0;
      else if (kind === 'throttle') faults.throttleChance = 0;
      else if (kind === 'unknown-code') faults.unknownCodeChance = 0;
      else faults.handshake = null;
    });
    return this.#note(kind, server.index, durationMs);
  }
}
