import type { OperationName } from '../../codec/index.ts';
import { fail } from '../failure.ts';
import type { HeardHandshake, HeardRequest } from '../script/heard-frame.ts';
import type { ScriptConnection } from '../script/script-connection.ts';
import type { ScriptedServer } from '../script/scripted-server.ts';
import type { Grant } from '../script/server-frames.ts';
import type { ClientProfile } from './client-check.ts';
import type { Driver } from './driver.ts';
import type { FrameJudge } from './frame-judge.ts';
import { goodAnswer } from './good-answer.ts';

/** Session time-out that checks ask for which wait for no time to pass: no ping falls into them. */
const CALM_TIMEOUT_MS = 30_000;

/** `u:p`. */
const CREDENTIAL = '753a70';

/** How a session is made. */
export interface SessionParts {
  /** Time-out to ask for, in ms. Default 30,000. */
  readonly timeoutMs?: number;
  /** Ask for a server that may be read-only. Default false. */
  readonly readOnly?: boolean;
  /** What the server grants that was not asked for. */
  readonly grant?: Partial<Grant>;
}

/** A session that stands. */
export interface OpenSession {
  /** The client's connection. */
  readonly connection: ScriptConnection;
  /** What it asked for. */
  readonly handshake: HeardHandshake;
  /** What it got. */
  readonly granted: Grant;
}

/** What a check of a client stands on: the server that it plays, and the client's process. */
export class ClientContext {
  /** What the client connects to. */
  readonly server: ScriptedServer;
  /** The client. */
  readonly driver: Driver;
  /** Which server it is shown. */
  readonly profile: ClientProfile;
  /** What has been seen of the client's frames. */
  readonly judge: FrameJudge;

  /** @internal made by the run */
  constructor(server: ScriptedServer, driver: Driver, profile: ClientProfile, judge: FrameJudge) {
    this.judge = judge;
    this.server = server;
    this.driver = driver;
    this.profile = profile;
  }

  /** Longest wait for one thing, in ms. */
  get timeoutMs(): number {
    return this.server.timeoutMs;
  }

  /** Zxid in the header of a notification of the transaction `zxid`. */
  eventZxid(zxid: bigint): bigint {
    return this.profile === '3.8' ? -1n : zxid;
  }

  /** Tells the client to connect. */
  connect(parts: SessionParts = {}): ReturnType<Driver['ok']> {
    const { timeoutMs = CALM_TIMEOUT_MS, readOnly = false } = parts;
    const connected = this.driver.ok('connect', timeoutMs, ...(readOnly ? ['readonly'] : []));
    // Whoever plays the server may fail first.
    connected.catch(() => {});
    return connected;
  }

  /** Connects the client and grants it a session. */
  async open(parts: SessionParts = {}): Promise<OpenSession> {
    const connected = this.connect(parts);
    const session = await this.admit(parts.grant);
    await connected;
    return session;
  }

  /** The first connection; tells of a driver that has no way to make one. */
  async accept(connected: Promise<unknown>): Promise<ScriptConnection> {
    const accepted = this.#next(undefined);
    accepted.catch(() => {});
    const early = connected.then(() => fail('expected a connection, and the client made none'));
    early.catch(() => {});
    return Promise.race([accepted, early]);
  }

  /** Grants a session to the next connection. */
  async admit(grant: Partial<Grant> = {}, withinMs?: number): Promise<OpenSession> {
    const connection = await this.#next(withinMs);
    const handshake = await connection.expectHandshake();
    return { connection, handshake, granted: connection.grant(handshake, grant) };
  }

  /** The next connection. Nobody waits for that of a client whose process has ended. */
  #next(withinMs: number | undefined): Promise<ScriptConnection> {
    const accepted = this.server.accept(withinMs === undefined ? {} : { withinMs });
    accepted.catch(() => {});
    return Promise.race([accepted, this.driver.gone]);
  }

  /** Lets the client do something, and answers the request that must come as a good server does. */
  async exchange(
    connection: ScriptConnection,
    operations: OperationName | readonly OperationName[],
    ...words: readonly (string | number)[]
  ): Promise<HeardRequest> {
    const done = this.driver.ok(...words);
    done.catch(() => {});
    const request = await this.request(connection, operations, done);
    connection.reply(request, goodAnswer(request));
    await done;
    return request;
  }

  /** Gives the client a credential. Its answer may come at once: not every client tells when the server has it. */
  async login(connection: ScriptConnection): Promise<void> {
    const done = this.driver.ok('auth', 'digest', CREDENTIAL);
    done.catch(() => {});
    connection.reply(await connection.expect('auth'));
    await done;
  }

  /** The request that a command leads to. When the driver answers before, that is what is told. */
  async request(
    connection: ScriptConnection,
    operations: OperationName | readonly OperationName[],
    done: Promise<unknown>,
  ): Promise<HeardRequest> {
    const early = done.then(
      () => fail('expected a request, and the client answered without one'),
      (error: unknown) => {
        throw error;
      },
    );
    early.catch(() => {});
    const request = connection.expect(operations);
    request.catch(() => {});
    return Promise.race([request, early]);
  }
}
