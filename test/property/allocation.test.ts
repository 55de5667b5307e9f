import { describe, expect, it } from 'vitest';
import {
  Conversation,
  JuteReader,
  OwnedBytes,
  type Packet,
  readMultiRequest,
  readMultiResponse,
} from '../../src/codec/index.ts';
import { FRAME_BODY_BYTES_MAX } from '../../src/limits.ts';
import { recordCodec } from '../conformance/golden-codec.ts';
import { allocatedBytes } from './allocated-bytes.ts';
import { cpuMs } from './cpu-time.ts';

/** What a frame may cost: eight times its bytes and 64 KiB. */
const TIMES_MAX = 8;
const EXTRA_BYTES_MAX = 64 * 1024;
/** A decode of the largest frame takes some tens of milliseconds; an algorithm with a square in it would take hours. */
const CPU_MS_MAX = 5_000;

const REPLY_HEADER = Buffer.from('00000001000000000000000200000000', 'hex');
const MULTI_END = Buffer.from('ffffffff01ffffffff', 'hex');
const STAT = Buffer.alloc(68, 0x55);

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function text(bytes: Buffer | string): Buffer {
  return Buffer.concat([int(Buffer.byteLength(bytes)), Buffer.from(bytes)]);
}

const ENCODED_SURROGATE = Buffer.from('eda0bd', 'hex');
const TEXTS: readonly [what: string, bytes: Buffer][] = [
  ['null', int(-1)],
  ['empty', int(0)],
  ...[1, 2, 3, 4, 7, 11, 12, 13, 16, 17].map((length): [string, Buffer] => [
    `${length} letters`,
    text('z'.repeat(length)),
  ]),
  ['a two-byte character', text('ā')],
  ['a three-byte character', text('中')],
  ['a U+FFFD', text('\ufffd')],
  ['four U+FFFD', text('\ufffd'.repeat(4))],
  ['a surrogate', text(ENCODED_SURROGATE)],
  ['a letter and a surrogate', text(Buffer.concat([Buffer.from('a'), ENCODED_SURROGATE]))],
  ['six surrogates', text(Buffer.concat(Array(6).fill(ENCODED_SURROGATE)))],
];

/** The largest frame full of one element: what stands before its count, the element, what stands behind. */
function fullOf(before: Buffer, element: Buffer, behind: Buffer = Buffer.alloc(0)): Buffer {
  const room = FRAME_BODY_BYTES_MAX - REPLY_HEADER.length - before.length - behind.length - 4;
  const count = Math.floor(room / element.length);
  return frameOf([before, int(count), Buffer.alloc(count * element.length, element), behind]);
}

/** The largest frame full of one text. */
function fullOfText(character: Buffer): Buffer {
  const room = FRAME_BODY_BYTES_MAX - REPLY_HEADER.length - 4;
  const count = Math.floor(room / character.length);
  return frameOf([text(Buffer.alloc(count * character.length, character))]);
}

/** The largest frame full of one operation or result of a multi. */
function multiOf(item: string): Buffer {
  const element = Buffer.from(item.replaceAll(' ', ''), 'hex');
  const room = FRAME_BODY_BYTES_MAX - REPLY_HEADER.length - MULTI_END.length;
  const count = Math.floor(room / element.length);
  return frameOf([Buffer.alloc(count * element.length, element), MULTI_END]);
}

function frameOf(body: Buffer[]): Buffer {
  const frame = Buffer.concat([int(0), REPLY_HEADER, ...body]);
  frame.writeInt32BE(frame.length - 4);
  return frame;
}

type Read = (reader: JuteReader) => unknown;

function readBehindHeader(frame: Buffer, read: Read, owned: boolean): unknown {
  const reader = JuteReader.over(frame);
  reader.frame(0, frame.length);
  reader.take(REPLY_HEADER.length);
  reader.owned = owned ? new OwnedBytes() : null;
  return read(reader);
}

function expectBounded(frame: Buffer, decode: () => unknown, timesMax = TIMES_MAX): void {
  expect(frame.length).toBeGreaterThan(FRAME_BODY_BYTES_MAX - 256);
  // Once to fill what is made only once (and code is compiled), once to be measured.
  decode();
  let allocated = { heapBytes: 0, externalBytes: 0 };
  const tookMs = cpuMs(() => {
    allocated = allocatedBytes(decode);
  });
  expect(tookMs).toBeLessThan(CPU_MS_MAX);
  const { heapBytes, externalBytes } = allocated;
  const bytes = heapBytes + externalBytes;
  const times = ((bytes - EXTRA_BYTES_MAX) / frame.length).toFixed(2);
  expect(bytes, `${times} times the frame`).toBeLessThanOrEqual(
    timesMax * frame.length + EXTRA_BYTES_MAX,
  );
}

