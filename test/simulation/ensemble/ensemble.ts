import { OP } from '../../../src/codec/operations.ts';
import { SERVER_CODE } from '../../../src/codec/server-codes.ts';
import { Channel } from '../channel.ts';
import type { WrittenFrame } from '../network/sim-socket.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Dialect } from './answers.ts';
import { History, type Proposal, WALL_CLOCK_MS } from './history.ts';
import { SimServer } from './server.ts';
import { type Session, SessionTable } from './session-table.ts';
import type { Transaction } from './transaction.ts';
import type { WriteRequest } from './write-request.ts';

export interface EnsembleOptions {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly servers: number;
  readonly tickMs: number;
  readonly dialect: Dialect;
  /** Time that a message between servers takes, at most. */
  readonly hopMaxMs: number;
  /** Serve read-only clients when cut off from the others. */
  readonly readOnlyMode: boolean;
  /** Passwords of those who log in with SASL. Default: the servers have no SASL. */
  readonly saslUsers?: ReadonlyMap<string, string>;
}

/** Containers and TTL nodes are looked at this often. */
const SWEEP_TICKS = 7;

/** An election takes this many ticks at least and at most. */
const ELECTION_TICKS = { min: 0.3, max: 2.5 };

/** A server notices after so many ticks that it is cut off. */
const NOTICE_TICKS = 2;

/**
 * A model of a ZooKeeper ensemble: one order of transactions decided by a leader, servers that
 * follow it each at its own pace, sessions that the leader keeps, and elections.
 */
export class Ensemble {
  readonly history: History = new History();
  readonly sessions: SessionTable;
  readonly servers: SimServer[] = [];
  readonly dialect: Dialect;
  readonly readOnlyMode: boolean;
  readonly saslUsers: ReadonlyMap<string, string> | null;
  /** Elections that have ended with a leader. */
  elections = 0;
  /** Told of every line of the log. */
  onTransaction: (transaction: Transaction) => void = () => {};
  /** Told of every frame that a server writes, and on which socket. */
  onServerFrame: (socket: number, frame: WrittenFrame) => void = () => {};
  readonly #scheduler: Scheduler;
  readonly random: Random;
  readonly #options: EnsembleOptions;
  #leader: SimServer | null = null;
  #electing = false;
  #ticks = 0;

  constructor(options: EnsembleOptions) {
    this.#options = options;
    this.#scheduler = options.scheduler;
    this.random = options.random;
    this.dialect = options.dialect;
    this.readOnlyMode = options.readOnlyMode;
    this.saslUsers = options.saslUsers ?? null;
    this.sessions = new SessionTable(options.tickMs, options.random);
    for (let index = 0; index < options.servers; index++) {
      const hopMs = (): number => this.#hopMs(index);
      const toLeader = new Channel(options.scheduler, hopMs);
      const fromLeader = new Channel(options.scheduler, hopMs);
      this.servers.push(new SimServer(index, this, options.scheduler, toLeader, fromLeader));
    }
    this.#elect();
    this.#tick();
  }

  get leader(): SimServer | null {
    return this.#leader;
  }

  get nowMs(): number {
    return this.#scheduler.nowMs;
  }

  // Requests.

  /** A write reaches the leader. */
  propose(from: SimServer, write: Proposal): void {
    if (this.#leader === null || !from.following) return;
    const err = this.#sessionFault(from, write);
    this.#append(err === 0 ? write : { ...write, request: { kind: 'refused', err } });
    if (write.request.kind !== 'close-session' || err !== 0) return;
    const session = this.sessions.get(write.session);
    if (session !== undefined) session.closed = true;
  }

  /** A new session is asked for at a server. */
  proposeSession(from: SimServer, wishedMs: number, origin: object): void {
    if (this.#leader === null || !from.following) return;
    const session = this.sessions.create(wishedMs, from.index, this.nowMs);
    this.#append({
      session: session.id,
      xid: 0,
      op: OP.createSession,
      path: null,
      request: { kind: 'create-session' },
      ids: [],
      origin,
      socket: -1,
    });
  }

  /** A session moves to a server, with a time-out negotiated anew; null when it cannot. */
  revalidate(from: SimServer, id: bigint, wishedMs: number): Session | null {
    const session = this.sessions.get(id);
    if (session === undefined || session.closed) return null;
    session.owner = from.index;
    session.timeoutMs = this.sessions.negotiate(wishedMs);
    this.sessions.touch(session, this.nowMs);
    return session;
  }

