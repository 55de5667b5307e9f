import {
  COLUMNS_MAX,
  constantName,
  docComment,
  generatedHeader,
  isWiderWhenRead,
  localName,
  nestedRecords,
  readType,
  vectorName,
  vectorTypes,
  writeType,
} from './emit-names.ts';
import {
  type FieldModel,
  fixedBytesOf,
  type JuteType,
  minBytesOf,
  type RecordModel,
  recordGrammar,
  type Schema,
} from './model.ts';

/** A piece of a record: consecutive fields of fixed size, bound-checked once, or one field of any other kind. */
type Piece =
  | { readonly kind: 'run'; readonly fields: readonly FieldModel[]; readonly bytes: number }
  | { readonly kind: 'single'; readonly field: FieldModel };

/** Getter and setter of a DataView for a type; a boolean needs more than these. */
const VIEW_METHODS: Readonly<Record<string, string>> = {
  int: 'Int32',
  long: 'BigInt64',
  boolean: 'Uint8',
};

/** Methods of JuteReader and JuteWriter for a type. */
const CODEC_METHODS: Readonly<Record<string, string>> = {
  int: 'int',
  long: 'long',
  boolean: 'bool',
  ustring: 'ustring',
  buffer: 'buffer',
};

/** Text of records.gen.ts: an interface, a reader and a writer for each record. */
export function emitRecords(schema: Schema): string {
  const nested = new Set(nestedRecords(schema));
  const vectors = vectorTypes(schema);
  const elements = new Set(vectors.map((vector) => vector.element));
  const isElement = (record: RecordModel): boolean =>
    [...elements].some((type) => type.kind === 'record' && type.record === record);
  const sections = schema.records.map((record) => [
    ...emitSizes(record, isElement(record)),
    ...emitInterface(record),
    '',
    ...emitReader(record),
    '',
    ...emitWriter(record),
    ...(nested.has(record) ? ['', ...emitObjectWriter(record)] : []),
  ]);
  const helpers = vectors.flatMap((vector) => [
    ['', ...emitVectorReader(vector)],
    ['', ...emitVectorWriter(vector)],
  ]);
  const body = sections.flatMap((section) => ['', ...section]);
  return [...emitHead(schema, body), ...body, ...helpers.flat(), ''].join('\n');
}

function emitHead(schema: Schema, body: readonly string[]): string[] {
  return [
    ...generatedHeader(schema),
    '//',
    '// Reading is faithful: what the wire can carry as null is typed so. Writing is strict: a parameter',
    '// takes null only where a correct peer may send it, which the grammar marks with `?`.',
    '',
    readerImport(body),
    "import type { JuteWriter } from './jute-writer.ts';",
  ];
}

/** What readers call beside the reader's own methods. */
const READ_FUNCTIONS = ['isSame', 'isZero', 'longAt'];

function readerImport(body: readonly string[]): string {
  const used = READ_FUNCTIONS.filter((name) => body.some((line) => line.includes(`${name}(`)));
  if (used.length === 0) return "import type { JuteReader } from './jute-reader.ts';";
  return `import { ${used.join(', ')}, type JuteReader } from './jute-reader.ts';`;
}

function emitSizes(record: RecordModel, isElement: boolean): string[] {
  const name = constantName(record.name);
  if (record.fixedBytes !== null) {
    const doc = `/** Bytes of every ${record.name}. */`;
    return [doc, `export const ${name}_BYTES = ${record.fixedBytes};`, ''];
  }
  if (!isElement) return [];
  const doc = `/** Bytes of the shortest ${record.name}: bounds the count of a vector. */`;
  return [doc, `export const ${name}_MIN_BYTES = ${record.minBytes};`, ''];
}

function emitInterface(record: RecordModel): string[] {
  const fields = record.fields.flatMap((field) => [
    ...(field.doc.length > 0 ? docComment(field.doc, '  ') : []),
    `  ${field.name}: ${readType(field.type)};`,
  ]);
  const doc = record.doc.length > 0 ? docComment(record.doc) : [];
  return [...doc, `export interface ${record.name} {`, ...fields, '}'];
}

function emitReader(record: RecordModel): string[] {
  const pieces = piecesOf(record);
  return [
    ...docComment([recordGrammar(record)]),
    `export function read${record.name}(r: JuteReader): ${record.name} {`,
    ...(pieces.length === 1 ? readWhole(record, pieces[0]!) : readByPieces(pieces)),
    '}',
  ];
}

