import type { JuteWriter } from '../../../src/codec/jute-writer.ts';
import { type MultiAnswer, writeMultiResponse } from '../../../src/codec/multi.ts';
import { OP } from '../../../src/codec/operations.ts';
import {
  writeCreate2Response,
  writeCreateResponse,
  writeStatOf,
} from '../../../src/codec/records.gen.ts';
import { SERVER_CODE } from '../../../src/codec/server-codes.ts';
import { statOf } from './node-state.ts';
import type { StepResult, Transaction } from './transaction.ts';

/** How a server words its answers. */
export interface Dialect {
  /** Notifications carry the zxid of their transaction, since 3.9.0 (ZOOKEEPER-4655). */
  readonly zxidInEvents: boolean;
  /** create2 in a multi is answered with its Stat, since 3.7.2, 3.8.2 and 3.9.0 (ZOOKEEPER-4026). */
  readonly statInMulti: boolean;
  readonly watchModes: 'one' | 'many';
  /** Watcher types 4 and 5, since 3.9.0. */
  readonly watcherTypes: boolean;
  /** exists needs READ, since 3.8.4 and 3.9.2. */
  readonly existsNeedsRead: boolean;
}

export const DIALECT_3_8_0: Dialect = {
  zxidInEvents: false,
  statInMulti: false,
  watchModes: 'one',
  watcherTypes: false,
  existsNeedsRead: false,
};

export const DIALECT_3_9_5: Dialect = {
  zxidInEvents: true,
  statInMulti: true,
  watchModes: 'many',
  watcherTypes: true,
  existsNeedsRead: true,
};

/** Error code in the header of the answer: that of a failed multi is in its results. */
export function headerError(transaction: Transaction): number {
  return transaction.request.kind === 'multi' && transaction.failedStep >= 0 ? 0 : transaction.err;
}

/** What follows the header of the answer to a write. */
export function writeWriteAnswer(
  writer: JuteWriter,
  transaction: Transaction,
  dialect: Dialect,
): void {
  const { request, results } = transaction;
  if (request.kind === 'multi') {
    writeMultiResponse(writer, multiAnswers(transaction, request.steps.length, dialect));
    return;
  }
  const result = results[0];
  if (result?.node == null) return;
  const stat = statOf(result.node);
  if (result.kind === 'set' || result.kind === 'set-acl') writeStatOf(writer, stat);
  else if (result.op === OP.create) writeCreateResponse(writer, result.path);
  else writeCreate2Response(writer, result.path, stat);
}

function multiAnswers(
  { failedStep, err, results }: Transaction,
  steps: number,
  dialect: Dialect,
): MultiAnswer[] {
  if (failedStep < 0) return results.map((result) => stepAnswer(result, dialect));
  return Array.from({ length: steps }, (_, step) => {
    if (step < failedStep) return { op: OP.error, err: 0 };
    return { op: OP.error, err: step === failedStep ? err : SERVER_CODE.RUNTIMEINCONSISTENCY };
  });
}

function stepAnswer(result: StepResult, dialect: Dialect): MultiAnswer {
  if (result.kind === 'delete') return { op: OP.delete };
  if (result.node === null) return { op: OP.check };
  const stat = statOf(result.node);
  if (result.kind === 'set') return { op: OP.setData, stat };
  const { op, path } = result;
  const pathOnly = op === OP.create || (op === OP.create2 && !dialect.statInMulti);
  return pathOnly ? { op: OP.create, path } : { op: OP.create2, path, stat };
}
