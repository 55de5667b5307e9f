import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isConnectRefusal,
  JuteReader,
  JuteWriter,
  type MultiAnswer,
  type MultiOperation,
  OwnedBytes,
  readConnectAnswer,
  readConnectHandshake,
  readMultiRequest,
  readMultiResponse,
  writeConnectAcceptance,
  writeConnectHandshake,
  writeConnectRefusal,
  writeMultiRequest,
  writeMultiResponse,
} from '../../src/codec/index.ts';
import { RECORDS } from '../../src/codec/record-table.gen.ts';
import { recordCodec } from '../conformance/golden-codec.ts';
import { MULTI_OPERATIONS, MULTI_RESULTS, recordOfType, smallestOfType } from './jute-values.ts';
import { fastCheckOptions } from './seed.ts';

const RUNS_A_RECORD = 500;
const RECORD_NAMES = Object.keys(RECORDS);

const GUARD_BYTE = 0xa5;
const GUARD_BYTES = 32;

type Write = (writer: JuteWriter) => void;

/** What `write` wrote into a writer that had to grow from nothing. */
function written(write: Write): Buffer {
  const writer = JuteWriter.standalone(1);
  write(writer);
  return writer.finished();
}

/**
 * Writes in the middle of a slab that is large enough (`roomBytes`), and checks that no byte in front
 * or behind was touched.
 */
function writtenInPlace(write: Write, roomBytes: number): Buffer {
  const bytes = Buffer.alloc(GUARD_BYTES + roomBytes + GUARD_BYTES, GUARD_BYTE);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const writer = new JuteWriter(bytes, view, () => {
    throw new Error('the writer asked for more than was enough');
  });
  writer.offset = GUARD_BYTES;
  writer.capacity = GUARD_BYTES + roomBytes;
  write(writer);
  const end = writer.offset;
  if (!isUntouched(bytes.subarray(0, GUARD_BYTES))) throw new Error('bytes in front were written');
  if (!isUntouched(bytes.subarray(end))) throw new Error('bytes behind were written');
  return bytes.subarray(GUARD_BYTES, end);
}

function isUntouched(bytes: Buffer): boolean {
  return bytes.equals(Buffer.alloc(bytes.length, GUARD_BYTE));
}

/** Writes both ways, and gives the bytes. A text reserves three bytes a character, so room is generous. */
function checkWritten(write: Write): Buffer {
  const bytes = written(write);
  const inPlace = writtenInPlace(write, bytes.length * 3 + 64);
  if (!inPlace.equals(bytes)) throw new Error('a writer that grows writes other bytes');
  return bytes;
}

/** Reads all of `bytes`, lent and owned, with other bytes around them. */
function checkRead(bytes: Buffer, read: (reader: JuteReader) => unknown, expected: unknown): void {
  const around = Buffer.concat([Buffer.alloc(5, 0xff), bytes, Buffer.alloc(5, 0xff)]);
  for (const owned of [null, new OwnedBytes()]) {
    const reader = JuteReader.over(around, 5, 5 + bytes.length);
    reader.owned = owned;
    const value = read(reader);
    // Many times faster than `toEqual`, which then says what differs.
    if (!isDeepStrictEqual(value, expected)) expect(value).toEqual(expected);
    if (reader.remaining !== 0) expect(reader.remaining).toBe(0);
  }
}

describe('write, then read', () => {
  it.each(RECORD_NAMES)('%s', (type) => {
    const codec = recordCodec(type);
    const property = fc.property(recordOfType(type), (record) => {
      const bytes = checkWritten((writer) => codec.write(writer, record));
      checkRead(bytes, (reader) => codec.read(reader), record);
      expect(bytes.length).toBeGreaterThanOrEqual(codec.minBytes);
      if (codec.fixedBytes !== null) expect(bytes.length).toBe(codec.fixedBytes);
    });
    fc.assert(property, fastCheckOptions(RUNS_A_RECORD));
  });

  it.each(RECORD_NAMES)('%s: the smallest value has minBytes', (type) => {
    const codec = recordCodec(type);
    const smallest = smallestOfType(type);
    expect(written((writer) => codec.write(writer, smallest)).length).toBe(codec.minBytes);
  });

  it('multi requests', () => {
    const property = fc.property(MULTI_OPERATIONS, (operations) => {
      const bytes = checkWritten((w) => writeMultiRequest(w, operations as MultiOperation[]));
      checkRead(bytes, readMultiRequest, operations);
    });
    fc.assert(property, fastCheckOptions(RUNS_A_RECORD * 4));
  });

  it('multi responses', () => {
    const property = fc.property(MULTI_RESULTS, (results) => {
      const bytes = checkWritten((writer) => writeMultiResponse(writer, results as MultiAnswer[]));
      checkRead(bytes, readMultiResponse, results);
    });
    fc.assert(property, fastCheckOptions(RUNS_A_RECORD * 4));
  });

  it('handshakes', () => {
    const readOnly = fc.option(fc.boolean(), { nil: undefined });
    const passwd = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((b) => Buffer.from(b));
    const property = fc.property(
      fc.record({ readOnly, passwd }),
      recordOfType('ConnectRequest'),
      ({ readOnly: last, passwd: password }, record) => {
        const { protocolVersion, lastZxidSeen, timeOut, sessionId } = record as {
          protocolVersion: number;
          lastZxidSeen: bigint;
          timeOut: number;
          sessionId: bigint;
        };
        const end = [sessionId, password, last, protocolVersion] as const;
        const request = checkWritten((w) =>
          writeConnectHandshake(w, lastZxidSeen, timeOut, ...end),
        );
        checkRead(request, readConnectHandshake, { ...record, passwd: password, readOnly: last });
        const answer = checkWritten((w) => writeConnectAcceptance(w, timeOut, ...end));
        const accepted = { protocolVersion, timeOut, sessionId, passwd: password, readOnly: last };
        checkRead(answer, readConnectAnswer, accepted);
      },
    );
    fc.assert(property, fastCheckOptions(RUNS_A_RECORD * 4));
  });

  it('refusals of a handshake', () => {
    const bytes = checkWritten((writer) => writeConnectRefusal(writer, -119));
    checkRead(bytes, readConnectAnswer, { refused: -119, zxid: 0n });
    expect(isConnectRefusal(readConnectAnswer(JuteReader.over(bytes)))).toBe(true);
  });

  it('a surrogate that stands alone is written as U+FFFD: UTF-8 has nothing for it', () => {
    const lone = fc.constantFrom('\ud800', '\udbff', '\udc00', '\udfff');
    const property = fc.property(fc.string({ maxLength: 30 }), lone, (text, surrogate) => {
      const broken = `${text}${surrogate}|${text}`;
      const bytes = checkWritten((writer) => writer.ustring(broken));
      checkRead(bytes, (reader) => reader.ustring(), `${text}\ufffd|${text}`);
    });
    fc.assert(property, fastCheckOptions(RUNS_A_RECORD));
  });
});
