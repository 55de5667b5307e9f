import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { CommandContext } from '../command-context.ts';
import { installNode } from './install-node.ts';
import { runTests, type VersionResult } from './run-tests.ts';

/** The oldest Node.js that `engines` allows, and the newest of each major that is kept working. */
const VERSIONS = ['20.19.0', '22', '24', '26'];

/** Tests that need nothing but Node, and are over in minutes. */
const QUICK = ['test/unit', 'test/property', 'test/conformance', 'test/types', 'test/package'];

const HELP = `Usage: npm run test:nodes [-- VERSION... OPTIONS]

Runs the tests on other versions of Node.js, one after the other, and prints a table. A VERSION is a
major (its newest release) or a whole version; default: ${VERSIONS.join(' ')}.
The programs come from npm into build/node-versions, which keeps them, and what each run printed.

Options:
  --quick        ${QUICK.join(', ')} only
  --only TEXT    test files whose path contains TEXT only; may be repeated
  --help         this text

Exit code: 0 all passed, 1 a test failed, 2 wrong usage.
`;

interface Wanted {
  readonly versions: readonly string[];
  readonly filters: readonly string[];
}

/** Runs the command; gives its exit code. */
export async function runNodeVersions(
  args: readonly string[],
  context: CommandContext,
): Promise<number> {
  let wanted: Wanted | null;
  try {
    wanted = parseWanted(args);
  } catch (error) {
    context.err(`${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  if (wanted === null) {
    context.out(HELP);
    return 0;
  }
  const results: VersionResult[] = [];
  const folder = join(context.root, 'build/node-versions');
  mkdirSync(folder, { recursive: true });
  for (const version of wanted.versions) {
    const node = installNode(version, folder);
    context.err(`Node ${node.version}: its output is in ${join(folder, `${version}.txt`)}\n`);
    results.push(await runTests(node, context.root, folder, wanted.filters));
  }
  context.out(resultTable(results));
  return results.every(({ failures }) => failures.length === 0) ? 0 : 1;
}

/** Null when help is wanted. Throws an Error for people when it cannot be understood. */
export function parseWanted(args: readonly string[]): Wanted | null {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean' },
      only: { type: 'string', multiple: true },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return null;
  for (const version of positionals) {
    if (!/^\d{1,3}(\.\d{1,3}\.\d{1,3})?$/.test(version)) {
      throw new Error(`'${version}' is no version: a major like 22, or a whole one like 20.19.0`);
    }
  }
  return {
    versions: positionals.length === 0 ? VERSIONS : positionals,
    filters: [...(values.quick === true ? QUICK : []), ...(values.only ?? [])],
  };
}

/** One line a version, and below it what failed. */
export function resultTable(results: readonly VersionResult[]): string {
  const head = row('Node', 'passed', 'failed', 'skipped', 'seconds');
  const lines = results.flatMap(({ version, passed, failed, skipped, seconds, failures }) => [
    row(version, passed, failed, skipped, Math.round(seconds)),
    ...failures.map((failure) => `  FAILED ${failure}`),
  ]);
  return `${[head, ...lines].join('\n')}\n`;
}

function row(name: string, ...cells: readonly (string | number)[]): string {
  return [name.padEnd(10), ...cells.map((cell) => String(cell).padStart(8))].join(' ');
}
