import { describe, expect, it } from 'vitest';
import {
  describe as describePacket,
  FRAME_INCOMPLETE,
  JuteReader,
  OP,
  OwnedBytes,
  type Packet,
  packetToJson,
  SlabPool,
} from '../../src/codec/index.ts';
import { WIRE_ERROR_CODES, WireError } from '../../src/errors.ts';
import { cutterFor, decodeFrame, encodeValue, goldenValue, readBody } from './golden-codec.ts';
import { conversationPackets } from './golden-conversation.ts';
import { GOLDENS, type Golden, type GoldenValue, type Json } from './golden-fixtures.ts';
import { type LengthField, lengthFieldsOf } from './length-fields.ts';
import { secretsOf } from './secrets.ts';

/**
 * Why our encoder may write other bytes than a golden has. Decoding what it writes gives the same
 * value. A golden to which none of these applies must come out byte for byte.
 */
const WRITTEN_DIFFERENTLY: readonly { reason: string; applies(golden: Golden): boolean }[] = [
  {
    reason: 'Java writes a character above U+FFFF as two surrogates of three bytes, UTF-8 has four',
    applies: ({ hex }) => /^(?:..)*?eda[0-9a-f]..edb/.test(hex),
  },
];

/** Frames above this are split and cut at a sample of offsets where one decode costs a pass over the frame. */
const SAMPLED_BYTES_MIN = 8 * 1024;
const SAMPLE_STEP = 997;
const SAMPLE_EDGE_BYTES = 128;

/** Words that no length or count may be. */
const BAD_WORDS: readonly number[] = [-2, 2 ** 31 - 1, -(2 ** 31)];

interface Case {
  readonly golden: Golden;
  /** The golden's name behind that of its file: what a failure shows. */
  readonly label: string;
  readonly frame: Buffer;
}

const FIXTURES: [fixture: string, cases: Case[]][] = GOLDENS.map(([fixture, goldens]) => [
  fixture,
  goldens.map((golden) => ({
    golden,
    label: `${fixture}: ${golden.name}`,
    frame: Buffer.from(golden.hex, 'hex'),
  })),
]);

function isWrittenDifferently(golden: Golden): boolean {
  return WRITTEN_DIFFERENTLY.some(({ applies }) => applies(golden));
}

function xidOf({ golden, frame }: Case): number {
  return golden.op === null ? 0 : frame.readInt32BE(4);
}

/** What a Conversation makes of the golden in these chunks, as goldens write it. */
function conversationValues(one: Case, chunks: Iterable<Buffer>): unknown[] {
  return conversationPackets(one.golden, xidOf(one), chunks).map((packet) => {
    const { conn: _conn, dir: _dir, ...value } = packetToJson(packet);
    return value;
  });
}

function* singleBytes(frame: Buffer): Generator<Buffer> {
  for (let at = 0; at < frame.length; at++) yield frame.subarray(at, at + 1);
}

/** Offsets inside a frame: all of them, or a sample with both edges when the frame is large. */
function* offsetsOf(bytes: number): Generator<number> {
  for (let at = 1; at < bytes; at++) {
    const isEdge = at < SAMPLE_EDGE_BYTES || at >= bytes - SAMPLE_EDGE_BYTES;
    if (bytes < SAMPLED_BYTES_MIN || isEdge || at % SAMPLE_STEP === 0) yield at;
  }
}

/** The WireError that decoding ends in; undefined when it does not. Anything else is thrown on. */
function refusalOf(one: Case, frame: Buffer): WireError | undefined {
  try {
    decodeFrame(one.golden, frame);
    return undefined;
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
}

function withBody(frame: Buffer): Buffer {
  frame.writeInt32BE(frame.length - 4, 0);
  return frame;
}

function valueAt(value: unknown, path: LengthField['path']): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], value);
}

/** The value with null at `path`. */
function nulledAt(value: GoldenValue, path: LengthField['path'], bytes: number): GoldenValue {
  const copy = structuredClone(value);
  const parent = valueAt(copy, path.slice(0, -1)) as Record<string, Json>;
  parent[path.at(-1) as string] = null;
  return { ...copy, bytes };
}

function isFailedSasl({ kind, op, type, value }: Golden): boolean {
  if (kind !== 'resp' || op !== OP.sasl || type === null) return false;
  return (value.header as { err: number }).err !== 0;
}

/**
 * What a frame cut to `bytes` (prefix included, and corrected) legally says; undefined when it says
 * nothing.
 */
