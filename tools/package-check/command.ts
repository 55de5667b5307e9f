import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { entryPoints } from '../api-docs/public-api.ts';
import type { CommandContext } from '../command-context.ts';
import { givenOptions } from '../given-options.ts';
import { contentProblems } from './check-content.ts';
import { bytesText, sizeProblems } from './check-sizes.ts';
import { coldImportMs } from './cold-import.ts';
import { CONTENT, ENTRY_LIMITS, PACKAGE_LIMITS } from './package-limits.ts';
import { manifestOf, measure, type PackageSizes } from './package-sizes.ts';
import { packPackage } from './packed-files.ts';
import { unexportedTypes } from './unexported-types.ts';

const HELP = `Usage: npm run package:check [-- OPTIONS]   (after npm run build)

Packs what was built last into build/package/zkwire.tgz, and holds it against
tools/package-check/package-limits.ts: which files it has, how large it is, how much each entry
point loads, and whether users can name every type that they meet. Then publint and attw look at
what was packed.

Options:
  --record   remember the sizes of today: later failures tell what has grown since
  --help     this text

Exit code: 0 all is well, 1 something is wrong, 2 wrong usage.
`;

/** Runs the command; gives its exit code. */
export function runPackageCheck(args: readonly string[], context: CommandContext): number {
  const given = givenOptions(args, { record: { type: 'boolean' } }, HELP, context);
  if (typeof given === 'number') return given;
  return check(given.record === true, context);
}

function check(isRecording: boolean, { root, out, err }: CommandContext): number {
  const pack = packPackage(root, join(root, 'build/package'));
  const manifest = manifestOf(root);
  const sizes = measure(root, pack);
  const recordFile = join(root, 'tools/package-check/sizes.json');
  if (isRecording) writeFileSync(recordFile, `${JSON.stringify(sizes, null, 2)}\n`);
  const record = JSON.parse(readFileSync(recordFile, 'utf8')) as PackageSizes;
  out(sizesText(sizes, root));
  const problems = [
    ...contentProblems(root, manifest, pack.files, CONTENT),
    ...sizeProblems(sizes, record, { package: PACKAGE_LIMITS, entries: ENTRY_LIMITS }),
    ...unexportedTypes(entryPoints(root)).map(
      ({ name, seenIn }) => `${seenIn} shows the type ${name}, which no entry point exports`,
    ),
  ];
  for (const problem of problems) err(`package: ${problem}\n`);
  return problems.length === 0 ? 0 : 1;
}

function sizesText(sizes: PackageSizes, root: string): string {
  const lines = Object.entries(sizes.entries).map(([name, { modules, bytes }]) => {
    const ms = coldImportMs(root, name).toFixed(0).padStart(4);
    return `${name.padEnd(18)} ${String(modules).padStart(4)} modules ${bytesText(bytes).padStart(11)} ${ms} ms`;
  });
  const { packedBytes, unpackedBytes, files } = sizes;
  return [
    `package: ${bytesText(packedBytes)} packed, ${bytesText(unpackedBytes)} unpacked, ${files} files`,
    'what an import loads, and its time in a new process (for information):',
    ...lines,
    '',
  ].join('\n');
}
