import { generatedHeader } from './emit-names.ts';
import { emitWriteCall } from './emit-records.ts';
import {
  type FieldModel,
  type RecordModel,
  recordGrammar,
  type Schema,
  typeText,
} from './model.ts';

/** Text of record-table.gen.ts: what tools need to handle records by name, apart from the hot code. */
export function emitRecordTable(schema: Schema): string {
  const names = schema.records.map((record) => record.name);
  const functions = names.flatMap((name) => [`read${name}`, `write${name}`]);
  const imports = [...names.map((name) => `type ${name}`), ...functions].sort(byName);
  return [
    ...generatedHeader(schema),
    '',
    "import type { JuteReader } from './jute-reader.ts';",
    "import type { JuteWriter } from './jute-writer.ts';",
    'import {',
    ...imports.map((name) => `  ${name},`),
    "} from './records.gen.ts';",
    '',
    ...TYPES,
    '',
    '/** Type of `RECORDS`. */',
    'export interface Records {',
    ...names.map((name) => `  readonly ${name}: RecordCodec<${name}>;`),
    '}',
    '',
    '/** Name of a record of the schema. */',
    'export type RecordName = keyof Records;',
    '',
    '/** Every record of the schema by name, in the order of the schema. */',
    'export const RECORDS: Records = {',
    ...schema.records.flatMap(emitEntry),
    '};',
    '',
  ].join('\n');
}

const TYPES: readonly string[] = [
  '/** One field of a record. */',
  'export interface RecordField {',
  '  /** As Apache has it. */',
  '  readonly name: string;',
  '  /** In jute notation: `long`, `vector<ACL>`. */',
  '  readonly type: string;',
  '  /** A correct peer may send null. */',
  '  readonly nullable: boolean;',
  '}',
  '',
  '/** A record for code that handles any of them. */',
  'export interface RecordCodec<T> {',
  '  /** As Apache has it: `GetDataRequest`. */',
  '  readonly name: string;',
  '  /** Module that declares it: `org.apache.zookeeper.proto`. */',
  '  readonly module: string;',
  '  /** `GetDataRequest => path:ustring watch:boolean`; `?` marks what may be null. */',
  '  readonly grammar: string;',
  '  /** Bytes of the shortest value. */',
  '  readonly minBytes: number;',
  '  /** Bytes of every value, or null when they differ. */',
  '  readonly fixedBytes: number | null;',
  '  /** In wire order. */',
  '  readonly fields: readonly RecordField[];',
  '  /** Reads a value. Throws a WireError. */',
  '  read(r: JuteReader): T;',
  '  /** Writes what `read` gave, nulls included, strict or not. */',
  '  write(w: JuteWriter, record: T): void;',
  '}',
];

function emitEntry(record: RecordModel): string[] {
  return [
    `  ${record.name}: {`,
    `    name: '${record.name}',`,
    `    module: '${record.module}',`,
    `    grammar: '${recordGrammar(record)}',`,
    `    minBytes: ${record.minBytes},`,
    `    fixedBytes: ${record.fixedBytes},`,
    '    fields: [',
    ...record.fields.map((field) => `      ${emitField(field)},`),
    '    ],',
    `    read: read${record.name},`,
    '    write(w, record) {',
    ...emitWriteCall(record, '      '),
    '    },',
    '  },',
  ];
}

function emitField(field: FieldModel): string {
  const { name, type, nullable } = field;
  return `{ name: '${name}', type: '${typeText(type)}', nullable: ${nullable} }`;
}

/** By the name itself, whatever `type` stands before it. Not by locale, so that output is the same everywhere. */
function byName(a: string, b: string): number {
  const nameOfA = a.replace('type ', '');
  const nameOfB = b.replace('type ', '');
  return nameOfA < nameOfB ? -1 : Number(nameOfA > nameOfB);
}
