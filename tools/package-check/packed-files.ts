import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';

/** A file of the package. */
export interface PackedFile {
  /** From the root of the package, with `/`. */
  readonly path: string;
  readonly bytes: number;
}

/** What `npm publish` would send. */
export interface PackedPackage {
  /** Name that npm gives the archive. */
  readonly archive: string;
  /** Of the compressed archive. */
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  readonly files: readonly PackedFile[];
}

interface NpmPack {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

/** Packs the package at `root`, as it was built last, into `folder`, as `zkwire.tgz`. */
export function packPackage(root: string, folder: string): PackedPackage {
  mkdirSync(folder, { recursive: true });
  const args = ['pack', '--json', '--ignore-scripts', '--loglevel=error'];
  const output = execFileSync('npm', [...args, '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: OUTPUT_BYTES_MAX,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pack = parsePack(output);
  renameSync(join(folder, pack.archive), join(folder, 'zkwire.tgz'));
  return pack;
}

/** Reads what `npm pack --json` prints: a list of packages, or (npm 12) one object with a key a package. */
function parsePack(output: string): PackedPackage {
  const all = Object.values(JSON.parse(output) as Record<string, NpmPack>);
  const [pack] = all;
  if (pack === undefined || all.length > 1) throw new Error(`npm packed ${all.length} packages`);
  return {
    archive: pack.filename,
    packedBytes: pack.size,
    unpackedBytes: pack.unpackedSize,
    files: pack.files.map(({ path, size }) => ({ path, bytes: size })),
  };
}
