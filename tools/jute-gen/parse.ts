import { SchemaError, type SourcePosition } from './schema-error.ts';
import { type Token, tokenize } from './tokenize.ts';

const PRIMITIVES = [
  'byte',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'ustring',
  'buffer',
] as const;

export type PrimitiveName = (typeof PRIMITIVES)[number];

/** A type as it is written. */
export type TypeSyntax =
  | { readonly kind: 'primitive'; readonly name: PrimitiveName; readonly at: SourcePosition }
  | { readonly kind: 'vector'; readonly element: TypeSyntax; readonly at: SourcePosition }
  | {
      readonly kind: 'map';
      readonly key: TypeSyntax;
      readonly value: TypeSyntax;
      readonly at: SourcePosition;
    }
  /** A record, by simple or qualified name; not looked up yet. */
  | { readonly kind: 'name'; readonly name: string; readonly at: SourcePosition };

export interface FieldSyntax {
  readonly name: string;
  readonly type: TypeSyntax;
  /** Raw doc comment, or null. */
  readonly doc: string | null;
  /** Where the name stands. */
  readonly at: SourcePosition;
}

export interface ClassSyntax {
  readonly name: string;
  readonly fields: readonly FieldSyntax[];
  /** Raw doc comment, or null. */
  readonly doc: string | null;
  readonly at: SourcePosition;
}

interface ModuleSyntax {
  /** `org.apache.zookeeper.data` */
  readonly name: string;
  readonly classes: readonly ClassSyntax[];
  readonly doc: string | null;
  readonly at: SourcePosition;
}

export interface SchemaSyntax {
  /** As in messages. */
  readonly file: string;
  readonly modules: readonly ModuleSyntax[];
}

const KEYWORDS: ReadonlySet<string> = new Set([
  'module',
  'class',
  'include',
  'vector',
  'map',
  ...PRIMITIVES,
]);

/**
 * Parses jute text. Throws {@link SchemaError} at the first token that does not fit, naming what
 * was expected and what was found. Names are not looked up: that is `buildSchema`'s part.
 */
export function parseSchema(file: string, text: string): SchemaSyntax {
  const cursor = new Cursor(file, tokenize(file, text));
  const modules: ModuleSyntax[] = [];
  do {
    modules.push(parseModule(cursor));
  } while (cursor.token.kind !== 'end');
  return { file, modules };
}

/** Where the parser stands. */
class Cursor {
  readonly #file: string;
  readonly #tokens: readonly Token[];
  #index = 0;

  constructor(file: string, tokens: readonly Token[]) {
    this.#file = file;
    this.#tokens = tokens;
  }

  get token(): Token {
    return this.#tokens[this.#index]!;
  }

  advance(): Token {
    const token = this.token;
    if (token.kind !== 'end') this.#index++;
    return token;
  }

  /** Steps over `text` if it stands here. */
  accept(text: string): boolean {
    if (this.token.kind === 'end' || this.token.text !== text) return false;
    this.#index++;
    return true;
  }

  /** Steps over `text`, or fails; `orElse` names what could have stood here too. */
  expect(text: string, orElse = ''): Token {
    if (this.token.kind === 'end' || this.token.text !== text) this.fail(`'${text}'${orElse}`);
    return this.advance();
  }

  /** Steps over a word that is no keyword. */
  name(what: string): Token {
    if (this.token.kind !== 'word' || KEYWORDS.has(this.token.text)) this.fail(what);
    return this.advance();
  }

  fail(expected: string): never {
    const found = this.token.kind === 'end' ? 'the end of the file' : `'${this.token.text}'`;
    throw this.error(this.token.at, `expected ${expected}, found ${found}`);
  }

  error(at: SourcePosition, problem: string): SchemaError {
    return new SchemaError(this.#file, at, problem);
  }
}

function parseModule(cursor: Cursor): ModuleSyntax {
  if (cursor.token.text === 'include' && cursor.token.kind === 'word') {
    throw cursor.error(cursor.token.at, 'include is not supported: put everything into one file');
  }
  const { doc } = cursor.expect('module');
  const { at } = cursor.token;
  const name = parseQualifiedName(cursor, 'a module name');
  cursor.expect('{', " or '.'");
  const classes: ClassSyntax[] = [];
  do {
    classes.push(parseClass(cursor, classes.length > 0));
  } while (!cursor.accept('}'));
  return { name, classes, doc, at };
}

function parseClass(cursor: Cursor, mayEnd: boolean): ClassSyntax {
  const { doc } = cursor.expect('class', mayEnd ? " or '}'" : '');
  const { text: name, at } = cursor.name('a class name');
  cursor.expect('{');
  const fields: FieldSyntax[] = [];
  do {
    fields.push(parseField(cursor, fields.length > 0));
  } while (!cursor.accept('}'));
  return { name, fields, doc, at };
}

function parseField(cursor: Cursor, mayEnd: boolean): FieldSyntax {
  const { doc } = cursor.token;
  const type = parseType(cursor, mayEnd ? "a type or '}'" : 'a type');
  const { text: name, at } = cursor.name('a field name');
  cursor.expect(';');
  return { name, type, doc, at };
}

function parseType(cursor: Cursor, expected: string): TypeSyntax {
  const { kind, text, at } = cursor.token;
  if (kind !== 'word') cursor.fail(expected);
  if (isPrimitive(text)) {
    cursor.advance();
    return { kind: 'primitive', name: text, at };
  }
  if (text === 'vector') return parseVector(cursor);
  if (text === 'map') return parseMap(cursor);
  return { kind: 'name', name: parseQualifiedName(cursor, expected), at };
}

function parseVector(cursor: Cursor): TypeSyntax {
  const { at } = cursor.advance();
  cursor.expect('<');
  const element = parseType(cursor, 'an element type');
  cursor.expect('>');
  return { kind: 'vector', element, at };
}

function parseMap(cursor: Cursor): TypeSyntax {
  const { at } = cursor.advance();
  cursor.expect('<');
  const key = parseType(cursor, 'a key type');
  cursor.expect(',');
  const value = parseType(cursor, 'a value type');
  cursor.expect('>');
  return { kind: 'map', key, value, at };
}

function parseQualifiedName(cursor: Cursor, expected: string): string {
  let name = cursor.name(expected).text;
  while (cursor.accept('.')) name += `.${cursor.name("a name after '.'").text}`;
  return name;
}

function isPrimitive(text: string): text is PrimitiveName {
  return (PRIMITIVES as readonly string[]).includes(text);
}
