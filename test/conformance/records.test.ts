import { describe, expect, it } from 'vitest';
import { JuteReader, JuteWriter, OwnedBytes } from '../../src/codec/index.ts';
import { RECORDS } from '../../src/codec/record-table.gen.ts';
import { WireError } from '../../src/errors.ts';
import { recordCodec, recordFromJson, toJson } from './golden-codec.ts';
import { WRITTEN_RECORDS, type WrittenRecord } from './golden-fixtures.ts';

/** Field that Apache 3.8 puts behind the record by hand and the schema counts as part of it. */
const READ_ONLY_OUTSIDE: readonly string[] = ['ConnectRequest', 'ConnectResponse'];

/** The record as our schema has it: bytes and JSON. */
function asInSchema({ type, hex, record }: WrittenRecord): { hex: string; record: object } {
  const isWhole = !READ_ONLY_OUTSIDE.includes(type) || 'readOnly' in record;
  return isWhole ? { hex, record } : { hex: `${hex}00`, record: { ...record, readOnly: false } };
}

const BY_TYPE = new Map<string, WrittenRecord[]>();
for (const record of WRITTEN_RECORDS) {
  BY_TYPE.set(record.type, [...(BY_TYPE.get(record.type) ?? []), record]);
}

describe('records as Apache writes them', () => {
  it('cover the schema', () => {
    expect([...BY_TYPE.keys()].sort()).toEqual(Object.keys(RECORDS).sort());
  });

  it.each([...BY_TYPE])('%s: read, write, sizes', (type, records) => {
    const codec = recordCodec(type);
    for (const written of records) {
      const { hex, record } = asInSchema(written);
      const bytes = Buffer.from(hex, 'hex');
      for (const owned of [null, new OwnedBytes()]) {
        const reader = JuteReader.over(bytes);
        reader.owned = owned;
        expect(toJson(codec.read(reader)), written.name).toEqual(record);
        expect(reader.remaining, written.name).toBe(0);
      }
      const writer = JuteWriter.standalone(1);
      codec.write(writer, recordFromJson(type, record as WrittenRecord['record']));
      expect(writer.finished().toString('hex'), written.name).toBe(hex);
      expect(bytes.length, written.name).toBeGreaterThanOrEqual(codec.minBytes);
      if (codec.fixedBytes !== null) expect(bytes.length, written.name).toBe(codec.fixedBytes);
    }
  });

  it.each([...BY_TYPE])('%s: refused when it ends too early', (type, records) => {
    const codec = recordCodec(type);
    for (const written of records) {
      const bytes = Buffer.from(asInSchema(written).hex, 'hex');
      for (let end = 0; end < bytes.length; end++) {
        const reader = JuteReader.over(bytes, 0, end);
        expect(() => codec.read(reader), `${written.name} of ${end} bytes`).toThrow(WireError);
      }
    }
  });
});
