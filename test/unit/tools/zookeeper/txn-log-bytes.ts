import { deflateSync } from 'node:zlib';
import { type ACL, JuteWriter, OP, writeACL } from '../../../../src/codec/index.ts';
import type { TxnBody, TxnStep } from '../../../../tools/zookeeper/txn-log-record.ts';

const MAGIC = 0x5a4b4c47;
const OPS = { ...OP } as Readonly<Record<string, number>>;

/** Adler-32 by somebody else: zlib ends its streams with it. */
export function adlerOf(bytes: Uint8Array): number {
  return deflateSync(bytes).readUInt32BE(deflateSync(bytes).length - 4);
}

export function fileHeader(): Buffer {
  const writer = JuteWriter.standalone();
  writer.int(MAGIC);
  writer.int(2);
  writer.long(0n);
  return writer.finished();
}

export interface EntryFields {
  readonly sessionId: bigint;
  readonly cxid: number;
  readonly zxid: bigint;
  readonly timeMs: number;
  readonly type: number;
  /** The record, and the digest if there is to be one. */
  readonly record: Buffer;
}

/** An entry with everything around it. */
export function entryBytes(fields: EntryFields): Buffer {
  const writer = JuteWriter.standalone();
  writer.long(fields.sessionId);
  writer.int(fields.cxid);
  writer.long(fields.zxid);
  writer.long(BigInt(fields.timeMs));
  writer.int(fields.type);
  return framed(Buffer.concat([writer.finished(), fields.record]));
}

/** Checksum, length and end mark around whatever it is. */
export function framed(body: Buffer): Buffer {
  const header = Buffer.alloc(12);
  header.writeBigInt64BE(BigInt(adlerOf(body)));
  header.writeInt32BE(body.length, 8);
  return Buffer.concat([header, body, Buffer.from([0x42])]);
}

export const DIGEST: Buffer = Buffer.from('000000020000000051c6d660', 'hex');

/** The record of a transaction as servers write it. */
export function recordBytes(body: TxnBody): Buffer {
  const writer = JuteWriter.standalone();
  writeRecord(writer, body);
  return writer.finished();
}

export function typeOf(body: { readonly type: string }): number {
  return OPS[body.type] as number;
}

function writeRecord(writer: JuteWriter, body: TxnBody): void {
  switch (body.type) {
    case 'createSession':
      writer.int(body.timeoutMs);
      return;
    case 'closeSession':
      if (body.paths === null) return;
      writer.int(body.paths.length);
      for (const path of body.paths) writer.ustring(path);
      return;
    case 'multi':
      writer.int(body.steps.length);
      for (const step of body.steps) {
        writer.int(typeOf(step));
        writer.buffer(recordBytes(step));
      }
      return;
    default:
      writeStep(writer, body);
  }
}

function writeStep(writer: JuteWriter, step: TxnStep): void {
  if (step.type === 'error') {
    writer.int(step.serverCode);
    return;
  }
  writer.ustring(step.path);
  switch (step.type) {
    case 'create':
    case 'create2':
    case 'createContainer':
    case 'createTTL':
      writer.buffer(step.data);
      writeAcl(writer, step.acl ?? []);
      if (step.type === 'create' || step.type === 'create2') writer.bool(step.ephemeral);
      if (step.parentCVersion !== null) writer.int(step.parentCVersion);
      if (step.ttlMs !== null) writer.long(step.ttlMs);
      return;
    case 'setData':
    case 'reconfig':
      writer.buffer(step.data);
      writer.int(step.version);
      return;
    case 'setACL':
      writeAcl(writer, step.acl ?? []);
      writer.int(step.version);
      return;
    case 'check':
      writer.int(step.version);
  }
}

function writeAcl(writer: JuteWriter, acl: readonly ACL[]): void {
  writer.int(acl.length);
  for (const { perms, id } of acl) writeACL(writer, perms, id);
}
