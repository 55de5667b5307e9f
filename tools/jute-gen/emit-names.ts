import {
  canBeNull,
  type FieldModel,
  type JuteType,
  type RecordModel,
  type Schema,
} from './model.ts';
import { SchemaError } from './schema-error.ts';

/** Longest line that generated TypeScript should have. */
export const COLUMNS_MAX = 100;

/** Names that generated functions use themselves, and words that cannot be parameters. */
const TAKEN: ReadonlySet<string> = new Set(
  `r w o v n i items null true false this new delete function return default class const let var in
   of if else for while do switch case break continue throw try catch finally typeof instanceof void
   with yield await async enum export extends import super static interface package private
   protected public implements arguments eval undefined debugger`.split(/\s+/),
);

/** First lines of a generated TypeScript file. */
export function generatedHeader(schema: Schema): string[] {
  return [
    `// GENERATED from ${schema.file} by tools/jute-gen. Do not edit: change the schema and run`,
    '// `npm run generate`.',
  ];
}

/** `GetACLRequest` -> `GET_ACL_REQUEST` */
export function constantName(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toUpperCase();
}

/** Parameter or local variable for a field. */
export function localName(field: FieldModel): string {
  return TAKEN.has(field.name) ? `${field.name}_` : field.name;
}

/** Type of a decoded value: faithful to the wire, so null wherever the wire allows it. */
export function readType(type: JuteType): string {
  switch (type.kind) {
    case 'primitive':
      return primitiveType(type.name, 'Buffer | null', 'string | null');
    case 'vector':
      return `${arrayOf(readType(type.element))} | null`;
    case 'record':
      return type.record.name;
    case 'map':
      return notInUse('map');
  }
}

/** Type of a value to encode: null only where a correct peer may send it. */
export function writeType(type: JuteType, nullable: boolean): string {
  const orNull = nullable ? ' | null' : '';
  switch (type.kind) {
    case 'primitive':
      return primitiveType(type.name, `Uint8Array${orNull}`, `string${orNull}`);
    case 'vector':
      return `readonly ${arrayOf(writeType(type.element, false))}${orNull}`;
    case 'record':
      return type.record.name;
    case 'map':
      return notInUse('map');
  }
}

/** True when a decoded value is wider than what the strict writer takes, so that writing it back needs a cast. */
export function isWiderWhenRead(field: FieldModel): boolean {
  if (!canBeNull(field.type)) return false;
  return !field.nullable || (field.type.kind === 'vector' && canBeNull(field.type.element));
}

/** Refuses the types that no client record uses and for which no code is made. */
export function checkTypesInUse(schema: Schema): void {
  for (const record of schema.records) {
    for (const field of record.fields) {
      const unused = typeNotInUse(field.type);
      if (unused === null) continue;
      throw new SchemaError(schema.file, field.at, `${unused} is not used by any client record`);
    }
  }
}

function typeNotInUse(type: JuteType): string | null {
  if (type.kind === 'map') return 'map';
  if (type.kind === 'vector') return typeNotInUse(type.element);
  if (type.kind === 'record') return null;
  return ['byte', 'float', 'double'].includes(type.name) ? type.name : null;
}

/** Records that other records contain, in schema order. */
export function nestedRecords(schema: Schema): RecordModel[] {
  const nested = new Set(
    schema.records.flatMap((record) => record.fields.map((field) => recordIn(field.type))),
  );
  return schema.records.filter((record) => nested.has(record));
}

/** The record that a type is, or is a vector of. */
function recordIn(type: JuteType): RecordModel | null {
  if (type.kind === 'record') return type.record;
  return type.kind === 'vector' ? recordIn(type.element) : null;
}

/** Types of all vectors, each once, inner ones first. */
export function vectorTypes(schema: Schema): Extract<JuteType, { kind: 'vector' }>[] {
  const byName = new Map<string, Extract<JuteType, { kind: 'vector' }>>();
  const visit = (type: JuteType): void => {
    if (type.kind !== 'vector') return;
    visit(type.element);
    const name = vectorName(type);
    if (!byName.has(name)) byName.set(name, type);
  };
  for (const record of schema.records) for (const field of record.fields) visit(field.type);
  return [...byName.values()];
}

/** `UstringVector`, `ACLVector`: the end of the names of a vector's reader and writer. */
export function vectorName(type: JuteType): string {
  switch (type.kind) {
    case 'primitive':
      return type.name.charAt(0).toUpperCase() + type.name.slice(1);
    case 'vector':
      return `${vectorName(type.element)}Vector`;
    case 'record':
      return type.record.name;
    case 'map':
      return notInUse('map');
  }
}

/** A doc comment of any number of lines. */
export function docComment(lines: readonly string[], indent = ''): string[] {
  const [only = ''] = lines;
  const oneLine = `${indent}/** ${only} */`;
  if (lines.length === 1 && oneLine.length <= COLUMNS_MAX) return [oneLine];
  const wrapped = lines.flatMap((line) => wrapWords(line, COLUMNS_MAX - indent.length - 3));
  return [
    `${indent}/**`,
    ...wrapped.map((line) => `${indent} * ${line}`.trimEnd()),
    `${indent} */`,
  ];
}

/** Fills lines with words. A blank line stays one. */
function wrapWords(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

function primitiveType(name: string, buffer: string, ustring: string): string {
  if (name === 'boolean') return 'boolean';
  if (name === 'int') return 'number';
  if (name === 'long') return 'bigint';
  if (name === 'buffer') return buffer;
  return name === 'ustring' ? ustring : notInUse(name);
}

/** `(string | null)[]`, `ACL[]`, `(readonly string[])[]` */
function arrayOf(element: string): string {
  return element.includes(' ') ? `(${element})[]` : `${element}[]`;
}

/** Unreachable after `checkTypesInUse`. */
function notInUse(name: string): never {
  throw new Error(`${name} is not used by any client record`);
}
