import { writeConnectAcceptance } from '../../../src/codec/connect.ts';
import { JuteWriter } from '../../../src/codec/jute-writer.ts';
import { OP } from '../../../src/codec/operations.ts';
import { writeReplyHeader, writeWatcherEvent } from '../../../src/codec/records.gen.ts';
import { XID_AUTH, XID_NOTIFICATION, XID_PING, XID_SET_WATCHES } from '../../../src/codec/xids.ts';
import type { ServerFrame, SimSocket, WrittenFrame } from '../network/sim-socket.ts';
import {
  brokenFrame,
  type FrameFault,
  HANDSHAKE_ANSWERS,
  type HandshakeFault,
} from './frame-faults.ts';
import type { SimServer } from './server.ts';
import type { Session } from './session-table.ts';

/** Frames are encoded one at a time, all in here. */
const writer: JuteWriter = JuteWriter.standalone(4096);

const HANDSHAKE = { kind: 'handshake', xid: 0, op: 0, zxid: 0, err: 0, path: null } as const;

/** What a server says on one connection, frame by frame; broken where the faults want it. */
export class ServerOutput {
  /** The next answer to a request is broken like this. */
  nextFrameFault: FrameFault | null = null;
  readonly #server: SimServer;
  readonly #socket: Pick<SimSocket, 'ordinal' | 'serverWrite'>;

  constructor(server: SimServer, socket: Pick<SimSocket, 'ordinal' | 'serverWrite'>) {
    this.#server = server;
    this.#socket = socket;
  }

  /** `readOnly` undefined: without that byte. */
  grant({ timeoutMs, id, password }: Session, readOnly: boolean | undefined): void {
    this.#begin();
    writeConnectAcceptance(writer, timeoutMs, id, password, readOnly);
    this.#send(HANDSHAKE);
  }

  /** The session asked for is gone. */
  refuseSession(readOnly: boolean | undefined): void {
    this.#begin();
    writeConnectAcceptance(writer, 0, 0n, Buffer.alloc(16), readOnly);
    this.#send({ ...HANDSHAKE, err: -112 });
  }

  /** Answers a handshake with what is no answer. */
  oddAnswer(fault: HandshakeFault): void {
    const bytes = Buffer.from(HANDSHAKE_ANSWERS[fault], 'hex');
    if (bytes.length > 0) this.#socket.serverWrite(bytes, { ...HANDSHAKE, kind: 'garbage' });
  }

  event(type: number, path: string, zxid: number): void {
    const told = zxid > 0 && this.#server.ensemble.dialect.zxidInEvents ? zxid : -1;
    this.#begin();
    writeReplyHeader(writer, XID_NOTIFICATION, BigInt(told), 0);
    writeWatcherEvent(writer, type, 3, path);
    this.#send({ kind: 'event', xid: -1, op: type, zxid, err: 0, path });
  }

  /** Gives whether the connection ends in the middle of it. */
  reply(
    xid: number,
    op: number,
    zxid: number,
    err: number,
    body: ((writer: JuteWriter) => void) | undefined,
  ): boolean {
    const shown = op === OP.ping ? XID_PING : xid;
    this.#begin();
    writeReplyHeader(writer, shown, BigInt(zxid), err);
    if (err === 0) body?.(writer);
    const kind = kindOf(shown);
    const fault = kind === 'reply' ? this.nextFrameFault : null;
    if (fault !== null) {
      writer.endFrame();
      const broken = brokenFrame(fault, writer.finished(), op, err);
      if (broken !== null) {
        this.nextFrameFault = null;
        this.#socket.serverWrite(broken, { kind: 'garbage', xid, op, zxid, err, path: null });
        return fault === 'cut';
      }
    }
    this.#send({ kind, xid: shown, op, zxid, err, path: null });
    return false;
  }

  #begin(): void {
    writer.offset = 0;
    writer.beginFrame();
  }

  #send(frame: WrittenFrame): void {
    writer.endFrame();
    this.#server.ensemble.onServerFrame(this.#socket.ordinal, frame);
    this.#socket.serverWrite(writer.finished(), frame);
  }
}

function kindOf(xid: number): ServerFrame['kind'] {
  if (xid === XID_PING) return 'pong';
  if (xid === XID_AUTH) return 'auth';
  return xid === XID_SET_WATCHES ? 'set-watches' : 'reply';
}
