import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { entryPoints } from '../../../../tools/api-docs/public-api.ts';
import { unexportedTypes } from '../../../../tools/package-check/unexported-types.ts';
import { ROOT } from '../../package/run-node.ts';

const directories: string[] = [];

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

/** Names of `inner.d.ts` that the entry point `index.d.ts` shows and does not export. */
function missing(index: string, inner: string, other = 'export {};'): string[] {
  const directory = mkdtempSync(join(tmpdir(), 'zkwire-types-'));
  directories.push(directory);
  const exports = { '.': { types: './index.d.ts' }, './other': { types: './other.d.ts' } };
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'built', exports }));
  writeFileSync(join(directory, 'inner.d.ts'), inner);
  writeFileSync(join(directory, 'other.d.ts'), other);
  writeFileSync(join(directory, 'index.d.ts'), index);
  return unexportedTypes(entryPoints(directory)).map(({ name, seenIn }) => `${name} in ${seenIn}`);
}

const INNER = `
export interface Part { a: number; }
export declare class Whole { #private; part: Part; }
export declare const Part2: number;`;

it('finds types of parameters, results, members, bases and unions', () => {
  const from = "import { Part, Whole } from './inner.ts';\n";
  expect(missing(`${from}export declare function f(a: readonly Part[]): void;`, INNER)).toEqual([
    'Part in f',
  ]);
  expect(missing(`${from}export declare function f(): Promise<Whole>;`, INNER)).toEqual([
    'Whole in f',
  ]);
  expect(missing(`${from}export interface I { a?: Part | undefined; }`, INNER)).toEqual([
    'Part in I',
  ]);
  expect(missing(`${from}export declare class C extends Whole { }`, INNER)).toEqual(['Whole in C']);
  expect(missing(`${from}export type T = Part | null;`, INNER)).toEqual(['Part in T']);
});

it('finds what an exported type from another file mentions, and a local one', () => {
  expect(missing("export { Whole } from './inner.ts';", INNER)).toEqual(['Part in Whole']);
  expect(missing('type Local = 1;\nexport declare const a: Local;', INNER)).toEqual(['Local in a']);
});

it('takes an export of any entry point, under any name', () => {
  const index = "import type { Part } from './inner.ts';\nexport declare const a: Part;";
  expect(missing(index, INNER, "export { Part as Piece } from './inner.ts';")).toEqual([]);
});

it('leaves out comments, texts, private and internal members, internal types, and what is no type', () => {
  const index = `import { Part, Part2, Secret } from './inner.ts';
/** A Part. */
export declare const a: 'Part';
export declare const b: typeof Part2;
export declare class C {
  #private;
  private p;
  /** @internal made by others */
  constructor(part: Part);
  set(secret: Secret): void;
}`;
  expect(missing(index, `${INNER}\n/** @internal */ export interface Secret { }`)).toEqual([]);
});

it('finds none in the package: every type in a public signature has a name for users', () => {
  expect(unexportedTypes(entryPoints(ROOT))).toEqual([]);
});
