import { JuteReader, type JuteWriter, OP, SERVER_CODE } from '../codec/index.ts';
import { WireError } from '../errors.ts';
import { SERVER_LOG_BYTES_MAX } from '../limits.ts';
import { AccessControl } from './auth/access-control.ts';
import type { ResolvedServerOptions } from './config/resolve-options.ts';
import type { RequestBatch, ServerConnection } from './connection.ts';
import { CoreView } from './core-view.ts';
import { EventFrames } from './event-frames.ts';
import { FlushGate } from './flush-gate.ts';
import { OutputBudget } from './output-budget.ts';
import { dispatch } from './requests/dispatch.ts';
import { greet } from './requests/handshake.ts';
import type { Session } from './sessions/session.ts';
import type { SessionTracker } from './sessions/session-tracker.ts';
import type { DataTree, TreeListener } from './tree/data-tree.ts';
import type { Txn, TxnHeader } from './tree/txn.ts';
import { WatchTables } from './watches/watch-tables.ts';
import { lastOperation } from './words/last-operation.ts';
import { ServerStatistics } from './words/statistics.ts';
import { WordAnswers } from './words/word-answers.ts';

const { MARSHALLINGERROR } = SERVER_CODE;
/** As it is now: tests that fake time later must not stop events. */
const { nextTick } = process;

/** Where transactions are kept. */
export interface TransactionLog {
  /** Bytes of transactions that are not durable yet. */
  readonly pendingBytes: number;
  /** Takes one; gives its number. The gate is told when it is durable. */
  append(header: TxnHeader, txn: Txn): number;
  /** Everything that was appended becomes durable; then the files are closed. */
  close(): Promise<void>;
}

/** What the core tells of itself. */
export interface CoreEvents {
  /** A mistake of ours: one connection was ended, the server goes on. */
  onFault(error: unknown): void;
}

/**
 * The server without its sockets: tree, watches, sessions and log, and the requests that connections
 * hand to it. Everything runs in the call that brings the request; only durability is waited for, at
 * the gate through which replies leave.
 */
export class ServerCore {
  readonly options: ResolvedServerOptions;
  readonly tree: DataTree;
  readonly sessions: SessionTracker;
  readonly watches: WatchTables;
  readonly access: AccessControl;
  /** Null: data are kept in memory only. */
  readonly storage: TransactionLog | null;
  readonly gate: FlushGate = new FlushGate();
  /** Stands on the request at hand; lends. */
  readonly reader: JuteReader = new JuteReader();
  readonly connections: Set<ServerConnection> = new Set();
  /** What they are told of watches. */
  readonly eventFrames: EventFrames = new EventFrames();
  /** What may wait to be read by all of them. */
  readonly budget: OutputBudget = new OutputBudget(this.connections);
  /** Sockets that have come so far, those turned away included; the listeners'. */
  accepted = 0;
  readonly statistics: ServerStatistics = new ServerStatistics();
  /** Where it is listened on; the listeners'. */
  ports: { readonly port: number | null; readonly securePort: number | null };
  readonly #words: WordAnswers;
  readonly #events: CoreEvents;
  readonly #toFlush: ServerConnection[] = [];
  /** Not read from until more is on disk. */
  #heldByDisk: Set<ServerConnection> = new Set();
  #flushScheduled = false;
  /** The last zxid that was taken for nothing. */
  #skippedZxid = 0n;
  /** What waits for `thaw`; null: not frozen. */
  #thawed: (() => void)[] | null = null;

  /** `tree` and `sessions` are as they were recovered. */
  constructor(
    options: ResolvedServerOptions,
    tree: DataTree,
    sessions: SessionTracker,
    storage: TransactionLog | null,
    events: CoreEvents,
  ) {
    this.options = options;
    this.tree = tree;
    this.sessions = sessions;
    this.storage = storage;
    this.watches = new WatchTables(options.release);
    this.access = new AccessControl({
      ...options,
      hasSasl: options.sasl !== undefined,
      hasTls: options.securePort !== undefined,
    });
    this.#events = events;
    this.reader.asJava = true;
    this.ports = { port: null, securePort: null };
    this.#words = new WordAnswers(new CoreView(this));
  }

