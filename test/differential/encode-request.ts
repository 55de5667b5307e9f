import { isTtlFlag, JuteReader, JuteWriter, OP, readMultiRequest } from '../../src/codec/index.ts';
import { RECORDS } from '../../src/codec/record-table.gen.ts';
import type { ConnectPlan, Field, RequestPlan } from './step.ts';

/** What numbers and names of a plan count from, on one server. */
export interface Origin {
  readonly root: string;
  /** The last that the server has told of. */
  readonly zxid: bigint;
}

/** A whole frame, prefix included. */
export function encodeRequest(request: RequestPlan, xid: number, origin: Origin): Buffer {
  const writer = JuteWriter.standalone();
  writer.beginFrame();
  writer.int(xid);
  writer.int(request.op);
  for (const part of request.parts) for (const field of part) writeField(writer, field, origin);
  writer.offset = Math.max(12, writer.offset - (request.cutBytes ?? 0));
  for (let extra = request.extraBytes ?? 0; extra > 0; extra--) writer.bool(true);
  writer.endFrame();
  const frame = writer.finished();
  refuseHarmful(request.op, frame);
  return frame;
}

/** The frame of a handshake, prefix included. */
export function encodeConnect(
  plan: ConnectPlan,
  session: { readonly id: bigint; readonly password: Buffer },
  origin: Origin,
): Buffer {
  const writer = JuteWriter.standalone();
  writer.beginFrame();
  writer.int(plan.protocolVersion ?? 0);
  writer.long(plan.seen === undefined ? 0n : origin.zxid + BigInt(plan.seen));
  writer.int(plan.timeoutMs);
  writer.long(session.id);
  writer.buffer(passwordOf(plan, session.password));
  if (plan.readOnly !== undefined) writer.bool(plan.readOnly);
  writer.offset -= plan.cutBytes ?? 0;
  for (let extra = plan.extraBytes ?? 0; extra > 0; extra--) writer.bool(true);
  writer.endFrame();
  return writer.finished();
}

function passwordOf({ password }: ConnectPlan, right: Buffer): Buffer | null {
  switch (password) {
    case 'right':
      return right;
    case 'wrong':
      return Buffer.from(right.map((byte) => byte ^ 0x55));
    case 'short':
      return right.subarray(0, 5);
    case 'empty':
      return Buffer.alloc(0);
    case 'null':
      return null;
  }
}

function writeField(writer: JuteWriter, field: Field, origin: Origin): void {
  const [kind, value] = field;
  switch (kind) {
    case 's':
      writer.ustring(value === null ? null : textOf(value, origin.root));
      break;
    case 'd':
      writer.buffer(value === null ? null : Buffer.from(value));
      break;
    case 'x':
      writer.buffer(value === null ? null : Buffer.from(value, 'hex'));
      break;
    case 'u':
      writer.buffer(Buffer.alloc(value - (writer.offset - 4) - 8, 'zkwire'));
      break;
    case 'r':
      // A string and a buffer look the same on the wire.
      writer.buffer(Buffer.concat([Buffer.from(`${origin.root}/`), Buffer.from(value, 'hex')]));
      break;
    case 'f':
      writer.buffer(Buffer.alloc(value, 'zkwire'));
      break;
    case 'i':
    case 'n':
      writer.int(value);
      break;
    case 'l':
      writer.long(BigInt(value));
      break;
    case 'z':
      writer.long(origin.zxid + BigInt(value));
      break;
    case 't':
      writer.bool(value);
      break;
    case 'b': {
      const at = writer.reserve(1);
      writer.view.setUint8(at, value);
      break;
    }
  }
}

function textOf(text: string, root: string): string {
  if (text.startsWith('~')) return root + text.slice(1);
  return text.startsWith('^') ? `/zookeeper/quota${root}${text.slice(1)}` : text;
}

/**
 * Two requests must never reach a server in wide use, however a list came to be: a check that is not
 * part of a multi, and a TTL node with a create mode that has no TTL.
 */
function refuseHarmful(op: number, frame: Buffer): void {
  const modes = op === OP.createTTL ? ttlModeOf(frame) : op === OP.multi ? ttlModesOf(frame) : [];
  if (op === OP.check || !modes.every(isTtlFlag)) {
    throw new Error(`a request that servers do not survive: ${frame.toString('hex')}`);
  }
}

function ttlModeOf(frame: Buffer): number[] {
  return orNothing(() => [RECORDS.CreateTTLRequest.read(bodyOf(frame)).flags]);
}

function ttlModesOf(frame: Buffer): number[] {
  return orNothing(() => {
    const operations = readMultiRequest(bodyOf(frame));
    return operations.flatMap((each) => (each.op === OP.createTTL ? [each.flags] : []));
  });
}

function bodyOf(frame: Buffer): JuteReader {
  return JuteReader.over(frame, 12);
}

/** A body that cannot be decoded is refused by servers as a whole. */
function orNothing(modes: () => number[]): number[] {
  try {
    return modes();
  } catch {
    return [];
  }
}