function shorterValue({ golden, frame }: Case, bytes: number): GoldenValue | undefined {
  const { value } = golden;
  // The handshake's last byte is optional.
  if (value.readOnly !== undefined && bytes === frame.length - 1) {
    const { readOnly: _readOnly, ...rest } = value;
    return { ...rest, bytes: bytes - 4 };
  }
  // A failed SASL step without its null token is a failed request like any other.
  if (isFailedSasl(golden) && bytes === 20) {
    const { type: _type, record: _record, ...rest } = value;
    return { ...rest, bytes: 16 };
  }
  // Sixteen bytes in place of a ConnectResponse are a refusal, unless its error would be 0.
  const err = bytes === 20 ? frame.readInt32BE(16) : 0;
  if (golden.kind === 'cresp' && err !== 0) {
    const header = { xid: 0, zxid: frame.readBigInt64BE(8).toString(), err };
    return { kind: 'cresp', bytes: 16, header };
  }
  return undefined;
}

describe('golden packets', () => {
  it('are there for every operation, in both directions', () => {
    expect(FIXTURES.length).toBeGreaterThanOrEqual(31);
    const frames = FIXTURES.flatMap(([, cases]) => cases);
    expect(frames.length).toBeGreaterThanOrEqual(400);
    expect(new Set(frames.map(({ label }) => label)).size).toBe(frames.length);
  });

  it.each(FIXTURES)('%s: decode to what Apache reads, lent and owned', (_fixture, cases) => {
    for (const { golden, label, frame } of cases) {
      for (const owned of [null, new OwnedBytes()]) {
        const decoded = decodeFrame(golden, frame, owned);
        expect(goldenValue(golden, frame, decoded), label).toEqual(golden.value);
        expect(decoded.rest, label).toBe(0);
      }
    }
  });

  it.each(FIXTURES)('%s: decode the same in a conversation, whole and byte by byte', (_, cases) => {
    for (const one of cases) {
      expect(conversationValues(one, [one.frame]), one.label).toEqual([one.golden.value]);
      const values = conversationValues(one, singleBytes(one.frame));
      expect(values, one.label).toEqual([one.golden.value]);
    }
  });

  it.each(FIXTURES)('%s: decode from a slab that fills byte by byte', (_fixture, cases) => {
    // Frames do not begin where slabs do.
    const start = 7;
    const pool = new SlabPool({ poison: true });
    for (const { golden, label, frame } of cases) {
      const slab = pool.acquire(start + frame.length);
      const cutter = cutterFor(golden.kind);
      for (let end = start; end < start + frame.length; end++) {
        if (cutter.cut(slab.view, start, end) !== FRAME_INCOMPLETE) {
          expect.fail(`${label}: a frame was cut after ${end - start} bytes`);
        }
        const wanted = end - start < 4 ? 0 : frame.length;
        if (cutter.wantedBytes !== wanted) expect(cutter.wantedBytes, label).toBe(wanted);
        slab.bytes[end] = frame[end - start] as number;
      }
      const end = cutter.cut(slab.view, start, start + frame.length);
      expect(end, label).toBe(start + frame.length);
      expectBodyInSlab(golden, label, pool, slab, start, end);
      pool.release(slab);
    }
    expect(pool.counters().outstanding).toBe(0);
  });

  it.each(FIXTURES)('%s: decode the same when split at every offset', (_fixture, cases) => {
    for (const one of cases) {
      for (const at of offsetsOf(one.frame.length)) {
        const values = conversationValues(one, [one.frame.subarray(0, at), one.frame.subarray(at)]);
        expect(values, `${one.label}, split at ${at}`).toEqual([one.golden.value]);
      }
    }
  });

  it.each(FIXTURES)('%s: encode to the same bytes', (_fixture, cases) => {
    for (const { golden, label, frame } of cases) {
      const encoded = encodeValue(golden.value);
      if (isWrittenDifferently(golden)) {
        expect(encoded.equals(frame), label).toBe(false);
        const value = goldenValue(golden, encoded, decodeFrame(golden, encoded));
        expect(value, label).toEqual({ ...golden.value, bytes: encoded.length - 4 });
      } else {
        expect(encoded.toString('hex'), label).toBe(golden.hex);
      }
    }
  });

  it.each(FIXTURES)('%s: are described in one line without secrets', (_fixture, cases) => {
    for (const one of cases) {
      const packets = conversationPackets(one.golden, xidOf(one), [one.frame]);
      expect(packets.length, one.label).toBe(1);
      const line = describePacket(packets[0] as Packet);
      expect(line, one.label).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      expect(line.length, one.label).toBeLessThan(4096);
      for (const secret of secretsOf(one.golden.value)) {
        expect(line.includes(secret), `${one.label} shows a secret: ${line}`).toBe(false);
      }
    }
  });

  it.each(FIXTURES)('%s: want more when cut at any length', (_fixture, cases) => {
    for (const one of cases) {
      for (const bytes of offsetsOf(one.frame.length)) {
        const rest = one.frame.subarray(0, bytes);
        const [last, ...others] = conversationPackets(one.golden, xidOf(one), [rest]);
        expect(others, one.label).toEqual([]);
        const { kind, rest: kept } = last as Packet;
        expect(kind, `${one.label} cut to ${bytes} bytes`).toBe('incomplete');
        expect(kept?.equals(rest), `${one.label} cut to ${bytes} bytes`).toBe(true);
      }
    }
  });

  it.each(FIXTURES)('%s: are refused when they end too early', (_fixture, cases) => {
    for (const one of cases) {
      const copy = Buffer.from(one.frame);
      for (let bytes = 4; bytes < copy.length; bytes++) {
        const label = `${one.label} of ${bytes} bytes`;
        copy.writeInt32BE(bytes - 4, 0);
        const frame = copy.subarray(0, bytes);
        const shorter = shorterValue(one, bytes);
        if (shorter === undefined) {
          expectRefusal(refusalOf(one, frame), bytes, label);
        } else {
          const decoded = decodeFrame(one.golden, frame);
          expect(goldenValue(one.golden, frame, decoded), label).toEqual(shorter);
        }
      }
    }
  });

  it.each(FIXTURES)('%s: are refused at the very field whose length is bad', (_fixture, cases) => {
    for (const one of cases) {
      for (const field of lengthFieldsOf(one.golden)) {
        const code = field.kind === 'length' ? 'BAD_LENGTH' : 'BAD_COUNT';
        for (const word of BAD_WORDS) {
          const frame = Buffer.from(one.frame);
          frame.writeInt32BE(word, field.at);
          const { code: given, offset } = refusalOf(one, frame) ?? {};
          const label = `${one.label}: ${field.path.join('.')} = ${word}`;
          expect({ code: given, offset }, label).toEqual({ code, offset: field.at });
        }
      }
    }
  });

  it.each(FIXTURES)('%s: read null where a length is -1', (_fixture, cases) => {
    for (const one of cases) {
      for (const field of lengthFieldsOf(one.golden)) {
        expectNullOrRefusal(one, field);
        expectNull(one, field);
      }
    }
  });
});

