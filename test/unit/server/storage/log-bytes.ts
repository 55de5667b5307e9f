import { deflateSync } from 'node:zlib';
import { type ACL, JuteWriter, OP, writeACL } from '../../../../src/codec/index.ts';
import type { PlainTxn, Txn } from '../../../../src/server/tree/txn.ts';

const MAGIC = 0x5a4b4c47;

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
export function recordBytes(txn: Txn): Buffer {
  const writer = JuteWriter.standalone();
  writeRecord(writer, txn);
  return writer.finished();
}

function writeRecord(writer: JuteWriter, txn: Txn): void {
  switch (txn.type) {
    case OP.createSession:
      writer.int(txn.timeoutMs);
      return;
    case OP.closeSession:
      if (txn.paths === null) return;
      writer.int(txn.paths.length);
      for (const path of txn.paths) writer.ustring(path);
      return;
    case OP.multi:
      writer.int(txn.txns.length);
      for (const step of txn.txns) {
        writer.int(step.type);
        writer.buffer(recordBytes(step));
      }
      return;
    default:
      writeStep(writer, txn);
  }
}

function writeStep(writer: JuteWriter, step: PlainTxn): void {
  if (step.type === OP.error) {
    writer.int(step.code);
    return;
  }
  writer.ustring(step.path);
  if ('data' in step) writer.buffer(step.data);
  if ('acl' in step) writeAcl(writer, step.acl);
  if ('ephemeral' in step) writer.bool(step.ephemeral);
  if ('parentCversion' in step) writer.int(step.parentCversion);
  if ('ttlMs' in step) writer.long(BigInt(step.ttlMs));
  if ('version' in step) writer.int(step.version);
}

function writeAcl(writer: JuteWriter, acl: readonly ACL[]): void {
  writer.int(acl.length);
  for (const { perms, id } of acl) writeACL(writer, perms, id);
}
