import { isTtlFlag, OP, operationName, XID_MAX } from '../../codec/index.ts';
import { FRAME_BODY_BYTES_MAX } from '../../limits.ts';
import { described, type HeardFrame, requestOf } from '../script/heard-frame.ts';
import { hexOf } from '../wire-connection.ts';

/** Faults that are kept: the first ones tell the story. */
const FAULTS_MAX = 8;

/** Xids that stand for an operation of their own. */
const RESERVED: Readonly<Record<number, readonly number[]>> = {
  [-2]: [OP.ping],
  [-4]: [OP.auth],
  [-8]: [OP.setWatches, OP.setWatches2],
};

/** Sizes of a connect request: with and without `readOnly`, with and without the 16 bytes of a password. */
const HANDSHAKE_BYTES: readonly number[] = [44, 45, 28, 29];

/** Looks at every frame of a client, whatever the check is about. */
export class FrameJudge {
  /** What was wrong, in the order in which it came. */
  readonly faults: string[] = [];
  /** What was wrong with xids. They are judged by checks of their own, as other faults would not show beside them. */
  readonly xidFaults: string[] = [];
  readonly #lastXids: Map<number, number> = new Map();

  /** One frame of a connection. */
  see(frame: HeardFrame, connection: number): void {
    keep(this.faults, frameFault(frame));
    const request = requestOf(frame);
    if (request !== null) {
      keep(this.xidFaults, this.#xidFault(request.xid, request.op, connection));
    }
  }

  #xidFault(xid: number, op: number, connection: number): string | null {
    if (RESERVED[xid]?.includes(op)) return null;
    if (op === OP.ping) return `a ping with the xid ${xid} instead of -2`;
    if (xid <= 0) return `the xid ${xid} for ${operationName(op)}`;
    const last = this.#lastXids.get(connection) ?? 0;
    this.#lastXids.set(connection, xid);
    if (xid > last || last === XID_MAX) return null;
    return `the xid ${xid} behind ${last}`;
  }
}

function keep(faults: string[], fault: string | null): void {
  if (fault !== null && faults.length < FAULTS_MAX) faults.push(fault);
}

function frameFault(frame: HeardFrame): string | null {
  const { packet, body } = frame;
  if (packet.error !== undefined) {
    return `a frame that cannot be decoded (${packet.error.code}): ${hexOf(body)}`;
  }
  if (packet.kind === 'creq') {
    const isKnown = HANDSHAKE_BYTES.includes(body.length);
    return isKnown ? null : `a connect request of ${body.length} bytes: ${hexOf(body)}`;
  }
  const request = requestOf(frame);
  if (request === null) return `a frame that is no request: ${described(frame)}`;
  if (body.length > FRAME_BODY_BYTES_MAX) {
    return `a request of ${body.length} bytes, which no server takes: ${described(frame)}`;
  }
  if (packet.trailing !== undefined) {
    return `${packet.trailing} bytes too many behind ${operationName(request.op)}: ${hexOf(body)}`;
  }
  return ruinous(request);
}

/** Two requests that no client may send: see the last look that the checks of servers take. */
function ruinous({ op, record }: { op: number; record: unknown }): string | null {
  if (op === OP.check) return 'a check outside a multi';
  const steps = op === OP.multi ? (record as { op: number; flags?: number }[]) : [];
  const made = op === OP.createTTL ? [{ op, ...(record as { flags?: number }) }] : steps;
  const isWrong = made.some((step) => step.op === OP.createTTL && !isTtlFlag(step.flags ?? -1));
  return isWrong ? 'a createTTL without a TTL mode' : null;
}