const RECORD_FRAMES: [what: string, type: string, frame: Buffer][] = [
  ...TEXTS.map(([what, bytes]): [string, string, Buffer] => [
    `children: ${what}`,
    'GetChildrenResponse',
    fullOf(Buffer.alloc(0), bytes),
  ]),
  ...TEXTS.map(([what, bytes]): [string, string, Buffer] => [
    `ACL: scheme and id ${what}`,
    'GetACLResponse',
    fullOf(Buffer.alloc(0), Buffer.concat([int(31), bytes, bytes]), STAT),
  ]),
  ...TEXTS.map(([what, bytes]): [string, string, Buffer] => [
    `client: ${what}`,
    'WhoAmIResponse',
    fullOf(Buffer.alloc(0), Buffer.concat([bytes, bytes])),
  ]),
  [
    'watches: empty paths',
    'SetWatches2',
    fullOf(Buffer.alloc(8), int(0), Buffer.concat([int(0), int(0), int(0), int(0)])),
  ],
  [
    'create: smallest ACLs',
    'CreateRequest',
    fullOf(Buffer.concat([int(-1), int(-1)]), Buffer.concat([int(0), int(-1), int(-1)]), int(0)),
  ],
  ['path: ASCII', 'CreateResponse', fullOfText(Buffer.from('a'))],
  ['path: U+FFFD', 'CreateResponse', fullOfText(Buffer.from('\ufffd'))],
  ['path: surrogates', 'CreateResponse', fullOfText(ENCODED_SURROGATE)],
  [
    'path: letters and surrogates',
    'CreateResponse',
    fullOfText(Buffer.concat([Buffer.from('ab'), ENCODED_SURROGATE])),
  ],
  ['data', 'GetDataResponse', fullOf(Buffer.alloc(0), Buffer.from('a'), STAT)],
];

/** Frames that are refused, most of them late. */
const REFUSED: [what: string, type: string, frame: Buffer][] = [
  ['a path of no text at all', 'CreateResponse', fullOfText(Buffer.from('ff', 'hex'))],
  ['a path that ends in no text', 'CreateResponse', endingBadly(fullOfText(Buffer.from('a')))],
  [
    'a path of surrogates that ends in no text',
    'CreateResponse',
    endingBadly(fullOfText(ENCODED_SURROGATE)),
  ],
  [
    'children, the last of them no text',
    'GetChildrenResponse',
    endingBadly(fullOf(Buffer.alloc(0), text('\ufffd'))),
  ],
];

/** Texts that Java's servers take, and put U+FFFD into. */
const BAD_TEXTS: [what: string, frame: Buffer][] = [
  ['a path of no text at all', fullOfText(Buffer.from('ff', 'hex'))],
  ['a path that ends in no text', endingBadly(fullOfText(Buffer.from('a')))],
  ['a path of surrogates', fullOfText(ENCODED_SURROGATE)],
  ['a path of letters and no text', fullOfText(Buffer.from('61ff', 'hex'))],
];

function endingBadly(frame: Buffer): Buffer {
  frame[frame.length - 1] = 0xff;
  return frame;
}

const STAT_HEX = STAT.toString('hex');
const RESULTS: [what: string, frame: Buffer][] = [
  ['create without a path', multiOf('00000001 00 00000000 ffffffff')],
  ['create, path of two letters', multiOf('00000001 00 00000000 00000002 7a7a')],
  ['create, path of three letters', multiOf('00000001 00 00000000 00000003 7a7a7a')],
  ['create2', multiOf(`0000000f 00 00000000 00000001 7a ${STAT_HEX}`)],
  ['delete', multiOf('00000002 00 00000000')],
  ['check', multiOf('0000000d 00 00000000')],
  ['setData', multiOf(`00000005 00 00000000 ${STAT_HEX}`)],
  ['getData without data', multiOf(`00000004 00 00000000 ffffffff ${STAT_HEX}`)],
  ['getData of nothing', multiOf(`00000004 00 00000000 00000000 ${STAT_HEX}`)],
  ['getData of a byte', multiOf(`00000004 00 00000000 00000001 55 ${STAT_HEX}`)],
  ['no children', multiOf('00000008 00 00000000 00000000')],
  ['null children', multiOf('00000008 00 00000000 ffffffff')],
  ['one child', multiOf('00000008 00 00000000 00000001 ffffffff')],
  ['error', multiOf('ffffffff 00 ffffff9b ffffff9b')],
];

