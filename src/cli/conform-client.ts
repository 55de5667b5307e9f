import {
  CLIENT_CHECKS,
  CLIENT_PROFILES,
  type ClientCheck,
  type ClientProfile,
  runClientChecks,
} from '../conform/index.ts';
import { parseOptions } from './command-options.ts';
import {
  type ConformSurroundings,
  listOf,
  RUN_OPTIONS,
  type RunRequest,
  report,
  runRequest,
  runSettings,
} from './conform-arguments.ts';
import { UsageError } from './usage-error.ts';

/** Help of `zkwire conform client`. */
export const CLIENT_USAGE: string = `zkwire conform client [options] -- COMMAND ARGS...

Checks whether a client speaks the ZooKeeper protocol as it should: ${CLIENT_CHECKS.length} named checks. For each of them
COMMAND is started and shown a server that plays a script; every byte that comes is judged.

COMMAND is a driver of some 40 lines around your client: it does what lines on standard input say and
answers each with a line (docs/conformance.md has the lines, and a driver). {connect} in ARGS becomes
the connect string; ZKWIRE_CONNECT is set to it, too.

  --profile NAME         which server to play: 3.8 or 3.9 (default 3.9)
  --report FORMAT        text, json or junit (default text)
  --out FILE             write the report there, and only its last line to standard output
  --filter REGEX         only checks whose id matches
  --excuses FILE         checks that may fail, one 'id reason' a line, # in front of comments
  --quick                leave out the checks that wait for time to pass: pings, servers that are silent
  --list                 print the checks and their sources; no command is needed
  --timeout S            longest wait for one thing (default 10)
  --concurrency N        checks at once, each with a process of its own (default 4)
  --help

What the driver says it cannot do is excused with that reason.

Exit code: 0 all pass or are excused, 1 some fail, 2 the command line is wrong or COMMAND does not
come to a session, 130 interrupted. Interrupted, it gives up the checks under way and reports on the
others.`;

const OPTIONS = {
  ...RUN_OPTIONS,
  timeout: { type: 'string', default: '10' },
  concurrency: { type: 'string', default: '4' },
} as const;

/** What `zkwire conform client` was asked to do. */
export interface ConformClientRequest extends RunRequest<ClientCheck, ClientProfile> {
  readonly command: readonly string[];
}

/** Reads what stands behind `conform client`. Gives null when help was asked for; throws when it is wrong. */
export function parseConformClientRequest(argv: readonly string[]): ConformClientRequest | null {
  const end = argv.indexOf('--');
  const own = end < 0 ? argv : argv.slice(0, end);
  const command = end < 0 ? [] : argv.slice(end + 1);
  const { values, positionals } = parseOptions({
    args: [...own],
    options: OPTIONS,
    strict: true,
    allowPositionals: true,
  });
  if (values.help) return null;
  if (positionals.length > 0) {
    throw new UsageError(`'${positionals[0]}' is one argument too many: COMMAND goes behind --`);
  }
  if (command.length === 0 && !values.list) throw new UsageError('COMMAND is missing behind --');
  return { command, ...runRequest(values, CLIENT_CHECKS, CLIENT_PROFILES) };
}

/** Runs the checks and writes the report. Resolves to the exit code. */
export async function conformClient(
  request: ConformClientRequest,
  io: ConformSurroundings,
): Promise<number> {
  if (request.list) {
    io.out(`${listOf(request.checks)}\n`);
    return 0;
  }
  const settings = await runSettings(request, CLIENT_CHECKS, io);
  const run = await runClientChecks({ command: request.command, ...settings });
  return report(run, request, io);
}
