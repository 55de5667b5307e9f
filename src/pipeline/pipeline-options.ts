import type { WatcherEvent } from '../codec/records.gen.ts';
import type { ZkwireError } from '../errors.ts';
import type { RequestObserver } from './request-observer.ts';
import type { ScheduleFlush } from './send-batcher.ts';

/** Told on the control plane; each is optional and may throw without harm. */
export interface PipelineEvents {
  /**
   * A watch event, in wire order with the replies around it. `zxid` is that of the change, null when
   * the server does not tell (before 3.9.0, and for what happened while the client was away).
   */
  onNotification?(event: WatcherEvent, zxid: bigint | null): void;
  /** A ping was answered. Null: it was sent while another one waited, or there is no clock. */
  onPing?(roundTripMs: number | null): void;
  /** The server serves only clients that have authenticated (-124): it ends the connection. */
  onAuthRequired?(): void;
  /**
   * The connection is over and no request has been failed yet: those that never left can be moved
   * to another pipeline now. Exactly once.
   */
  onLost?(error: ZkwireError): void;
  /** The connection is over and every pending request has been failed. Exactly once. */
  onEnd?(error: ZkwireError): void;
  /**
   * A user's callback threw. An async one does by its promise. So may a `signal` that is somebody's own object,
   * which then ends no wait. Default: a process warning.
   */
  onCallbackError?(error: unknown, operation: string): void;
}

/** Options of a {@link Pipeline}. */
export interface PipelineOptions {
  /** Requests in flight at most; default 65,536. */
  readonly requestsMax?: number | undefined;
  /** Encoded bytes in flight at most; default 64 MiB. */
  readonly bytesMax?: number | undefined;
  /** Largest body of a request; default 0xfffff as `jute.maxbuffer`. Replies may be 64 KiB longer. */
  readonly bodyBytesMax?: number | undefined;
  /** Xid of the last request of the session's previous connection: counting goes on behind it. */
  readonly lastXid?: number | undefined;
  /** Highest zxid that the session has seen on earlier connections. */
  readonly lastZxidSeen?: bigint | undefined;
  /** When encoded frames leave; default `process.nextTick`. */
  readonly schedule?: ScheduleFlush | undefined;
  /** Monotonic clock in ms that `heardMs` is read from. Default: none, `heardMs` stays 0. */
  readonly nowMs?: (() => number) | undefined;
  /** Told of every request that settles. Default: nobody, which costs nothing. */
  readonly observer?: RequestObserver | null | undefined;
  /** Who is told what. Default: nobody. */
  readonly events?: PipelineEvents | undefined;
}

/** Counters since the connection began. */
export interface PipelineCounters {
  /** Requests made, those that wait to be sent included. */
  readonly requests: number;
  /** Answers to them. */
  readonly replies: number;
  /** Requests that are not answered yet. */
  readonly inflight: number;
  /** Encoded bytes of these. */
  readonly inflightBytes: number;
  /** Watch events. */
  readonly notifications: number;
  /** Replies whose caller had stopped waiting. */
  readonly lateReplies: number;
  /** Replies with bytes behind their record, as newer servers may send. */
  readonly trailingReplies: number;
  /** Times that bytes were handed to the link. */
  readonly writes: number;
  /** Bytes that were. */
  readonly sentBytes: number;
  /** Times that bytes came from it. */
  readonly reads: number;
}
