import { setTimeout as delay } from 'node:timers/promises';
import type { Profile } from './check.ts';
import { ExcusedCheck } from './failure.ts';
import type { ReleaseRules } from './release-rules.ts';
import { auth } from './requests.ts';
import type { ServerFacts } from './server-facts.ts';
import { Transcript } from './transcript.ts';
import { type Dialer, WireConnection } from './wire-connection.ts';
import { grantedOn, type HandshakeParts, WireSession } from './wire-session.ts';

/** Connections that one check may have open at once. */
const CONNECTIONS_MAX = 24;

/** What a check stands on: a znode of its own, connections that end with it, what is known of the server. */
export class CheckContext {
  /** A znode that only this check uses. It is there, open to everybody and without children. */
  readonly root: string;
  /** What was found out about the server beforehand. */
  readonly facts: ServerFacts;
  /** What its release does otherwise than others. */
  readonly rules: ReleaseRules;
  /** How long a check may wait for a frame, in ms. */
  readonly timeoutMs: number;
  readonly #dialer: Dialer;
  readonly #transcript: Transcript;
  readonly #connections: WireConnection[] = [];
  readonly #sessions: WireSession[] = [];
  readonly #left: string[] = [];
  /** Fires when the check is over. */
  readonly #over = new AbortController();

  /** The run makes one for every check. */
  constructor(
    root: string,
    facts: ServerFacts,
    rules: ReleaseRules,
    timeoutMs: number,
    dialer: Dialer,
    transcript: Transcript,
  ) {
    this.root = root;
    this.facts = facts;
    this.rules = rules;
    this.timeoutMs = timeoutMs;
    this.#dialer = dialer;
    this.#transcript = transcript;
  }

  /** What the server is taken for. */
  get profile(): Profile {
    return this.facts.profile;
  }

  /** A path below the check's own znode: `t.at('a/b')`. */
  at(name: string): string {
    return `${this.root}/${name}`;
  }

  /** A connection on which nothing has been said. */
  async connection(): Promise<WireConnection> {
    if (this.#connections.length >= CONNECTIONS_MAX) throw new Error('too many connections');
    const over = this.#over.signal;
    const connection = await WireConnection.open(
      (limit) => this.#dialer(AbortSignal.any([limit, over])),
      this.#transcript,
      this.timeoutMs,
    );
    this.#connections.push(connection);
    // The check was given up while the connection was made.
    if (over.aborted) connection.destroy();
    return connection;
  }

  /** A session, new unless the parts name one; closed at the end of the check. */
  async session(parts: HandshakeParts = {}): Promise<WireSession> {
    const session = await WireSession.open(await this.connection(), parts);
    this.#sessions.push(session);
    return session;
  }

  /** A session with a digest identity. */
  async user(credential: string): Promise<WireSession> {
    const session = await this.session();
    await session.ok(auth('digest', credential));
    return session;
  }

  /** Says that the check leaves znodes elsewhere than below its own, to be removed behind it. */
  leaves(paths: readonly string[]): void {
    this.#left.push(...paths);
  }

  /** What is to be removed: its own znode, and those that it has told of. */
  get remains(): readonly string[] {
    return [...this.#left, this.root];
  }

  /** Lets time pass. Rejects when the check is given up meanwhile: nothing of it may outlast the run. */
  async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#over.signal });
  }

  /** Answer to a four-letter word. */
  async word(word: string): Promise<string> {
    return (await this.connection()).ask(word);
  }

  /** Ends the check without a verdict, for a reason that is no fault of the server. */
  excuse(reason: string): never {
    throw new ExcusedCheck(reason);
  }

  /** Ends it so unless the server makes TTL nodes. */
  needTtl(): void {
    if (!this.facts.hasTtl)
      this.excuse('TTL nodes are switched off on this server (extendedTypesEnabled)');
  }

  /**
   * Ends it so where a write that cannot be decoded is not answered and holds up the server: members
   * of an ensemble of 3.9. They are spared.
   */
  needAnswersToBrokenWrites(): void {
    const { profile, mode } = this.facts;
    if (profile !== '3.9' || mode === 'standalone') return;
    this.excuse('members of an ensemble of 3.9 do not answer writes that cannot be decoded');
  }

  /** Ends it so unless a new connection has no identity but its address. */
  needNobody(): void {
    const scheme = this.facts.schemes.find((each) => each !== 'ip');
    if (scheme !== undefined)
      this.excuse(`connections have an identity from the start here (${scheme})`);
  }

  /** Ends it so unless sessions of this server are transactions. */
  needGlobalSessions(): void {
    if (this.facts.localSessions) this.excuse('sessions are local here (localSessionsEnabled)');
  }

  /** Ends it so unless the server answers a four-letter word. */
  needWord(word: string): void {
    if (this.facts.words.has(word)) return;
    this.excuse(`the server does not answer ${word} (4lw.commands.whitelist)`);
  }

  /** Closes the sessions, so that nothing of them is left, and every connection. */
  async end(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#sessions.map((session) => session.close(this.timeoutMs)));
    for (const connection of this.#connections) connection.destroy();
    await this.#closeAbandoned();
  }

  /**
   * Closes the sessions whose connections have ended before: they would expire while other checks
   * run, and each takes a zxid when it does.
   */
  async #closeAbandoned(): Promise<void> {
    const abandoned = new Map(
      this.#connections.flatMap((connection) => {
        const session = grantedOn(connection);
        return session === undefined ? [] : [[session.id, session.password] as const];
      }),
    );
    for (const session of this.#sessions) if (session.closed) abandoned.delete(session.id);
    for (const [sessionId, password] of abandoned) {
      try {
        const connection = await WireConnection.open(
          this.#dialer,
          new Transcript(),
          this.timeoutMs,
        );
        const session = await WireSession.open(connection, { sessionId, password });
        await session.close(this.timeoutMs);
      } catch {
        // It is gone already, or the server is.
      }
    }
  }

  /** Drops every connection now: waits that are under way end. */
  giveUp(): void {
    this.#over.abort();
    for (const connection of this.#connections) connection.destroy();
  }
}
