import { OP } from '../../../src/codec/operations.ts';
import { SERVER_CODE } from '../../../src/codec/server-codes.ts';
import type { Random } from '../random.ts';
import type { ServerFaults } from './server.ts';

/** How a server's answer can be wrong in a way that a client must notice. */
export type FrameFault =
  /** The frame ends in the middle, and with it the connection. */
  | 'cut'
  | 'wrong-xid'
  | 'negative-length'
  | 'huge-length'
  | 'short-header'
  | 'truncated-body'
  | 'bad-inner-length'
  | 'text';

export const FRAME_FAULTS: readonly FrameFault[] = [
  'wrong-xid',
  'negative-length',
  'huge-length',
  'short-header',
  'truncated-body',
  'bad-inner-length',
  'text',
];

/** What a server answers a handshake with, instead of an answer. */
export type HandshakeFault = 'close' | 'text' | 'refusal' | 'short' | 'negative';

/** Bytes of such an answer; the odd refusal of read-only servers is a bare reply header, -119. */
export const HANDSHAKE_ANSWERS: Readonly<Record<HandshakeFault, string>> = {
  close: '',
  text: '485454502f312e3120343030204261642052657175657374',
  refusal: '00000010000000000000000000000000ffffff89',
  short: '00000003000000',
  negative: 'fffffff300000000',
};

/** Bodies that begin with the length of a string or buffer, or with a count. */
const LENGTH_FIRST: ReadonlySet<number> = new Set([
  OP.create,
  OP.create2,
  OP.getData,
  OP.getChildren,
  OP.getChildren2,
  OP.getACL,
]);

/** Bodies whose last byte is needed. */
const NEEDS_ALL: ReadonlySet<number> = new Set([
  ...LENGTH_FIRST,
  OP.setData,
  OP.exists,
  OP.setACL,
  OP.multi,
]);

/** Breaks a frame; null when this one cannot be broken like that. */
export function brokenFrame(
  fault: FrameFault,
  frame: Buffer,
  op: number,
  err: number,
): Buffer | null {
  const broken = Buffer.from(frame);
  switch (fault) {
    case 'wrong-xid':
      broken.writeInt32BE(frame.readInt32BE(4) ^ 0x4000_0000, 4);
      return broken;
    case 'negative-length':
      broken.writeInt32BE(-5, 0);
      return broken;
    case 'huge-length':
      broken.writeInt32BE(0x7fff_ffff, 0);
      return broken;
    case 'short-header':
      broken.writeInt32BE(7, 0);
      return broken.subarray(0, 11);
    case 'cut':
      return broken.subarray(0, Math.max(1, frame.length >> 1));
    case 'text':
      return Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n');
    case 'truncated-body':
      if (err !== 0 || !NEEDS_ALL.has(op)) return null;
      broken.writeInt32BE(frame.length - 5, 0);
      return broken.subarray(0, frame.length - 1);
    default:
      if (err !== 0 || !LENGTH_FIRST.has(op)) return null;
      broken.writeInt32BE(-9, 20);
      return broken;
  }
}

/** Never refused at random: pings, the end, and what watches hang on. */
const SPARED: ReadonlySet<number> = new Set([
  OP.ping,
  OP.closeSession,
  OP.setWatches,
  OP.setWatches2,
  OP.removeWatches,
  OP.checkWatches,
  OP.addWatch,
]);

/** Code that a request is refused with although nothing is wrong with it; 0 when it is not. */
export function refusalAtRandom(op: number, faults: ServerFaults, random: Random): number {
  if (SPARED.has(op)) return 0;
  if (random.chance(faults.throttleChance)) return SERVER_CODE.THROTTLEDOP;
  return random.chance(faults.unknownCodeChance) ? -999 : 0;
}