/** A record of one piece needs no local variables: the literal reads in wire order. */
function readWhole(record: RecordModel, piece: Piece): string[] {
  if (piece.kind === 'single') {
    return [`  return { ${piece.field.name}: ${readExpression(piece.field.type)} };`];
  }
  const items = runItems(piece.fields);
  const shared = new Set(piece.fields.map(({ like }) => like));
  const originals = items.filter(({ field }) => shared.has(field.name));
  return [
    `  const o = r.take(${constantName(record.name)}_BYTES);`,
    '  const v = r.view;',
    ...originals.map(
      ({ field, offset }) => `  const ${localName(field)} = ${viewRead(field.type, 'v', offset)};`,
    ),
    '  return {',
    ...items.map(({ field, offset }) => `    ${wholeItem(field, offset, originals)},`),
    '  };',
  ];
}

/** One property of a record that is read in one piece. A bigint that is there already is used again. */
function wholeItem(field: FieldModel, offset: string, originals: readonly RunItem[]): string {
  if (originals.some((original) => original.field === field)) return property(field);
  const value = viewRead(field.type, 'v', offset);
  if (field.like === null) return `${field.name}: ${value}`;
  if (field.like === '0') return `${field.name}: isZero(v, ${offset}) ? 0n : ${value}`;
  const original = originals.find((each) => each.field.name === field.like)!;
  const same = `isSame(v, ${offset}, ${original.offset})`;
  return `${field.name}: ${same} ? ${localName(original.field)} : ${value}`;
}

function readByPieces(pieces: readonly Piece[]): string[] {
  const lines: string[] = [];
  const properties: string[] = [];
  let runs = 0;
  for (const piece of pieces) {
    if (piece.kind === 'single') {
      const { field } = piece;
      lines.push(`  const ${localName(field)} = ${readExpression(field.type)};`);
      properties.push(property(field));
      continue;
    }
    const suffix = runs++ === 0 ? '' : `${runs}`;
    lines.push(`  const o${suffix} = r.take(${piece.bytes});`, `  const v${suffix} = r.view;`);
    for (const { field, offset } of runItems(piece.fields, suffix)) {
      const value = viewRead(field.type, `v${suffix}`, offset);
      lines.push(`  const ${localName(field)} = ${value};`);
      properties.push(property(field));
    }
  }
  return [...lines, ...wrapList('  return { ', properties, ' };')];
}

/** Fields stay in wire order, so that all objects of a record share one hidden class. */
function property(field: FieldModel): string {
  const local = localName(field);
  return local === field.name ? local : `${field.name}: ${local}`;
}

function emitWriter(record: RecordModel): string[] {
  const parameters = record.fields.map(
    (field) => `${localName(field)}: ${writeType(field.type, field.nullable)}`,
  );
  const head = `export function write${record.name}(`;
  const lines: string[] = [];
  let runs = 0;
  for (const piece of piecesOf(record)) {
    if (piece.kind === 'single') {
      lines.push(`  ${writeStatement(piece.field.type, localName(piece.field))}`);
      continue;
    }
    const suffix = runs++ === 0 ? '' : `${runs}`;
    // The view is read after the reservation, which may move the frame to a larger slab.
    const bytes = wholeRun(record, piece) ? `${constantName(record.name)}_BYTES` : piece.bytes;
    lines.push(`  const o${suffix} = w.reserve(${bytes});`, `  const v${suffix} = w.view;`);
    for (const { field, offset } of runItems(piece.fields, suffix)) {
      lines.push(`  ${viewWrite(field.type, `v${suffix}`, offset, localName(field))}`);
    }
  }
  return [
    ...docComment([recordGrammar(record)]),
    ...wrapList(head, ['w: JuteWriter', ...parameters], '): void {'),
    ...lines,
    '}',
  ];
}

function wholeRun(record: RecordModel, piece: Piece): boolean {
  return piece.kind === 'run' && piece.fields.length === record.fields.length;
}

/** Writer of a record that others contain: takes the object. */
function emitObjectWriter(record: RecordModel): string[] {
  return [
    ...docComment([`Writes the fields of a ${record.name} object, nulls as they are.`]),
    `export function write${record.name}Of(w: JuteWriter, record: ${record.name}): void {`,
    ...emitWriteCall(record, '  '),
    '}',
  ];
}

/**
 * Call of a positional writer with the fields of `record`. It casts, so that what was read can be
 * written back, null included.
 */
