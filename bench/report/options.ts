import { readArguments, UsageError } from '../options.ts';

export interface ReportOptions {
  /** Write the page there instead of to its place. */
  readonly out: string | null;
  readonly readme: boolean;
  readonly check: boolean;
  readonly text: boolean;
  readonly help: boolean;
  /** Files of results for `--text`. */
  readonly files: readonly string[];
}

export const REPORT_HELP = `Makes the benchmark report: one self-contained HTML page from the published results.

usage: npm run bench:report -- [options]
       npm run bench:report -- --text [FILE...]

  (none)       write bench/results/report.html
  --out FILE   write the page there instead
  --readme     also write the tables and the chart of README.md
  --check      write nothing; say whether page, chart and README.md come from the published results
  --text       tables in the terminal: of FILE, or of everything published
  --help       this text

The published results are bench/results/*.json. What is missing there is listed as not measured.

exit code: 0 done, 1 failed, or something is stale (--check), 2 wrong usage
`;

const OPTIONS = {
  out: { type: 'string' },
  readme: { type: 'boolean' },
  check: { type: 'boolean' },
  text: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

export function parseReportOptions(args: readonly string[]): ReportOptions {
  const { values, positionals } = readArguments(args, { options: OPTIONS, allowPositionals: true });
  const { out = null, readme = false, check = false, text = false, help = false } = values;
  if (positionals.length > 0 && !text) throw new UsageError('files of results are for --text');
  if (text && (check || readme || out !== null)) {
    throw new UsageError('--text writes nothing: no --out, --readme, --check');
  }
  if (check && (readme || out !== null)) {
    throw new UsageError('--check writes nothing: no --out, --readme');
  }
  return { out, readme, check, text, help, files: positionals };
}
