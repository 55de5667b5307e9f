/** What a step made one connection of one server say. */
export interface SlotObservation {
  readonly slot: number;
  /** Masked frames in the order in which they came. */
  readonly frames: readonly Buffer[];
  /** For each frame the operation that it answers: 0 for an event, -100 for a handshake. */
  readonly ops: readonly number[];
  /** The server ended the connection. */
  readonly closed: boolean;
  /** It neither answered nor ended the connection in time. */
  readonly silent: boolean;
}

/** The `op` of a handshake in an observation. */
export const HANDSHAKE = -100;

/** The `slot` of connections that are made for one step. */
export const OWN_CONNECTION = -1;

/** The first thing in which two servers were not the same. */
export interface Difference {
  /** Which step; as many as there are steps when it was seen at the end, in the tree that was left. */
  readonly step: number;
  readonly slot: number;
  /** What kind of difference: the same for two lists that show the same thing. */
  readonly signature: string;
  /** Masked, null where there was none. */
  readonly left: Buffer | null;
  readonly right: Buffer | null;
  readonly op: number;
}

/** Compares what a step made of two servers, connection by connection, frame by frame. */
export function compareObservations(
  step: number,
  left: readonly SlotObservation[],
  right: readonly SlotObservation[],
): Difference | null {
  for (const [index, one] of left.entries()) {
    const other = right[index];
    const difference = other === undefined ? null : compareSlot(step, one, other);
    if (difference !== null) return difference;
  }
  if (left.length === right.length) return null;
  const signature = `connections: ${left.length} | ${right.length}`;
  return { step, slot: OWN_CONNECTION, signature, left: null, right: null, op: HANDSHAKE };
}

function compareSlot(
  step: number,
  left: SlotObservation,
  right: SlotObservation,
): Difference | null {
  const { slot } = left;
  const frames = Math.max(left.frames.length, right.frames.length);
  for (let index = 0; index < frames; index++) {
    const [one = null, other = null] = [left.frames[index], right.frames[index]];
    if (one !== null && other !== null && one.equals(other)) continue;
    const op = left.ops[index] ?? right.ops[index] ?? HANDSHAKE;
    const signature = `${nameOf(one, left.ops[index])} | ${nameOf(other, right.ops[index])}`;
    return { step, slot, signature: distinct(signature, one, other), left: one, right: other, op };
  }
  const ends = [left, right].map(endOf);
  // A step that nobody answers is one that this harness has wrong.
  if (ends[0] === ends[1] && !left.silent) return null;
  const op = left.ops.at(-1) ?? HANDSHAKE;
  return { step, slot, signature: ends.join(' | '), left: null, right: null, op };
}

function endOf({ closed, silent }: SlotObservation): string {
  if (silent) return 'silent';
  return closed ? 'closed' : 'open';
}

/** `getData -101`, `event 3`, `handshake`, `nothing`. */
function nameOf(frame: Buffer | null, op: number | undefined): string {
  if (frame === null || op === undefined) return 'nothing';
  if (op === HANDSHAKE) return `handshake of ${frame.length} bytes`;
  if (frame.length < 20) return `${frame.length} bytes`;
  if (op === 0) return `event ${frame.length >= 24 ? frame.readInt32BE(20) : '?'}`;
  return `op ${op} ${frame.readInt32BE(16)}`;
}

/** Equal names: says which part of the frame differs. */
function distinct(signature: string, left: Buffer | null, right: Buffer | null): string {
  const [one, other] = signature.split(' | ');
  if (one !== other || left === null || right === null) return signature;
  if (left.length !== right.length) return `${one}: length`;
  const at = left.findIndex((byte, index) => byte !== right[index]);
  return `${one}: ${partOf(at)}`;
}

function partOf(at: number): string {
  if (at < 8) return 'xid';
  return at < 16 ? 'zxid' : 'body';
}