export function emitWriteCall(record: RecordModel, indent: string): string[] {
  const args = record.fields.map((field) => {
    const value = `record.${field.name}`;
    return isWiderWhenRead(field) ? `${value} as ${writeType(field.type, field.nullable)}` : value;
  });
  return wrapList(`${indent}write${record.name}(`, ['w', ...args], ');');
}

function emitVectorReader(vector: Extract<JuteType, { kind: 'vector' }>): string[] {
  const type = readType(vector);
  const element = readType(vector.element);
  return [
    `function read${vectorName(vector)}(r: JuteReader): ${type} {`,
    `  const n = r.count(${elementBytes(vector.element)});`,
    '  if (n < 0) return null;',
    `  const items = new Array<${element}>(n);`,
    `  for (let i = 0; i < n; i++) items[i] = ${readExpression(vector.element)};`,
    '  return items;',
    '}',
  ];
}

function emitVectorWriter(vector: Extract<JuteType, { kind: 'vector' }>): string[] {
  return [
    `function write${vectorName(vector)}(w: JuteWriter, items: ${writeType(vector, true)}): void {`,
    '  if (items === null) {',
    '    w.count(-1);',
    '    return;',
    '  }',
    '  const n = items.length;',
    '  w.count(n);',
    `  for (let i = 0; i < n; i++) ${writeStatement(vector.element, 'items[i]!')}`,
    '}',
  ];
}

function elementBytes(type: JuteType): string {
  if (type.kind !== 'record') return `${minBytesOf(type)}`;
  const { name, fixedBytes } = type.record;
  return `${constantName(name)}_${fixedBytes === null ? 'MIN_BYTES' : 'BYTES'}`;
}

function readExpression(type: JuteType): string {
  if (type.kind === 'primitive') return `r.${CODEC_METHODS[type.name]}()`;
  return `read${vectorName(type)}(r)`;
}

function writeStatement(type: JuteType, value: string): string {
  if (type.kind === 'primitive') return `w.${CODEC_METHODS[type.name]}(${value});`;
  const suffix = type.kind === 'record' ? 'Of' : '';
  return `write${vectorName(type)}${suffix}(w, ${value});`;
}

function viewRead(type: JuteType, view: string, offset: string): string {
  const method = viewMethod(type);
  if (method === 'BigInt64') return `longAt(${view}, ${offset})`;
  const read = `${view}.get${method}(${offset})`;
  return method === 'Uint8' ? `${read} !== 0` : read;
}

function viewWrite(type: JuteType, view: string, offset: string, value: string): string {
  const written = viewMethod(type) === 'Uint8' ? `${value} ? 1 : 0` : value;
  return `${view}.set${viewMethod(type)}(${offset}, ${written});`;
}

function viewMethod(type: JuteType): string | undefined {
  return type.kind === 'primitive' ? VIEW_METHODS[type.name] : undefined;
}

interface RunItem {
  readonly field: FieldModel;
  readonly offset: string;
}

function runItems(fields: readonly FieldModel[], suffix = ''): RunItem[] {
  let bytes = 0;
  return fields.map((field) => {
    const offset = bytes === 0 ? `o${suffix}` : `o${suffix} + ${bytes}`;
    bytes += minBytesOf(field.type);
    return { field, offset };
  });
}

function piecesOf(record: RecordModel): Piece[] {
  const pieces: Piece[] = [];
  let run: FieldModel[] = [];
  const endRun = (): void => {
    const bytes = run.reduce((sum, field) => sum + fixedBytesOf(field.type)!, 0);
    if (run.length > 1) pieces.push({ kind: 'run', fields: run, bytes });
    else if (run.length === 1) pieces.push({ kind: 'single', field: run[0]! });
    run = [];
  };
  for (const field of record.fields) {
    if (viewMethod(field.type) !== undefined) {
      run.push(field);
      continue;
    }
    endRun();
    pieces.push({ kind: 'single', field });
  }
  endRun();
  return pieces;
}

/** On one line if it fits, else one item a line. */
function wrapList(head: string, items: readonly string[], tail: string): string[] {
  const oneLine = head + items.join(', ') + tail;
  if (oneLine.length <= COLUMNS_MAX || items.length === 1) return [oneLine];
  const indent = ' '.repeat(head.length - head.trimStart().length);
  const lines = items.map((item) => `${indent}  ${item},`);
  return [head.trimEnd(), ...lines, indent + tail.trimStart()];
}
