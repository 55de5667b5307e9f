import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bodyOf, headOf, type Statement, statements } from './declaration-text.ts';

export type DeclarationKind = 'class' | 'const' | 'function' | 'interface' | 'type';

/** A member of a class or interface that others may use. */
export interface Member {
  /** `close`, `[Symbol.asyncIterator]`, `constructor`, `(call)`, `[index]`. */
  readonly name: string;
  readonly doc: string | null;
}

/** A name that a module declares; overloads are one declaration. */
export interface Declaration {
  readonly name: string;
  readonly kind: DeclarationKind;
  readonly doc: string | null;
  /** As it is written in the file, with all overloads. */
  readonly text: string;
  /** Of a class or interface, overloads as one, without what is private. */
  readonly members: readonly Member[];
  /** Names of the classes and interfaces that it extends or implements. */
  readonly bases: readonly string[];
  readonly module: Module;
}

/** Where a name comes from. */
interface Origin {
  readonly file: string;
  readonly name: string;
}

const DECLARATION =
  /^(?:export\s+)?(?:declare\s+)?(?:abstract\s+)?(class|const|function|interface|type)\s+(\w+)/;
const LISTED = /^(export|import)\s+(?:type\s+)?\{([^}]*)\}(?:\s*from\s*['"](.+)['"])?$/;
const STAR = /^export\s+\*\s+from\s*['"](.+)['"]$/;
const MODIFIERS = /^(?:(?:public|protected|static|abstract|declare|override|readonly|get|set)\s+)+/;

/** One `.d.ts` file. */
export class Module {
  readonly file: string;
  readonly #modules: Modules;
  readonly #declared = new Map<string, Declaration>();
  readonly #imported = new Map<string, Origin>();
  readonly #exported = new Map<string, Origin>();
  readonly #stars: string[] = [];

  constructor(file: string, modules: Modules) {
    this.file = file;
    this.#modules = modules;
    for (const statement of statements(readFileSync(file, 'utf8'))) this.#take(statement);
  }

  /** Everything that is exported, by the name it has outside. */
  exports(): Map<string, Declaration> {
    const all = new Map<string, Declaration>();
    for (const star of this.#stars) {
      for (const [name, declaration] of this.#modules.get(star).exports()) {
        all.set(name, declaration);
      }
    }
    for (const [name, origin] of this.#exported) all.set(name, this.#modules.find(origin));
    return all;
  }

  /** What `name` means in this file; undefined when it comes from outside of the project. */
  lookUp(name: string): Declaration | undefined {
    const declared = this.#declared.get(name);
    if (declared !== undefined) return declared;
    const origin = this.#imported.get(name) ?? this.#exported.get(name);
    if (origin !== undefined) return this.#modules.find(origin);
    for (const star of this.#stars) {
      const found = this.#modules.get(star).lookUp(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #take(statement: Statement): void {
    const { text } = statement;
    const declaration = DECLARATION.exec(text);
    const listed = LISTED.exec(text);
    const star = STAR.exec(text);
    if (declaration !== null) {
      this.#declare(declaration[1] as DeclarationKind, declaration[2] as string, statement);
    } else if (listed !== null) {
      this.#list(listed[1] === 'export', listed[2] as string, listed[3]);
    } else if (star !== null) {
      this.#stars.push(this.#path(star[1] as string));
    } else if (!text.startsWith('import ')) {
      throw new Error(`${this.file}: what is this? ${text.slice(0, 60)}`);
    }
  }

  #declare(kind: DeclarationKind, name: string, { text, doc }: Statement): void {
    const before = this.#declared.get(name);
    const isRecord = kind === 'class' || kind === 'interface';
    this.#declared.set(name, {
      name,
      kind,
      doc: before?.doc ?? doc,
      text: before === undefined ? text : `${before.text}\n${text}`,
      members: isRecord ? membersOf(bodyOf(text)) : [],
      bases: isRecord ? basesOf(headOf(text)) : [],
      module: this,
    });
    if (text.startsWith('export')) this.#exported.set(name, { file: this.file, name });
  }

  /** `import { a, type B as C } from './x.ts'`, or the same with `export`. Packages are left out. */
  #list(isExport: boolean, names: string, from: string | undefined): void {
    if (from !== undefined && !from.startsWith('.')) return;
    const file = from === undefined ? this.file : this.#path(from);
    for (const each of names.split(',')) {
      const [name, alias] = each
        .replace(/\btype\s/, '')
        .trim()
        .split(/\s+as\s+/);
      if (name === undefined || name === '') continue;
      (isExport ? this.#exported : this.#imported).set(alias ?? name, { file, name });
    }
  }

  #path(specifier: string): string {
    return join(dirname(this.file), specifier.replace(/\.[jt]s$/, '.d.ts'));
  }
}

/** The files of a build, each read once. */
export class Modules {
  readonly #modules = new Map<string, Module>();

  get(file: string): Module {
    let module = this.#modules.get(file);
    if (module === undefined) {
      module = new Module(file, this);
      this.#modules.set(file, module);
    }
    return module;
  }

  find({ file, name }: Origin): Declaration {
    const found = this.get(file).lookUp(name);
    if (found === undefined) throw new Error(`${file} has no ${name}`);
    return found;
  }
}

function membersOf(body: string): Member[] {
  const members = new Map<string, Member>();
  for (const { text, doc } of statements(body)) {
    const name = memberName(text);
    if (name !== null) members.set(name, { name, doc: members.get(name)?.doc ?? doc });
  }
  return [...members.values()];
}

/** Null for what is private. */
function memberName(text: string): string | null {
  if (text.startsWith('#') || text.startsWith('private ')) return null;
  const rest = text.replace(MODIFIERS, '');
  if (/^(?:new\s*)?[(<]/.test(rest)) return '(call)';
  if (/^\[\w+:/.test(rest)) return '[index]';
  const name = /^(?:\[[\w.]+\]|['"]?[\w$]+)/.exec(rest);
  if (name === null) throw new Error(`what is this member? ${text.slice(0, 60)}`);
  return name[0];
}

/** Names behind `extends` and `implements`, without their type arguments. */
function basesOf(head: string): string[] {
  const flat = withoutAngles(head);
  return [...flat.matchAll(/\b(?:extends|implements)\s+(.*?)(?=\bimplements\b|$)/gs)].flatMap(
    (match) => (match[1] as string).split(',').map((name) => name.trim()),
  );
}

function withoutAngles(text: string): string {
  let depth = 0;
  let kept = '';
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '<') depth++;
    else if (char === '>' && text[at - 1] !== '=') depth--;
    else if (depth === 0) kept += char;
  }
  return kept;
}
