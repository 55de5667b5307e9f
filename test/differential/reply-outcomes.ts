import { JuteReader, OP, readMultiResponse } from '../../src/codec/index.ts';
import { HANDSHAKE } from './observation.ts';

const ERR = 16;
const HEADER_BYTES = 20;

const { create, create2, createContainer, createTTL, exists, getData, getACL } = OP;
const { getChildren, getChildren2, getAllChildrenNumber, setData, setACL, reconfig, sync } = OP;

/** An operation, by its number or `14*` for the results in a multi, and error numbers. */
type Outcomes = readonly [op: number | string, ...errs: number[]];

/** What a long run comes by, whatever its seed. */
export const OUTCOMES: readonly Outcomes[] = [
  [HANDSHAKE, 0, -112],
  [create, 0, -5, -8, -101, -102, -108, -110, -114, -125],
  [create2, 0, -5, -8, -101, -102, -108, -110, -114],
  [createContainer, 0, -5, -8, -101, -102, -108, -110, -114],
  [createTTL, 0, -5, -6, -8, -101, -102, -108, -110, -114],
  [OP.delete, 0, -5, -8, -101, -102, -103, -111],
  [setData, 0, -5, -8, -101, -102, -103, -125],
  [setACL, 0, -5, -8, -101, -102, -103, -114],
  [exists, 0, -5, -8, -101],
  ...[getData, getACL, getChildren, getChildren2, getAllChildrenNumber].map((op): Outcomes => {
    return [op, 0, -5, -101, -102];
  }),
  [OP.multi, 0, -5],
  [`${OP.multi}*`, -2, -8, -101, -102, -103, -108, -110, -111, -114],
  [OP.multiRead, 0, -5],
  [`${OP.multiRead}*`, -101, -102],
  [reconfig, -5, -123],
  [sync, 0, -5],
  ...[OP.checkWatches, OP.removeWatches].map((op): Outcomes => [op, 0, -5, -121]),
  ...[OP.addWatch, OP.setWatches, OP.setWatches2].map((op): Outcomes => [op, 0, -5]),
  [OP.getEphemerals, 0, -5],
  [OP.whoAmI, 0],
  [OP.ping, 0, -124],
  [OP.auth, 0, -115],
  [OP.sasl, 0],
  [OP.createSession, -5],
  [OP.closeSession, 0],
];

/** What a reply is counted as: operation and error number, and those of results that are errors. */
export function outcomesOf(op: number, frame: Buffer): string[] {
  if (op === HANDSHAKE) return [isRefusedHandshake(frame) ? `${op} -112` : `${op} 0`];
  const err = op !== OP.notification && frame.length >= HEADER_BYTES ? frame.readInt32BE(ERR) : 0;
  if (op !== OP.multi && op !== OP.multiRead) return [`${op} ${err}`];
  const failed = errorsIn(frame).filter((code) => code !== 0);
  return [`${op} ${err}`, ...failed.map((code) => `${op}* ${code}`)];
}

/** The session has a time-out of 0. */
function isRefusedHandshake(frame: Buffer): boolean {
  return frame.length >= 12 && frame.readInt32BE(8) <= 0;
}

function errorsIn(frame: Buffer): number[] {
  try {
    const results = readMultiResponse(JuteReader.over(frame, HEADER_BYTES));
    return results.flatMap((result) => (result.op === OP.error ? [result.err] : []));
  } catch {
    // A refusal has no results.
    return [];
  }
}
