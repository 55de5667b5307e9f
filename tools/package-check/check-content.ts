import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ModuleGraph } from './module-graph.ts';
import { inPackage, type Manifest } from './package-sizes.ts';
import type { PackedFile } from './packed-files.ts';

/**
 * What is wrong with the files of the package, one line each: a top-level name that nobody has
 * accounted for, what an earlier build has left, and what users can import but would not find.
 */
export function contentProblems(
  root: string,
  manifest: Manifest,
  files: readonly PackedFile[],
  content: Readonly<Record<string, string>>,
): string[] {
  const packed = new Set(files.map(({ path }) => path));
  return [
    ...topLevelProblems(packed, content),
    ...[...packed]
      .filter((path) => path.startsWith('dist/') && !existsSync(join(root, sourceOf(path))))
      .map((path) => `${path} is left from an earlier build: npm run clean, and build again`),
    ...[...neededFiles(root, manifest)]
      .filter((path) => !packed.has(path))
      .map((path) => `${path} is needed by an entry point or a command, and is not packed`),
    ...importProblems(root, manifest),
  ];
}

function topLevelProblems(
  packed: ReadonlySet<string>,
  content: Readonly<Record<string, string>>,
): string[] {
  const there = new Set([...packed].map((path) => path.split('/')[0] as string));
  const expected = new Set(Object.keys(content));
  return [
    ...[...there]
      .filter((name) => !expected.has(name))
      .map((name) => `${name} is packed, and package-limits.ts does not say what for`),
    ...[...expected]
      .filter((name) => !there.has(name))
      .map((name) => `${name} is not packed, and package-limits.ts says that users need it`),
  ];
}

/** `dist/codec/text.js` and `dist/codec/text.d.ts` are made of `src/codec/text.ts`. */
function sourceOf(path: string): string {
  return path.replace(/^dist\//, 'src/').replace(/(?:\.d\.ts|\.js)$/, '.ts');
}

/** All that entry points and commands lead to: code with what it loads later, and types. */
function neededFiles(root: string, { exports, bin }: Manifest): Set<string> {
  const targets = Object.values(exports).filter((target) => typeof target !== 'string');
  const code = [...Object.values(bin), ...targets.map((target) => target.default)].map(inPackage);
  const types = targets.map((target) => inPackage(target.types));
  const graph = new ModuleGraph(root);
  return new Set([
    ...graph.reach(code, true).files.keys(),
    ...graph.reach(types, true).files.keys(),
  ]);
}

/** The package's own names (`#server/*`), which tools use, must lead somewhere. */
function importProblems(root: string, { imports = {} }: Manifest): string[] {
  return Object.entries(imports)
    .filter(([, target]) => !existsSync(join(root, target.replace(/\*.*$/, ''))))
    .map(([name, target]) => `${name} leads to ${target}, which is not there`);
}
