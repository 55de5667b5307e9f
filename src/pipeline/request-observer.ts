import type { RequestError } from '../errors.ts';

/** Told of every request that settles. Runs in the read path: short, and it must not throw. */
export interface RequestObserver {
  /** Now, in ms. Called once a request, when it is committed. */
  nowMs(): number;
  /** A request settled: by its reply (`error` null), a refusal, a loss, an abort or a time-out. */
  settled(
    operation: number,
    path: string | null,
    xid: number,
    host: string,
    requestBytes: number,
    /** Body of the reply, its header not counted; 0 without a reply. */
    replyBytes: number,
    /** What `nowMs` gave when it was committed. */
    beganMs: number,
    error: RequestError | null,
  ): void;
}
