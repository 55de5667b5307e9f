import { type DocComment, parseDocComment } from './doc-comment.ts';
import type { ClassSyntax, FieldSyntax, PrimitiveName, SchemaSyntax, TypeSyntax } from './parse.ts';
import { SchemaError, type SourcePosition } from './schema-error.ts';

/** A type whose names have been looked up. */
export type JuteType =
  | { readonly kind: 'primitive'; readonly name: PrimitiveName }
  | { readonly kind: 'vector'; readonly element: JuteType }
  | { readonly kind: 'map'; readonly key: JuteType; readonly value: JuteType }
  | { readonly kind: 'record'; readonly record: RecordModel };

export interface FieldModel {
  readonly name: string;
  readonly type: JuteType;
  /** A correct peer may send null here. The wire allows it in every string, buffer and vector. */
  readonly nullable: boolean;
  /** A long before it, or 0, that it often equals: readers then share one bigint. */
  readonly like: string | null;
  readonly doc: readonly string[];
  readonly at: SourcePosition;
}

export interface RecordModel {
  readonly name: string;
  readonly module: string;
  readonly doc: readonly string[];
  /** In wire order. */
  readonly fields: readonly FieldModel[];
  /** Bytes of the shortest value: empty strings, null buffers. */
  readonly minBytes: number;
  /** Bytes of every value, or null when they differ. */
  readonly fixedBytes: number | null;
  readonly at: SourcePosition;
}

export interface Schema {
  /** As in messages and in the headers of generated files. */
  readonly file: string;
  readonly modules: readonly ModuleModel[];
  /** Of all modules, in the order of the file. */
  readonly records: readonly RecordModel[];
}

export interface ModuleModel {
  readonly name: string;
  readonly doc: readonly string[];
  readonly records: readonly RecordModel[];
}

const PRIMITIVE_BYTES: Readonly<Record<PrimitiveName, number>> = {
  byte: 1,
  boolean: 1,
  int: 4,
  long: 8,
  float: 4,
  double: 8,
  ustring: 4,
  buffer: 4,
};

/**
 * Looks names up and checks what the grammar cannot: unknown types, records used before they are
 * declared or inside themselves, duplicates, doc tags. Throws {@link SchemaError} at the first fault.
 */
export function buildSchema(syntax: SchemaSyntax): Schema {
  return new Builder(syntax).build();
}

/** Throws {@link SchemaError} at the first record or field without a doc comment. */
export function checkDocumented(schema: Schema): void {
  for (const record of schema.records) {
    if (record.doc.length === 0) {
      throw new SchemaError(schema.file, record.at, `class ${record.name} has no doc comment`);
    }
    for (const field of record.fields) {
      if (field.doc.length > 0) continue;
      const which = `field ${field.name} of ${record.name}`;
      throw new SchemaError(schema.file, field.at, `${which} has no doc comment`);
    }
  }
}

/** True for the types that have a null on the wire: length or count -1. */
export function canBeNull(type: JuteType): boolean {
  if (type.kind === 'primitive') return type.name === 'ustring' || type.name === 'buffer';
  return type.kind === 'vector' || type.kind === 'map';
}

/** Bytes of every value of a type, or null when they differ. */
export function fixedBytesOf(type: JuteType): number | null {
  if (canBeNull(type)) return null;
  return type.kind === 'record' ? type.record.fixedBytes : minBytesOf(type);
}

/** Bytes of the shortest value of a type. */
export function minBytesOf(type: JuteType): number {
  if (type.kind === 'record') return type.record.minBytes;
  return type.kind === 'primitive' ? PRIMITIVE_BYTES[type.name] : 4;
}

/** The type in jute's own notation, with simple names: `vector<ACL>`. */
export function typeText(type: JuteType): string {
  switch (type.kind) {
    case 'primitive':
      return type.name;
    case 'vector':
      return `vector<${typeText(type.element)}>`;
    case 'map':
      return `map<${typeText(type.key)},${typeText(type.value)}>`;
    case 'record':
      return type.record.name;
  }
}

/** `name:type`, with `?` where a correct peer may send null: `data:buffer?`. */
function fieldGrammar(field: FieldModel): string {
  return `${field.name}:${typeText(field.type)}${field.nullable ? '?' : ''}`;
}

/** `SetDataRequest => path:ustring data:buffer? version:int` */
export function recordGrammar(record: RecordModel): string {
  return `${record.name} => ${record.fields.map(fieldGrammar).join(' ')}`;
}

class Builder {
  readonly #syntax: SchemaSyntax;
  /** Every class of the file, by qualified name. */
  readonly #declared: Map<string, ClassSyntax> = new Map();
  readonly #built: Map<string, RecordModel> = new Map();

  constructor(syntax: SchemaSyntax) {
    this.#syntax = syntax;
  }

  build(): Schema {
    this.#declare();
    this.#refuseRecursion();
    const modules = this.#syntax.modules.map((module): ModuleModel => {
      const doc = this.#doc(module.doc, module.at, []).lines;
      const records = module.classes.map((declared) => this.#record(module.name, declared));
      return { name: module.name, doc, records };
    });
    return { file: this.#syntax.file, modules, records: modules.flatMap((m) => m.records) };
  }

