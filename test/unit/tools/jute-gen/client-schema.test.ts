import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { JuteReader } from '../../../../src/codec/jute-reader.ts';
import { JuteWriter } from '../../../../src/codec/jute-writer.ts';
import {
  RECORDS,
  type RecordCodec,
  type RecordField,
} from '../../../../src/codec/record-table.gen.ts';
import {
  ACL_MIN_BYTES,
  CLIENT_INFO_MIN_BYTES,
  MULTI_HEADER_BYTES,
  REPLY_HEADER_BYTES,
  REQUEST_HEADER_BYTES,
  STAT_BYTES,
} from '../../../../src/codec/records.gen.ts';
import { runJuteGen } from '../../../../tools/jute-gen/command.ts';
import { buildSchema } from '../../../../tools/jute-gen/model.ts';
import { parseSchema } from '../../../../tools/jute-gen/parse.ts';

const ROOT = resolve(import.meta.dirname, '../../../..');
const FILE = 'schema/client.jute';
const SCHEMA = buildSchema(parseSchema(FILE, readFileSync(resolve(ROOT, FILE), 'utf8')));

const DATA_RECORDS = 'Id ACL Stat StatPersisted ClientInfo';
const PROTO_RECORDS = `
  ConnectRequest ConnectResponse SetWatches SetWatches2 RequestHeader MultiHeader AuthPacket
  ReplyHeader GetDataRequest SetDataRequest ReconfigRequest SetDataResponse GetSASLRequest
  SetSASLRequest SetSASLResponse CreateRequest CreateTTLRequest DeleteRequest GetChildrenRequest
  GetAllChildrenNumberRequest GetChildren2Request CheckVersionRequest GetMaxChildrenRequest
  GetMaxChildrenResponse SetMaxChildrenRequest SyncRequest SyncResponse GetACLRequest
  SetACLRequest SetACLResponse AddWatchRequest WatcherEvent ErrorResponse CreateResponse
  Create2Response ExistsRequest ExistsResponse GetDataResponse GetChildrenResponse
  GetAllChildrenNumberResponse GetChildren2Response GetACLResponse CheckWatchesRequest
  RemoveWatchesRequest GetEphemeralsRequest GetEphemeralsResponse WhoAmIResponse`;

const ALL: readonly RecordCodec<unknown>[] = Object.values(RECORDS);

describe('schema/client.jute', () => {
  it('has every record of the data and proto modules', () => {
    const names = SCHEMA.modules.map(({ name, records }) => [name, records.map((r) => r.name)]);
    expect(names).toEqual([
      ['org.apache.zookeeper.data', DATA_RECORDS.split(' ')],
      ['org.apache.zookeeper.proto', PROTO_RECORDS.trim().split(/\s+/)],
    ]);
  });

  it('says which fields may be null', () => {
    const nullable = ALL.flatMap(({ name, fields }) =>
      fields.filter((field) => field.nullable).map((field) => `${name}.${field.name}`),
    );
    expect(nullable).toEqual([
      'AuthPacket.auth',
      'SetDataRequest.data',
      'ReconfigRequest.joiningServers',
      'ReconfigRequest.leavingServers',
      'ReconfigRequest.newMembers',
      'SetSASLResponse.token',
      'CreateRequest.data',
      'CreateTTLRequest.data',
      'GetDataResponse.data',
      'GetEphemeralsRequest.prefixPath',
    ]);
  });

  it('is what the generated files were made from', () => {
    let err = '';
    const code = runJuteGen(['generate', '--check'], {
      root: ROOT,
      cwd: ROOT,
      out: () => {},
      err: (text) => {
        err += text;
      },
    });
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });
});

