/** `npm run bench:report`: tables again from a file of results. */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { UsageError } from './options.ts';
import { LATEST_RESULTS, readmeIsCurrent, updateReadme } from './publish.ts';
import { renderReport } from './report-text.ts';
import { readResults } from './results.ts';

const HELP = `Prints the tables of a benchmark run.

usage: npm run bench:report -- [options] [FILE]

  FILE       results (default: bench/results/latest.json)
  --readme   write the tables into README.md instead of printing them
  --check    say whether the tables of README.md come from FILE; exit code 1 if not
  --help     this text
`;

function main(args: readonly string[]): number {
  const { values, positionals } = parse(args);
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const [path = LATEST_RESULTS] = positionals;
  const results = readResults(path);
  if (values.check) {
    const current = readmeIsCurrent(results);
    process.stdout.write(`README.md ${current ? 'has' : 'does not have'} the tables of ${path}\n`);
    return current ? 0 : 1;
  }
  if (values.readme) {
    process.stdout.write(`README.md ${updateReadme(results) ? 'updated' : 'was up to date'}\n`);
    return 0;
  }
  process.stdout.write(renderReport(results));
  return 0;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        readme: { type: 'boolean' },
        check: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (cause) {
    throw new UsageError((cause as Error).message);
  }
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (cause) {
  process.exitCode = cause instanceof UsageError ? 2 : 1;
  process.stderr.write(`bench:report: ${(cause as Error).message}\n`);
}
