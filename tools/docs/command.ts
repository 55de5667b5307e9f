import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { CommandContext } from '../command-context.ts';
import { PAGES } from './pages.ts';

const NAMES = Object.keys(PAGES).join(', ');

const HELP = `docs: writes the pages of the documentation that are made from the code

  docs [PAGE ...]           write them; without names all of them: ${NAMES}
  docs [PAGE ...] --check   write nothing; fail when one of them is stale
  docs --help               this text

Exit code: 0 fine, 1 stale, 2 wrong usage.
`;

/** Runs a command line on the project, which is built, and gives its exit code. */
export function runDocs(args: readonly string[], context: CommandContext): 0 | 1 | 2 {
  const { root, out, err } = context;
  const parsed = parse(args);
  if (typeof parsed === 'string') {
    err(`${parsed}; see --help\n`);
    return 2;
  }
  const { names, check, help } = parsed;
  if (help) {
    out(HELP);
    return 0;
  }
  let stale = 0;
  for (const name of names) {
    const { file, make } = PAGES[name]!;
    const path = join(root, file);
    const text = make(root);
    const isFresh = readFileSync(path, 'utf8') === text;
    if (isFresh) out(`${file}: up to date\n`);
    else if (check) err(`${file} is stale: run npm run docs:${name}\n`);
    else out(`${file}: written\n`);
    if (!isFresh && check) stale++;
    if (!isFresh && !check) writeFileSync(path, text);
  }
  return stale > 0 ? 1 : 0;
}

/** What is asked for, or what is wrong with it. */
function parse(
  args: readonly string[],
): { names: readonly string[]; check: boolean; help: boolean } | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        check: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const unknown = positionals.find((name) => !Object.hasOwn(PAGES, name));
    if (unknown !== undefined) return `there is no page ${unknown}: it is one of ${NAMES}`;
    const names = positionals.length > 0 ? positionals : Object.keys(PAGES);
    return { ...values, names };
  } catch (error) {
    return (error as Error).message;
  }
}