/** A Buffer in 22 bytes. */
const SET_DATA = '00000005 00 ffffffff ffffffff 00000001 55 ffffffff';

const OPERATIONS: [what: string, frame: Buffer][] = [
  ['check', multiOf('0000000d 00 ffffffff ffffffff ffffffff')],
  ['delete', multiOf('00000002 00 ffffffff 00000000 ffffffff')],
  ['getData', multiOf('00000004 00 ffffffff ffffffff 00')],
  [
    'getData, and just enough setData of a byte among them that the list must grow',
    multiOf('00000004 00 ffffffff ffffffff 00'.repeat(6) + SET_DATA.repeat(3)),
  ],
  ['setData without data', multiOf('00000005 00 ffffffff ffffffff ffffffff ffffffff')],
  ['setData of nothing', multiOf('00000005 00 ffffffff ffffffff 00000000 ffffffff')],
  ['setData of a byte', multiOf(SET_DATA)],
  ['create of nulls', multiOf('00000001 00 ffffffff ffffffff ffffffff ffffffff 00000000')],
  ['create of nothing', multiOf('00000001 00 ffffffff 00000000 00000000 00000000 00000000')],
  ['create of a byte', multiOf('00000001 00 ffffffff 00000000 00000001 55 00000000 00000000')],
  [
    'createTTL of a byte',
    multiOf('00000015 00 ffffffff 00000000 00000001 55 00000000 00000005 0000000000000001'),
  ],
];

/** One byte of data (a Buffer) and one ACL (three objects and an array) in 38 bytes. */
const DENSEST_OPERATION = multiOf(
  '00000001 00 ffffffff 00000000 00000001 55 00000001 0000001f 00000000 00000000 00000000',
);

describe('the largest frames, full of the smallest things', () => {
  it.each(RECORD_FRAMES)('%s', (_what, type, frame) => {
    const read: Read = (reader) => recordCodec(type).read(reader);
    expectBounded(frame, () => readBehindHeader(frame, read, false));
    expectBounded(frame, () => readBehindHeader(frame, read, true));
  });

  it.each(REFUSED)('refused: %s', (_what, type, frame) => {
    const read: Read = (reader) => recordCodec(type).read(reader);
    for (const owned of [false, true]) {
      expectBounded(frame, () => {
        expect(() => readBehindHeader(frame, read, owned)).toThrow('is not UTF-8');
      });
    }
  });

  it.each(BAD_TEXTS)('read as Java does: %s', (_what, frame) => {
    const read: Read = (reader) => {
      reader.asJava = true;
      return reader.ustring();
    };
    expectBounded(frame, () => readBehindHeader(frame, read, false));
  });

  it.each(RESULTS)('multi results: %s', (_what, frame) => {
    expectBounded(frame, () => readBehindHeader(frame, readMultiResponse, false));
    expectBounded(frame, () => readBehindHeader(frame, readMultiResponse, true));
  });

  it.each(OPERATIONS)('multi operations: %s', (_what, frame) => {
    expectBounded(frame, () => readBehindHeader(frame, readMultiRequest, false));
  });

  it('multi operations: create of a byte with one ACL, which no server sends', () => {
    const decode = () => readBehindHeader(DENSEST_OPERATION, readMultiRequest, false);
    expectBounded(DENSEST_OPERATION, decode, 9);
  });

  it('are no dearer in a conversation', () => {
    const frames = RECORD_FRAMES.filter(([, type]) => type === 'GetChildrenResponse');
    for (const [, , frame] of frames) {
      let last: Packet | undefined;
      expectBounded(frame, () => {
        const conversation = new Conversation((packet) => {
          last = packet;
        });
        // The first frames of both sides are the handshake, whatever they are.
        conversation.push(0, 'c2s', Buffer.from('0000000100', 'hex'));
        conversation.push(0, 's2c', Buffer.from('0000000100', 'hex'));
        conversation.push(0, 'c2s', Buffer.from('000000080000000100000008', 'hex'));
        conversation.push(0, 's2c', frame);
      });
      expect(last?.type).toBe('GetChildrenResponse');
    }
  });
});
