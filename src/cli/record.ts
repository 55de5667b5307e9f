import { TIMER_MS_MAX } from '../limits.ts';
import type { Command } from './command.ts';
import { parseOptions } from './command-options.ts';
import { type HostPort, hostPortText, readHostPort } from './host-port.ts';
import { listenFailure } from './listen-failure.ts';
import { ProgressLine } from './progress-line.ts';
import { RECORDED_BYTES_MAX, RecordingProxy } from './recording-proxy.ts';
import type { CaptureDetails } from './session-capture.ts';
import { checkCapturePlace, writeCapture } from './session-capture.ts';
import { readTls, TLS_OPTIONS, type TlsRequest, tlsRequest } from './tls-arguments.ts';
import { UsageError } from './usage-error.ts';

const USAGE = `zkwire record --to HOST:PORT --out FILE [options]

Stands between ZooKeeper clients and a server and records what both send, read by read.
Prints the address to connect to as one line on standard output, then records until it is
interrupted (Ctrl-C, SIGTERM) or a limit below is reached. The file then appears whole.

  --to HOST:PORT           server to forward to
  --out FILE               capture file to write (replaced if it exists)
  --listen HOST:PORT       address to listen on (default 127.0.0.1:0, any free port)
  --tls                    speak TLS to the server, as with any of the next four; clients speak
                           in clear to this proxy
  --ca FILE                certificates to trust, in PEM form
  --cert FILE --key FILE   certificate and key of this proxy, in PEM form
  --servername NAME        name that the server's certificate must have
  --seconds N              stop after N seconds
  --connections N          stop when N connections have ended
  --max-bytes N            stop recording (not forwarding) after N bytes (default ${RECORDED_BYTES_MAX})
  --name TEXT              written into the capture, as are the next four
  --client TEXT
  --client-version TEXT
  --server-version TEXT
  --description TEXT
  --help

A capture holds session passwords and everything that was read and written, unless a client speaks
TLS: its bytes are passed on and recorded as they are, and nobody can decode them.
Exit code: 0, or 1 if the server could not be reached and nothing was recorded, or if the file
could not be written; 2 if the command line is wrong.`;

/** What `zkwire record` was asked to do. */
export interface RecordRequest {
  listen: HostPort;
  target: HostPort;
  out: string;
  /** Stop after so many seconds; undefined: no limit. */
  seconds: number | undefined;
  /** Stop when so many connections have ended; undefined: no limit. */
  connections: number | undefined;
  /** TLS to the server; undefined: in clear. */
  tls: TlsRequest | undefined;
  recordedBytesMax: number;
  details: CaptureDetails;
}

/** What a recording needs of the process around it. */
export interface RecordSurroundings {
  /** Text for people or programs that start the command; lines end with a newline. */
  out(text: string): void;
  /** Messages and progress. */
  err(text: string): void;
  /** Where `err` goes. */
  progress: ProgressLine;
  /** Ends the recording. */
  stopSignal: AbortSignal;
}

function parseHostPort(text: string, option: string): HostPort {
  const address = readHostPort(text);
  if (address === null) throw new UsageError(`${option} must be HOST:PORT, not '${text}'`);
  return address;
}

function parseTarget(text: string): HostPort {
  const address = parseHostPort(text, '--to');
  if (address.port === 0) throw new UsageError(`--to must name a port, not '${text}'`);
  return address;
}

function parseAmount(
  text: string | undefined,
  option: string,
  form: RegExp = /^\d+$/,
): number | undefined {
  if (text === undefined) return undefined;
  const amount = Number(text);
  if (!form.test(text) || amount <= 0) {
    const kind = form.test('1.5') ? 'number' : 'whole number';
    throw new UsageError(`${option} must be a ${kind} above 0, not '${text}'`);
  }
  return amount;
}

const WITH_FRACTION = /^\d+(\.\d+)?$/;

