import {
  type DecodedMultiOperation,
  FRAME_INCOMPLETE,
  FrameCutter,
  isConnectRefusal,
  JuteReader,
  JuteWriter,
  type MultiAnswer,
  type MultiOperation,
  type OwnedBytes,
  REPLY_HEADER_BYTES,
  REQUEST_HEADER_BYTES,
  readConnectAnswer,
  readConnectHandshake,
  readMultiRequest,
  readMultiResponse,
  writeConnectAcceptance,
  writeConnectHandshake,
  writeConnectRefusal,
  writeMultiRequest,
  writeMultiResponse,
} from '../../src/codec/index.ts';
import { MULTI_REQUEST, MULTI_RESPONSE, OP } from '../../src/codec/operations.ts';
import { RECORDS, type RecordCodec, type RecordName } from '../../src/codec/record-table.gen.ts';
import type { FrameKind, Golden, GoldenValue, Json } from './golden-fixtures.ts';

/** What a decoder must know from elsewhere to decode a frame. */
export type FrameShape = Pick<Golden, 'kind' | 'type' | 'op'>;

const BODY_BYTES_MIN: Readonly<Record<FrameKind, number>> = {
  creq: 0,
  cresp: 0,
  req: REQUEST_HEADER_BYTES,
  resp: REPLY_HEADER_BYTES,
};

/** Any record of the schema, whatever its type. */
export function recordCodec(type: string): RecordCodec<unknown> {
  return RECORDS[type as RecordName] as unknown as RecordCodec<unknown>;
}

export function cutterFor(kind: FrameKind): FrameCutter {
  return new FrameCutter(BODY_BYTES_MIN[kind]);
}

/** A frame as native values; `header` and `record` as the readers gave them. */
export interface DecodedFrame {
  readonly header?: unknown;
  readonly record?: unknown;
  readonly readOnly?: boolean | undefined;
  /** Bytes of the frame that no field took. */
  readonly rest: number;
}

/** Decodes one whole frame through the public readers. Throws WireError. */
export function decodeFrame(
  shape: FrameShape,
  frame: Buffer,
  owned: OwnedBytes | null = null,
): DecodedFrame {
  const reader = JuteReader.over(frame);
  const end = cutterFor(shape.kind).cut(reader.view, 0, frame.length);
  if (end === FRAME_INCOMPLETE) throw new Error('the frame is not whole');
  reader.frame(0, end);
  reader.owned = owned;
  return { ...readFrame(shape, reader), rest: reader.remaining };
}

function readFrame(shape: FrameShape, reader: JuteReader): Omit<DecodedFrame, 'rest'> {
  switch (shape.kind) {
    case 'creq': {
      const { readOnly, ...record } = readConnectHandshake(reader);
      return { record, readOnly };
    }
    case 'cresp': {
      const answer = readConnectAnswer(reader);
      if (isConnectRefusal(answer)) {
        return { header: { xid: 0, zxid: answer.zxid, err: answer.refused } };
      }
      const { readOnly, ...record } = answer;
      return { record, readOnly };
    }
    case 'req': {
      const header = RECORDS.RequestHeader.read(reader);
      return shape.type === null ? { header } : { header, record: readBody(shape.type, reader) };
    }
    case 'resp': {
      const header = RECORDS.ReplyHeader.read(reader);
      // A failed SASL step carries a token all the same; any other error ends the frame.
      const mayHaveBody = header.err === 0 || (shape.op === OP.sasl && reader.remaining > 0);
      const hasBody = shape.type !== null && mayHaveBody;
      return hasBody ? { header, record: readBody(shape.type as string, reader) } : { header };
    }
  }
}

/** The record behind a header. */
export function readBody(type: string, reader: JuteReader): unknown {
  if (type === MULTI_REQUEST) return readMultiRequest(reader);
  if (type === MULTI_RESPONSE) return readMultiResponse(reader);
  return recordCodec(type).read(reader);
}

/** The frame as goldens write it. `golden` names what the bytes do not. */
export function goldenValue(golden: FrameShape, frame: Buffer, decoded: DecodedFrame): GoldenValue {
  const record =
    golden.type === MULTI_REQUEST
      ? (decoded.record as DecodedMultiOperation[]).map(({ op, ...request }) => ({ op, request }))
      : decoded.record;
  return {
    kind: golden.kind,
    ...(golden.op === null ? {} : { op: golden.op }),
    bytes: frame.readInt32BE(0),
    ...(decoded.header === undefined ? {} : { header: toJson(decoded.header) }),
    ...(record === undefined ? {} : { type: golden.type as string, record: toJson(record) }),
    ...(decoded.readOnly === undefined ? {} : { readOnly: decoded.readOnly }),
  };
}

