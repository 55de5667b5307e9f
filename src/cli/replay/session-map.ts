import { OP, type Packet } from '../../codec/index.ts';

/** What the codec makes of a handshake, from either side. */
interface Handshake {
  readonly sessionId: bigint;
  readonly passwd: Buffer | null;
}

interface Stand {
  readonly recordedPassword: Buffer;
  readonly sessionId: bigint;
  readonly password: Buffer;
}

// Where things are in a ConnectRequest: after its version, and after the time-out.
const LAST_ZXID_AT = 4;
const SESSION_ID_AT = 16;
const PASSWORD_AT = 28;
/** In a setWatches: behind the header. */
const RELATIVE_ZXID_AT = 8;

/** What of this replay stands for recorded sessions and zxids. */
export class SessionMap {
  readonly #sessions: Map<bigint, Stand> = new Map();
  /** Recorded zxids and those that came instead, both rising. */
  readonly #zxids: [recorded: bigint, actual: bigint][] = [];

  /** An answer of the server, as it was and as it came. */
  learn(recorded: Packet, actual: Packet): void {
    if (recorded.type === 'ConnectResponse' && actual.type === 'ConnectResponse') {
      this.#learnSession(recorded.record as Handshake, actual.record as Handshake);
      return;
    }
    const before = (recorded.header as { zxid?: bigint } | undefined)?.zxid ?? 0n;
    const now = (actual.header as { zxid?: bigint } | undefined)?.zxid ?? 0n;
    const last = this.#zxids.at(-1);
    if (now > 0n && before > (last?.[0] ?? 0n)) this.#zxids.push([before, now]);
  }

  /** Whether a handshake goes on with a session that this replay has not made. */
  isStranger(handshake: Packet): boolean {
    const { sessionId } = handshake.record as Handshake;
    return sessionId !== 0n && !this.#sessions.has(sessionId);
  }

  /** What to send for a recorded frame: with the sessions and zxids of now. `anew`: ask for a new session. */
  translated(body: Buffer, packet: Packet, anew: boolean): Buffer {
    if (packet.type === 'ConnectRequest') return this.#handshake(body, packet, anew);
    if (packet.op !== OP.setWatches && packet.op !== OP.setWatches2) return body;
    if (packet.record === undefined) return body;
    const copy = Buffer.from(body);
    copy.writeBigInt64BE(this.#zxid(body.readBigInt64BE(RELATIVE_ZXID_AT)), RELATIVE_ZXID_AT);
    return copy;
  }

  #handshake(body: Buffer, packet: Packet, anew: boolean): Buffer {
    const { sessionId, passwd } = packet.record as Handshake;
    const copy = Buffer.from(body);
    copy.writeBigInt64BE(this.#zxid(body.readBigInt64BE(LAST_ZXID_AT)), LAST_ZXID_AT);
    const stand = this.#sessions.get(sessionId);
    if (anew) {
      copy.writeBigInt64BE(0n, SESSION_ID_AT);
      copy.fill(0, PASSWORD_AT, PASSWORD_AT + (passwd?.length ?? 0));
    } else if (stand !== undefined) {
      copy.writeBigInt64BE(stand.sessionId, SESSION_ID_AT);
      // A wrong password stays wrong.
      if (passwd?.equals(stand.recordedPassword) && passwd.length === stand.password.length) {
        copy.set(stand.password, PASSWORD_AT);
      }
    }
    return copy;
  }

  #learnSession(recorded: Handshake, actual: Handshake): void {
    if (recorded.sessionId === 0n || actual.sessionId === 0n) return;
    this.#sessions.set(recorded.sessionId, {
      recordedPassword: Buffer.from(recorded.passwd ?? []),
      sessionId: actual.sessionId,
      password: Buffer.from(actual.passwd ?? []),
    });
  }

  /** A server hangs up on who has seen more than it has, so what is not known is nothing. */
  #zxid(recorded: bigint): bigint {
    if (recorded <= 0n) return recorded;
    return this.#zxids.findLast(([before]) => before <= recorded)?.[1] ?? 0n;
  }
}
