import { ZkwireError } from '../errors.ts';
import { writeConnectAcceptance, writeConnectHandshake } from './connect.ts';
import { RECORDS, writeRequestHeader } from './guarded-writers.ts';
import { JuteWriter } from './jute-writer.ts';
import { MULTI_REQUEST, MULTI_RESPONSE, operationOf } from './operations.ts';
import type { Packet, ReplyHeaderValue, RequestHeaderValue } from './packet.ts';
import type { RecordCodec, RecordName } from './record-table.gen.ts';
import {
  type ConnectRequest,
  type ConnectResponse,
  writeMultiHeader,
  writeReplyHeader,
} from './records.gen.ts';

/** Room for what a frame has beside its record, and for a record that has grown a little. */
const GROWTH_BYTES = 256;

/** A part of a multi, or of its answer: the fields of its record, and which it is. */
interface Part {
  readonly op: number;
  readonly err?: number;
}

/**
 * The frame of a packet, with its length prefix: the inverse of what a `Conversation` gives, for a proxy
 * that passes on what it has changed. Its `header`, `record` and `readOnly` count; nulls are written as
 * they stand, `bytes` and `frame` are not looked at. `trailing` bytes are left out, as peers ignore them.
 * Text is UTF-8, also where Java wrote the surrogates of characters above U+FFFF; half of such a character
 * becomes U+FFFD.
 *
 * Throws BAD_ARGUMENT for a packet that is no decoded frame (with `error`, or of the kinds `4lw` and
 * `incomplete`) and for a request that servers in wide use do not survive: a `check` outside of a multi, a
 * `createTTL` in a mode that has no TTL.
 */
export function encodePacket(packet: Packet): Buffer {
  const writer = JuteWriter.standalone((packet.bytes ?? 0) + GROWTH_BYTES);
  writer.beginFrame();
  writeBody(writer, packet);
  writer.endFrame();
  return writer.finished();
}

function writeBody(writer: JuteWriter, packet: Packet): void {
  const { kind, error } = packet;
  if (error !== undefined) refuse(`the frame was not decoded (${error.code}): pass on its bytes`);
  if (kind === 'creq') writeConnectRequest(writer, packet);
  else if (kind === 'cresp') writeConnectAnswer(writer, packet);
  else if (kind === 'req' || kind === 'resp') writeMessage(writer, packet);
  else refuse(`a packet of the kind ${kind} is no frame`);
}

function writeConnectRequest(writer: JuteWriter, { record, readOnly }: Packet): void {
  const { protocolVersion, lastZxidSeen, timeOut, sessionId, passwd } = record as ConnectRequest;
  writeConnectHandshake(
    writer,
    lastZxidSeen,
    timeOut,
    sessionId,
    passwd,
    readOnly,
    protocolVersion,
  );
}

function writeConnectAnswer(writer: JuteWriter, { header, record, readOnly }: Packet): void {
  if (header !== undefined) {
    const { xid, zxid, err } = header as ReplyHeaderValue;
    writeReplyHeader(writer, xid, zxid, err);
    return;
  }
  const { protocolVersion, timeOut, sessionId, passwd } = record as ConnectResponse;
  writeConnectAcceptance(writer, timeOut, sessionId, passwd, readOnly, protocolVersion);
}

function writeMessage(writer: JuteWriter, { kind, header, type, record }: Packet): void {
  if (kind === 'req') {
    const { xid, type: op } = header as RequestHeaderValue;
    writeRequestHeader(writer, xid, op);
  } else {
    const { xid, zxid, err } = header as ReplyHeaderValue;
    writeReplyHeader(writer, xid, zxid, err);
  }
  if (type === MULTI_REQUEST) writeParts(writer, record as readonly Part[], 'request');
  else if (type === MULTI_RESPONSE) writeParts(writer, record as readonly Part[], 'response');
  else if (type !== undefined) writeRecord(writer, type, record);
}

/** Not as `writeMultiRequest`, which is strict: a null that came is passed on. */
function writeParts(
  writer: JuteWriter,
  parts: readonly Part[],
  part: 'request' | 'response',
): void {
  for (const each of parts) {
    const { op, err = 0 } = each;
    writeMultiHeader(writer, op, false, part === 'request' ? -1 : err);
    const type = operationOf(op)?.[part] ?? null;
    if (type !== null) writeRecord(writer, type, each);
  }
  writeMultiHeader(writer, -1, true, -1);
}

function writeRecord(writer: JuteWriter, type: string, record: unknown): void {
  // Not in Apache's schema: only servers send it.
  if (type === 'DeleteContainerRequest') {
    writer.ustring((record as { path: string | null }).path);
    return;
  }
  if (!Object.hasOwn(RECORDS, type)) refuse(`there is no record ${type}`);
  (RECORDS[type as RecordName] as unknown as RecordCodec<unknown>).write(writer, record);
}

function refuse(message: string): never {
  throw new ZkwireError('BAD_ARGUMENT', message);
}
