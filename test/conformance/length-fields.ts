import { MULTI_REQUEST, MULTI_RESPONSE } from '../../src/codec/operations.ts';
import { MULTI_REQUEST_RECORDS, MULTI_RESPONSE_RECORDS, recordCodec } from './golden-codec.ts';
import type { FrameKind, Golden } from './golden-fixtures.ts';

/** A length of a string or buffer, or a count of a vector, inside a frame. */
export interface LengthField {
  readonly kind: 'length' | 'count';
  /** Where its word is, from the frame's first byte. */
  readonly at: number;
  /** Bytes that belong to it behind the word. */
  readonly contentBytes: number;
  /** Keys that lead to it in the golden's `value`. */
  readonly path: readonly (string | number)[];
}

const FIXED_BYTES: Readonly<Record<string, number>> = { int: 4, long: 8, boolean: 1 };
const HEADER_BYTES: Readonly<Record<FrameKind, number>> = { creq: 0, cresp: 0, req: 8, resp: 16 };
const MULTI_HEADER_BYTES = 9;

/**
 * Finds every length and count of a golden by walking the field lists of its records. Its own
 * small decoder on purpose: it shares no reading code with what it tests.
 */
export function lengthFieldsOf(golden: Golden): LengthField[] {
  const frame = Buffer.from(golden.hex, 'hex');
  const walk = { frame, at: 4 + HEADER_BYTES[golden.kind], found: [] as LengthField[] };
  if (golden.value.record === undefined) return [];
  if (golden.type === MULTI_REQUEST || golden.type === MULTI_RESPONSE) walkMulti(walk, golden);
  else walkRecord(walk, golden.type as string, ['record']);
  return walk.found;
}

interface Walk {
  readonly frame: Buffer;
  at: number;
  readonly found: LengthField[];
}

type Path = readonly (string | number)[];

function walkMulti(walk: Walk, golden: Golden): void {
  const isRequest = golden.type === MULTI_REQUEST;
  for (let index = 0; ; index++) {
    const type = walk.frame.readInt32BE(walk.at);
    const done = walk.frame[walk.at + 4] !== 0;
    walk.at += MULTI_HEADER_BYTES;
    if (done) return;
    const record = (isRequest ? MULTI_REQUEST_RECORDS : MULTI_RESPONSE_RECORDS)[type];
    const path = isRequest ? ['record', index, 'request'] : ['record', index];
    if (record) walkRecord(walk, record, path);
  }
}

function walkRecord(walk: Walk, type: string, path: Path): void {
  for (const field of recordCodec(type).fields) {
    // The handshake's last byte may be absent.
    if (field.name === 'readOnly' && walk.at === walk.frame.length) return;
    walkField(walk, field.type, [...path, field.name]);
  }
}

function walkField(walk: Walk, type: string, path: Path): void {
  const fixed = FIXED_BYTES[type];
  if (fixed !== undefined) walk.at += fixed;
  else if (type === 'ustring' || type === 'buffer') walkText(walk, path);
  else if (type.startsWith('vector<')) walkVector(walk, type.slice(7, -1), path);
  else walkRecord(walk, type, path);
}

function walkText(walk: Walk, path: Path): void {
  const at = walk.at;
  const contentBytes = Math.max(0, walk.frame.readInt32BE(at));
  walk.found.push({ kind: 'length', at, contentBytes, path });
  walk.at = at + 4 + contentBytes;
}

function walkVector(walk: Walk, elementType: string, path: Path): void {
  const at = walk.at;
  const count = walk.frame.readInt32BE(at);
  const place = walk.found.length;
  walk.at = at + 4;
  for (let index = 0; index < count; index++) walkField(walk, elementType, [...path, index]);
  const contentBytes = walk.at - at - 4;
  walk.found.splice(place, 0, { kind: 'count', at, contentBytes, path });
}
