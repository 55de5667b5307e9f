import { JuteWriter } from '../../../src/codec/jute-writer.ts';
import {
  type Stat,
  writeGetDataRequest,
  writeGetDataResponse,
  writeReplyHeader,
  writeWatcherEvent,
} from '../../../src/codec/records.gen.ts';
import type { Pipeline } from '../../../src/pipeline/pipeline.ts';

/** What a test's server says and hears. */

export const STAT: Stat = {
  czxid: 0x1_0000_0002n,
  mzxid: 0x7fff_ffff_ffff_ffffn,
  ctime: 1n,
  mtime: 2n,
  version: 3,
  cversion: 4,
  aversion: 5,
  ephemeralOwner: 6n,
  dataLength: 7,
  numChildren: 8,
  pzxid: 9n,
};

export interface ReplyParts {
  readonly zxid?: bigint;
  readonly err?: number;
  readonly body?: (writer: JuteWriter) => void;
}

/** A reply frame. */
export function reply(xid: number, parts: ReplyParts = {}): Buffer {
  const writer = JuteWriter.standalone();
  writer.beginFrame();
  writeReplyHeader(writer, xid, parts.zxid ?? 1n, parts.err ?? 0);
  parts.body?.(writer);
  writer.endFrame();
  return writer.finished();
}

/** A reply to getData. */
export function dataReply(xid: number, data: string | Uint8Array | null, zxid = 1n): Buffer {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  return reply(xid, { zxid, body: (writer) => writeGetDataResponse(writer, bytes, STAT) });
}

export function notification(path: string, zxid = -1n): Buffer {
  return reply(-1, { zxid, body: (writer) => writeWatcherEvent(writer, 3, 3, path) });
}

export const pong = (): Buffer => reply(-2);

export interface SentFrame {
  readonly xid: number;
  readonly op: number;
  /** Behind the request header. */
  readonly body: Buffer;
}

/** The frames in what a link was given. */
export function sentFrames(writes: readonly Buffer[]): SentFrame[] {
  const bytes = Buffer.concat(writes);
  const frames: SentFrame[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readInt32BE(at);
    const body = bytes.subarray(at + 12, end);
    frames.push({ xid: bytes.readInt32BE(at + 4), op: bytes.readInt32BE(at + 8), body });
    at = end;
  }
  return frames;
}

/** Paths of the getData and setData requests that were sent. */
export function sentPaths(sent: readonly SentFrame[]): string[] {
  return sent.map(({ body }) => body.subarray(4, 4 + body.readInt32BE(0)).toString());
}

/** Encodes a getData, to be committed by the caller. */
export function beginGet(pipeline: Pipeline, path = '/a'): void {
  writeGetDataRequest(pipeline.begin(4, path), path, false);
}
