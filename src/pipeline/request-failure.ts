import { operationName } from '../codec/operations.ts';
import { serverCodeName } from '../codec/server-codes.ts';
import {
  type Outcome,
  RequestError,
  type RequestErrorCode,
  type RequestFailure,
} from '../errors.ts';
import { REPLY_EXTRA_BYTES } from '../limits.ts';
import type { PendingRing } from './pending-ring.ts';

/**
 * The error of a request that was made and has failed. Its stack has no frames: none of them would be
 * the caller's, and with each V8 keeps what it ran on, a connection with its slabs.
 */
export function errorWithoutFrames(failure: RequestFailure, detail?: string): RequestError {
  const { stackTraceLimit } = Error;
  // Not an assignment: the global may be frozen.
  Reflect.set(Error, 'stackTraceLimit', 0);
  try {
    return new RequestError(failure, detail);
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}

/** The server answered the request in `slot` with an error number. */
export function serverRefusal(
  ring: PendingRing,
  slot: number,
  serverCode: number,
  host: string,
): RequestError {
  return errorWithoutFrames({
    code: serverCodeName(serverCode),
    serverCode,
    outcome: 'rejected',
    operation: operationName(ring.operations[slot]!),
    path: ring.paths[slot] ?? undefined,
    xid: ring.xids[slot]!,
    host,
  });
}

/** The request in `slot` fails on this side of the wire. */
export function localFailure(
  ring: PendingRing,
  slot: number,
  code: RequestErrorCode,
  outcome: Outcome,
  host: string,
  cause: unknown,
  detail?: string,
): RequestError {
  return errorWithoutFrames(
    {
      code,
      outcome,
      operation: operationName(ring.operations[slot]!),
      path: ring.paths[slot] ?? undefined,
      // A request that never left has no xid that the server could know; it may get another one later.
      xid: outcome === 'not-sent' ? undefined : ring.xids[slot]!,
      host: host || undefined,
      cause,
    },
    detail,
  );
}

/** The reply to the request in `slot` is over the limit. */
export function replyTooLarge(
  ring: PendingRing,
  slot: number,
  host: string,
  bodyBytes: number,
  bodyBytesMax: number,
): RequestError {
  const detail = `the reply has ${bodyBytes} bytes, the limit is ${bodyBytesMax} (option frameBytesMax and ${REPLY_EXTRA_BYTES} bytes)`;
  // The server did answer, and not with an error: a write was most likely applied.
  return localFailure(ring, slot, 'REPLY_TOO_LARGE', 'unknown', host, undefined, detail);
}

const TOO_MANY_WAIT =
  'as many wait for room as requests may be in flight (option inflightMax); wait for some of them first';

/** There is no use in waiting for room. */
export function noRoom(code: RequestErrorCode, host: string, cause: unknown): RequestError {
  const failure = { code, outcome: 'not-sent', operation: 'room', host: host || undefined, cause };
  const detail = code === 'PIPELINE_FULL' ? TOO_MANY_WAIT : undefined;
  return new RequestError(failure as RequestFailure, detail);
}

/** A request that was refused before it got an xid. */
export function notSent(
  code: RequestErrorCode,
  operation: number,
  path: string | null,
  host: string | undefined,
  cause?: unknown,
  detail?: string,
): RequestError {
  return new RequestError(
    {
      code,
      outcome: 'not-sent',
      operation: operationName(operation),
      path: path ?? undefined,
      host: host || undefined,
      cause,
    },
    detail,
  );
}
