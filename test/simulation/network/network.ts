import { LinkError } from '../../../src/errors.ts';
import type { ByteLink } from '../../../src/transport/byte-link.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { PipeWeather } from './pipe.ts';
import {
  type NetworkClient,
  SimSocket,
  type SocketObserver,
  type SocketPeer,
} from './sim-socket.ts';

/** What a server does with a connection that is asked of it. */
export interface Acceptor {
  /** `accept`; `refuse`: no process listens; `silent`: the machine does not answer. */
  readonly listening: 'accept' | 'refuse' | 'silent';
  accept(socket: SimSocket): SocketPeer;
}

/** What goes wrong with dials of one client, beside servers and partitions. */
export interface DialFaults {
  /** Names cannot be resolved. */
  resolverDown: boolean;
  /** Probability that a dial gives its link long after it was given up. */
  lateLinkChance: number;
  /** Probability that a dial fails though the server listens. */
  failChance: number;
}

/** A dial that waits for a partition to end: its SYN is sent again now and then. */
interface Dial {
  readonly client: NetworkClient;
  readonly server: number;
  readonly host: string;
  settled: boolean;
  /** Takes its listener off its signal. */
  forget: () => void;
  readonly resolve: (link: ByteLink) => void;
  readonly reject: (cause: unknown) => void;
}

export interface NetworkOptions {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly weather: PipeWeather;
  readonly observer: SocketObserver;
}

/** SYNs are sent again after so long, in ms. */
const SYN_AGAIN_MS = 300;

/** Connects simulated clients with the servers of the ensemble, and breaks what it connects. */
export class Network {
  weather: PipeWeather;
  /** The weather when nothing is wrong. */
  readonly calm: PipeWeather;
  readonly sockets: SimSocket[] = [];
  readonly dialFaults: DialFaults = { resolverDown: false, lateLinkChance: 0, failChance: 0 };
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #observer: SocketObserver;
  readonly #acceptors: Acceptor[] = [];
  /** `client server direction` of what does not get through. */
  readonly #cuts: Set<string> = new Set();

  constructor(options: NetworkOptions) {
    this.#scheduler = options.scheduler;
    this.#random = options.random;
    this.#observer = options.observer;
    this.weather = options.weather;
    this.calm = options.weather;
  }

  addServer(acceptor: Acceptor): void {
    this.#acceptors.push(acceptor);
  }

  /** Sockets that the client has not ended, of everybody or of one client. */
  open(client?: number): SimSocket[] {
    return this.sockets.filter(
      (socket) => !socket.ended && (client === undefined || socket.client.index === client),
    );
  }

  dial(
    client: NetworkClient,
    server: number,
    host: string,
    signal: AbortSignal,
  ): Promise<ByteLink> {
    const late = this.#random.chance(this.dialFaults.lateLinkChance);
    return new Promise((resolve, reject) => {
      const forget = (): void => {};
      const dial: Dial = { client, server, host, settled: false, forget, resolve, reject };
      if (!late) this.#listen(dial, signal);
      const delayMs = late ? this.#random.between(1_000, 20_000) : this.#tripMs();
      client.loop.io(this.#scheduler.nowMs + delayMs, () => this.#reach(dial));
    });
  }

  /** Nothing gets through in that direction, until `heal`. */
  cut(client: number, server: number, direction: 'to-server' | 'to-client'): void {
    this.#cuts.add(`${client} ${server} ${direction}`);
    for (const socket of this.sockets) {
      if (socket.client.index === client && socket.server === server) socket.stall(direction);
    }
  }

  /** Everything gets through again, and what was under way arrives. */
  heal(client: number, server: number): void {
    this.#cuts.delete(`${client} ${server} to-server`);
    this.#cuts.delete(`${client} ${server} to-client`);
    for (const socket of this.sockets) {
      if (socket.client.index === client && socket.server === server) socket.release();
    }
  }

  healAll(): void {
    this.#cuts.clear();
    for (const socket of this.sockets) {
      socket.release();
      if (!socket.ended) socket.flow();
    }
  }

  isCut(client: number, server: number): boolean {
    return (
      this.#cuts.has(`${client} ${server} to-server`) ||
      this.#cuts.has(`${client} ${server} to-client`)
    );
  }

  #listen(dial: Dial, signal: AbortSignal): void {
    const aborted = (): void => this.#settle(dial, () => dial.reject(signal.reason));
    if (signal.aborted) {
      aborted();
      return;
    }
    signal.addEventListener('abort', aborted, { once: true });
    dial.forget = () => signal.removeEventListener('abort', aborted);
  }

  #tripMs(): number {
    return this.#random.between(this.weather.latencyMinMs, this.weather.latencyMaxMs);
  }

  #reach(dial: Dial): void {
    if (dial.settled) return;
    const { client, server, host } = dial;
    const acceptor = this.#acceptors[server] as Acceptor;
    if (this.dialFaults.resolverDown) {
      this.#fail(dial, 'ENOTFOUND');
      return;
    }
    if (acceptor.listening === 'silent' || this.isCut(client.index, server)) {
      // The machine may forget a dial for ever; a limit of the client's own must end it.
      const againMs = this.#scheduler.nowMs + SYN_AGAIN_MS;
      client.loop.io(againMs, () => this.#reach(dial));
      return;
    }
    if (acceptor.listening === 'refuse') {
      this.#fail(dial, 'ECONNREFUSED');
      return;
    }
    if (this.#random.chance(this.dialFaults.failChance)) {
      this.#fail(dial, 'ETIMEDOUT');
      return;
    }
    const socket = new SimSocket({
      ordinal: this.sockets.length,
      client,
      server,
      host,
      scheduler: this.#scheduler,
      random: this.#random,
      weather: () => this.weather,
      observer: this.#observer,
    });
    this.sockets.push(socket);
    socket.attach(acceptor.accept(socket));
    this.#settle(dial, () => dial.resolve(socket.link));
  }

  #fail(dial: Dial, code: string): void {
    const cause = Object.assign(new Error(`connect ${code} ${dial.host}`), { code });
    this.#settle(dial, () => dial.reject(new LinkError('LINK_FAILED', dial.host, cause)));
  }

  #settle(dial: Dial, how: () => void): void {
    if (dial.settled) return;
    dial.settled = true;
    dial.forget();
    how();
  }
}
