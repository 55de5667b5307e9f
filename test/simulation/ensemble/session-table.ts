import type { Random } from '../random.ts';

/** A session, as the leader knows it. */
export interface Session {
  readonly id: bigint;
  readonly password: Buffer;
  timeoutMs: number;
  /** Server that the session is attached to; null after a change of leader. */
  owner: number | null;
  /** Expires when the leader looks at this time or later. */
  expiresMs: number;
  closed: boolean;
}

/** Sessions of the ensemble, and when they expire: in buckets of one tick. */
export class SessionTable {
  readonly tickMs: number;
  readonly #random: Random;
  readonly #sessions: Map<bigint, Session> = new Map();
  /** Ids and passwords of the next sessions, for replays. */
  readonly identities: { readonly id: bigint; readonly password: Buffer }[] = [];
  #next: bigint;

  constructor(tickMs: number, random: Random) {
    this.tickMs = tickMs;
    this.#random = random;
    this.#next = BigInt(random.uint32()) << 16n;
  }

  /** The time-out that is granted: 2 to 20 ticks. */
  negotiate(wishedMs: number): number {
    return Math.min(Math.max(wishedMs, this.tickMs * 2), this.tickMs * 20);
  }

  create(wishedMs: number, owner: number, nowMs: number): Session {
    this.#next++;
    // The top byte is the server's, as in ZooKeeper; above 127 the id is negative on the wire.
    const given = this.identities.shift();
    const made = BigInt.asIntN(64, (BigInt(owner * 97 + 1) << 56n) | this.#next);
    const id = given?.id ?? made;
    const session: Session = {
      id,
      password: given?.password ?? this.#random.bytes(16),
      timeoutMs: this.negotiate(wishedMs),
      owner,
      expiresMs: 0,
      closed: false,
    };
    this.#sessions.set(id, session);
    this.touch(session, nowMs);
    return session;
  }

  get(id: bigint): Session | undefined {
    return this.#sessions.get(id);
  }

  touch(session: Session, nowMs: number): void {
    const { tickMs } = this;
    const bucket = (Math.floor((nowMs + session.timeoutMs) / tickMs) + 1) * tickMs;
    session.expiresMs = Math.max(session.expiresMs, bucket);
  }

  /** A new leader gives every session its full time again. */
  touchAll(nowMs: number): void {
    for (const session of this.#sessions.values()) {
      if (session.closed) continue;
      session.owner = null;
      this.touch(session, nowMs);
    }
  }

  /** Sessions whose time is over. */
  expired(nowMs: number): Session[] {
    return this.all().filter((session) => !session.closed && session.expiresMs <= nowMs);
  }

  all(): Session[] {
    return [...this.#sessions.values()];
  }
}
