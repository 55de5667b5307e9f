import { readFile } from 'node:fs/promises';
import { fileFailure } from './file-failure.ts';
import { jsonFault } from './json-fault.ts';
import { otherFormat } from './other-format.ts';
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

/** For who has another file, or a damaged one. */
const FORM = `A capture is one JSON object with a record for each read of a socket:
  {"records": [{"conn": 0, "dir": "c2s", "t_ms": 0.5, "hex": "0000002c..."}, ...]}
'zkwire record --to HOST:PORT --out FILE' makes one of any client, the option wireCapture one of your own.`;

const EMPTY = "empty: 'zkwire record' writes what it has when it ends";

/** Text of a file, or of `stdin` for `-`. Rejects with CaptureError. */
export async function readCaptureText(
  file: string,
  stdin: AsyncIterable<Uint8Array | string>,
): Promise<string> {
  let bytes: Buffer;
  let text: string;
  try {
    bytes = file === '-' ? await readAll(stdin) : await readFile(file);
    text = bytes.toString('utf8');
  } catch (error) {
    throw new CaptureError(`${nameOf(file)}: ${reasonOf(error)}`);
  }
  const other = text.trim() === '' ? EMPTY : otherFormat(bytes);
  if (other !== null)
    throw new CaptureError(`${nameOf(file)}: not a capture but ${other}\n${FORM}`);
  // Editors of other systems put a mark in front, which JSON does not know.
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

async function readAll(stdin: AsyncIterable<Uint8Array | string>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}

function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file;
}

function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return "no such file ('zkwire record' writes it when the recording ends)";
  if (code === 'EISDIR') return 'is a directory: name the capture file in it';
  if (code === 'ERR_STRING_TOO_LONG' || code === 'ERR_FS_FILE_TOO_LARGE') {
    return "too long to be read at once: 'zkwire record --max-bytes N' records less";
  }
  return fileFailure(error);
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
    throw notJson(text, name, error as Error);
  }
  if (isObject(capture) && Array.isArray(capture.records)) return capture.records;
  const what = isObject(capture)
    ? 'it has no list "records"'
    : `it is ${Array.isArray(capture) ? 'a list' : 'no object'}`;
  throw new CaptureError(`${name}: not a capture: ${what}\n${FORM}`);
}

/** Says where it is wrong, and what it may be instead. */
function notJson(text: string, name: string, error: Error): CaptureError {
  const fault = jsonFault(text);
  // It takes a fault in one of the two readers to come here.
  if (fault === null) return new CaptureError(`${name}: not JSON: ${error.message}`);
  const { line, column, isCutOff } = fault;
  if (isCutOff) {
    return new CaptureError(
      `${name}: cut off: it ends in line ${line}, before its JSON does; get the rest of it, or record anew`,
    );
  }
  const what = isLineOfJson(text.slice(0, text.indexOf('\n')))
    ? `line ${line} begins another JSON value: one object for the whole file is needed, not one a line`
    : `line ${line}, column ${column} is not JSON`;
  return new CaptureError(`${name}: not a capture: ${what}\n${FORM}`);
}

function isLineOfJson(line: string): boolean {
  try {
    return isObject(JSON.parse(line));
  } catch {
    return false;
  }
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
