import {
  type FieldModel,
  type ModuleModel,
  type RecordModel,
  recordGrammar,
  type Schema,
  typeText,
} from './model.ts';

/** Text of docs/protocol.md: every record with its grammar, size and fields. */
export function emitProtocolDoc(schema: Schema): string {
  const lines = [
    `<!-- GENERATED from ${schema.file} by tools/jute-gen. Do not edit: change the schema and run \`npm run generate\`. -->`,
    '',
    '# Records of the ZooKeeper client protocol',
    '',
    ...INTRODUCTION,
    '',
    ...schema.modules.flatMap(emitContents),
    ...schema.modules.flatMap(emitModule),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

const INTRODUCTION: readonly string[] = [
  'A frame is an int32 length and that many bytes. The first frame of a client is a `ConnectRequest`, the',
  'first of a server a `ConnectResponse`; every later one starts with a `RequestHeader` or a `ReplyHeader`.',
  'Which record follows is decided by the operation. The fields of a record follow each other in the order',
  'given here, with nothing between them.',
  '',
  '| type | on the wire |',
  '|---|---|',
  '| `boolean` | one byte: 0 false, anything else true (1 is sent) |',
  '| `int` | four bytes, big-endian, signed |',
  '| `long` | eight bytes, big-endian, signed |',
  '| `ustring` | `int` number of bytes, then that many bytes of UTF-8; -1 is null |',
  '| `buffer` | `int` number of bytes, then the bytes; -1 is null |',
  '| `vector<T>` | `int` number of elements, then the elements; -1 is null |',
  '| a record | its fields |',
  '',
  'The wire allows null in every string, buffer and vector. `?` after a type marks where a correct peer may',
  'send it. Sizes are in bytes; a minimum is that of empty strings and vectors.',
];

function emitContents(module: ModuleModel): string[] {
  const links = module.records.map((record) => `[${record.name}](#${record.name.toLowerCase()})`);
  return [`**${module.name}**: ${links.join(', ')}`, ''];
}

function emitModule(module: ModuleModel): string[] {
  return [`## ${module.name}`, '', ...module.doc, '', ...module.records.flatMap(emitRecord)];
}

function emitRecord(record: RecordModel): string[] {
  const size =
    record.fixedBytes === null ? `At least ${record.minBytes}` : `Always ${record.fixedBytes}`;
  return [
    `### ${record.name}`,
    '',
    ...record.doc,
    '',
    '```',
    recordGrammar(record),
    '```',
    '',
    `${size} bytes.`,
    '',
    '| field | type | meaning |',
    '|---|---|---|',
    ...record.fields.map(emitField),
    '',
  ];
}

function emitField(field: FieldModel): string {
  const type = `${typeText(field.type)}${field.nullable ? '?' : ''}`;
  return `| \`${field.name}\` | \`${type}\` | ${field.doc.join(' ').replaceAll('|', '\\|')} |`;
}