describe('generated code', () => {
  it('has the sizes that the protocol is known for', () => {
    expect(STAT_BYTES).toBe(68);
    expect(REPLY_HEADER_BYTES).toBe(16);
    expect(REQUEST_HEADER_BYTES).toBe(8);
    expect(MULTI_HEADER_BYTES).toBe(9);
    expect(ACL_MIN_BYTES).toBe(12);
    expect(CLIENT_INFO_MIN_BYTES).toBe(8);
    expect(RECORDS.ConnectRequest.minBytes).toBe(29);
    expect(RECORDS.ConnectResponse.minBytes).toBe(21);
    expect(RECORDS.SetDataResponse.fixedBytes).toBe(68);
    expect(RECORDS.GetDataResponse.fixedBytes).toBeNull();
  });

  it('lists the records in the order of the schema', () => {
    expect(ALL.map(({ name, module }) => [module, name])).toEqual(
      SCHEMA.records.map(({ name, module }) => [module, name]),
    );
  });

  it.each(ALL.map((record) => [record.name, record] as const))('%s goes both ways', (_, record) => {
    const value = recordValue(record, sampleOf);
    const bytes = encodeByTable(record, value);
    expect(written(record, value).toString('hex')).toBe(bytes.toString('hex'));
    const reader = JuteReader.over(bytes);
    const read = record.read(reader);
    expect(read).toEqual(value);
    expect(Object.keys(read as object)).toEqual(record.fields.map((field) => field.name));
    expect(reader.remaining).toBe(0);
    if (record.fixedBytes !== null) expect(bytes.length).toBe(record.fixedBytes);
  });

  it.each(ALL.map((record) => [record.name, record] as const))(
    '%s keeps null apart from empty and gives it back',
    (_, record) => {
      for (const value of [recordValue(record, nullOf), recordValue(record, emptyOf)]) {
        const bytes = encodeByTable(record, value);
        expect(bytes.length).toBe(record.minBytes);
        expect(record.read(JuteReader.over(bytes))).toEqual(value);
        expect(written(record, value).toString('hex')).toBe(bytes.toString('hex'));
      }
    },
  );

  it.each(ALL.map((record) => [record.name, record] as const))(
    '%s is refused when it is cut anywhere',
    (_, record) => {
      const bytes = encodeByTable(record, recordValue(record, sampleOf));
      for (let length = 0; length < bytes.length; length++) {
        const reader = JuteReader.over(bytes.subarray(0, length));
        expect(() => record.read(reader), `${length} bytes`).toThrow(
          expect.objectContaining({ name: 'WireError' }),
        );
      }
    },
  );

  it('reads a null string inside a vector', () => {
    const bytes = Buffer.from('00000002ffffffff0000000161', 'hex');
    const read = RECORDS.GetChildrenResponse.read(JuteReader.over(bytes));
    expect(read).toEqual({ children: [null, 'a'] });
    expect(written(RECORDS.GetChildrenResponse, read).toString('hex')).toBe(bytes.toString('hex'));
  });
});

function written(record: RecordCodec<unknown>, value: unknown): Buffer {
  // Small, so that runs of fixed fields make the writer move to larger memory.
  const writer = JuteWriter.standalone(1);
  record.write(writer, value);
  return writer.finished();
}

type Fields = Record<string, unknown>;

function recordValue(
  record: RecordCodec<unknown>,
  make: (type: string, index: number) => unknown,
): Fields {
  return Object.fromEntries(
    record.fields.map((field: RecordField, index) => [field.name, make(field.type, index)]),
  );
}

/** Values that differ by their place, with signs, so that no two fields can be mixed up unnoticed. */
function sampleOf(type: string, index: number): unknown {
  const element = elementOf(type);
  if (element !== null) return [sampleOf(element, index + 1), sampleOf(element, index + 2)];
  if (type === 'int') return -1_000_000_007 + index;
  if (type === 'long') return -0x1234_5678_9abc_def0n + BigInt(index);
  if (type === 'boolean') return true;
  if (type === 'ustring') return `/päth-${index}`;
  if (type === 'buffer') return Buffer.from([index, 0, 255]);
  return recordValue(codecOf(type), sampleOf);
}

function nullOf(type: string): unknown {
  if (isNullable(type)) return null;
  return simpleOf(type, nullOf);
}

function emptyOf(type: string): unknown {
  if (elementOf(type) !== null) return [];
  if (type === 'ustring') return '';
  return type === 'buffer' ? Buffer.alloc(0) : simpleOf(type, emptyOf);
}

function simpleOf(type: string, make: (type: string) => unknown): unknown {
  if (type === 'int') return 0;
  if (type === 'long') return 0n;
  return type === 'boolean' ? false : recordValue(codecOf(type), make);
}

/** An encoder that knows nothing of the generated code but its field table. */
function encodeByTable(record: RecordCodec<unknown>, value: Fields): Buffer {
  return Buffer.concat(record.fields.map((field) => encode(field.type, value[field.name])));
}

function encode(type: string, value: unknown): Buffer {
  const element = elementOf(type);
  if (isNullable(type) && value === null) return int32(-1);
  if (element !== null) {
    const items = value as unknown[];
    return Buffer.concat([int32(items.length), ...items.map((item) => encode(element, item))]);
  }
  if (type === 'int') return int32(value as number);
  if (type === 'boolean') return Buffer.from([value === true ? 1 : 0]);
  if (type === 'ustring' || type === 'buffer') {
    const bytes = Buffer.from(value as string);
    return Buffer.concat([int32(bytes.length), bytes]);
  }
  if (type !== 'long') return encodeByTable(codecOf(type), value as Fields);
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value as bigint);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function isNullable(type: string): boolean {
  return type === 'ustring' || type === 'buffer' || elementOf(type) !== null;
}

function elementOf(type: string): string | null {
  return /^vector<(.*)>$/.exec(type)?.[1] ?? null;
}

function codecOf(type: string): RecordCodec<unknown> {
  return RECORDS[type as keyof typeof RECORDS];
}