  /** Generated code knows records by their simple names, so these must differ over all modules. */
  #declare(): void {
    const modulesByName = new Map<string, string>();
    for (const module of this.#syntax.modules) {
      for (const declared of module.classes) {
        const other = modulesByName.get(declared.name);
        if (other !== undefined) {
          this.#fail(declared.at, `class ${declared.name} is declared already, in ${other}`);
        }
        modulesByName.set(declared.name, module.name);
        this.#declared.set(`${module.name}.${declared.name}`, declared);
      }
    }
  }

  #refuseRecursion(): void {
    const finished = new Set<string>();
    const visit = (name: string, path: readonly string[]): void => {
      if (finished.has(name)) return;
      const declared = this.#declared.get(name)!;
      for (const field of declared.fields) {
        for (const used of this.#recordsIn(moduleOf(name), field.type)) {
          const chain = [...path, name];
          const start = chain.indexOf(used);
          if (start >= 0) {
            const shown = [...chain.slice(start), used].map(simpleName).join(' -> ');
            this.#fail(field.at, `a record cannot contain itself: ${shown}`);
          }
          visit(used, chain);
        }
      }
      finished.add(name);
    };
    for (const name of this.#declared.keys()) visit(name, []);
  }

  /** Qualified names of the records that a type mentions. */
  #recordsIn(module: string, type: TypeSyntax): string[] {
    switch (type.kind) {
      case 'primitive':
        return [];
      case 'vector':
        return this.#recordsIn(module, type.element);
      case 'map':
        return [...this.#recordsIn(module, type.key), ...this.#recordsIn(module, type.value)];
      case 'name':
        return [this.#lookUp(module, type.name, type.at)];
    }
  }

  #lookUp(module: string, name: string, at: SourcePosition): string {
    const qualified = qualify(module, name);
    if (!this.#declared.has(qualified)) this.#fail(at, `unknown type ${name}`);
    return qualified;
  }

  #record(module: string, declared: ClassSyntax): RecordModel {
    const fields: FieldModel[] = [];
    for (const field of declared.fields) {
      if (fields.some((other) => other.name === field.name)) {
        this.#fail(field.at, `${declared.name} has a field ${field.name} already`);
      }
      fields.push(this.#field(module, field, fields));
    }
    const record: RecordModel = {
      name: declared.name,
      module,
      doc: this.#doc(declared.doc, declared.at, []).lines,
      fields,
      minBytes: fields.reduce((sum, field) => sum + minBytesOf(field.type), 0),
      fixedBytes: sumOrNull(fields.map((field) => fixedBytesOf(field.type))),
      at: declared.at,
    };
    this.#built.set(`${module}.${declared.name}`, record);
    return record;
  }

  #field(module: string, field: FieldSyntax, before: readonly FieldModel[]): FieldModel {
    const type = this.#type(module, field.type);
    const { lines, tags } = this.#doc(field.doc, field.at, ['nullable', 'like']);
    const nullable = tags.includes('nullable');
    if (nullable && !canBeNull(type)) {
      this.#fail(field.at, `${typeText(type)} ${field.name} cannot be @nullable`);
    }
    const like = tags.find((tag) => tag.startsWith('like '))?.slice('like '.length) ?? null;
    if (like !== null) this.#checkLike(field, type, like, before);
    return { name: field.name, type, nullable, like, doc: lines, at: field.at };
  }

  #checkLike(
    field: FieldSyntax,
    type: JuteType,
    like: string,
    before: readonly FieldModel[],
  ): void {
    const isLong = (of: JuteType): boolean => of.kind === 'primitive' && of.name === 'long';
    const known = like === '0' || before.some(({ name, type }) => name === like && isLong(type));
    if (known && isLong(type)) return;
    this.#fail(field.at, `@like ${like} is for a long, and names 0 or a long before it`);
  }

  #type(module: string, type: TypeSyntax): JuteType {
    switch (type.kind) {
      case 'primitive':
        return { kind: 'primitive', name: type.name };
      case 'vector':
        return { kind: 'vector', element: this.#type(module, type.element) };
      case 'map': {
        const key = this.#type(module, type.key);
        return { kind: 'map', key, value: this.#type(module, type.value) };
      }
      case 'name': {
        const record = this.#built.get(this.#lookUp(module, type.name, type.at));
        // Other jute compilers need it first, and the schema should stay readable for them.
        if (record === undefined)
          this.#fail(type.at, `${type.name} is used before its declaration`);
        return { kind: 'record', record };
      }
    }
  }

  #doc(raw: string | null, at: SourcePosition, known: readonly string[]): DocComment {
    const doc = parseDocComment(raw);
    const unknown = doc.tags.find((tag) => !known.includes(tag.split(' ')[0]!));
    if (unknown !== undefined) this.#fail(at, `the doc comment has an unknown tag @${unknown}`);
    return doc;
  }

  #fail(at: SourcePosition, problem: string): never {
    throw new SchemaError(this.#syntax.file, at, problem);
  }
}

/** A name without a dot belongs to the module that uses it. */
export function qualify(module: string, name: string): string {
  return name.includes('.') ? name : `${module}.${name}`;
}

function simpleName(qualified: string): string {
  return qualified.slice(qualified.lastIndexOf('.') + 1);
}

function moduleOf(qualified: string): string {
  return qualified.slice(0, qualified.lastIndexOf('.'));
}

function sumOrNull(sizes: readonly (number | null)[]): number | null {
  return sizes.reduce<number | null>(
    (sum, bytes) => (sum === null || bytes === null ? null : sum + bytes),
    0,
  );
}
