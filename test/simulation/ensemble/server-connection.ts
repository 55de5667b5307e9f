import { type ConnectHandshake, readConnectHandshake } from '../../../src/codec/connect.ts';
import { JuteReader } from '../../../src/codec/jute-reader.ts';
import type { JuteWriter } from '../../../src/codec/jute-writer.ts';
import { OP } from '../../../src/codec/operations.ts';
import {
  type Id,
  readAuthPacket,
  readGetSASLRequest,
  readSyncRequest,
  writeSetSASLResponse,
  writeSyncResponse,
} from '../../../src/codec/records.gen.ts';
import { SERVER_CODE } from '../../../src/codec/server-codes.ts';
import { XID_PING } from '../../../src/codec/xids.ts';
import type { StreamEnd } from '../network/pipe.ts';
import type { SocketPeer } from '../network/sim-socket.ts';
import { AnswerQueue } from './answer-queue.ts';
import { headerError, writeWriteAnswer } from './answers.ts';
import { type HandshakeFault, refusalAtRandom } from './frame-faults.ts';
import { FrameInput } from './frame-input.ts';
import { Identities } from './identities.ts';
import { answerRead, type ReadAnswer } from './reads.ts';
import type { ArmedKind, Watcher } from './replica.ts';
import { readWrite } from './requests.ts';
import type { SimServer } from './server.ts';
import { ServerOutput } from './server-output.ts';
import type { ServerSocket } from './server-socket.ts';
import type { Session } from './session-table.ts';
import type { Transaction } from './transaction.ts';

/** A server's half of a connection: frames in, requests in order, frames out. */
export class ServerConnection implements SocketPeer, Watcher {
  readonly server: SimServer;
  readonly socket: ServerSocket;
  readOnly = false;
  readonly output: ServerOutput;
  #session: Session | null = null;
  #state: 'new' | 'shaking' | 'open' | 'closing' | 'closed' = 'new';
  readonly #input: FrameInput = new FrameInput();
  readonly #answers: AnswerQueue = new AnswerQueue();
  readonly #identities: Identities;
  /** The request had the readOnly byte, so the answer has it. */
  #withReadOnly = false;
  #lookScheduled = false;

  constructor(server: SimServer, socket: ServerSocket) {
    this.server = server;
    this.socket = socket;
    this.output = new ServerOutput(server, socket);
    const { saslUsers, random } = server.ensemble;
    this.#identities = new Identities(saslUsers, random);
  }

  get ids(): readonly Id[] {
    return this.#identities.list;
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
    if (this.#input.push(bytes)) this.#lookLater();
  }

  over(_how: StreamEnd): void {
    if (this.server.frozen) {
      // A stopped process does not notice; its kernel does, when it goes on.
      this.#input.clear();
      return;
    }
    this.#forget();
  }

  thaw(): void {
    if (this.socket.ended) this.#forget();
    else if (!this.#input.empty) this.#lookLater();
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
    if (this.#state === 'new' && this.#input.startsWith('isro')) {
      this.#answerWord();
      return;
    }
    while (this.#state === 'new' || this.#state === 'open') {
      const frame = this.#input.next();
      if (frame === null) return;
      if (frame === 'bad-length') this.close();
      else if (this.#state === 'new') this.#shakeHands(readConnectHandshake(frame));
      else this.#request(frame);
    }
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
    // Servers make the password of the id, so that of a known session is the same on all of them.
    const known = sessions.get(request.sessionId);
    this.#session = {
      id: request.sessionId === 0n ? BigInt(this.socket.ordinal + 1) : request.sessionId,
      password: known?.password ?? Buffer.alloc(16, 7),
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
    this.socket.grantedLines = this.server.ensemble.history.log.length;
    this.#state = 'open';
    this.output.grant(session, this.#withReadOnly ? this.readOnly : undefined);
    this.#lookLater();
  }

  #refuseSession(): void {
    this.output.refuseSession(this.#withReadOnly ? false : undefined);
    this.close();
  }

  /** What is no answer; only some of those who give it close the connection. */
  #answerOddly(fault: HandshakeFault): void {
    this.#state = 'closing';
    this.output.oddAnswer(fault);
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
      this.#sasl(xid, reader);
      return;
    }
    const instead = refusalAtRandom(op, this.server.faults, this.server.ensemble.random);
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
    if (op === OP.sync && this.readOnly) {
      this.#answerInTurn(xid, op, { err: SERVER_CODE.NOTREADONLY });
      return;
    }
    if (op === OP.sync) {
      this.#sync(xid, readSyncRequest(reader).path ?? '');
      return;
    }
    // The body is a view of bytes that are gone when the turn comes.
    const body = JuteReader.over(Buffer.from(reader.bytes.subarray(reader.offset, reader.end)));
    this.#answers.add(xid, () => {
      const answer = answerRead(op, body, this);
      this.#reply(xid, op, this.server.replica.zxid, answer.err, answer.body);
      if (answer.close === true) this.close();
    });
  }

