import { OP, XID_NOTIFICATION, XID_PING } from '../../src/codec/index.ts';
import { HANDSHAKE } from './observation.ts';
import type { Slot } from './session-slots.ts';

/** Where in an event its type, its state and the length of its path stand. */
const EVENT = { type: 20, state: 24, path: 28 } as const;
const CONNECTED = 3;

/** The operation that a frame answers: replies come in order, and reserved xids go by themselves. */
export function answeredBy(slot: Slot, frame: Buffer): number {
  if (slot.isNew) {
    slot.isNew = false;
    return HANDSHAKE;
  }
  const xid = frame.length >= 8 ? frame.readInt32BE(4) : 0;
  if (xid === XID_PING) return slot.waitingPings.shift() ?? OP.ping;
  if (xid === XID_NOTIFICATION && (!expectsXid(slot, xid) || isEvent(frame))) {
    return OP.notification;
  }
  return slot.waiting.shift()?.op ?? HANDSHAKE;
}

/** A client can ask under the xid of events. */
function expectsXid({ waiting }: Slot, xid: number): boolean {
  return waiting[0]?.xid === xid;
}

function isEvent(frame: Buffer): boolean {
  if (frame.length < EVENT.path + 4) return false;
  const type = frame.readInt32BE(EVENT.type);
  if (type < 1 || type > 4 || frame.readInt32BE(EVENT.state) !== CONNECTED) return false;
  return EVENT.path + 4 + frame.readInt32BE(EVENT.path) === frame.length;
}
