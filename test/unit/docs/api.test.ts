import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { apiPage } from '../../../tools/api-docs/api-page.ts';
import { entryPoints, undocumented } from '../../../tools/api-docs/public-api.ts';
import { ROOT } from '../package/run-node.ts';

const points = entryPoints(ROOT);

describe('the public API, as it was built', () => {
  it.each(points.map(({ specifier, names }) => [specifier, names] as const))(
    'of %s is seen as a whole',
    async (specifier, names) => {
      const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
      const target = exports[specifier.replace('zkwire', '.')].default;
      const values = Object.keys(await import(pathToFileURL(join(ROOT, target)).href));
      const seen = [...names].filter(([, { kind }]) => !['interface', 'type'].includes(kind));
      expect(values.filter((name) => !seen.some(([each]) => each === name))).toEqual([]);
      expect(values.length).toBeGreaterThan(0);
    },
  );

  it('has a doc comment on every name and every public member', () => {
    expect(undocumented(points)).toEqual([]);
  });

  it('is what docs/api.md lists', () => {
    const page = readFileSync(join(ROOT, 'docs/api.md'), 'utf8');
    expect(page === apiPage(points), 'docs/api.md is stale: npm run docs:api').toBe(true);
    for (const { names } of points) for (const name of names.keys()) expect(page).toContain(name);
  });
});

const directories: string[] = [];

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

/** A built package with these files, of which `index.d.ts` is the entry point. */
function builtPackage(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'zkwire-api-'));
  directories.push(directory);
  const manifest = { name: 'built', exports: { '.': { types: './index.d.ts' } } };
  for (const [name, text] of Object.entries({
    'package.json': JSON.stringify(manifest),
    ...files,
  })) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return directory;
}

const missingIn = (text: string, files: Readonly<Record<string, string>> = {}): string[] =>
  undocumented(entryPoints(builtPackage({ 'index.d.ts': text, ...files })));

describe('what is missing', () => {
  it.each([
    ['a constant', 'export declare const A = 1;', ['A']],
    ['a function', 'export declare function f(a: { b: 1; }): void;', ['f']],
    ['a type', "/** Of the file. */\nimport x from 'x';\nexport type T = 'a;' | \"}\";", ['T']],
    ['an interface', 'export interface I<T extends { a: 1 }> { }', ['I']],
    ['a class', 'export declare abstract class C { #private; private a; }', ['C']],
    ['nothing', '/** One. */\nexport declare const A: number;\nexport {};', []],
    ['what is not exported', 'declare const A: number;\nexport {};', []],
  ])('is found: %s', (_, text, missing) => {
    expect(missingIn(text)).toEqual(missing);
  });

  it('is found among members of every form, once for all overloads', () => {
    const text = `/** C. */
export declare class C<T = { x: 1; }> extends Array<T> {
    #private;
    readonly a: string;
    /** Of b: not of what follows; */
    get b(): number;
    static c(x: { y: 1; }): void;
    [Symbol.iterator](): never;
    constructor(a: string);
    /** Both. */
    d(a: string): void;
    d(a: number): void;
    e(a: string): void;
    e(a: number): void;
    protected f?: () => void;
}`;
    const names = ['C.[Symbol.iterator]', 'C.a', 'C.c', 'C.constructor', 'C.e', 'C.f'];
    expect(missingIn(text)).toEqual(names);
  });

  it('is not what an interface or class above has documented, in another file or under another name', () => {
    const base = '/** B. */\nexport interface B { /** Of a. */ a: 1; b: 2; }';
    const text = `import type { B as Base } from './lib/base.ts';
/** C. */ export declare class C<T extends {}> implements Base, Iterable<T> { a: 1; b: 2; }
/** D. */ export declare class D extends C<{}> { a: 1; }`;
    expect(missingIn(text, { 'lib/base.d.ts': base })).toEqual(['C.b']);
  });

  it('is followed to where it was declared, by name and by star', () => {
    const missing = missingIn(
      "export * from './star.ts';\nexport { type A as B, c } from './list.ts';",
      {
        'star.d.ts': "export declare const s: 1;\nexport * from './more.ts';",
        'more.d.ts': 'export declare const m: 1;',
        'list.d.ts': 'export interface A { a: 1; }\nexport declare function c(): void;',
      },
    );
    expect(missing).toEqual(['B', 'B.a', 'c', 'm', 's']);
  });
});

describe('docs/api.md', () => {
  const page = (text: string): string => apiPage(entryPoints(builtPackage({ 'index.d.ts': text })));

  it('has the first sentence of each, as one row', () => {
    const text = `/**
 * Reads e.g. \`a | b\`
 * of {@link T}. And more.
 */
export declare function f(): void;
/** What:
 * - a
 */
export type T = 1;`;
    expect(page(text)).toContain('| `f` | Reads e.g. `a \\| b` of `T` |');
    expect(page(text)).toContain('| `T` | What |');
  });

  it('has the members of the client with those that it inherits, but what is internal', () => {
    const text = `/** O. */ export declare abstract class Operations {
  /** @internal */ constructor(); /** Gets. */ get(): void; }
/** C. */ export declare class ZooKeeperClient extends Operations { /** Closes. Really. */ close(): void; }`;
    expect(page(text)).toContain(
      '| member | |\n| --- | --- |\n| `get` | Gets |\n| `close` | Closes |',
    );
  });
});
