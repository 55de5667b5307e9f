import {
  ADD_WATCH_MODE,
  CREATE_MODES,
  EVENT_TYPE,
  OPERATIONS,
  type Operation,
  WATCHER_TYPE,
  XID_AUTH,
  XID_MAX,
  XID_NOTIFICATION,
  XID_PING,
  XID_SET_WATCHES,
} from 'zkwire/codec';
import {
  type FieldModel,
  type ModuleModel,
  type RecordModel,
  recordGrammar,
  type Schema,
  typeText,
} from '../jute-gen/model.ts';
import { code, table } from './markdown.ts';

/** Text of docs/protocol.md: framing, operations, numbers, and every record with its grammar, size and fields. */
export function protocolPage(schema: Schema): string {
  const lines = [
    `<!-- GENERATED from ${schema.file} and src/codec by tools/docs. Do not edit: run \`npm run docs:protocol\`. -->`,
    '',
    '# The ZooKeeper client protocol',
    '',
    ...FRAMES,
    '',
    ...operations(schema),
    '',
    ...MULTI,
    '',
    ...numbers(),
    '',
    ...RECORDS,
    '',
    ...schema.modules.flatMap(contents),
    ...schema.modules.flatMap(moduleSection),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

const FRAMES: readonly string[] = [
  'A frame is an int32 length and that many bytes. The first frame of a client is a [ConnectRequest](#connectrequest),',
  'the first of a server a [ConnectResponse](#connectresponse). Every later frame of a client is a [RequestHeader](#requestheader) and',
  'the record of its operation; every later one of a server is a [ReplyHeader](#replyheader) and, when its `err` is 0, the',
  'record that answers. Requests are answered in the order in which they were sent. A [WatcherEvent](#watcherevent) comes',
  'between the answers, before any that shows the change.',
  '',
  'The `xid` of a request is chosen by the client and stands in the answer too:',
  '',
  ...table(
    ['xid', 'belongs to'],
    [
      [
        `1 to ${XID_MAX}`,
        'requests, counting up, then from 1 again; 0 harms old servers (ZOOKEEPER-3650)',
      ],
      [String(XID_NOTIFICATION), 'a watch event'],
      [String(XID_PING), 'a ping and its answer'],
      [String(XID_AUTH), 'a credential and its answer'],
      [
        String(XID_SET_WATCHES),
        'setWatches as the C client sends it; Java gives it an ordinary one',
      ],
    ],
  ),
];

const MULTI: readonly string[] = [
  '## multi and multiRead',
  '',
  'Requests and answers have the same outline: any number of a [MultiHeader](#multiheader) with a record, then a MultiHeader',
  'of `-1, true, -1`. In a request `err` is -1 and the record is that of the operation named by `type`. In an answer',
  '`type` says which record follows, not what was asked for: createContainer and createTTL are answered as create2, and',
  'servers up to 3.7.1 and 3.8.1 answer create2 as create, without a Stat (ZOOKEEPER-4026).',
  '',
  'A multi that fails is no failed request: the `err` of its ReplyHeader is 0, and each part is an',
  '[ErrorResponse](#errorresponse): 0 before the one that failed, -2 (RUNTIMEINCONSISTENCY) after it. Nothing was applied.',
];

const RECORDS: readonly string[] = [
  '## Types',
  '',
  'The fields of a record follow each other in the order given below, with nothing between them.',
  '',
  ...table(
    ['type', 'on the wire'],
    [
      ['`boolean`', 'one byte: 0 false, anything else true (1 is sent)'],
      ['`int`', 'four bytes, big-endian, signed'],
      ['`long`', 'eight bytes, big-endian, signed'],
      ['`ustring`', '`int` number of bytes, then that many bytes of UTF-8; -1 is null'],
      ['`buffer`', '`int` number of bytes, then the bytes; -1 is null'],
      ['`vector<T>`', '`int` number of elements, then the elements; -1 is null'],
      ['a record', 'its fields'],
    ],
  ),
  '',
  'The wire allows null in every string, buffer and vector. `?` after a type marks where a correct peer may',
  'send it. Sizes are in bytes; a minimum is that of empty strings and vectors.',
];

function operations(schema: Schema): string[] {
  const records = new Set(schema.records.map(({ name }) => name));
  const cell = (name: string | null): string => {
    if (name === null) return '–';
    if (name.startsWith('Multi')) return `[${name}](#multi-and-multiread)`;
    return records.has(name) ? link(name) : code(name);
  };
  const rows = OPERATIONS.map((operation) => [
    String(operation.code),
    code(operation.name),
    operation.access,
    cell(operation.request),
    cell(operation.response),
    operation.since,
    note(operation),
  ]);
  return [
    '## Operations',
    '',
    '`type` of a RequestHeader. A `write` is a transaction of the ensemble; a `read` is answered by the server that is asked;',
    '`session` is about the connection. "Since" is the first ZooKeeper release that has it. 10 is unused.',
    '',
    ...table(['type', 'name', 'is a', 'request', 'answer', 'since', ''], rows),
  ];
}

function note({ internal, name }: Operation): string {
  if (!internal) return '';
  return name === 'check' ? 'only inside a multi' : 'not sent by clients';
}

function numbers(): string[] {
  return [
    '## Numbers',
    '',
    'Error numbers are in [errors.md](errors.md#what-servers-answer).',
    '',
    'Create modes, `flags` of a CreateRequest or CreateTTLRequest. The operation decides what is made, not the flag: a create',
    'with the flag of a container makes a plain node.',
    '',
    ...table(
      ['flags', 'mode', 'operation', 'since'],
      CREATE_MODES.map(({ flag, name, op, opWithStat, since }) => [
        String(flag),
        code(name),
        [...new Set([op, opWithStat])].map((each) => code(nameOf(each))).join(', '),
        since,
      ]),
    ),
    '',
    `\`type\` of a WatcherEvent; servers send 1 to 4, clients make the others: ${listed(EVENT_TYPE)}.`,
    '',
    `\`mode\` of an AddWatchRequest: ${listed(ADD_WATCH_MODE)}.`,
    '',
    `\`type\` of CheckWatchesRequest and RemoveWatchesRequest; 4 and 5 since 3.9.0: ${listed(WATCHER_TYPE)}.`,
  ];
}

function nameOf(op: number): string {
  return OPERATIONS.find((operation) => operation.code === op)!.name;
}

function listed(names: Readonly<Record<string, number>>): string {
  return Object.entries(names)
    .map(([name, value]) => `${value} ${code(name)}`)
    .join(', ');
}

function link(record: string): string {
  return `[${record}](#${record.toLowerCase()})`;
}

function contents(module: ModuleModel): string[] {
  return [`**${module.name}**: ${module.records.map(({ name }) => link(name)).join(', ')}`, ''];
}

function moduleSection(module: ModuleModel): string[] {
  return [`## ${module.name}`, '', ...module.doc, '', ...module.records.flatMap(recordSection)];
}

function recordSection(record: RecordModel): string[] {
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
    ...table(['field', 'type', 'meaning'], record.fields.map(fieldRow)),
    '',
  ];
}

function fieldRow(field: FieldModel): string[] {
  const type = `${typeText(field.type)}${field.nullable ? '?' : ''}`;
  return [code(field.name), code(type), field.doc.join(' ')];
}
