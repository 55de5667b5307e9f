import { Conversation, type Packet } from '../../src/codec/index.ts';
import { GOLDENS, type Golden } from './golden-fixtures.ts';

const HANDSHAKES = new Map(GOLDENS).get('connect') as readonly Golden[];
const CONNECT_REQUEST = Buffer.from(HANDSHAKES.find(({ kind }) => kind === 'creq')!.hex, 'hex');
const CONNECT_RESPONSE = Buffer.from(HANDSHAKES.find(({ kind }) => kind === 'cresp')!.hex, 'hex');

/** Replies that answer no request: a watch event, a ping. */
const XIDS_WITHOUT_REQUEST: readonly number[] = [-1, -2];

/** A request without a body: enough for a reply to find its operation. */
function bareRequest(xid: number, op: number): Buffer {
  const frame = Buffer.alloc(12);
  frame.writeInt32BE(8, 0);
  frame.writeInt32BE(xid, 4);
  frame.writeInt32BE(op, 8);
  return frame;
}

/**
 * What a Conversation makes of `chunks`, which are the bytes of a frame of the golden's kind, after
 * the handshake and (for a reply) the request `(xid, op)` have gone by.
 */
export function conversationPackets(
  golden: Pick<Golden, 'kind' | 'direction' | 'op'>,
  xid: number,
  chunks: Iterable<Buffer>,
): Packet[] {
  let packets: Packet[] = [];
  const conversation = new Conversation((packet) => packets.push(packet));
  if (golden.kind !== 'creq') conversation.push(0, 'c2s', CONNECT_REQUEST);
  if (golden.kind !== 'cresp') conversation.push(0, 's2c', CONNECT_RESPONSE);
  if (golden.kind === 'resp' && !XIDS_WITHOUT_REQUEST.includes(xid)) {
    conversation.push(0, 'c2s', bareRequest(xid, golden.op as number));
  }
  packets = [];
  for (const chunk of chunks) conversation.push(0, golden.direction, chunk);
  conversation.end();
  return packets;
}
