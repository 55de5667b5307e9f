import {
  type ConnectHandshake,
  readConnectHandshake,
  writeConnectAcceptance,
} from '../../../src/codec/connect.ts';
import { JuteReader } from '../../../src/codec/jute-reader.ts';
import { JuteWriter } from '../../../src/codec/jute-writer.ts';
import { OP } from '../../../src/codec/operations.ts';
import {
  type Id,
  readAuthPacket,
  readSyncRequest,
  writeReplyHeader,
  writeSetSASLResponse,
  writeSyncResponse,
  writeWatcherEvent,
} from '../../../src/codec/records.gen.ts';
import { SERVER_CODE } from '../../../src/codec/server-codes.ts';
import { XID_AUTH, XID_NOTIFICATION, XID_PING, XID_SET_WATCHES } from '../../../src/codec/xids.ts';
import type { StreamEnd } from '../network/pipe.ts';
import type { ServerFrame, SimSocket, SocketPeer, WrittenFrame } from '../network/sim-socket.ts';
import { digestId } from './acl.ts';
import { headerError, writeWriteAnswer } from './answers.ts';
import {
  brokenFrame,
  type FrameFault,
  HANDSHAKE_ANSWERS,
  type HandshakeFault,
} from './frame-faults.ts';
import { answerRead, type ReadAnswer } from './reads.ts';
import type { ArmedKind, Watcher } from './replica.ts';
import { readWrite } from './requests.ts';
import type { SimServer } from './server.ts';
import type { Session } from './session-table.ts';
import type { Transaction } from './transaction.ts';

/** The server's end of a connection. */
export type ServerSocket = Pick<
  SimSocket,
  | 'ordinal'
  | 'ended'
  | 'grantedSession'
  | 'armed'
  | 'unexecuted'
  | 'serverWrite'
  | 'serverClose'
  | 'reset'
  | 'vanish'
>;

/** A request in its turn. `answer` is null while the leader has it. */
interface Waiting {
  readonly xid: number;
  readonly op: number;
  answer: (() => void) | null;
}

/** Bytes kept of one request. */
const FRAME_BYTES_MAX = 0xfffff;

/** Frames are encoded one at a time, all in here. */
const writer: JuteWriter = JuteWriter.standalone(4096);

/** A server's half of a connection: frames in, requests in order, frames out. */
export class ServerConnection implements SocketPeer, Watcher {
  readonly server: SimServer;
  readonly socket: ServerSocket;
  readOnly = false;
  ids: readonly Id[] = [{ scheme: 'ip', id: '127.0.0.1' }];
  /** The next answer to a request is broken like this. */
  nextFrameFault: FrameFault | null = null;
  #session: Session | null = null;
  #state: 'new' | 'shaking' | 'open' | 'closing' | 'closed' = 'new';
  #input: Buffer[] = [];
  #inputBytes = 0;
  /** Bytes without which there is no frame to look at. */
  #wantedBytes = 4;
  readonly #waiting: Waiting[] = [];
  /** The request had the readOnly byte, so the answer has it. */
  #withReadOnly = false;
  #lookScheduled = false;

  constructor(server: SimServer, socket: ServerSocket) {
    this.server = server;
    this.socket = socket;
  }

  get sessionId(): bigint | null {
    return this.#session?.id ?? null;
  }

  get session(): Session | null {
    return this.#session;
  }

  get open(): boolean {
    return this.#state === 'open';
  }

  // Bytes in.