function expectBodyInSlab(
  golden: Golden,
  label: string,
  pool: SlabPool,
  slab: ReturnType<SlabPool['acquire']>,
  start: number,
  end: number,
): void {
  if (golden.type === null || golden.op === null) return;
  const reader = new JuteReader();
  reader.useSlab(pool, slab);
  reader.frame(start, end);
  reader.take(golden.kind === 'req' ? 8 : 16);
  const record = readBody(golden.type, reader);
  const value = goldenValue(golden, slab.bytes.subarray(start, end), { record, rest: 0 });
  expect(value.record, label).toEqual(golden.value.record);
}

function expectRefusal(error: WireError | undefined, bytes: number, label: string): void {
  if (error === undefined) expect.fail(`${label}: decoded`);
  if (!(error.code in WIRE_ERROR_CODES)) expect.fail(`${label}: ${error.code}`);
  if (!(error.offset >= 0 && error.offset <= bytes)) expect.fail(`${label}: at ${error.offset}`);
}

/** The length alone becomes -1: what follows is read as other fields, which may or may not work out. */
function expectNullOrRefusal(one: Case, field: LengthField): void {
  const label = `${one.label}: ${field.path.join('.')} = -1 in place`;
  const frame = Buffer.from(one.frame);
  frame.writeInt32BE(-1, field.at);
  const error = refusalOf(one, frame);
  if (error !== undefined) {
    expectRefusal(error, frame.length, label);
    return;
  }
  const value = goldenValue(one.golden, frame, decodeFrame(one.golden, frame));
  expect(valueAt(value, field.path), label).toBe(null);
}

/** The length becomes -1 and its bytes go: everything else must stay as it is. */
function expectNull(one: Case, field: LengthField): void {
  const label = `${one.label}: ${field.path.join('.')} = null`;
  const frame = withBody(
    Buffer.concat([
      one.frame.subarray(0, field.at),
      Buffer.from('ffffffff', 'hex'),
      one.frame.subarray(field.at + 4 + field.contentBytes),
    ]),
  );
  if (one.golden.kind === 'cresp') {
    // Every ConnectResponse has a password, so one without has a size that is none.
    expect(refusalOf(one, frame)?.code, label).toBe('BAD_HANDSHAKE');
    return;
  }
  const expected = nulledAt(one.golden.value, field.path, frame.length - 4);
  const decoded = decodeFrame(one.golden, frame);
  expect(goldenValue(one.golden, frame, decoded), label).toEqual(expected);
  expect(decoded.rest, label).toBe(0);
  if (isWrittenDifferently(one.golden)) return;
  expect(encodeValue(expected).toString('hex'), label).toBe(frame.toString('hex'));
}
