import type { RequestError } from '../errors.ts';

/** Told of every request that settles, before whoever made it. Runs in the read path, so keep it short. */
export interface RequestObserver {
  /** Now, in ms, or NaN: `settled` is not to be called for this request. Called once a request, when it is committed. */
  nowMs(): number;
  /**
   * A request settled: by its reply (`error` null), a refusal, a loss, an abort or a time-out. What
   * this throws is reported like what a callback throws.
   */
  settled(
    operation: number,
    path: string | null,
    xid: number,
    host: string,
    /** As on the wire: length prefix, header, body. */
    requestBytes: number,
    /** The same of its reply; 0 without one. */
    replyBytes: number,
    /** What `nowMs` gave when it was committed for the first time: before it waited for a connection. */
    beganMs: number,
    error: RequestError | null,
  ): void;
}
