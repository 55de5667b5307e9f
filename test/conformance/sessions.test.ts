import { describe, expect, it } from 'vitest';
import {
  Conversation,
  describe as describePacket,
  encodePacket,
  type Packet,
  packetToJson,
} from '../../src/codec/index.ts';
import { type Capture, SESSIONS } from './golden-fixtures.ts';
import { randomSource } from './random-source.ts';

interface Piece {
  readonly conn: number;
  readonly dir: 'c2s' | 's2c';
  readonly bytes: Buffer;
}

/** Captures that end inside a frame, and why. None does at present. */
const CUT_OFF: ReadonlyMap<string, string> = new Map();

const RANDOM_SPLITS = 20;

function piecesOf(capture: Capture): Piece[] {
  return capture.records.map(({ conn, dir, hex }) => ({
    conn,
    dir,
    bytes: Buffer.from(hex, 'hex'),
  }));
}

function packetsOf(pieces: Iterable<Piece>): Packet[] {
  const packets: Packet[] = [];
  const conversation = new Conversation((packet) => packets.push(packet));
  for (const { conn, dir, bytes } of pieces) conversation.push(conn, dir, bytes);
  conversation.end();
  return packets;
}

const jsonOf = (packets: readonly Packet[]): unknown[] => packets.map(packetToJson);

/** Every piece again, in pieces of at most `size()` bytes. */
function* recut(pieces: Iterable<Piece>, size: () => number): Generator<Piece> {
  for (const { conn, dir, bytes } of pieces) {
    for (let at = 0; at < bytes.length; ) {
      const end = Math.min(bytes.length, at + size());
      yield { conn, dir, bytes: bytes.subarray(at, end) };
      at = end;
    }
  }
}

/** Pieces that follow one another in one direction as one. */
function joinedRuns(pieces: readonly Piece[]): Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (last?.conn === piece.conn && last.dir === piece.dir) {
      joined[joined.length - 1] = { ...last, bytes: Buffer.concat([last.bytes, piece.bytes]) };
    } else {
      joined.push(piece);
    }
  }
  return joined;
}

/** Each direction of each connection in one piece, requests first. */
function joinedWhole(pieces: readonly Piece[]): Piece[] {
  const sorted = [...pieces].sort((a, b) => a.conn - b.conn || a.dir.localeCompare(b.dir));
  return joinedRuns(sorted);
}

/** Lists by connection and direction, for a comparison without the order between them. */
function byStream(packets: readonly Packet[]): Record<string, unknown[]> {
  const streams: Record<string, unknown[]> = {};
  for (const packet of packets) {
    const stream = `${packet.conn} ${packet.dir}`;
    streams[stream] = [...(streams[stream] ?? []), packetToJson(packet)];
  }
  return streams;
}

describe('session captures', () => {
  it('are there', () => {
    expect(SESSIONS.length).toBeGreaterThanOrEqual(34);
  });

  it.each(SESSIONS)('%s: every frame decodes', (name, capture) => {
    const packets = packetsOf(piecesOf(capture));
    expect(packets.length).toBeGreaterThan(1);
    for (const packet of packets) {
      const line = describePacket(packet);
      expect(packet.error, line).toBeUndefined();
      expect(packet.trailing, line).toBeUndefined();
      expect(packet.outOfOrder, line).toBeUndefined();
      if (!CUT_OFF.has(name)) expect(packet.kind, line).not.toBe('incomplete');
    }
  });

  it.each(SESSIONS)('%s: every frame is encoded as it came', (_name, capture) => {
    for (const packet of packetsOf(piecesOf(capture))) {
      const line = describePacket(packet);
      // Java writes these as two surrogates, each of three bytes; zkwire writes UTF-8.
      if (/[\u{10000}-\u{10ffff}]/u.test(line)) continue;
      expect(encodePacket(packet).toString('hex'), line).toBe(packet.frame?.toString('hex'));
    }
  });

  it.each(SESSIONS)('%s: every reply has the operation of its request', (_name, capture) => {
    const open = new Map<string, number>();
    for (const { conn, kind, op, header } of packetsOf(piecesOf(capture))) {
      if (kind === 'creq' || kind === 'cresp') continue;
      const key = `${conn} ${header?.xid}`;
      if (kind === 'req') {
        expect(op).toBe((header as { type: number }).type);
        open.set(key, op as number);
      } else if (header?.xid === -1) {
        expect(op).toBe(0);
      } else {
        expect(op, key).toBe(open.get(key));
      }
    }
  });

  it.each(SESSIONS)('%s: is the same however its bytes are cut', (name, capture) => {
    const pieces = piecesOf(capture);
    const whole = packetsOf(pieces);
    const expected = jsonOf(whole);
    expect(jsonOf(packetsOf(recut(pieces, () => 1)))).toEqual(expected);
    expect(jsonOf(packetsOf(joinedRuns(pieces)))).toEqual(expected);
    expect(byStream(packetsOf(joinedWhole(pieces)))).toEqual(byStream(whole));
    const random = randomSource(name.length * 7919);
    for (let round = 0; round < RANDOM_SPLITS; round++) {
      const sizes = 1 + random(64);
      const cut = recut(joinedRuns(pieces), () => 1 + random(sizes));
      expect(jsonOf(packetsOf(cut))).toEqual(expected);
    }
  });
});
