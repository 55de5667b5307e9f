import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Declaration, type Member, Modules } from './declarations.ts';

/** What one import specifier of the package gives. */
export interface EntryPoint {
  /** `zkwire/codec`. */
  readonly specifier: string;
  readonly names: ReadonlyMap<string, Declaration>;
}

/** Members that are named by what they are: each is the record of that name. */
const SELF_EXPLAINING: ReadonlySet<string> = new Set(['Records']);

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
}

/** The entry points of the package at `root`, as it was built last, in the order of its `exports`. */
export function entryPoints(root: string): EntryPoint[] {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  const modules = new Modules();
  return Object.entries(manifest.exports).flatMap(([subpath, target]) => {
    if (typeof target === 'string') return [];
    const names = modules.get(join(root, target.types)).exports();
    return [{ specifier: join(manifest.name, subpath), names }];
  });
}

/** Names, and members as `Name.member`, that nobody has documented; each once. */
export function undocumented(points: readonly EntryPoint[]): string[] {
  const missing = new Set<string>();
  for (const { names } of points) {
    for (const [name, declaration] of names) {
      if (declaration.doc === null) missing.add(name);
      if (SELF_EXPLAINING.has(name)) continue;
      for (const member of declaration.members) {
        if (memberDoc(declaration, member.name) === null) missing.add(`${name}.${member.name}`);
      }
    }
  }
  return [...missing].sort();
}

/** Doc of a member; if it has none, as editors do, that of what it implements. */
function memberDoc(declaration: Declaration, name: string): string | null {
  const own = declaration.members.find((member) => member.name === name)?.doc ?? null;
  if (own !== null) return own;
  for (const base of basesOf(declaration)) {
    const inherited = memberDoc(base, name);
    if (inherited !== null) return inherited;
  }
  return null;
}

/** Members for users, those of its bases too; what is `@internal` is left out. */
export function membersOf(declaration: Declaration): Member[] {
  const members = new Map<string, Member>();
  const names = [...basesOf(declaration).flatMap(membersOf), ...declaration.members];
  for (const { name } of names) {
    const doc = memberDoc(declaration, name);
    if (name !== 'constructor' && doc?.includes('@internal') !== true) {
      members.set(name, { name, doc });
    }
  }
  return [...members.values()];
}

/** Classes and interfaces of the project that it extends or implements. */
function basesOf({ bases, module }: Declaration): Declaration[] {
  return bases.flatMap((base) => module.lookUp(base) ?? []);
}