export function toJson(value: unknown): Json {
  if (typeof value === 'bigint') return value.toString();
  if (Buffer.isBuffer(value)) return value.toString('hex');
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object' || value === null) return value as Json;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, toJson(field)]));
}

/** The native value of a field of this jute type. */
function fromJson(type: string, value: Json): unknown {
  if (value === null) return null;
  if (type === 'long') return BigInt(value as string);
  if (type === 'buffer') return Buffer.from(value as string, 'hex');
  const element = /^vector<(.*)>$/.exec(type)?.[1];
  if (element !== undefined) return (value as Json[]).map((one) => fromJson(element, one));
  return type in RECORDS ? recordFromJson(type, value) : value;
}

export function recordFromJson(type: string, value: Json): object {
  const json = value as { [name: string]: Json };
  const fields = recordCodec(type).fields.filter(({ name }) => name in json);
  return Object.fromEntries(
    fields.map(({ name, type: fieldType }) => [name, fromJson(fieldType, json[name] as Json)]),
  );
}

/** Record of an operation inside a multi request. */
export const MULTI_REQUEST_RECORDS: Readonly<Record<number, string>> = {
  1: 'CreateRequest',
  2: 'DeleteRequest',
  4: 'GetDataRequest',
  5: 'SetDataRequest',
  8: 'GetChildrenRequest',
  13: 'CheckVersionRequest',
  15: 'CreateRequest',
  19: 'CreateRequest',
  21: 'CreateTTLRequest',
};

/** Record of a result inside a multi response; null when there is none. */
export const MULTI_RESPONSE_RECORDS: Readonly<Record<number, string | null>> = {
  [-1]: 'ErrorResponse',
  1: 'CreateResponse',
  2: null,
  4: 'GetDataResponse',
  5: 'SetDataResponse',
  8: 'GetChildrenResponse',
  13: null,
  15: 'Create2Response',
};

/** Encodes what a golden says through the public writers: the whole frame. */
export function encodeValue(value: GoldenValue): Buffer {
  const writer = JuteWriter.standalone(16);
  writer.beginFrame();
  writeValue(writer, value);
  writer.endFrame();
  return writer.finished();
}

function writeValue(writer: JuteWriter, value: GoldenValue): void {
  if (value.kind === 'creq' || value.kind === 'cresp') {
    writeHandshake(writer, value);
    return;
  }
  const header = value.kind === 'req' ? 'RequestHeader' : 'ReplyHeader';
  recordCodec(header).write(writer, recordFromJson(header, value.header as Json));
  if (value.type === MULTI_REQUEST) {
    const parts = value.record as { op: number; request: Json }[];
    const operations = parts.map(({ op, request }) => ({
      op,
      ...recordFromJson(MULTI_REQUEST_RECORDS[op] as string, request),
    }));
    writeMultiRequest(writer, operations as MultiOperation[]);
  } else if (value.type === MULTI_RESPONSE) {
    writeMultiResponse(writer, (value.record as { op: number }[]).map(resultFromJson));
  } else if (value.type !== undefined) {
    recordCodec(value.type).write(writer, recordFromJson(value.type, value.record as Json));
  }
}

function resultFromJson(part: { op: number }): MultiAnswer {
  const type = MULTI_RESPONSE_RECORDS[part.op];
  const fields = type ? recordFromJson(type, part as unknown as Json) : {};
  return { op: part.op, ...fields } as MultiAnswer;
}

function writeHandshake(writer: JuteWriter, value: GoldenValue): void {
  if (value.header !== undefined) {
    writeConnectRefusal(writer, (value.header as { err: number }).err);
    return;
  }
  const type = value.kind === 'creq' ? 'ConnectRequest' : 'ConnectResponse';
  const { lastZxidSeen, timeOut, sessionId, passwd, protocolVersion } = recordFromJson(
    type,
    value.record as Json,
  ) as {
    lastZxidSeen: bigint;
    timeOut: number;
    sessionId: bigint;
    passwd: Buffer | null;
    protocolVersion: number;
  };
  const end = [sessionId, passwd, value.readOnly, protocolVersion] as const;
  if (value.kind === 'creq') writeConnectHandshake(writer, lastZxidSeen, timeOut, ...end);
  else writeConnectAcceptance(writer, timeOut, ...end);
}
