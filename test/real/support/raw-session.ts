import {
  type JuteReader,
  type JuteWriter,
  OP,
  type WatcherEvent,
} from '../../../src/codec/index.ts';
import { LinkError, RequestError } from '../../../src/errors.ts';
import { Pipeline } from '../../../src/pipeline/index.ts';
import { handshake, type SessionGrant } from '../../../src/session/handshake.ts';
import { dial } from '../../../src/transport/index.ts';

const NOBODY = { sessionId: 0n, password: Buffer.alloc(16) };

/** A session that sends what it is told to, and keeps what comes: no watches of its own, no pings. */
export class RawSession {
  /** Watch events, in order: `type path zxid`, without the zxid where there is none. */
  readonly events: string[] = [];
  grant: SessionGrant;
  readonly #port: number;
  #pipeline: Pipeline;

  private constructor(port: number) {
    this.#port = port;
    // Both are there when `open` gives it.
    this.grant = null as unknown as SessionGrant;
    this.#pipeline = null as unknown as Pipeline;
  }

  static async open(port: number): Promise<RawSession> {
    const session = new RawSession(port);
    await session.#connect(NOBODY);
    return session;
  }

  /** Takes the session to a new connection; the watches of the old one are gone then. */
  async reconnect(): Promise<void> {
    this.#pipeline.destroy(new LinkError('LINK_DESTROYED', 'test'));
    await this.#connect(this.grant);
  }

  /** Zxid of the last reply. */
  get zxid(): bigint {
    return this.#pipeline.lastZxidSeen;
  }

  /** Sends one request and gives the code of its answer; its body is not looked at. */
  async code(op: number, write: (writer: JuteWriter) => void): Promise<number> {
    const error = await this.ask(op, write, readNothing).then(
      () => null,
      (reason: unknown) => reason,
    );
    if (error === null) return 0;
    if (error instanceof RequestError && error.serverCode !== undefined) return error.serverCode;
    throw error;
  }

  ask<T>(
    op: number,
    write: (writer: JuteWriter) => void,
    read: (reader: JuteReader) => T,
  ): Promise<T> {
    write(this.#pipeline.begin(op, null));
    return this.#pipeline.promise(read);
  }

  async close(): Promise<void> {
    await this.code(OP.closeSession, () => {});
    this.#pipeline.destroy(new LinkError('LINK_DESTROYED', 'test'));
  }

  async #connect(of: { sessionId: bigint; password: Uint8Array }): Promise<void> {
    const link = await dial({ host: '127.0.0.1', port: this.#port });
    const { sessionId, password } = of;
    const asked = { sessionTimeoutMs: 30_000, lastZxidSeen: 0n, readOnly: false };
    const wish = { sessionId, password, ...asked };
    const events = {
      onNotification: ({ type, path }: WatcherEvent, zxid: bigint | null): void => {
        this.events.push(zxid === null ? `${type} ${path}` : `${type} ${path} ${zxid}`);
      },
    };
    await handshake(link, wish, (grant) => {
      this.grant = grant;
      this.#pipeline = new Pipeline(link, { events });
      return this.#pipeline;
    });
  }
}

function readNothing(): void {
  // What the pipeline finds unread it counts, no more.
}
