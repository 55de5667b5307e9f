import { Conversation, type ConversationOptions } from '../../../src/codec/conversation.ts';
import { type Direction, packetToJson } from '../../../src/codec/packet.ts';
import { RECORDED_EXCHANGES } from './recorded-exchanges.ts';

/** Bytes of one read, of client or server. */
export interface Read {
  readonly dir: Direction;
  readonly hex: string;
}

/** All that is recorded, the handshake first. */
export const RECORDED: readonly Read[] = RECORDED_EXCHANGES.flatMap((exchange) => exchange.frames);
/** The handshake. */
export const CONNECT: readonly Read[] = RECORDED.slice(0, 2);

/** Decodes reads of connection 0 and gives the JSON lines, parsed. */
export function decode(reads: readonly Read[], options?: ConversationOptions): unknown[] {
  const lines: string[] = [];
  const conversation = new Conversation((packet) => {
    lines.push(JSON.stringify(packetToJson(packet)));
  }, options);
  for (const { dir, hex } of reads) conversation.push(0, dir, Buffer.from(hex, 'hex'));
  conversation.end();
  return lines.map((line) => JSON.parse(line));
}

/** What comes after the recorded handshake. */
export function decodeAfterConnect(reads: readonly Read[]): unknown[] {
  return decode([...CONNECT, ...reads]).slice(2);
}

/** The packets of one recorded exchange, decoded in its place. */
export function exchange(name: string): unknown[] {
  const index = RECORDED_EXCHANGES.findIndex((candidate) => candidate.name.startsWith(name));
  const before = RECORDED_EXCHANGES.slice(0, index).flatMap(({ frames }) => frames);
  const { frames } = RECORDED_EXCHANGES[index]!;
  return decode([...before, ...frames]).slice(before.length);
}

export const c2s = (hex: string): Read => ({ dir: 'c2s', hex });
export const s2c = (hex: string): Read => ({ dir: 's2c', hex });

/** A frame from groups of hex. */
export function frame(...parts: string[]): string {
  const body = parts.join('').replaceAll(' ', '');
  return (body.length / 2).toString(16).padStart(8, '0') + body;
}

export const request = (xid: string, op: string, body = ''): Read => c2s(frame(xid, op, body));
export const reply = (xid: string, err = '00000000', body = '', zxid = '0000000000000005'): Read =>
  s2c(frame(xid, zxid, err, body));
