import type { Channel } from '../channel.ts';
import type { Acceptor } from '../network/network.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Ensemble } from './ensemble.ts';
import type { HandshakeFault } from './frame-faults.ts';
import { firstTree } from './node-state.ts';
import { Replica } from './replica.ts';
import { ServerConnection } from './server-connection.ts';
import type { ServerSocket } from './server-socket.ts';
import type { Transaction } from './transaction.ts';

/** What a server does wrong, on purpose. */
export interface ServerFaults {
  /** Requests wait so long before they are looked at, in ms. */
  slowMs: number;
  /** Probability that a request is answered THROTTLEDOP and not executed. */
  throttleChance: number;
  /** Probability that a request is answered with a number that nobody knows, and not executed. */
  unknownCodeChance: number;
  /** Handshakes are closed without a byte, or answered with what is no answer. */
  handshake: HandshakeFault | null;
}

/** One server of the ensemble. */
export class SimServer implements Acceptor {
  readonly index: number;
  readonly ensemble: Ensemble;
  readonly scheduler: Scheduler;
  /** What goes to the leader, in order. */
  readonly toLeader: Channel;
  /** What comes from the leader, in order. */
  readonly fromLeader: Channel;
  readonly faults: ServerFaults = {
    slowMs: 0,
    throttleChance: 0,
    unknownCodeChance: 0,
    handshake: null,
  };
  /** The server hears of commits so much later than the others, in ms. */
  lagMs = 0;
  replica: Replica;
  /** Has a leader and serves clients. */
  following = false;
  frozen = false;
  readonly connections: Set<ServerConnection> = new Set();
  #process: 'up' | 'killed' | 'machine-gone' = 'up';
  #cutOff = false;
  /** Frozen or cut off for so long that the others have given it up. */
  #givenUp = false;
  #absence = 0;
  /** Applied lines of the log. */
  #applied = 0;

  constructor(
    index: number,
    ensemble: Ensemble,
    scheduler: Scheduler,
    toLeader: Channel,
    fromLeader: Channel,
  ) {
    this.index = index;
    this.ensemble = ensemble;
    this.scheduler = scheduler;
    this.toLeader = toLeader;
    this.fromLeader = fromLeader;
    this.replica = new Replica(firstTree(), 0, ensemble.dialect.watchModes);
  }

  /** The others can count on it. */
  get reachable(): boolean {
    return this.#process === 'up' && !this.#givenUp;
  }

  /** Takes part: runs, and can reach the others. */
  get working(): boolean {
    return this.up && !this.frozen && !this.#cutOff;
  }

  get up(): boolean {
    return this.#process === 'up';
  }

  /** Serves read-only clients: cut off, and allowed to. */
  get readOnly(): boolean {
    return this.up && !this.following && this.ensemble.readOnlyMode;
  }

  // Clients.

  get listening(): 'accept' | 'refuse' | 'silent' {
    if (this.#process === 'up') return 'accept';
    return this.#process === 'killed' ? 'refuse' : 'silent';
  }

  accept(socket: ServerSocket): ServerConnection {
    const connection = new ServerConnection(this, socket);
    this.connections.add(connection);
    return connection;
  }

  // The ensemble.

  apply(transaction: Transaction): void {
    if (!this.following || transaction.index < this.#applied) return;
    this.#applied = transaction.index + 1;
    this.replica.apply(transaction);
    const { origin } = transaction;
    const own = origin instanceof ServerConnection && origin.server === this ? origin : null;
    own?.committed(transaction);
    if (transaction.request.kind !== 'close-session' || transaction.err !== 0) return;
    for (const connection of [...this.connections]) {
      if (connection.sessionId === transaction.session) connection.close();
    }
  }

  /** Has found the leader, and catches up with it before it serves anybody. */
  join(): void {
    const { history } = this.ensemble;
    for (; this.#applied < history.log.length; this.#applied++) {
      this.replica.apply(history.log[this.#applied] as Transaction);
    }
    this.replica.zxid = history.zxid;
    this.following = true;
    for (const connection of [...this.connections]) if (connection.readOnly) connection.close();
  }

  /** Has lost the leader: nothing under way arrives, clients are dropped. */
  leave(): void {
    this.following = false;
    this.toLeader.clear();
    this.fromLeader.clear();
    if (!this.frozen) this.dropClients();
  }

  dropClients(): void {
    for (const connection of [...this.connections]) connection.close();
  }

  // Faults.

  /** The process ends, or the whole machine: then nobody tells its clients. */
  kill(how: 'process' | 'machine'): void {
    if (this.#process !== 'up') return;
    this.#process = how === 'process' ? 'killed' : 'machine-gone';
    this.following = false;
    this.frozen = false;
    this.toLeader.clear();
    this.fromLeader.clear();
    for (const connection of [...this.connections]) connection.die(how);
    this.ensemble.refreshChannels();
    this.ensemble.reconsider();
  }

  restart(): void {
    if (this.#process === 'up') return;
    this.#process = 'up';
    this.#givenUp = this.#cutOff;
    this.#backAgain();
  }

  /** The process stops: the kernel still takes connections and bytes, nobody looks at them. */
  freeze(): void {
    if (!this.up || this.frozen) return;
    this.frozen = true;
    this.#giveUpLater();
  }

  thaw(): void {
    if (!this.frozen) return;
    this.frozen = false;
    if (this.#givenUp || !this.following) this.leave();
    this.#backAgain();
    for (const connection of [...this.connections]) connection.thaw();
  }

  /** The other servers cannot be reached; clients can. */
  cutOff(): void {
    if (this.#cutOff) return;
    this.#cutOff = true;
    this.#giveUpLater();
  }

  reconnect(): void {
    if (!this.#cutOff) return;
    this.#cutOff = false;
    this.#backAgain();
  }

  /** Stalls or releases what goes between this server and the leader. */
  connectChannels(leaderWorks: boolean): void {
    for (const channel of [this.toLeader, this.fromLeader]) {
      if (this.working && leaderWorks) channel.release();
      else channel.stall();
    }
  }

  #backAgain(): void {
    if (!this.working) return;
    this.#absence++;
    this.#givenUp = false;
    this.ensemble.refreshChannels();
    this.ensemble.reconsider();
  }

  /** Who is away for too long is not waited for, and drops its clients if it can. */
  #giveUpLater(): void {
    this.ensemble.refreshChannels();
    this.#absence++;
    const absence = this.#absence;
    this.scheduler.after(this.ensemble.noticeMs, () => {
      if (absence !== this.#absence || this.#givenUp || !this.up) return;
      this.#givenUp = true;
      if (this.following && this.ensemble.leader !== this) this.leave();
      this.ensemble.reconsider();
    });
  }
}
