import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModuleGraph } from './module-graph.ts';
import type { PackedPackage } from './packed-files.ts';

/** What an import of one entry point loads: files of ours, before anything is called. */
interface EntrySize {
  readonly modules: number;
  readonly bytes: number;
  /** Bytes by folder of `dist`. */
  readonly byFolder: Readonly<Record<string, number>>;
}

/** All that is limited of the package. The record of it is kept to tell what has grown. */
export interface PackageSizes {
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  readonly files: number;
  /** Unpacked bytes by top-level file or folder; `dist` by its folders. */
  readonly byGroup: Readonly<Record<string, number>>;
  /** By import specifier. */
  readonly entries: Readonly<Record<string, EntrySize>>;
}

/** The fields of package.json that name files. */
export interface Manifest {
  readonly name: string;
  readonly exports: Readonly<
    Record<string, string | { readonly types: string; readonly default: string }>
  >;
  readonly bin: Readonly<Record<string, string>>;
  readonly imports?: Readonly<Record<string, string>>;
}

export function manifestOf(root: string): Manifest {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
}

/** Import specifier to built file, for each entry point that has code. */
export function entryFiles({ name, exports }: Manifest): Map<string, string> {
  const files = new Map<string, string>();
  for (const [subpath, target] of Object.entries(exports)) {
    if (typeof target !== 'string') files.set(join(name, subpath), inPackage(target.default));
  }
  return files;
}

/** `./dist/a.js` as npm lists it. */
export function inPackage(path: string): string {
  return path.replace(/^\.\//, '');
}

export function measure(root: string, pack: PackedPackage): PackageSizes {
  const graph = new ModuleGraph(root);
  const entries: Record<string, EntrySize> = {};
  for (const [specifier, file] of entryFiles(manifestOf(root))) {
    const { files } = graph.reach([file], false);
    entries[specifier] = {
      modules: files.size,
      bytes: sum(files.values()),
      byFolder: byName(files, (path) => groupOf(path).replace(/^dist\//, '')),
    };
  }
  return {
    packedBytes: pack.packedBytes,
    unpackedBytes: pack.unpackedBytes,
    files: pack.files.length,
    byGroup: byName(
      pack.files.map(({ path, bytes }) => [path, bytes] as const),
      groupOf,
    ),
    entries,
  };
}

/** `dist/codec/text.js` belongs to `dist/codec`, `docs/api.md` to `docs`, `LICENSE` to itself. */
function groupOf(path: string): string {
  const parts = path.split('/');
  return parts.slice(0, parts[0] === 'dist' && parts.length > 2 ? 2 : 1).join('/');
}

function byName(
  files: Iterable<readonly [path: string, bytes: number]>,
  name: (path: string) => string,
): Record<string, number> {
  const sums = new Map<string, number>();
  for (const [path, bytes] of files) sums.set(name(path), (sums.get(name(path)) ?? 0) + bytes);
  return Object.fromEntries([...sums].sort(([one], [other]) => (one < other ? -1 : 1)));
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
