import { open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writeFailure } from './file-failure.ts';

/** Direction of a record: client to server, or server to client. */
export type CaptureDirection = 'c2s' | 's2c';

/** One read from a socket; frames may be split over several records or joined in one. */
export interface CaptureRecord {
  /** Number of the connection within the capture, from 0 in the order of accepting. */
  conn: number;
  dir: CaptureDirection;
  /** Milliseconds since the recording started, to a tenth. */
  t_ms: number;
  hex: string;
}

/** What a capture says about itself. */
export interface CaptureDetails {
  name: string;
  client: string;
  client_version: string;
  server_version: string;
  description: string;
}

/** A recorded conversation, as it stands in a capture file. */
export interface SessionCapture extends CaptureDetails {
  records: CaptureRecord[];
}

/** Written in pieces of about this many characters: a whole capture may be longer than a string can be. */
const PIECE_CHARS = 1024 * 1024;

function* captureText(
  details: CaptureDetails,
  records: Iterable<CaptureRecord>,
): Generator<string> {
  const head = {
    name: details.name,
    client: details.client,
    client_version: details.client_version,
    server_version: details.server_version,
    description: details.description,
  };
  let piece = `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "records": [`;
  let separator = '\n';
  for (const record of records) {
    piece += `${separator}    ${JSON.stringify(record)}`;
    separator = ',\n';
    if (piece.length >= PIECE_CHARS) {
      yield piece;
      piece = '';
    }
  }
  yield `${piece}\n  ]\n}\n`;
}

function temporaryOf(file: string): string {
  return join(dirname(file), `.${basename(file)}.${process.pid}.tmp`);
}

/** Finds out now, and not after a long recording, whether a capture can be written there. Rejects with the reason. */
export async function checkCapturePlace(file: string): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (found?.isDirectory()) {
    throw new Error(`${file} is a directory, and a file is to be written`);
  }
  // Such as /dev/null: the file would take its place.
  if (found !== null && !found.isFile()) throw new Error(`${file} is no file but a device or pipe`);
  const temporary = temporaryOf(file);
  try {
    await (await open(temporary, 'w')).close();
  } catch (error) {
    throw new Error(writeFailure(file, error), { cause: error });
  }
  await rm(temporary, { force: true });
}

/**
 * Writes a capture file, one record a line. The file appears whole or not at all: it is written
 * beside its place and then renamed. Rejects with the error of the file system.
 */
export async function writeCapture(
  file: string,
  details: CaptureDetails,
  records: Iterable<CaptureRecord>,
): Promise<void> {
  const temporary = temporaryOf(file);
  const handle = await open(temporary, 'w');
  try {
    for (const piece of captureText(details, records)) await handle.writeFile(piece);
    await handle.sync();
    await handle.close();
    await rename(temporary, file);
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
}
