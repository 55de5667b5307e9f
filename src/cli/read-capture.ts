import { readFile } from 'node:fs/promises';
import type { CaptureDirection } from './session-capture.ts';

/** One read from a socket, checked. */
export interface CapturedRead {
  readonly conn: number;
  readonly dir: CaptureDirection;
  /** Undefined when the capture does not say. */
  readonly tMs: number | undefined;
  readonly bytes: Buffer;
}

/** A capture that cannot be read, with the place in it. */
export class CaptureError extends Error {}

/** Text of a file, or of `stdin` for `-`. Rejects with CaptureError. */
export async function readCaptureText(
  file: string,
  stdin: AsyncIterable<Uint8Array | string>,
): Promise<string> {
  try {
    return file === '-' ? await readAll(stdin) : await readFile(file, 'utf8');
  } catch (error) {
    throw new CaptureError(`${nameOf(file)}: ${reasonOf(error)}`);
  }
}

async function readAll(stdin: AsyncIterable<Uint8Array | string>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString('utf8');
}

function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file;
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EISDIR') return 'is a directory';
  if (code === 'EACCES') return 'permission denied';
  if (code === 'ERR_STRING_TOO_LONG') return 'the file is too long for one piece of JSON';
  return message;
}

/**
 * The reads of a capture, in order. A record is checked when it is reached, so a long capture is
 * not held twice. Throws CaptureError that names the file and the record by its index.
 */
export function* parseCapture(text: string, file: string): Generator<CapturedRead> {
  const records = recordsOf(text, nameOf(file));
  for (let index = 0; index < records.length; index++) {
    yield checkRecord(records[index], `${nameOf(file)}: records[${index}]`);
  }
}

function recordsOf(text: string, name: string): unknown[] {
  let capture: unknown;
  try {
    capture = JSON.parse(text);
  } catch (error) {
    throw new CaptureError(`${name}: not JSON: ${(error as Error).message}`);
  }
  if (!isObject(capture)) throw new CaptureError(`${name}: not a capture: not a JSON object`);
  if (!Array.isArray(capture.records)) {
    throw new CaptureError(`${name}: not a capture: it has no list "records"`);
  }
  return capture.records;
}

/** Fields that a capture and its records may have; what they hold is not known yet. */
interface Unchecked {
  readonly records?: unknown;
  readonly conn?: unknown;
  readonly dir?: unknown;
  readonly t_ms?: unknown;
  readonly hex?: unknown;
}

function isObject(value: unknown): value is Unchecked {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkRecord(record: unknown, where: string): CapturedRead {
  if (!isObject(record)) throw new CaptureError(`${where} is not an object`);
  const { conn, dir, hex, t_ms: tMs } = record;
  if (!Number.isSafeInteger(conn) || (conn as number) < 0) {
    throw new CaptureError(`${where}.conn must be an integer from 0`);
  }
  if (dir !== 'c2s' && dir !== 's2c') {
    throw new CaptureError(`${where}.dir must be "c2s" or "s2c"`);
  }
  if (typeof hex !== 'string' || hex.length % 2 !== 0 || /[^0-9a-f]/i.test(hex)) {
    throw new CaptureError(`${where}.hex must be an even number of hex digits`);
  }
  if (tMs !== undefined && typeof tMs !== 'number') {
    throw new CaptureError(`${where}.t_ms must be a number`);
  }
  return { conn: conn as number, dir, tMs, bytes: Buffer.from(hex, 'hex') };
}
