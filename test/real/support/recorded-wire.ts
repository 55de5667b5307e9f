import type { RecordingProxy } from '../../../src/cli/recording-proxy.ts';
import { Conversation, operationName, type Packet } from '../../../src/codec/index.ts';

/** Everything that went through the proxy, decoded, in the order in which frames became whole. */
export function packetsOf(proxy: RecordingProxy): Packet[] {
  const packets: Packet[] = [];
  const conversation = new Conversation((packet) => packets.push(packet));
  for (const { conn, dir, hex } of proxy.records()) {
    conversation.push(conn, dir, Buffer.from(hex, 'hex'));
  }
  conversation.end();
  return packets;
}

/** Operations that the client asked for on one connection, in order; the handshake is `connect`. */
export function requestsOf(proxy: RecordingProxy, conn: number): string[] {
  return packetsOf(proxy)
    .filter((packet) => packet.conn === conn && packet.dir === 'c2s')
    .map(({ kind, op }) => (kind === 'creq' ? 'connect' : operationName(op as number)));
}
