import { dial } from '../../transport/index.ts';
import type { Command } from '../command.ts';
import { parseOptions } from '../command-options.ts';
import { type HostPort, serverAddress } from '../host-port.ts';
import { LineOutput, type OutputStream } from '../line-output.ts';
import { ProgressLine, type ProgressStream } from '../progress-line.ts';
import { CaptureError, parseCapture, readCaptureText } from '../read-capture.ts';
import { INTERRUPTED_EXIT_CODE, withStopSignal } from '../stop-signal.ts';
import { readTls, TLS_OPTIONS, type TlsRequest, tlsRequest } from '../tls-arguments.ts';
import { UsageError } from '../usage-error.ts';
import { differenceJson, differenceText, summaryText } from './replay-report.ts';
import { replayScript } from './replay-script.ts';
import { NoServer, type Pace, type ReplayDifference, Replayer } from './replayer.ts';

const USAGE = `zkwire replay FILE HOST:PORT [options]

Sends to a server what the clients of a capture sent, frame by frame, and compares what it answers
with what was answered then. FILE is a capture as 'zkwire record' writes it, or - for standard input.

It WRITES to the server whatever was written then, at the same paths; use a server in the state in
which the recorded one was, such as a fresh one. Sessions are new ones: where a recorded client went
on with a session, its new id and password are sent. Sessions that were not closed then are not
closed now, and expire. A SASL login cannot be replayed: the server's challenge is another one.

  --pace WHEN     replies: each frame when all that was answered before it has come (default)
                  recorded: with the recorded times; none: all at once
  --strict        compare everything. Without it these may differ: times, session ids and passwords,
                  addresses, SASL tokens, what is below /zookeeper; and zxids count from the first
                  (with several connections that do not wait for each other they may differ too)
  --timeout S     longest silence while an answer is awaited (default 5)
  --json          one JSON object a line: the differences, then a summary
  --tls           speak TLS to the server, as with any of the next four
  --ca FILE       certificates to trust, in PEM form
  --cert FILE --key FILE
                  certificate and key of this client, in PEM form
  --servername NAME
                  name that the server's certificate must have
  --help

Two requests that servers in wide use do not survive are never sent: a capture with one is refused.
Exit code: 0 all is answered as then; 1 something is not, or the server cannot be reached; 2 the
command line or the file is wrong; 130 interrupted.`;

/** What `zkwire replay` needs of the process around it. */
export interface ReplaySurroundings {
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly stdout: OutputStream;
  readonly stderr: ProgressStream;
  /** Ends it early. */
  readonly stopSignal: AbortSignal;
}

interface ReplayRequest extends HostPort {
  readonly file: string;
  readonly pace: Pace;
  readonly strict: boolean;
  readonly json: boolean;
  readonly timeoutMs: number;
  readonly tls: TlsRequest | undefined;
}

const OPTIONS = {
  pace: { type: 'string', default: 'replies' },
  strict: { type: 'boolean', default: false },
  timeout: { type: 'string', default: '5' },
  json: { type: 'boolean', default: false },
  ...TLS_OPTIONS,
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const PACES: readonly Pace[] = ['replies', 'recorded', 'none'];

function parseRequest(argv: readonly string[]): ReplayRequest | null {
  const { values, positionals } = parseOptions({
    args: [...argv],
    options: OPTIONS,
    allowPositionals: true,
    strict: true,
  });
  if (values.help) return null;
  const [file, address, ...others] = positionals;
  if (file === undefined) throw new UsageError('FILE is needed (- for standard input)');
  if (others.length > 0) throw new UsageError(`'${others[0]}' is one argument too many`);
  const pace = PACES.find((each) => each === values.pace);
  if (pace === undefined) {
    throw new UsageError(`--pace is one of ${PACES.join(', ')}, not '${values.pace}'`);
  }
  const seconds = Number(values.timeout);
  if (!(seconds > 0 && seconds <= 3_600)) {
    throw new UsageError(`--timeout must be above 0 and up to 3600, not '${values.timeout}'`);
  }
  const { strict, json } = values;
  const tls = tlsRequest(values);
  return { file, ...serverAddress(address), pace, strict, json, timeoutMs: seconds * 1_000, tls };
}

/** Runs `zkwire replay`; resolves to the exit code. */
export async function replay(argv: readonly string[], io: ReplaySurroundings): Promise<number> {
  try {
    const request = parseRequest(argv);
    if (request !== null) return await replayCapture(request, io);
    const output = new LineOutput(io.stdout);
    output.add(USAGE);
    await output.flush();
    return 0;
  } catch (error) {
    const isUsage = error instanceof UsageError;
    const isFile = error instanceof CaptureError;
    if (!isUsage && !isFile && !(error instanceof NoServer)) throw error;
    io.stderr.write(`zkwire replay: ${(error as Error).message}\n`);
    if (isUsage) io.stderr.write("Try 'zkwire replay --help'.\n");
    return isUsage || isFile ? 2 : 1;
  }
}

/** Differences that are printed; the rest is counted. */
const PRINTED_MAX = 1_000;

/** Progress is rewritten at most this often. */
const PROGRESS_INTERVAL_MS = 250;

async function replayCapture(request: ReplayRequest, io: ReplaySurroundings): Promise<number> {
  const { host, port, pace, strict, timeoutMs, json, file } = request;
  const tls = await readTls(request.tls);
  const reads = [...parseCapture(await readCaptureText(file, io.stdin), file)];
  const connections = new Set(reads.map(({ conn }) => conn)).size;
  if (pace === 'recorded' && reads.some(({ tMs }) => tMs === undefined)) {
    throw new CaptureError(`${file}: --pace recorded needs the time t_ms of every record`);
  }
  const anyZxid = pace !== 'replies' && connections > 1;
  const script = replayScript(reads, file, { anyZxid });
  const output = new LineOutput(io.stdout);
  const progress = new ProgressLine(io.stderr, { intervalMs: PROGRESS_INTERVAL_MS });
  let printed = 0;
  const player = new Replayer(script, {
    dial: (signal) => dial({ host, port, signal, tls }),
    pace,
    strict,
    timeoutMs,
    signal: io.stopSignal,
    onDifference: (difference: ReplayDifference) => {
      if (++printed > PRINTED_MAX) return;
      output.add(json ? JSON.stringify(differenceJson(difference)) : differenceText(difference));
    },
    onNote: (text) => {
      progress.clear();
      io.stderr.write(`zkwire replay: ${text}\n`);
    },
    onStep: (steps) => progress.show(`${steps}/${script.steps.length} frames`),
  });
  try {
    const summary = await player.run().finally(() => progress.clear());
    const missing = printed - PRINTED_MAX;
    if (missing > 0) io.stderr.write(`zkwire replay: ${missing} more differences\n`);
    output.add(json ? JSON.stringify({ kind: 'summary', ...summary }) : summaryText(summary));
    if (summary.interrupted) return INTERRUPTED_EXIT_CODE;
    return summary.differences > 0 ? 1 : 0;
  } finally {
    await output.flush();
  }
}

function run(argv: string[]): Promise<number> {
  const { stdin, stdout, stderr } = process;
  return withStopSignal((stopSignal) => replay(argv, { stdin, stdout, stderr, stopSignal }));
}

/** `zkwire replay`: the client's side of a capture against a server. */
export const replayCommand: Command = { usage: USAGE, run };
