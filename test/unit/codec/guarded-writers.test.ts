import { describe, expect, it } from 'vitest';
import * as codec from '../../../src/codec/index.ts';
import { JuteReader, JuteWriter, OP } from '../../../src/codec/index.ts';
import * as generated from '../../../src/codec/records.gen.ts';
import { thrownBy } from '../pipeline/pipelines.ts';

/** Everything that the published codec can write, given what a server must never get. */
const flags = (mode: number): codec.TtlFlags => mode as codec.TtlFlags;

function written(write: (writer: JuteWriter) => void): Buffer {
  const writer = JuteWriter.standalone();
  write(writer);
  return writer.finished();
}

describe('the writers of zkwire/codec', () => {
  it.each([0, 1, 2, 3, 4, 7, -1, Number.NaN])('refuse createTTL with mode %s', (mode) => {
    const writer = JuteWriter.standalone();
    const calls = [
      () => codec.writeCreateTTLRequest(writer, '/a', null, [], flags(mode), 1n),
      () =>
        codec.RECORDS.CreateTTLRequest.write(writer, {
          path: '/a',
          data: null,
          acl: [],
          flags: mode,
          ttl: 1n,
        }),
    ];
    for (const call of calls) expect(thrownBy(call)).toMatchObject({ code: 'BAD_ARGUMENT' });
    expect(writer.finished()).toHaveLength(0);
  });

  it('refuse the header of a check', () => {
    const writer = JuteWriter.standalone();
    const calls = [
      () => codec.writeRequestHeader(writer, 1, OP.check),
      () => codec.RECORDS.RequestHeader.write(writer, { xid: 1, type: OP.check }),
    ];
    for (const call of calls) expect(thrownBy(call)).toMatchObject({ code: 'BAD_ARGUMENT' });
    expect(writer.finished()).toHaveLength(0);
  });

  it('write everything else as the generated ones do', () => {
    for (const mode of [5, 6] as const) {
      const record = { path: '/a', data: null, acl: [], flags: mode, ttl: 7n };
      const expected = written((writer) =>
        generated.writeCreateTTLRequest(writer, '/a', null, [], mode, 7n),
      );
      expect(
        written((writer) => codec.writeCreateTTLRequest(writer, '/a', null, [], mode, 7n)),
      ).toEqual(expected);
      expect(written((writer) => codec.RECORDS.CreateTTLRequest.write(writer, record))).toEqual(
        expected,
      );
    }
    const header = written((writer) =>
      codec.RECORDS.RequestHeader.write(writer, { xid: 1, type: 4 }),
    );
    expect(header).toEqual(written((writer) => codec.writeRequestHeader(writer, 1, 4)));
    expect(codec.readRequestHeader(JuteReader.over(header))).toEqual({ xid: 1, type: 4 });
  });

  it('read what they would not write', () => {
    const bytes = written((writer) => generated.writeRequestHeader(writer, 1, OP.check));
    expect(codec.RECORDS.RequestHeader.read(JuteReader.over(bytes)).type).toBe(OP.check);
  });
});