const OPTIONS = {
  listen: { type: 'string', default: '127.0.0.1:0' },
  to: { type: 'string' },
  out: { type: 'string' },
  seconds: { type: 'string' },
  connections: { type: 'string' },
  'max-bytes': { type: 'string' },
  name: { type: 'string', default: '' },
  client: { type: 'string', default: '' },
  'client-version': { type: 'string', default: '' },
  'server-version': { type: 'string', default: '' },
  description: { type: 'string', default: '' },
  ...TLS_OPTIONS,
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Reads the command line. Gives null when help was asked for; throws an Error when it is wrong. */
export function parseRecordRequest(argv: readonly string[]): RecordRequest | null {
  const { values } = parseOptions({ args: [...argv], options: OPTIONS, strict: true });
  if (values.help) return null;
  if (values.to === undefined) throw new UsageError('--to HOST:PORT is needed');
  if (values.out === undefined || values.out === '') throw new UsageError('--out FILE is needed');
  if (values.out === '-') {
    throw new UsageError('--out must be a file: standard output is for the address');
  }
  return {
    listen: parseHostPort(values.listen, '--listen'),
    target: parseTarget(values.to),
    out: values.out,
    seconds: parseAmount(values.seconds, '--seconds', WITH_FRACTION),
    connections: parseAmount(values.connections, '--connections'),
    tls: tlsRequest(values),
    recordedBytesMax: parseAmount(values['max-bytes'], '--max-bytes') ?? RECORDED_BYTES_MAX,
    details: {
      name: values.name,
      client: values.client,
      client_version: values['client-version'],
      server_version: values['server-version'],
      description: values.description,
    },
  };
}

/** Progress is rewritten at most this often. */
const PROGRESS_INTERVAL_MS = 250;

function summary(proxy: RecordingProxy): string {
  const { acceptedConnections: connections, recordCount, recordedBytes } = proxy;
  return `${recordCount} records, ${recordedBytes} bytes, ${connections} connections`;
}

/** Prints a line in place of the progress that is shown. */
function note(text: string, io: RecordSurroundings): void {
  io.progress.clear();
  io.err(`zkwire record: ${text}\n`);
}

async function startProxy(
  request: RecordRequest,
  io: RecordSurroundings,
  onUnreachable: () => void,
  onAllEnded: () => void,
): Promise<RecordingProxy> {
  const target = hostPortText(request.target);
  const tls = await readTls(request.tls);
  let endedConnections = 0;
  let isTold = false;
  return RecordingProxy.start({
    listenHost: request.listen.host,
    listenPort: request.listen.port,
    targetHost: request.target.host,
    targetPort: request.target.port,
    targetTls: tls,
    recordedBytesMax: request.recordedBytesMax,
    onLimit: () => {
      note(`${request.recordedBytesMax} bytes reached, recording no more`, io);
    },
    onTlsClient: (conn) => {
      if (isTold) return;
      isTold = true;
      note(
        `the client of connection ${conn} speaks TLS: what it says cannot be decoded (see --tls)`,
        io,
      );
    },
    onConnectionEnd: (_conn, error) => {
      if (error !== undefined) {
        note(`cannot connect to ${target}: ${error.message}`, io);
        onUnreachable();
      }
      endedConnections++;
      if (endedConnections === request.connections) onAllEnded();
    },
  });
}

/**
 * Records until the request's limits or the stop signal end it, then writes the file.
 * Resolves to the exit code; rejects if the address cannot be listened on or the file not written.
 */
export async function record(request: RecordRequest, io: RecordSurroundings): Promise<number> {
  await checkCapturePlace(request.out);
  let targetUnreachable = false;
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const proxy = await startProxy(request, io, () => (targetUnreachable = true), stop);
  if (io.stopSignal.aborted) stop();
  io.stopSignal.addEventListener('abort', stop, { once: true });
  const limitMs = Math.min((request.seconds ?? Number.POSITIVE_INFINITY) * 1000, TIMER_MS_MAX);
  const limitTimer = request.seconds === undefined ? undefined : setTimeout(stop, limitMs);
  const progressTimer = setInterval(() => io.progress.show(summary(proxy)), PROGRESS_INTERVAL_MS);
  io.out(`${proxy.address}\n`);
  try {
    await stopped;
  } finally {
    clearTimeout(limitTimer);
    clearInterval(progressTimer);
    io.stopSignal.removeEventListener('abort', stop);
    await proxy.stop();
    await writeCapture(request.out, request.details, proxy.records());
  }
  note(`${summary(proxy)} to ${request.out}`, io);
  return targetUnreachable && proxy.recordCount === 0 ? 1 : 0;
}

async function run(argv: string[]): Promise<number> {
  const stopper = new AbortController();
  const onSignal = (): void => stopper.abort();
  const progress = new ProgressLine(process.stderr);
  try {
    const request = parseRecordRequest(argv);
    if (request === null) {
      process.stdout.write(`${USAGE}\n`);
      return 0;
    }
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
    return await record(request, {
      out: (text) => process.stdout.write(text),
      err: (text) => process.stderr.write(text),
      progress,
      stopSignal: stopper.signal,
    });
  } catch (error) {
    progress.clear();
    const message =
      listenFailure(error) ?? (error instanceof Error ? error.message : String(error));
    process.stderr.write(`zkwire record: ${message}\n`);
    const wrongUsage = error instanceof UsageError;
    if (wrongUsage) process.stderr.write("Try 'zkwire record --help'.\n");
    return wrongUsage ? 2 : 1;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

/** `zkwire record`: a recording proxy in front of a server. */
export const recordCommand: Command = {
  usage: USAGE,
  run,
};