  received(bytes: Buffer): void {
    if (this.#state === 'closed') return;
    this.#input.push(bytes);
    this.#inputBytes += bytes.length;
    if (this.#inputBytes >= this.#wantedBytes) this.#lookLater();
  }

  over(_how: StreamEnd): void {
    if (this.server.frozen) {
      // A stopped process does not notice; its kernel does, when it goes on.
      this.#input = [];
      return;
    }
    this.#forget();
  }

  thaw(): void {
    if (this.socket.ended) this.#forget();
    else if (this.#input.length > 0) this.#lookLater();
  }

  #lookLater(): void {
    if (this.#lookScheduled || this.server.frozen) return;
    const { slowMs } = this.server.faults;
    if (slowMs === 0) {
      this.#look();
      return;
    }
    this.#lookScheduled = true;
    this.server.scheduler.after(slowMs, () => {
      this.#lookScheduled = false;
      if (!this.server.frozen) this.#look();
    });
  }

  #look(): void {
    let bytes = Buffer.concat(this.#input.splice(0));
    if (this.#state === 'new' && bytes.toString('latin1', 0, 4) === 'isro') {
      this.#answerWord();
      return;
    }
    while (bytes.length >= 4 && (this.#state === 'new' || this.#state === 'open')) {
      const length = bytes.readInt32BE(0);
      if (length < 0 || length > FRAME_BYTES_MAX) {
        this.close();
        return;
      }
      this.#wantedBytes = 4 + length;
      if (bytes.length < this.#wantedBytes) break;
      this.#wantedBytes = 4;
      const reader = JuteReader.over(bytes);
      reader.frame(0, 4 + length);
      if (this.#state === 'new') this.#shakeHands(readConnectHandshake(reader));
      else this.#request(reader);
      bytes = bytes.subarray(4 + length);
    }
    this.#inputBytes = bytes.length;
    if (bytes.length > 0 && this.#state !== 'closed') this.#input.unshift(bytes);
  }

  /** `isro`: whether the server is in read-only mode; one without a leader says something else. */
  #answerWord(): void {
    const { server } = this;
    const word = server.following ? 'rw' : server.readOnly ? 'ro' : 'null';
    this.socket.serverWrite(Buffer.from(word), null);
    this.close();
  }

  // The handshake.

  #shakeHands(request: ConnectHandshake): void {
    const { server } = this;
    this.#withReadOnly = request.readOnly !== undefined;
    if (server.faults.handshake !== null) {
      this.#answerOddly(server.faults.handshake);
      return;
    }
    if (!server.following && !(server.readOnly && request.readOnly === true)) {
      this.close();
      return;
    }
    // "Refusing session request: client must try another server."
    if (request.lastZxidSeen > BigInt(server.replica.zxid)) {
      this.close();
      return;
    }
    if (!server.following) {
      this.#grantReadOnly(request);
      return;
    }
    this.#state = 'shaking';
    const wishedMs = request.timeOut;
    if (request.sessionId === 0n) {
      server.toLeader.push(() => server.ensemble.proposeSession(server, wishedMs, this));
    } else {
      this.#resume(request.sessionId, Buffer.from(request.passwd ?? []), wishedMs);
    }
  }

  #resume(id: bigint, password: Buffer, wishedMs: number): void {
    const { server } = this;
    const { ensemble } = server;
    // The connection that the session had here is closed first, whatever the password is.
    for (const other of [...server.connections]) {
      if (other !== this && other.sessionId === id) other.close();
    }
    const known = ensemble.sessions.get(id);
    if (known !== undefined && !known.password.equals(password)) {
      this.#refuseSession();
      return;
    }
    server.toLeader.push(() => {
      const session = ensemble.revalidate(server, id, wishedMs);
      server.fromLeader.push(() => {
        if (this.#state !== 'shaking') return;
        if (session === null) this.#refuseSession();
        else this.#grant(session);
      });
    });
  }

  #grantReadOnly(request: ConnectHandshake): void {
    this.readOnly = true;
    const { sessions } = this.server.ensemble;
    this.#session = {
      id: request.sessionId === 0n ? BigInt(this.socket.ordinal + 1) : request.sessionId,
      password: Buffer.alloc(16, 7),
      timeoutMs: sessions.negotiate(request.timeOut),
      owner: null,
      expiresMs: Number.POSITIVE_INFINITY,
      closed: false,
    };
    this.#grant(this.#session);
  }

  #grant(session: Session): void {
    this.#session = session;
    this.socket.grantedSession = session.id;
    this.#state = 'open';
    const readOnly = this.#withReadOnly ? this.readOnly : undefined;
    writer.offset = 0;
    writer.beginFrame();
    writeConnectAcceptance(writer, session.timeoutMs, session.id, session.password, readOnly);
    this.#sendFrame({ kind: 'handshake', xid: 0, op: 0, zxid: 0, err: 0, path: null });
    this.#lookLater();
  }

  #refuseSession(): void {
    writer.offset = 0;
    writer.beginFrame();
    const readOnly = this.#withReadOnly ? false : undefined;
    writeConnectAcceptance(writer, 0, 0n, Buffer.alloc(16), readOnly);
    this.#sendFrame({ kind: 'handshake', xid: 0, op: 0, zxid: 0, err: -112, path: null });
    this.close();
  }

  /** What is no answer; only some of those who give it close the connection. */
  #answerOddly(fault: HandshakeFault): void {
    this.#state = 'closing';
    const bytes = Buffer.from(HANDSHAKE_ANSWERS[fault], 'hex');
    if (bytes.length > 0) {
      const frame = { kind: 'garbage', xid: 0, op: 0, zxid: 0, err: 0, path: null } as const;
      this.socket.serverWrite(bytes, frame);
    }
    if (fault !== 'refusal') this.close();
  }

