import type { Slab } from '../codec/slab-pool.ts';
import type { Decode, Reject, Settle } from './pending-ring.ts';
import type { Segment } from './send-batcher.ts';
import type { WaitLimits } from './wait-limits.ts';

/** A request on its way from one pipeline to another, without its frame. */
export interface UnsentRequest {
  /** Where it was made; it gets another one. */
  readonly xid: number;
  readonly operation: number;
  readonly path: string | null;
  readonly frameBytes: number;
  readonly decode: Decode<unknown> | null;
  readonly settle: Settle;
  readonly reject: Reject | null;
  readonly limits: WaitLimits | undefined;
  /** On the observer's clock; NaN when nobody observes it. */
  readonly beganMs: number;
}

/** Where a frame lies that has not left. */
export interface UnsentFrame {
  readonly slab: Slab;
  /** Of its length prefix. */
  readonly start: number;
  readonly end: number;
}

/** The frames of requests in `segments`, oldest first. Pings and the like, whose xids are below 0, are not among them. */
export function* requestFrames(segments: readonly Segment[]): Generator<UnsentFrame, void> {
  for (const { slab, start: from, end: to } of segments) {
    for (let start = from; start < to; ) {
      const end = start + 4 + slab.view.getInt32(start);
      if (slab.view.getInt32(start + 4) > 0) yield { slab, start, end };
      start = end;
    }
  }
}