  /** Faults on purpose: true when the request was taken care of. Null: there are none. */
  intercept: ((connection: ServerConnection, xid: number, op: number) => boolean) | null = null;

  /** One request: its header has been read, `reader` stands behind it. */
  request(connection: ServerConnection, xid: number, op: number): void {
    if (this.intercept?.(connection, xid, op) !== true) this.execute(connection, xid, op);
  }

  /** The same, and nothing comes between. */
  execute(connection: ServerConnection, xid: number, op: number): void {
    try {
      dispatch(this, connection, xid, op);
    } catch (cause) {
      if (!(cause instanceof WireError)) throw cause;
      this.refuse(connection, xid, MARSHALLINGERROR);
    }
  }

  /** Lets `run` read `bytes`, a request without its header, and puts the reader back where it was. */
  readAside(bytes: Buffer, run: () => void): void {
    const aside = this.reader;
    const { bytes: before, view, offset, end, base } = aside;
    aside.bytes = bytes;
    aside.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    aside.base = 0;
    aside.offset = 0;
    aside.end = bytes.length;
    try {
      run();
    } finally {
      Object.assign(aside, { bytes: before, view, offset, end, base });
    }
  }

  /** The first frame of a connection. */
  handshake(connection: ServerConnection): void {
    greet(this, connection);
  }

  /** Begins a reply that has no error. */
  answer(connection: ServerConnection, xid: number): JuteWriter {
    return connection.output.reply(xid, this.tree.lastZxid, 0);
  }

  /** Answers with a code and nothing else. */
  refuse(connection: ServerConnection, xid: number, code: number): void {
    connection.output.reply(xid, this.tree.lastZxid, code);
    connection.output.commit();
  }

  /** Answers with a code, then ends the connection. */
  hangUp(connection: ServerConnection, xid: number, zxid: bigint, code: number): void {
    connection.output.reply(xid, zxid, code);
    connection.output.commit();
    connection.finish();
  }

