import type { JuteReader } from '../codec/jute-reader.ts';
import type { JuteWriter } from '../codec/jute-writer.ts';
import { OP } from '../codec/operations.ts';
import { readWatcherEvent, writeAuthPacket } from '../codec/records.gen.ts';
import { XID_AUTH, XID_NOTIFICATION, XID_PING, XID_SET_WATCHES } from '../codec/xids.ts';
import type { ZkwireError } from '../errors.ts';
import { CREDENTIALS_MAX } from '../limits.ts';
import { type AsideCallback, AsideQueue } from './aside-queue.ts';
import type { PipelineEvents } from './pipeline-options.ts';
import { AUTH_REQUIRED, type RequestSettler } from './request-settler.ts';

/** Batches of watches sent and not answered at most: of 128 KiB each, more than memory holds watches. */
const SET_WATCHES_MAX = 65_536;

/** How a frame beside the ring gets into the stream of its pipeline. */
export interface AsideSender {
  /** Starts a frame, and gives the writer behind its header. Throws a RequestError when none may be sent. */
  begin(xid: number, operation: number): JuteWriter;
  /** Throws a RequestError when the begun frame is too large. */
  check(): void;
  /** The begun frame is whole. */
  commit(): void;
  /** When bytes last came. */
  heardMs(): number;
}

/**
 * What goes beside the ring, in both directions: frames whose xid is a reserved one. Pings,
 * credentials, watches that are set again; their answers, and notifications.
 */
export class AsideFrames {
  notifications = 0;
  readonly #sender: AsideSender;
  readonly #settler: RequestSettler;
  readonly #events: PipelineEvents;
  readonly #auths: AsideQueue;
  readonly #setWatches: AsideQueue;
  /** Pings sent and not answered. */
  #pings = 0;
  /** When the ping whose answer is next was sent; null when it is not timed. */
  #pingSentMs: number | null = null;

  constructor(settler: RequestSettler, events: PipelineEvents, sender: AsideSender) {
    this.#settler = settler;
    this.#events = events;
    this.#sender = sender;
    const guard = settler.guarded.bind(settler);
    this.#auths = new AsideQueue(OP.auth, CREDENTIALS_MAX, settler.host, guard);
    this.#setWatches = new AsideQueue(OP.setWatches, SET_WATCHES_MAX, settler.host, guard);
  }

  /** A ping is sent. `nowMs` null: there is no clock. Only one that no other one waits before is timed. */
  pinged(nowMs: number | null): void {
    if (this.#pings++ === 0) this.#pingSentMs = nowMs;
  }

  auth(scheme: string, payload: Uint8Array, callback: AsideCallback): void {
    const writer = this.#sender.begin(XID_AUTH, OP.auth);
    this.#auths.checkRoom(OP.auth);
    writeAuthPacket(writer, 0, scheme, payload);
    this.#commit(this.#auths, OP.auth, callback);
  }

  setWatches(
    operation: number,
    write: (writer: JuteWriter) => void,
    callback: AsideCallback,
  ): void {
    const writer = this.#sender.begin(XID_SET_WATCHES, operation);
    this.#setWatches.checkRoom(operation);
    write(writer);
    this.#commit(this.#setWatches, operation, callback);
  }

  #commit(queue: AsideQueue, operation: number, callback: AsideCallback): void {
    this.#sender.check();
    // The callback first: committing may flush, and a link may answer (or fail) at once.
    queue.push(callback, operation);
    this.#sender.commit();
  }

  /**
   * A frame came that is no reply to the head of the ring. Its header begins at `header`, the reader
   * stands behind it. False: its xid is not a reserved one either.
   */
  route(reader: JuteReader, xid: number, serverCode: number, header: number): boolean {
    if (xid === XID_NOTIFICATION) {
      this.notifications++;
      // -1 before 3.9.0 (ZOOKEEPER-4655), and in all versions for what setWatches replays.
      const isTold = reader.view.getInt32(header + 4) >= 0;
      this.#notify(reader, isTold ? reader.view.getBigInt64(header + 4) : null);
    } else if (xid === XID_PING) {
      if (serverCode === AUTH_REQUIRED) this.#settler.authRequired();
      else this.#pong();
    } else if (xid === XID_AUTH) {
      this.#auths.answer(serverCode);
    } else if (xid === XID_SET_WATCHES) {
      this.#setWatches.answer(serverCode);
      if (serverCode === AUTH_REQUIRED) this.#settler.authRequired();
    } else {
      return false;
    }
    return true;
  }

  #notify(reader: JuteReader, zxid: bigint | null): void {
    const event = readWatcherEvent(reader);
    this.#settler.guarded(() => this.#events.onNotification?.(event, zxid), OP.notification);
  }

  #pong(): void {
    const sentMs = this.#pingSentMs;
    const roundTripMs = sentMs === null ? null : this.#sender.heardMs() - sentMs;
    this.#pingSentMs = null;
    if (this.#pings > 0) this.#pings--;
    this.#settler.guarded(() => this.#events.onPing?.(roundTripMs), OP.ping);
  }

  /** The connection is over: those who wait for an answer hear of it. */
  fail(error: ZkwireError): void {
    this.#auths.fail(error);
    this.#setWatches.fail(error);
  }
}
