import { ZkwireError } from '../errors.ts';
import { createServer, type EmbeddedServer } from '../server/index.ts';
import type { Command } from './command.ts';
import { listenFailure } from './listen-failure.ts';
import { parseServeRequest, type ServeRequest } from './serve-request.ts';
import { withStopSignal } from './stop-signal.ts';
import { UsageError } from './usage-error.ts';

const USAGE = `zkwire serve [CONFIG] [options]

A ZooKeeper of one node, for tests and development. It serves until SIGINT, SIGTERM or SIGHUP.
CONFIG is a zoo.cfg as Apache ZooKeeper reads it; what is named below wins over it.

  -p, --port N                 default 2181; 0: any free one
      --host ADDRESS           where to listen; * is everywhere (default 127.0.0.1, with a CONFIG *)
  -d, --data-dir DIR           keep data here, in ZooKeeper's own format (default: in memory only)
      --data-log-dir DIR       keep the transaction log apart from the snapshots
      --no-fsync               acknowledge writes before they are on disk
  -c, --config FILE            the same as CONFIG
  -D NAME=VALUE                a system property of ZooKeeper, as for java: -Djute.maxbuffer=4194304
      --tick-time MS           default 2000, with a CONFIG 3000
      --min-session-timeout MS, --max-session-timeout MS
                               default 2 and 20 ticks
      --max-client-connections N
                               from one address; 0: any number (default 60)
      --secure-port N          port for TLS, with --cert FILE and --key FILE (PEM)
      --ca FILE                who signs the certificates of clients (PEM)
      --client-auth WHAT       none, want or need a client certificate (default: need with --ca)
      --release R              behave like ZooKeeper 3.8 or 3.9 (default 3.8)
      --words LIST             four-letter words to answer, with commas between them; * is all (default srvr)
      --on-damaged-log WHAT    refuse to start (default), or truncate: go on with what is before the damage
      --read-only              serve reads only, to clients that accept that
      --help

Prints one line when it serves. Where one node is not enough, move the data directory to an ensemble
of Apache ZooKeeper: docs/server.md says how.
Exit code: 0 after a signal; 1 if it cannot serve; 2 if the command line or CONFIG is wrong.`;

/** What `zkwire serve` needs of the process around it. */
export interface ServeSurroundings {
  readonly out: (text: string) => unknown;
  readonly err: (text: string) => unknown;
  /** Ends it. */
  readonly stopSignal: AbortSignal;
}

/** Serves until the signal fires; resolves when everything is closed and kept. Rejects if it cannot serve, or no longer. */
export async function serve(request: ServeRequest, io: ServeSurroundings): Promise<void> {
  for (const note of request.notes) io.err(`zkwire serve: ${note}\n`);
  const { stopSignal } = io;
  const server = await createServer({
    ...request.options,
    onNotice: ({ file, offset, message }) => {
      const where = offset === undefined ? file : `${file}, byte ${offset}`;
      io.err(`zkwire serve: ${where}: ${message}\n`);
    },
  });
  const stop = (): void => void server.close();
  stopSignal.addEventListener('abort', stop, { once: true });
  io.out(`${servingLine(server, request.options)}\n`);
  if (stopSignal.aborted) stop();
  const failure = await server.ended;
  stopSignal.removeEventListener('abort', stop);
  // What is to be kept has been kept when this resolves, or rejects with the reason why not.
  await server.close();
  if (failure !== null) throw failure;
}

function servingLine(server: EmbeddedServer, options: ServeRequest['options']): string {
  const { host, secureHost = host, dataDir, fsync, readOnly } = options;
  const { port, securePort, connectString, secureConnectString } = server;
  const places = [
    ...(port === null ? [] : [host === '*' ? `*:${port}` : connectString]),
    ...(securePort === null
      ? []
      : [`${secureHost === '*' ? `*:${securePort}` : secureConnectString} (TLS)`]),
  ];
  const data =
    dataDir === undefined
      ? 'data in memory only'
      : `data in ${dataDir}${fsync === false ? ', fsync off' : ''}`;
  const mode = readOnly === true ? ', read-only' : '';
  return `zkwire: serving on ${places.join(' and ')}, ${data}${mode}; one node, for tests and development`;
}

/** Options of `createServer`, as they are typed here. */
const FLAGS: Readonly<Record<string, string>> = {
  port: '--port',
  host: '--host',
  release: '--release',
  dataDir: '--data-dir',
  dataLogDir: '--data-log-dir',
  tickTimeMs: '--tick-time',
  minSessionTimeoutMs: '--min-session-timeout',
  maxSessionTimeoutMs: '--max-session-timeout',
  maxClientConnections: '--max-client-connections',
  securePort: '--secure-port',
  fourLetterWords: '--words',
  onDamagedLog: '--on-damaged-log',
};

/** The first three are words of plain text, too, but not where a message begins. */
const OPTION_NAMES = new RegExp(
  `^(?:port|host|release)\\b|\\b(?:${Object.keys(FLAGS).slice(3).join('|')})\\b`,
  'g',
);

function isBadArgument(error: unknown): error is ZkwireError {
  return ZkwireError.is(error) && error.code === 'BAD_ARGUMENT';
}

/** What a failed start means for who typed the command. */
function explain(error: unknown): string {
  const told = listenFailure(error);
  if (told !== null) return told;
  if (isBadArgument(error)) return error.message.replace(OPTION_NAMES, (name) => FLAGS[name]!);
  const { code, message } = error as NodeJS.ErrnoException;
  if (code?.startsWith('ERR_OSSL')) return `the key or certificate cannot be used: ${message}`;
  return error instanceof Error ? message : String(error);
}

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

async function run(argv: string[]): Promise<number> {
  try {
    const request = parseServeRequest(argv);
    if (request === null) {
      process.stdout.write(`${USAGE}\n`);
      return 0;
    }
    const out = (text: string): boolean => process.stdout.write(text);
    const err = (text: string): boolean => process.stderr.write(text);
    await withStopSignal((stopSignal) => serve(request, { out, err, stopSignal }), {
      signals: STOP_SIGNALS,
    });
    return 0;
  } catch (error) {
    process.stderr.write(`zkwire serve: ${explain(error)}\n`);
    const wrongUsage = error instanceof UsageError || isBadArgument(error);
    if (wrongUsage) process.stderr.write("Try 'zkwire serve --help'.\n");
    return wrongUsage ? 2 : 1;
  }
}

/** `zkwire serve`: the embedded server as a command. */
export const serveCommand: Command = { usage: USAGE, run };