  // Requests.

  #request(reader: JuteReader): void {
    const xid = reader.int();
    const op = reader.int();
    this.#touch();
    if (op === OP.auth) {
      this.#auth(xid, reader);
      return;
    }
    if (op === OP.sasl) {
      this.#reply(xid, op, 0, 0, (out) => writeSetSASLResponse(out, null));
      return;
    }
    const instead = this.#refusedAtRandom(op);
    if (instead !== 0) {
      this.socket.unexecuted.add(xid);
      this.#answerInTurn(xid, op, { err: instead });
      return;
    }
    const write = readWrite(op, reader);
    if (op === OP.closeSession && this.readOnly) {
      // The answer comes, the socket stays open (seen on 3.8.0 and 3.9.5).
      this.#answerInTurn(xid, op, { err: 0 });
      return;
    }
    if (write !== null && this.readOnly) {
      this.socket.unexecuted.add(xid);
      this.#answerInTurn(xid, op, { err: SERVER_CODE.NOTREADONLY });
      return;
    }
    if (write !== null) {
      this.#forward(xid, op, write);
      return;
    }
    if (op === OP.sync) {
      this.#sync(xid, readSyncRequest(reader).path ?? '');
      return;
    }
    // The body is a view of bytes that are gone when the turn comes.
    const body = JuteReader.over(Buffer.from(reader.bytes.subarray(reader.offset, reader.end)));
    this.#enqueue(xid, op, () => {
      const answer = answerRead(op, body, this);
      this.#reply(xid, op, this.server.replica.zxid, answer.err, answer.body);
      if (answer.close === true) this.close();
    });
  }

  #refusedAtRandom(op: number): number {
    const { faults, ensemble } = this.server;
    if (op === OP.ping || op === OP.closeSession || isAboutWatches(op)) return 0;
    if (ensemble.random.chance(faults.throttleChance)) return SERVER_CODE.THROTTLEDOP;
    return ensemble.random.chance(faults.unknownCodeChance) ? -999 : 0;
  }

  #touch(): void {
    const { ensemble } = this.server;
    if (this.#session === null || this.#session.closed || !this.server.following) return;
    if (this.server.working && ensemble.leader?.working === true) {
      ensemble.sessions.touch(this.#session, ensemble.nowMs);
    }
  }

  #auth(xid: number, reader: JuteReader): void {
    const { scheme, auth } = readAuthPacket(reader);
    if (scheme !== 'digest') {
      this.#reply(xid, OP.auth, 0, SERVER_CODE.AUTHFAILED);
      this.close();
      return;
    }
    this.ids = [...this.ids, digestId((auth ?? Buffer.alloc(0)).toString())];
    this.#reply(xid, OP.auth, 0, 0);
  }

  #forward(
    xid: number,
    op: number,
    { request, path }: NonNullable<ReturnType<typeof readWrite>>,
  ): void {
    const { server, ids } = this;
    const session = this.#session?.id ?? 0n;
    this.#waiting.push({ xid, op, answer: null });
    const socket = this.socket.ordinal;
    const write = { session, xid, op, path, request, ids, origin: this, socket };
    server.toLeader.push(() => server.ensemble.propose(server, write));
  }

  #sync(xid: number, path: string): void {
    const { server } = this;
    const waiting: Waiting = { xid, op: OP.sync, answer: null };
    this.#waiting.push(waiting);
    const answered = (): void => {
      waiting.answer = () => {
        this.#reply(xid, OP.sync, server.replica.zxid, 0, (out) => writeSyncResponse(out, path));
      };
      this.#answerReady();
    };
    if (this.readOnly) {
      answered();
      return;
    }
    server.toLeader.push(() => server.fromLeader.push(answered));
  }

  /** A write of this connection has been applied here, or refused. */
  committed(transaction: Transaction): void {
    if (this.#state === 'closed') return;
    if (transaction.request.kind === 'create-session') {
      const session = this.server.ensemble.sessions.get(transaction.session);
      if (this.#state === 'shaking' && session !== undefined) this.#grant(session);
      return;
    }
    const { xid, op } = transaction;
    const waiting = this.#waiting.find((entry) => entry.answer === null && entry.xid === xid);
    if (waiting === undefined) return;
    if (transaction.err === SERVER_CODE.SESSIONMOVED) {
      this.close();
      return;
    }
    waiting.answer = () => {
      const err = headerError(transaction);
      this.#reply(xid, op, transaction.zxid, err, (out) =>
        writeWriteAnswer(out, transaction, this.server.ensemble.dialect),
      );
      const over = op === OP.closeSession || err === SERVER_CODE.SESSIONEXPIRED;
      if (over && !this.readOnly) this.close();
    };
    this.#answerReady();
  }

  #answerInTurn(xid: number, op: number, answer: ReadAnswer): void {
    this.#enqueue(xid, op, () => {
      this.#reply(xid, op, this.server.replica.zxid, answer.err, answer.body);
    });
  }

  #enqueue(xid: number, op: number, answer: () => void): void {
    this.#waiting.push({ xid, op, answer });
    this.#answerReady();
  }

  #answerReady(): void {
    while (this.#waiting[0]?.answer != null) (this.#waiting.shift() as Waiting).answer?.();
  }

  // Frames out.

  notify(type: number, path: string, zxid: number): void {
    if (this.#state !== 'open' && this.#state !== 'closing') return;
    const told = zxid > 0 && this.server.ensemble.dialect.zxidInEvents ? zxid : -1;
    writer.offset = 0;
    writer.beginFrame();
    writeReplyHeader(writer, XID_NOTIFICATION, BigInt(told), 0);
    writeWatcherEvent(writer, type, 3, path);
    this.#sendFrame({ kind: 'event', xid: -1, op: type, zxid, err: 0, path });
  }

  armed(kind: ArmedKind, path: string): void {
    const key = `${kind} ${path}`;
    if (!this.socket.armed.has(key)) this.socket.armed.set(key, this.server.replica.zxid);
  }

  /** A ping's answer that nobody asked for (ZOOKEEPER-2253). */
  pongUnasked(): void {
    if (this.open) this.#reply(XID_PING, OP.ping, this.server.replica.zxid, 0);
  }

  #reply(
    xid: number,
    op: number,
    zxid: number,
    err: number,
    body?: (writer: JuteWriter) => void,
  ): void {
    if (this.#state === 'closed') return;
    const shown = op === OP.ping ? XID_PING : xid;
    writer.offset = 0;
    writer.beginFrame();
    writeReplyHeader(writer, shown, BigInt(zxid), err);
    if (err === 0) body?.(writer);
    const kind = kindOf(shown);
    const fault = this.nextFrameFault;
    if (fault === null || kind !== 'reply') {
      this.#sendFrame({ kind, xid: shown, op, zxid, err, path: null });
      return;
    }
    writer.endFrame();
    const broken = brokenFrame(fault, writer.finished(), op, err);
    if (broken === null) {
      this.#sendFrame({ kind, xid: shown, op, zxid, err, path: null });
      return;
    }
    this.nextFrameFault = null;
    this.socket.serverWrite(broken, { kind: 'garbage', xid, op, zxid, err, path: null });
    if (fault === 'cut') this.close();
  }

  #sendFrame(frame: WrittenFrame): void {
    writer.endFrame();
    this.server.ensemble.onServerFrame(this.socket.ordinal, frame);
    this.socket.serverWrite(writer.finished(), frame);
  }

  // Ends.

  /** The server closes; what it wrote arrives before. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#forget();
    this.socket.serverClose();
  }

  /** The server's process or machine is gone. */
  die(how: 'process' | 'machine'): void {
    if (this.#state === 'closed') return;
    this.#forget();
    if (how === 'process') this.socket.reset();
    else this.socket.vanish();
  }

  #forget(): void {
    this.#state = 'closed';
    this.#input = [];
    this.#waiting.length = 0;
    this.server.connections.delete(this);
    this.server.replica.forget(this);
  }
}

function kindOf(xid: number): ServerFrame['kind'] {
  if (xid === XID_PING) return 'pong';
  if (xid === XID_AUTH) return 'auth';
  return xid === XID_SET_WATCHES ? 'set-watches' : 'reply';
}

function isAboutWatches(op: number): boolean {
  return (
    op === OP.setWatches ||
    op === OP.setWatches2 ||
    op === OP.removeWatches ||
    op === OP.checkWatches ||
    op === OP.addWatch
  );
}
