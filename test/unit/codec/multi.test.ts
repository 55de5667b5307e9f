import { describe, expect, it } from 'vitest';
import { JuteReader } from '../../../src/codec/jute-reader.ts';
import { JuteWriter } from '../../../src/codec/jute-writer.ts';
import {
  type DecodedMultiOperation,
  type MultiAnswer,
  type MultiOperation,
  multiFailure,
  readMultiRequest,
  readMultiResponse,
  writeMultiRequest,
  writeMultiResponse,
} from '../../../src/codec/multi.ts';
import { OP } from '../../../src/codec/operations.ts';
import { ZkwireError } from '../../../src/errors.ts';
import { RECORDED_EXCHANGES } from './recorded-exchanges.ts';
import { wireFailure } from './wire-failure.ts';

const REQUEST_HEADER_BYTES = 8;
const REPLY_HEADER_BYTES = 16;
const TERMINATOR = 'ffffffff01ffffffff';
const OPEN_ACL = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];

/** The recorded frames of an exchange: request, response. */
function recorded(name: string): [Buffer, Buffer] {
  const exchange = RECORDED_EXCHANGES.find((candidate) => candidate.name.startsWith(name))!;
  const [request, response] = exchange.frames;
  return [Buffer.from(request!.hex, 'hex'), Buffer.from(response!.hex, 'hex')];
}

/** A reader behind the header of a frame, which may be cut short. */
function bodyOf(frame: Buffer, headerBytes: number, end: number = frame.length): JuteReader {
  const reader = JuteReader.over(frame);
  reader.frame(0, end);
  reader.take(headerBytes);
  return reader;
}

function requestIn(frame: Buffer): DecodedMultiOperation[] {
  const reader = bodyOf(frame, REQUEST_HEADER_BYTES);
  const operations = readMultiRequest(reader);
  expect(reader.remaining).toBe(0);
  return operations;
}

function written(write: (writer: JuteWriter) => void): string {
  const writer = JuteWriter.standalone();
  write(writer);
  return writer.finished().toString('hex');
}

describe('multi request', () => {
  it('reads check, create, setData, delete as the Java client wrote them', () => {
    const [request] = recorded('multi ok');
    expect(requestIn(request)).toEqual([
      { op: 13, path: '/g', version: 1 },
      {
        op: 1,
        path: '/g/m',
        data: Buffer.from('v'),
        acl: OPEN_ACL,
        flags: 0,
      },
      { op: 5, path: '/g/m', data: Buffer.from('v'), version: -1 },
      { op: 2, path: '/g/m', version: -1 },
    ]);
  });

  it('reads a multiRead', () => {
    const [request] = recorded('multiRead');
    expect(requestIn(request)).toEqual([
      { op: 4, path: '/g', watch: false },
      { op: 8, path: '/g/none', watch: false },
    ]);
  });

  it.each(['multi ok', 'multi failing', 'multiRead'])(
    'writes %s as the Java client does',
    (name) => {
      const [request] = recorded(name);
      const operations = requestIn(request) as MultiOperation[];
      const header = 4 + REQUEST_HEADER_BYTES;
      expect(written((w) => writeMultiRequest(w, operations))).toBe(
        request.subarray(header).toString('hex'),
      );
    },
  );

  it('writes and reads the creates that carry more', () => {
    const operations: MultiOperation[] = [
      { op: OP.create2, path: '/a', data: null, acl: OPEN_ACL, flags: 3 },
      { op: OP.createContainer, path: '/c', data: Buffer.alloc(0), acl: OPEN_ACL, flags: 4 },
      { op: OP.createTTL, path: '/t', data: null, acl: OPEN_ACL, flags: 5, ttl: 60_000n },
    ];
    const hex = written((w) => writeMultiRequest(w, operations));
    const reader = JuteReader.over(Buffer.from(hex, 'hex'));
    expect(readMultiRequest(reader)).toEqual(operations);
  });

  it('writes an empty multi as its terminator', () => {
    expect(written((w) => writeMultiRequest(w, []))).toBe(TERMINATOR);
    expect(readMultiRequest(JuteReader.over(Buffer.from(TERMINATOR, 'hex')))).toEqual([]);
  });

  it.each([0, 1, 4, 7])('refuses createTTL with create mode %d', (flags) => {
    const operation = { op: OP.createTTL, path: '/t', data: null, acl: OPEN_ACL, flags, ttl: 1n };
    const write = () => written((w) => writeMultiRequest(w, [operation]));
    expect(write).toThrow(ZkwireError);
    expect(write).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
  });

  it('refuses to write an operation that cannot be part of a multi', () => {
    const operation = { op: OP.setACL, path: '/t', version: 1 } as unknown as MultiOperation;
    expect(() => written((w) => writeMultiRequest(w, [operation]))).toThrow(
      expect.objectContaining({ code: 'BAD_ARGUMENT' }),
    );
  });
});

