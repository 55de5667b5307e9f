import { ZkwireError } from '../errors.ts';
import type { JuteWriter } from './jute-writer.ts';
import { isTtlFlag, OP } from './operations.ts';
import { RECORDS as ALL_RECORDS, type Records } from './record-table.gen.ts';
import {
  type ACL,
  writeCreateTTLRequest as writeAnyCreateTTLRequest,
  writeRequestHeader as writeAnyRequestHeader,
} from './records.gen.ts';

/**
 * What `zkwire/codec` exports in place of generated writers that could encode a request which servers
 * in wide use do not survive. Reading is not concerned.
 */

/** PERSISTENT_WITH_TTL and PERSISTENT_SEQUENTIAL_WITH_TTL. */
export type TtlFlags = 5 | 6;

/** CreateTTLRequest. Throws BAD_ARGUMENT for a mode that has no TTL. */
export function writeCreateTTLRequest(
  w: JuteWriter,
  path: string,
  data: Uint8Array | null,
  acl: readonly ACL[],
  flags: TtlFlags,
  ttl: bigint,
): void {
  checkTtlFlags(flags);
  writeAnyCreateTTLRequest(w, path, data, acl, flags, ttl);
}

/** RequestHeader. Throws BAD_ARGUMENT for a check, which is a step of a multi and nothing else. */
export function writeRequestHeader(w: JuteWriter, xid: number, type: number): void {
  checkOperation(type);
  writeAnyRequestHeader(w, xid, type);
}

/** Every record by name. */
export const RECORDS: Records = {
  ...ALL_RECORDS,
  CreateTTLRequest: {
    ...ALL_RECORDS.CreateTTLRequest,
    write(w, value) {
      checkTtlFlags(value.flags);
      ALL_RECORDS.CreateTTLRequest.write(w, value);
    },
  },
  RequestHeader: {
    ...ALL_RECORDS.RequestHeader,
    write(w, value) {
      checkOperation(value.type);
      ALL_RECORDS.RequestHeader.write(w, value);
    },
  },
};

function checkTtlFlags(flags: number): void {
  if (!isTtlFlag(flags)) throw new ZkwireError('BAD_ARGUMENT', `create mode ${flags} has no TTL`);
}

function checkOperation(type: number): void {
  if (type !== OP.check) return;
  throw new ZkwireError('BAD_ARGUMENT', 'check is a step of a multi, and no request');
}