  /** The zxid of the next transaction. */
  nextZxid(): bigint {
    const { lastZxid } = this.tree;
    return (lastZxid > this.#skippedZxid ? lastZxid : this.#skippedZxid) + 1n;
  }

  /** Of the next transaction. */
  header(sessionId: bigint, cxid: number): TxnHeader {
    return { sessionId, cxid, zxid: this.nextZxid(), timeMs: this.options.clock.wallMs() };
  }

  /**
   * A request takes the next zxid and changes nothing: the tree does not hear of it. The log does; it would else
   * seem to have lost a transaction there.
   */
  skipZxid(sessionId: bigint, cxid: number): void {
    const header = this.header(sessionId, cxid);
    this.#skippedZxid = header.zxid;
    this.#log(header, { type: OP.error, code: MARSHALLINGERROR });
  }

  /** Makes a transaction so: in the log, in the tree, for those who watch. */
  commit(header: TxnHeader, txn: Txn, listener: TreeListener = this.watches): void {
    // First the log: where there is much to tell some of it is sent at once, and has to wait for this transaction.
    this.#log(header, txn);
    this.tree.apply(header, txn, listener);
  }

  /** The transaction that ends a session: its ephemeral znodes go. */
  endSession(session: Session, cxid: number): void {
    this.sessions.remove(session.id);
    if (this.options.readOnly) return;
    const paths = [...this.tree.ephemeralsOf(session.id)];
    this.commit(this.header(session.id, cxid), { type: OP.closeSession, paths });
  }

  /** Nothing was heard of a session for its time: it ends, and its connection with it. */
  expire(session: Session): void {
    this.connectionOf(session)?.drop('its session has expired');
    this.endSession(session, 0);
  }

  /** The connection that serves a session now. */
  connectionOf(session: Session): ServerConnection | null {
    return session.owner as ServerConnection | null;
  }

  /** A connection has gone; its session waits for another. */
  connectionEnded(connection: ServerConnection): void {
    this.connections.delete(connection);
    this.#heldByDisk.delete(connection);
    this.watches.removeWatcher(connection);
    const { session } = connection;
    if (session !== null && session.owner === connection) session.owner = null;
  }

  /** A mistake of ours that cost one connection. */
  reportFault(error: unknown): void {
    this.#events.onFault(error);
  }

  /** Whether the first four bytes of a connection are a four-letter word; answers it then. */
  word(connection: ServerConnection, word: number, rest: Buffer): boolean {
    const answer = this.#words.answer(word, rest, connection.statistics);
    if (answer === null) return false;
    connection.output.text(answer);
    connection.finish();
    return true;
  }

  /** Nothing is read, answered or expired until `thaw`. */
  freeze(): void {
    if (this.#thawed !== null) return;
    this.#thawed = [];
    for (const connection of this.connections) connection.pause();
  }

  /** Ends `freeze`: what waited comes first. */
  thaw(): void {
    const thawed = this.#thawed;
    if (thawed === null) return;
    this.#thawed = null;
    for (const connection of this.connections) connection.unpause();
    for (const run of thawed) run();
  }

  /** Runs it now, or when the server has thawed. */
  whenThawed(run: () => void): void {
    if (this.#thawed === null) run();
    else this.#thawed.push(run);
  }

  /** Frozen, or too much waits for the log: nobody is read from. */
  get heldBack(): boolean {
    if (this.#thawed !== null) return true;
    return this.storage !== null && this.storage.pendingBytes > SERVER_LOG_BYTES_MAX;
  }

  /** `connection` hears of the next time that more is on disk and the server is not held back. */
  awaitDisk(connection: ServerConnection): void {
    this.#heldByDisk.add(connection);
  }

  /** Transactions up to this number are on disk: whoever waited for them is told, and read from again. */
  flushed(position: number): void {
    this.gate.release(position);
    if (this.heldBack || this.#heldByDisk.size === 0) return;
    const held = this.#heldByDisk;
    this.#heldByDisk = new Set();
    const nowMs = this.options.clock.nowMs();
    for (const connection of held) connection.diskWentOn(nowMs);
  }

  /** The log goes to disk, and is closed. */
  async close(): Promise<void> {
    this.sessions.stop();
    this.eventFrames.close();
    await this.storage?.close();
  }

  #log(header: TxnHeader, txn: Txn): void {
    const { storage } = this;
    if (storage === null) return;
    this.gate.appended = storage.append(header, txn);
  }

  /** A connection has handed over what came at `receivedMs` of the clock. */
  batchDone(connection: ServerConnection, receivedMs: number): void {
    const { session, batch } = connection;
    if (session !== null) this.sessions.touch(session, receivedMs);
    if (batch.requests === 0) return;
    this.statistics.packetsReceived += batch.requests;
    connection.statistics.packetsReceived += batch.requests;
    this.#answered(connection, { ...batch }, receivedMs);
    batch.requests = 0;
    batch.writes = 0;
  }

  /** A connection's first frame has begun a session: a request to real servers, under xid 0. */
  sessionBegun(connection: ServerConnection): void {
    const writes = this.options.readOnly ? 0 : 1;
    const request = { xid: 0, op: OP.createSession, requests: 1, writes };
    this.#answered(connection, request, this.options.clock.nowMs());
  }

  /** Counts what is answered when everything up to now is on disk. */
  #answered(connection: ServerConnection, batch: RequestBatch, receivedMs: number): void {
    const { xid, op, requests, writes } = batch;
    const { statistics } = this;
    this.gate.whenFlushed(this.gate.appended, () => {
      const nowMs = this.options.clock.nowMs();
      if (requests > writes) statistics.responded(false, receivedMs, nowMs, requests - writes);
      if (writes > 0) statistics.responded(true, receivedMs, nowMs, writes);
      const { lastZxid } = this.tree;
      const operation = lastOperation(op);
      connection.statistics.responded(xid, lastZxid, operation, receivedMs, nowMs, requests);
    });
  }

  /** The connection has events to send that came from others. */
  flushSoon(connection: ServerConnection): void {
    this.#toFlush.push(connection);
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    nextTick(this.#flushAll);
  }

  readonly #flushAll = (): void => {
    this.#flushScheduled = false;
    for (const connection of this.#toFlush.splice(0)) connection.flushNow();
  };
}
