import { readConnectHandshake, writeConnectAcceptance } from '../../../src/codec/connect.ts';
import { JuteReader } from '../../../src/codec/jute-reader.ts';
import { JuteWriter } from '../../../src/codec/jute-writer.ts';
import { readGetDataResponse } from '../../../src/codec/records.gen.ts';
import type { WaitLimits } from '../../../src/pipeline/index.ts';
import { parseConnectString } from '../../../src/session/connect-string.ts';
import { Session } from '../../../src/session/session.ts';
import type { StateEvent } from '../../../src/session/session-events.ts';
import type { SessionOptions } from '../../../src/session/session-options.ts';
import { formatHost } from '../../../src/transport/index.ts';
import { beginGet, type SentFrame, sentFrames } from '../pipeline/frames.ts';
import { shown } from '../pipeline/pipelines.ts';
import { ScriptedLink } from '../pipeline/scripted-link.ts';
import { ManualClock } from './manual-clock.ts';

export const TIMEOUT_MS = 12_000;
export const PASSWORD: Buffer = Buffer.alloc(16, 0x5a);

export interface Grant {
  readonly sessionId?: bigint;
  readonly timeoutMs?: number;
  readonly readOnly?: boolean;
}

/** One attempt of the client at one server, played by the test. */
export class ScriptedAttempt {
  readonly host: string;
  readonly link: ScriptedLink = new ScriptedLink();
  readonly #resolve: (link: ScriptedLink) => void;
  readonly #reject: (error: Error) => void;
  /** Fires when the client has given the attempt up. */
  readonly signal: AbortSignal;

  constructor(
    host: string,
    signal: AbortSignal,
    resolve: (link: ScriptedLink) => void,
    reject: (error: Error) => void,
  ) {
    this.host = host;
    this.signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** TCP is up. */
  async up(): Promise<void> {
    this.#resolve(this.link);
    await turn();
  }

  async refuse(): Promise<void> {
    this.#reject(new Error('connection refused'));
    await turn();
  }

  /** The server's answer to the handshake. */
  async grant({
    sessionId = 0x77n,
    timeoutMs = TIMEOUT_MS,
    readOnly = false,
  }: Grant = {}): Promise<void> {
    const writer = JuteWriter.standalone();
    writer.beginFrame();
    writeConnectAcceptance(writer, timeoutMs, sessionId, PASSWORD, readOnly);
    writer.endFrame();
    this.link.deliver(writer.finished());
    await turn();
  }

  /** TCP up and a session granted. */
  async accept(grant: Grant = {}): Promise<void> {
    await this.up();
    await this.grant(grant);
  }

  async expire(): Promise<void> {
    await this.up();
    await this.grant({ sessionId: 0n, timeoutMs: 0 });
  }

  async over(): Promise<void> {
    this.link.over();
    await turn();
  }

  async deliver(...frames: readonly Buffer[]): Promise<void> {
    this.link.deliver(...frames);
    await turn();
  }

  /** What the client asked for in its first frame. */
  get wish(): ReturnType<typeof readConnectHandshake> {
    const reader = JuteReader.over(this.link.writes[0]!);
    reader.take(4);
    return readConnectHandshake(reader);
  }

  /** Requests that have left, handshake not counted. */
  get sent(): SentFrame[] {
    return sentFrames(this.link.writes.slice(1));
  }

  /** `xid op` of each. */
  get sentXids(): string[] {
    return this.sent.map(({ xid, op }) => `${xid} ${op}`);
  }
}

/** A session whose servers are the test. */
export class ScriptedNetwork {
  readonly clock: ManualClock = new ManualClock();
  readonly attempts: ScriptedAttempt[] = [];
  readonly events: StateEvent[] = [];
  readonly thrown: [unknown, string][] = [];
  /** What became of `get`s: `name=data` or `name=CODE/outcome`. */
  readonly log: string[] = [];
  readonly session: Session;

  /** `starts` false: its session is to be started by the test. */
  constructor(connectString = 'a:1,b:1,c:1', options: Partial<SessionOptions> = {}, starts = true) {
    this.session = new Session({
      ...parseConnectString(connectString),
      clock: this.clock,
      // Leaves the servers in the order of the connect string, and takes all of every jitter.
      random: () => 1 - Number.EPSILON,
      sessionTimeoutMs: TIMEOUT_MS,
      connectTimeoutMs: 10_000,
      readOnly: false,
      afterExpiry: 'new-session',
      whileDisconnected: 'wait',
      credentials: [],
      onState: (event) => void this.events.push(event),
      onCallbackError: (error, where) => void this.thrown.push([error, where]),
      dialer: ({ host, port }, signal) =>
        new Promise((resolve, reject) => {
          this.attempts.push(new ScriptedAttempt(formatHost(host, port), signal, resolve, reject));
        }),
      ...options,
    });
    if (starts) this.session.start();
  }

  /** A session on the first server, of which nothing has been told yet. */
  static async connected(
    connectString?: string,
    options?: Partial<SessionOptions>,
  ): Promise<{ network: ScriptedNetwork; session: Session; first: ScriptedAttempt }> {
    const network = new ScriptedNetwork(connectString, options);
    const first = network.attempt;
    await first.accept();
    network.told();
    return { network, session: network.session, first };
  }

  /** The newest attempt. */
  get attempt(): ScriptedAttempt {
    return this.attempts.at(-1)!;
  }

  /** Asks for `/name` and logs what becomes of it. */
  get(name: string, limits?: WaitLimits): void {
    const { pipeline } = this.session;
    try {
      beginGet(pipeline, `/${name}`);
      pipeline.promise(readGetDataResponse, limits).then(
        (value) => this.log.push(`${name}=${value.data}`),
        (error: unknown) => this.log.push(`${name}=${shown(error)}`),
      );
    } catch (error) {
      this.log.push(`${name}=${shown(error)}`);
    }
  }

  /** `state host` of everything told, and forgets it. */
  told(): string[] {
    return this.events
      .splice(0)
      .map((event) => ('host' in event ? `${event.state} ${event.host}` : event.state));
  }

  async advance(ms: number): Promise<void> {
    this.clock.advance(ms);
    await turn();
  }
}

/** Lets everything happen that is due now. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
