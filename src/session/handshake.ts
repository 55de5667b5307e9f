import {
  type ConnectAcceptance,
  isConnectRefusal,
  readConnectAnswer,
  writeConnectHandshake,
} from '../codec/connect.ts';
import { FRAME_INCOMPLETE, FrameCutter } from '../codec/frame-cutter.ts';
import { JuteReader } from '../codec/jute-reader.ts';
import { JuteWriter } from '../codec/jute-writer.ts';
import { serverCodeLabel } from '../codec/server-codes.ts';
import type { Slab } from '../codec/slab-pool.ts';
import { ConnectError, LinkError, WireError } from '../errors.ts';
import type { ByteLink, LinkHandler } from '../transport/byte-link.ts';

/** What the client asks for in its first frame. */
export interface SessionWish {
  /** To ask for; the server clamps it. */
  readonly sessionTimeoutMs: number;
  /** Greatest zxid seen in ordinary replies of the session so far. */
  readonly lastZxidSeen: bigint;
  /** 0n for a new session. */
  readonly sessionId: bigint;
  /** 16 bytes. */
  readonly password: Uint8Array;
  /** Accept a server in read-only mode. */
  readonly readOnly: boolean;
}

/** What the server granted. */
export interface SessionGrant {
  /** Of the new session, or of the one that goes on. */
  readonly sessionId: bigint;
  /** 16 bytes. A secret: with it anybody can take the session over. Not enumerable. */
  readonly password: Buffer;
  /** Granted by the server, which clamps what was asked for. */
  readonly sessionTimeoutMs: number;
  /** The server is in read-only mode. */
  readonly readOnly: boolean;
}

/** No answer to a ConnectRequest is longer; a larger "frame" is not ZooKeeper. */
const ANSWER_BYTES_MAX = 1024;

/** Makes the handler of everything after the handshake. Called in the read path, before the next byte is looked at. */
export type HandOver<T extends LinkHandler> = (grant: SessionGrant) => T;

/**
 * Sends the ConnectRequest and waits for its answer. The rest of the stream goes to what `handOver`
 * makes. Rejects with a ConnectError; the caller bounds the time and destroys the link.
 */
export function handshake<T extends LinkHandler>(
  link: ByteLink,
  wish: SessionWish,
  handOver: HandOver<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    link.start(new HandshakeHandler(link, wish, handOver, resolve, reject));
    sendConnectRequest(link, wish);
  });
}

function sendConnectRequest(link: ByteLink, wish: SessionWish): void {
  const slab = link.pool.acquire();
  const writer = new JuteWriter(slab.bytes, slab.view, () => {
    throw new RangeError('a connect request does not fit into a slab');
  });
  writer.beginFrame();
  writeConnectHandshake(
    writer,
    wish.lastZxidSeen,
    wish.sessionTimeoutMs,
    wish.sessionId,
    wish.password,
    wish.readOnly,
  );
  writer.endFrame();
  link.write(slab, 0, writer.offset);
}

/**
 * With TLS 1.3 a client is through with its part before the server has looked at the client's
 * certificate: what the server thinks of it comes as an alert on a connection that seemed to stand.
 */
function isTlsVerdict(cause: unknown): boolean {
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  return typeof code === 'string' && code.startsWith('ERR_SSL_');
}

class HandshakeHandler<T extends LinkHandler> implements LinkHandler {
  readonly #link: ByteLink;
  readonly #wish: SessionWish;
  readonly #handOver: HandOver<T>;
  readonly #resolve: (handler: T) => void;
  readonly #reject: (error: unknown) => void;
  readonly #cutter: FrameCutter = new FrameCutter(0, ANSWER_BYTES_MAX);

  constructor(
    link: ByteLink,
    wish: SessionWish,
    handOver: HandOver<T>,
    resolve: (handler: T) => void,
    reject: (error: unknown) => void,
  ) {
    this.#link = link;
    this.#wish = wish;
    this.#handOver = handOver;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get wantedBytes(): number {
    return this.#cutter.wantedBytes;
  }

  onBytes(slab: Slab, start: number, end: number): number {
    let next: number;
    let handler: T;
    try {
      next = this.#cutter.cut(slab.view, start, end);
      if (next === FRAME_INCOMPLETE) return start;
      handler = this.#handOver(this.#readGrant(slab, start, next));
    } catch (cause) {
      this.#fail(cause);
      return end;
    }
    this.#link.start(handler);
    this.#resolve(handler);
    return next === end ? end : handler.onBytes(slab, next, end);
  }

  onDrain(): void {}

  onEnd(error: LinkError): void {
    const code = isTlsVerdict(error.cause) ? 'TLS_FAILED' : 'HANDSHAKE_CLOSED';
    this.#reject(new ConnectError(code, this.#link.host, undefined, error));
  }

  #readGrant(slab: Slab, start: number, end: number): SessionGrant {
    const reader = new JuteReader();
    reader.useSlab(this.#link.pool, slab);
    reader.frame(start, end);
    const answer = readConnectAnswer(reader);
    if (isConnectRefusal(answer)) {
      const detail = `the server refused the session with ${serverCodeLabel(answer.refused)}`;
      throw new ConnectError('HANDSHAKE_REFUSED', this.#link.host, detail);
    }
    if (answer.timeOut <= 0) throw this.#expired();
    // Kept, it would be asked for as a new session, and every answer would be another one's.
    if (answer.sessionId === 0n) {
      throw new ConnectError('BAD_HANDSHAKE', this.#link.host, 'the session granted has no id');
    }
    return grantOf(answer);
  }

  #expired(): ConnectError {
    const id = this.#wish.sessionId;
    const detail =
      id === 0n
        ? 'the server granted a new session no time'
        : 'the session has expired, is unknown to the server, or its password is wrong';
    return new ConnectError('SESSION_EXPIRED', this.#link.host, detail);
  }

  #fail(cause: unknown): void {
    const error =
      cause instanceof WireError
        ? new ConnectError('BAD_HANDSHAKE', this.#link.host, undefined, cause)
        : cause;
    this.#reject(error);
    this.#link.destroy(new LinkError('PROTOCOL_VIOLATION', this.#link.host, cause));
  }
}

function grantOf(answer: ConnectAcceptance): SessionGrant {
  const grant = {
    sessionId: answer.sessionId,
    sessionTimeoutMs: answer.timeOut,
    readOnly: answer.readOnly ?? false,
  };
  // Copied: the answer lies in a slab that is read into again. Not enumerable: no log shows it by accident.
  const password = Buffer.from(answer.passwd ?? Buffer.alloc(0));
  return Object.defineProperty(grant, 'password', { value: password }) as SessionGrant;
}
