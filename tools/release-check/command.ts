import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ReleaseFacts, releaseProblems } from './release-problems.ts';

const HELP = `Usage: npm run release:check [-- OPTIONS]

Says what stands in the way of publishing the version in package.json: see RELEASING.md.

Options:
  --tag TAG    the tag of the release, which must be v and the version
  --help       this text

Exit code: 0 nothing stands in the way, 1 something does, 2 wrong usage.
`;

/** Where the command works, and where it writes to. */
export interface CommandContext {
  readonly root: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** Runs the command; gives its exit code. */
export function runReleaseCheck(args: readonly string[], context: CommandContext): number {
  let values: { readonly tag?: string; readonly help?: boolean };
  try {
    const options = { tag: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
    values = parseArgs({ args: [...args], options }).values;
  } catch (error) {
    context.err(`${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  if (values.help === true) {
    context.out(HELP);
    return 0;
  }
  const facts = readFacts(context.root, values.tag ?? null);
  const problems = releaseProblems(facts);
  for (const problem of problems) context.err(`release: ${problem}\n`);
  if (problems.length > 0) return 1;
  context.out(`${facts.manifest.version} can be published\n`);
  return 0;
}

function readFacts(root: string, tag: string | null): ReleaseFacts {
  const read = (file: string): string => readFileSync(join(root, file), 'utf8');
  const lock = JSON.parse(read('package-lock.json')) as { version: string };
  return {
    manifest: JSON.parse(read('package.json')) as ReleaseFacts['manifest'],
    lockedVersion: lock.version,
    changelog: read('CHANGELOG.md'),
    tag,
  };
}
