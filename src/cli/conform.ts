import {
  PROFILES,
  type Profile,
  runServerChecks,
  SERVER_CHECKS,
  type ServerCheck,
  UnreachableServer,
  UnusableDriver,
} from '../conform/index.ts';
import { dial } from '../transport/index.ts';
import type { Command } from './command.ts';
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
import { CLIENT_USAGE, conformClient, parseConformClientRequest } from './conform-client.ts';
import { type HostPort, hostPortText, serverAddress } from './host-port.ts';
import { ProgressLine } from './progress-line.ts';
import { INTERRUPTED_EXIT_CODE, withStopSignal } from './stop-signal.ts';
import { readTls, TLS_OPTIONS, type TlsRequest, tlsRequest } from './tls-arguments.ts';
import { UsageError } from './usage-error.ts';

const USAGE = `zkwire conform server HOST:PORT [options]
zkwire conform client [options] -- COMMAND ARGS...   (see zkwire conform client --help)

Checks whether a server speaks the ZooKeeper protocol as Apache ZooKeeper does: ${SERVER_CHECKS.length} named
checks on the raw wire, each with where it is known from and what a failure means.

The checks WRITE to the server: below /zkwire-conform-..., and recordings are replayed at the paths
that they were recorded with (/java, /c, ...; left out where there is such a node). All of it is
removed again. Use a server of your own: others that write at the same time make checks fail, and a
server that does not survive hostile input may not survive this.

  --profile NAME         3.8, 3.9 or clickhouse-keeper (default: by what srvr says, else 3.8)
  --report FORMAT        text, json or junit (default text)
  --out FILE             write the report there, and only its last line to standard output
  --filter REGEX         only checks whose id matches
  --excuses FILE         checks that may fail, one 'id reason' a line, # in front of comments
  --quick                leave out the checks that wait for sessions and nodes to expire
  --list                 print the checks and their sources; no server is needed
  --timeout S            longest wait for one frame (default 5)
  --concurrency N        checks at once (default 6)
  --tls                  connect with TLS, as with any of the next four
  --ca FILE              certificates to trust, in PEM form
  --cert FILE --key FILE certificate and key of this client, in PEM form
  --servername NAME      name that the server's certificate must have
  --help

What fails although it is excused, and what cannot be checked on this server, is printed with the
reason; so is an excuse that is not needed any more.

Exit code: 0 all pass or are excused, 1 some fail, 2 the command line is wrong or the server cannot
be reached, 130 interrupted. Interrupted, it gives up the checks under way, removes what they made
and reports on the others.`;

const OPTIONS = {
  ...RUN_OPTIONS,
  timeout: { type: 'string', default: '5' },
  concurrency: { type: 'string', default: '6' },
  ...TLS_OPTIONS,
} as const;

/** What `zkwire conform server` was asked to do. */
export interface ConformRequest extends RunRequest<ServerCheck, Profile>, HostPort {
  readonly tls: TlsRequest | undefined;
}

/** Reads the command line. Gives null when help was asked for; throws when it is wrong. */
export function parseConformRequest(argv: readonly string[]): ConformRequest | null {
  const { values, positionals } = parseOptions({
    args: [...argv],
    options: OPTIONS,
    strict: true,
    allowPositionals: true,
  });
  if (values.help) return null;
  const [kind, address, ...others] = positionals;
  if (kind !== 'server') {
    throw new UsageError("say what to check: 'conform server HOST:PORT' or 'conform client'");
  }
  if (others.length > 0) throw new UsageError(`'${others[0]}' is one argument too many`);
  const needsNoServer = values.list && address === undefined;
  return {
    ...(needsNoServer ? { host: '', port: 0 } : serverAddress(address)),
    ...runRequest(values, SERVER_CHECKS, PROFILES),
    tls: tlsRequest(values),
  };
}

/** Runs the checks and writes the report. Resolves to the exit code. */
export async function conform(request: ConformRequest, io: ConformSurroundings): Promise<number> {
  if (request.list) {
    io.out(`${listOf(request.checks)}\n`);
    return 0;
  }
  const { host, port } = request;
  const tls = await readTls(request.tls);
  const server = hostPortText(request);
  const run = await runServerChecks({
    dialer: (signal) => dial({ host, port, signal, tls }),
    server,
    ...(await runSettings(request, SERVER_CHECKS, io)),
  }).catch((error: unknown) => {
    if (!(error instanceof UnreachableServer)) throw error;
    throw new UnreachableServer(`${server} cannot be checked: ${error.message}`, { cause: error });
  });
  return report(run, request, io);
}

async function runServer(argv: readonly string[], io: ConformSurroundings): Promise<number> {
  const request = parseConformRequest(argv);
  if (request !== null) return conform(request, io);
  io.out(`${USAGE}\n`);
  return 0;
}

async function runClient(argv: readonly string[], io: ConformSurroundings): Promise<number> {
  const request = parseConformClientRequest(argv);
  if (request !== null) return conformClient(request, io);
  io.out(`${CLIENT_USAGE}\n`);
  return 0;
}

async function run(argv: string[]): Promise<number> {
  const isClient = argv[0] === 'client';
  const interrupted = new Error('interrupted before the first check');
  const surroundings = {
    out: (text: string) => process.stdout.write(text),
    err: (text: string) => process.stderr.write(text),
    progress: new ProgressLine(process.stderr),
    // 0 where the terminal does not tell.
    columns: (process.stdout.isTTY && process.stdout.columns) || undefined,
  };
  try {
    return await withStopSignal(
      (stopSignal) => {
        const io = { ...surroundings, stopSignal };
        return isClient ? runClient(argv.slice(1), io) : runServer(argv, io);
      },
      { reason: interrupted },
    );
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`zkwire conform: ${message}\n`);
    const wrongUsage = error instanceof UsageError;
    const command = isClient ? 'zkwire conform client' : 'zkwire conform';
    if (wrongUsage) process.stderr.write(`Try '${command} --help'.\n`);
    if (error === interrupted) return INTERRUPTED_EXIT_CODE;
    const isOutOfReach = error instanceof UnreachableServer || error instanceof UnusableDriver;
    return wrongUsage || isOutOfReach ? 2 : 1;
  }
}

/** `zkwire conform`: does a server, or a client, speak the protocol as it should? */
export const conformCommand: Command = { usage: USAGE, run };