  #touch(): void {
    const { ensemble } = this.server;
    if (this.#session === null || this.#session.closed || !this.server.following) return;
    if (this.server.working && ensemble.leader?.working === true) {
      ensemble.sessions.touch(this.#session, ensemble.nowMs);
    }
  }

  #auth(xid: number, reader: JuteReader): void {
    const isTaken = this.#identities.add(readAuthPacket(reader));
    this.#reply(xid, OP.auth, 0, isTaken ? 0 : SERVER_CODE.AUTHFAILED);
    if (!isTaken) this.close();
  }

  #sasl(xid: number, reader: JuteReader): void {
    const { isRefused, isOver, token } = this.#identities.login(readGetSASLRequest(reader).token);
    this.socket.loggedIn ||= isOver;
    const err = isRefused ? SERVER_CODE.AUTHFAILED : 0;
    this.#reply(xid, OP.sasl, 0, err, (out) => writeSetSASLResponse(out, token));
    if (isRefused) this.close();
  }

  #forward(
    xid: number,
    op: number,
    { request, path }: NonNullable<ReturnType<typeof readWrite>>,
  ): void {
    const { server, ids } = this;
    const session = this.#session?.id ?? 0n;
    this.#answers.add(xid, null);
    const socket = this.socket.ordinal;
    const write = { session, xid, op, path, request, ids, origin: this, socket };
    server.toLeader.push(() => server.ensemble.propose(server, write));
  }

  #sync(xid: number, path: string): void {
    const { server } = this;
    const turn = this.#answers.add(xid, null);
    const answered = (): void => {
      this.#answers.answer(turn, () => {
        this.#reply(xid, OP.sync, server.replica.zxid, 0, (out) => writeSyncResponse(out, path));
      });
    };
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
    const turn = this.#answers.unanswered(xid);
    if (turn === undefined) return;
    if (transaction.err === SERVER_CODE.SESSIONMOVED) {
      this.close();
      return;
    }
    this.#answers.answer(turn, () => {
      const err = headerError(transaction);
      this.#reply(xid, op, transaction.zxid, err, (out) =>
        writeWriteAnswer(out, transaction, this.server.ensemble.dialect),
      );
      const over = op === OP.closeSession || err === SERVER_CODE.SESSIONEXPIRED;
      if (over && !this.readOnly) this.close();
    });
  }

  #answerInTurn(xid: number, op: number, answer: ReadAnswer): void {
    this.#answers.add(xid, () => {
      this.#reply(xid, op, this.server.replica.zxid, answer.err, answer.body);
    });
  }

  // Frames out.

  notify(type: number, path: string, zxid: number): void {
    if (this.#state !== 'open' && this.#state !== 'closing') return;
    this.output.event(type, path, zxid);
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
    if (this.output.reply(xid, op, zxid, err, body)) this.close();
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
    this.#input.clear();
    this.#answers.clear();
    this.server.connections.delete(this);
    this.server.replica.forget(this);
  }
}
