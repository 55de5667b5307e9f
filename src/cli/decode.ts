import { WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import { Conversation, type ConversationOptions } from '../codec/conversation.ts';
import { describe } from '../codec/describe.ts';
import { OP } from '../codec/operations.ts';
import { type Packet, packetToJson } from '../codec/packet.ts';
import { FRAME_BODY_BYTES_CEILING, FRAME_BODY_BYTES_MAX } from '../limits.ts';
import type { Command } from './command.ts';
import { parseOptions } from './command-options.ts';
import { LineOutput, type OutputStream } from './line-output.ts';
import { CaptureError, parseCapture, readCaptureText } from './read-capture.ts';
import { isTlsLength } from './tls-hello.ts';
import { UsageError } from './usage-error.ts';

const USAGE = `zkwire decode FILE [options]

Prints what is inside a capture, one line a frame, in the order in which frames become whole.
FILE is a capture as 'zkwire record' writes it, or - for standard input.

  --json               one JSON object a line instead of text
  --conn N             only connection N
  --max-frame BYTES    largest frame taken for one (default ${FRAME_BODY_BYTES_MAX}, as jute.maxbuffer)
  --help

Text never shows passwords, credentials or SASL tokens. JSON is a faithful copy: it shows them, as
hex. Longs are decimal strings, buffers hex; a frame that cannot be decoded has "error" with a
code and the byte offset, counted from its length prefix.
Exit code: 0; 1 if a frame could not be decoded; 2 if the command line or the file is wrong.`;

/** What `zkwire decode` needs of the process around it; `process` itself will do. */
export interface DecodeSurroundings {
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly stdout: OutputStream;
  readonly stderr: { write(text: string): unknown };
}

interface DecodeRequest {
  readonly file: string;
  readonly json: boolean;
  readonly conn: number | undefined;
  readonly conversation: ConversationOptions;
}

const OPTIONS = {
  json: { type: 'boolean', default: false },
  conn: { type: 'string' },
  'max-frame': { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function parseRequest(argv: readonly string[]): DecodeRequest | null {
  const { values, positionals } = parseOptions({
    args: [...argv],
    options: OPTIONS,
    allowPositionals: true,
    strict: true,
  });
  if (values.help) return null;
  const [file, ...others] = positionals;
  if (file === undefined) throw new UsageError('FILE is needed (- for standard input)');
  if (others.length > 0) throw new UsageError(`one FILE at a time, not ${positionals.length}`);
  const frameBodyBytesMax = parseInteger(values['max-frame'], '--max-frame', 1);
  return {
    file,
    json: values.json,
    conn: parseInteger(values.conn, '--conn', 0),
    conversation: frameBodyBytesMax === undefined ? {} : { frameBodyBytesMax },
  };
}

function parseInteger(text: string | undefined, option: string, min: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d{1,10}$/.test(text) || value < min || value > FRAME_BODY_BYTES_CEILING) {
    throw new UsageError(`${option} must be an integer from ${min} to 2^31-1, not '${text}'`);
  }
  return value;
}

/** Runs `zkwire decode`; resolves to the exit code. */
export async function decode(argv: readonly string[], io: DecodeSurroundings): Promise<number> {
  try {
    const request = parseRequest(argv);
    if (request !== null) return await decodeCapture(request, io);
    const output = new LineOutput(io.stdout);
    output.add(USAGE);
    await output.flush();
    return 0;
  } catch (error) {
    const isUsage = error instanceof UsageError;
    if (!isUsage && !(error instanceof CaptureError)) throw error;
    io.stderr.write(`zkwire decode: ${(error as Error).message}\n`);
    if (isUsage) io.stderr.write("Try 'zkwire decode --help'.\n");
    return 2;
  }
}

async function decodeCapture(request: DecodeRequest, io: DecodeSurroundings): Promise<number> {
  const text = await readCaptureText(request.file, io.stdin);
  const output = new LineOutput(io.stdout);
  const isColoured = showsColours(io.stdout);
  const faults = new Faults();
  let tMs: number | undefined;
  const conversation = new Conversation((packet) => {
    faults.look(packet);
    output.add(
      request.json ? JSON.stringify(packetToJson(packet)) : textLine(packet, tMs, isColoured),
    );
  }, request.conversation);
  try {
    for (const read of parseCapture(text, request.file)) {
      if (request.conn !== undefined && request.conn !== read.conn) continue;
      tMs = read.tMs;
      conversation.push(read.conn, read.dir, read.bytes);
      await output.room();
      if (output.closed) break;
    }
    conversation.end();
  } finally {
    // What was decoded before a malformed record is still of use.
    await output.flush();
  }
  for (const line of faults.lines()) io.stderr.write(`zkwire decode: ${line}\n`);
  return faults.undecodable === 0 ? 0 : 1;
}

/** Connections that are named; the others are left to be found. */
const NAMED_MAX = 10;

/** What could not be decoded, and what to do about it. */
class Faults {
  undecodable = 0;
  #frames = 0;
  #tooLargeBytes = 0;
  readonly #tlsConnections: number[] = [];

  look({ kind, conn, bytes = 0, error }: Packet): void {
    if (kind !== 'incomplete') this.#frames++;
    if (error === undefined) return;
    this.undecodable++;
    if (kind === 'creq' && isTlsLength(bytes)) this.#tlsConnections.push(conn);
    else if (error.code === 'FRAME_TOO_LARGE' && kind !== 'cresp') this.#tooLargeBytes ||= bytes;
  }

  lines(): string[] {
    if (this.undecodable === 0) return [];
    const lines = [`${this.undecodable} of ${this.#frames} frames could not be decoded`];
    const tls = this.#tlsConnections;
    if (tls.length > 0) {
      const which = tls.slice(0, NAMED_MAX).join(', ') + (tls.length > NAMED_MAX ? ', ...' : '');
      const remedy = 'let the client speak in clear to zkwire record --tls';
      lines.push(`TLS hides what was said on connection ${which}: ${remedy}`);
    }
    if (this.#tooLargeBytes > 0) {
      lines.push(`with --max-frame ${this.#tooLargeBytes} a frame that is too large is one`);
    }
    return lines;
  }
}

/** Looks at the terminal, and at NO_COLOR, FORCE_COLOR and TERM, as Node does; once, since each look takes its time. */
function showsColours(stream: OutputStream): boolean {
  const { NO_COLOR, ...others } = process.env;
  if (others.FORCE_COLOR === undefined && stream.isTTY !== true) return false;
  // Node takes an empty NO_COLOR for one that is set; no-color.org does not.
  return WriteStream.prototype.getColorDepth(NO_COLOR === '' ? others : process.env) > 2;
}

function textLine(packet: Packet, tMs: number | undefined, isColoured: boolean): string {
  const time = tMs === undefined ? '' : `${tMs.toFixed(1).padStart(9)} `;
  const line = `${time}${describe(packet)}`;
  const format = isColoured ? formatOf(packet) : undefined;
  return format === undefined ? line : styleText(format, line, { validateStream: false });
}

function formatOf(packet: Packet): 'red' | 'yellow' | 'cyan' | 'dim' | undefined {
  if (packet.error !== undefined || packet.kind === 'incomplete') return 'red';
  if (packet.kind === 'req') return packet.op === OP.ping ? 'dim' : 'cyan';
  if (packet.op === OP.notification) return 'yellow';
  return packet.op === OP.ping ? 'dim' : undefined;
}

/** `zkwire decode`: what is inside a capture. */
export const decodeCommand: Command = {
  usage: USAGE,
  run: (argv) => decode(argv, process),
};
