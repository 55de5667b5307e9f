import { describe, expect, it } from 'vitest';
import { describe as describePacket, type Packet } from '../../src/codec/index.ts';
import { WIRE_ERROR_CODES, WireError } from '../../src/errors.ts';
import { decodeFrame } from './golden-codec.ts';
import { conversationPackets } from './golden-conversation.ts';
import { MALFORMED, type Malformed } from './golden-fixtures.ts';

function errorOf(malformed: Malformed, frame: Buffer): WireError | undefined {
  try {
    decodeFrame(malformed, frame);
    return undefined;
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
}

describe('malformed frames', () => {
  it('are there', () => {
    expect(MALFORMED.flatMap(([, cases]) => cases).length).toBeGreaterThanOrEqual(60);
  });

  it.each(MALFORMED)('%s: end in exactly their code and offset', (_fixture, cases) => {
    for (const malformed of cases) {
      const error = errorOf(malformed, Buffer.from(malformed.hex, 'hex'));
      expect({ code: error?.code, offset: error?.offset }, malformed.name).toEqual(malformed.error);
      expect(WIRE_ERROR_CODES, malformed.name).toHaveProperty(malformed.error.code);
      expect(error?.message, malformed.name).toContain(`byte ${malformed.error.offset}`);
    }
  });

  it.each(MALFORMED)('%s: end the same in a conversation, which goes on', (_fixture, cases) => {
    for (const malformed of cases) {
      const frame = Buffer.from(malformed.hex, 'hex');
      const xid = malformed.op === null ? 1 : frame.readInt32BE(4);
      const [packet] = conversationPackets(malformed, xid, [frame]);
      const { kind, error, bytes } = packet as Packet;
      expect({ kind, error }, malformed.name).toEqual({
        kind: malformed.kind,
        error: malformed.error,
      });
      expect(bytes, malformed.name).toBe(frame.readInt32BE(0));
      const { code, offset } = malformed.error;
      const line = describePacket(packet as Packet);
      expect(line, malformed.name).toContain(`undecodable: ${code} at byte ${offset}`);
    }
  });
});