  /** The ensemble writes something of its own, in nobody's name. */
  write(request: WriteRequest, op: number, path: string): Transaction | null {
    if (this.#leader?.working !== true) return null;
    const write = { session: 0n, xid: 0, op, path, request, ids: [], origin: null, socket: -1 };
    return this.#append(write);
  }

  #sessionFault(from: SimServer, { session: id }: Proposal): number {
    const session = this.sessions.get(id);
    if (session === undefined || session.closed) return SERVER_CODE.SESSIONEXPIRED;
    session.owner ??= from.index;
    return session.owner === from.index ? 0 : SERVER_CODE.SESSIONMOVED;
  }

  #append(write: Proposal): Transaction {
    const transaction = this.history.append(write, this.nowMs);
    this.onTransaction(transaction);
    for (const server of this.servers) {
      if (server.following) server.fromLeader.push(() => server.apply(transaction));
    }
    return transaction;
  }

  // Time.

  #tick(): void {
    this.#ticks++;
    if (this.#leader?.working === true) {
      for (const session of this.sessions.expired(this.nowMs)) this.expire(session);
      if (this.#ticks % SWEEP_TICKS === 0) this.#sweepContainers();
    }
    this.#scheduler.after(this.sessions.tickMs, () => this.#tick());
  }

  /** The leader ends a session. */
  expire(session: Session): void {
    if (this.#leader?.working !== true || session.closed) return;
    session.closed = true;
    this.#append({
      session: session.id,
      xid: 0,
      op: OP.closeSession,
      path: null,
      request: { kind: 'close-session' },
      ids: [],
      origin: null,
      socket: -1,
    });
  }

  #sweepContainers(): void {
    for (const [path, node] of [...this.history.tree]) {
      if (node.life === 'plain' || node.children.length > 0) continue;
      const ageMs = WALL_CLOCK_MS + this.nowMs - node.mtimeMs;
      if (node.life === 'container' ? node.created === 0 : ageMs < node.ttlMs) continue;
      this.write({ kind: 'delete-container', path }, OP.deleteContainer, path);
    }
  }

  // Leaders.

  /** The leader steps down: everybody drops their clients and elects another. */
  loseLeader(): void {
    if (this.#leader === null) return;
    this.#leader = null;
    for (const server of this.servers) server.leave();
    this.#electSoon();
    this.refreshChannels();
  }

  /** Nothing goes between a server and the leader while one of them is frozen or cut off. */
  refreshChannels(): void {
    const leaderWorks = this.#leader === null || this.#leader.working;
    for (const server of this.servers) server.connectChannels(leaderWorks);
  }

  /** A server came, went, froze or thawed, was cut off or is back. */
  reconsider(): void {
    const leader = this.#leader;
    if (leader === null) {
      this.#electSoon();
      return;
    }
    if (!leader.reachable || this.#reachable().length < this.#quorum) {
      this.loseLeader();
      return;
    }
    for (const server of this.servers) {
      if (server.reachable && !server.following) this.#joinSoon(server);
    }
  }

  /** Time after which a server that hears nothing of the others gives up. */
  get noticeMs(): number {
    return this.sessions.tickMs * NOTICE_TICKS;
  }

  get #quorum(): number {
    return Math.floor(this.servers.length / 2) + 1;
  }

  #reachable(): SimServer[] {
    return this.servers.filter((server) => server.reachable);
  }

  #electSoon(): void {
    if (this.#electing) return;
    this.#electing = true;
    const { tickMs } = this.sessions;
    const delayMs = this.random.between(ELECTION_TICKS.min, ELECTION_TICKS.max) * tickMs;
    this.#scheduler.after(delayMs, () => {
      this.#electing = false;
      if (this.#leader === null) this.#elect();
    });
  }

  #elect(): void {
    const voters = this.#reachable();
    if (voters.length < this.#quorum) return;
    this.#leader = this.random.pick(voters);
    this.elections++;
    if (this.history.log.length > 0) this.history.beginEpoch();
    this.sessions.touchAll(this.nowMs);
    this.#leader.join();
    this.refreshChannels();
    for (const server of voters) if (server !== this.#leader) this.#joinSoon(server);
  }

  #joinSoon(server: SimServer): void {
    const delayMs = this.random.between(0, this.sessions.tickMs * 0.5);
    this.#scheduler.after(this.history.log.length === 0 ? 0 : delayMs, () => {
      if (this.#leader !== null && server.reachable && !server.following) server.join();
    });
  }

  #hopMs(index: number): number {
    if (this.servers[index] === this.#leader) return 0;
    return this.random.between(0, this.#options.hopMaxMs) + (this.servers[index]?.lagMs ?? 0);
  }
}
