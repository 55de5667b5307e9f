import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandContext } from '../command-context.ts';
import { givenOptions } from '../given-options.ts';
import { type ReleaseFacts, releaseProblems } from './release-problems.ts';

const HELP = `Usage: npm run release:check [-- OPTIONS]

Says what stands in the way of publishing the version in package.json: see RELEASING.md.

Options:
  --tag TAG    the tag of the release, which must be v and the version
  --help       this text

Exit code: 0 nothing stands in the way, 1 something does, 2 wrong usage.
`;

/** Runs the command; gives its exit code. */
export function runReleaseCheck(args: readonly string[], context: CommandContext): number {
  const given = givenOptions(args, { tag: { type: 'string' } }, HELP, context);
  if (typeof given === 'number') return given;
  const facts = readFacts(context.root, given.tag ?? null);
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