describe('multi response', () => {
  it('reads the results of a success by their own types', () => {
    const [, response] = recorded('multi ok');
    const results = readMultiResponse(bodyOf(response, REPLY_HEADER_BYTES));
    expect(results).toEqual([
      { op: 13 },
      { op: 1, path: '/g/m' },
      { op: 5, stat: expect.objectContaining({ czxid: 11n, version: 1, dataLength: 1 }) },
      { op: 2 },
    ]);
    expect(multiFailure(results)).toEqual({ index: -1, err: 0 });
  });

  it('reads a failed transaction: OK before, the code, "not tried" after', () => {
    const [, response] = recorded('multi failing');
    const results = readMultiResponse(bodyOf(response, REPLY_HEADER_BYTES));
    expect(results).toEqual([
      { op: -1, err: 0 },
      { op: -1, err: -101 },
      { op: -1, err: -2 },
    ]);
    expect(multiFailure(results)).toEqual({ index: 1, err: -101 });
  });

  it('reads a multiRead in which one operation failed', () => {
    const [, response] = recorded('multiRead');
    expect(readMultiResponse(bodyOf(response, REPLY_HEADER_BYTES))).toEqual([
      { op: 4, data: Buffer.from('w'), stat: expect.objectContaining({ pzxid: 11n }) },
      { op: -1, err: -101 },
    ]);
  });

  it('reads a create2 that was answered as create, as 3.8.0 does', () => {
    const hex = `000000010000000000000000022f61${TERMINATOR}`;
    expect(readMultiResponse(JuteReader.over(Buffer.from(hex, 'hex')))).toEqual([
      { op: 1, path: '/a' },
    ]);
  });

  it('reads children, null apart from empty', () => {
    const item = (count: string) => `000000080000000000${count}`;
    const hex = `${item('ffffffff')}${item('00000000')}${TERMINATOR}`;
    expect(readMultiResponse(JuteReader.over(Buffer.from(hex, 'hex')))).toEqual([
      { op: 8, children: null },
      { op: 8, children: [] },
    ]);
  });

  it.each(['multi ok', 'multi failing', 'multiRead'])('writes %s as the server does', (name) => {
    const [, response] = recorded(name);
    const results = readMultiResponse(bodyOf(response, REPLY_HEADER_BYTES)) as MultiAnswer[];
    const header = 4 + REPLY_HEADER_BYTES;
    expect(written((w) => writeMultiResponse(w, results))).toBe(
      response.subarray(header).toString('hex'),
    );
  });

  it('spends nothing on results without a body', () => {
    const hex = `000000020000000000`.repeat(2000) + TERMINATOR;
    const results = readMultiResponse(JuteReader.over(Buffer.from(hex, 'hex')));
    expect(results).toHaveLength(2000);
    expect(new Set(results).size).toBe(1);
  });
});

describe('broken framing', () => {
  const cases = ['multi ok', 'multi failing', 'multiRead'].flatMap((name) => {
    const [request, response] = recorded(name);
    return [
      {
        name: `${name}, request`,
        frame: request,
        header: REQUEST_HEADER_BYTES,
        read: readMultiRequest,
      },
      {
        name: `${name}, response`,
        frame: response,
        header: REPLY_HEADER_BYTES,
        read: readMultiResponse,
      },
    ];
  });

  it.each(cases)('$name: refuses every truncation', ({ frame, header, read }) => {
    for (let end = 4 + header; end < frame.length; end++) {
      const error = wireFailure(() => read(bodyOf(frame, header, end)));
      expect(['BAD_MULTI', 'TRUNCATED', 'BAD_LENGTH', 'BAD_COUNT']).toContain(error.code);
      expect(error.offset).toBeLessThanOrEqual(end);
    }
  });

  it.each(cases)('$name: names the byte of a missing terminator', ({ frame, header, read }) => {
    const end = frame.length - 9;
    const error = wireFailure(() => read(bodyOf(frame, header, end)));
    expect([error.code, error.offset]).toEqual(['BAD_MULTI', end]);
  });

  it.each([3, 7, 9, 14, 16, 22, 999, -11])('refuses type %d at its header', (type) => {
    const bytes = Buffer.from(`0000000000ffffffff${TERMINATOR}`, 'hex');
    bytes.writeInt32BE(type);
    for (const read of [readMultiRequest, readMultiResponse]) {
      const error = wireFailure(() => read(JuteReader.over(bytes)));
      expect([error.code, error.offset]).toEqual(['BAD_MULTI', 0]);
    }
  });

  it('leaves what follows the terminator alone', () => {
    const reader = JuteReader.over(Buffer.from(`${TERMINATOR}00000000`, 'hex'));
    expect(readMultiResponse(reader)).toEqual([]);
    expect(reader.remaining).toBe(4);
  });
});

describe('multiFailure', () => {
  it('names the first operation that really failed', () => {
    const error = (err: number) => ({ op: OP.error, err });
    expect(multiFailure([error(0), error(-110), error(-2)])).toEqual({ index: 1, err: -110 });
    expect(multiFailure([error(-2), error(-2)])).toEqual({ index: 0, err: -2 });
    expect(multiFailure([error(0), error(0)])).toEqual({ index: -1, err: 0 });
    expect(multiFailure([])).toEqual({ index: -1, err: 0 });
  });
});
