import { TransactionError } from '../../../src/client/index.ts';
import { OP } from '../../../src/codec/operations.ts';
import { RequestError, ZkwireError } from '../../../src/errors.ts';
import { REPLY_EXTRA_BYTES } from '../../../src/limits.ts';
import type { ClientHandle } from '../client-handle.ts';
import type { History } from '../ensemble/history.ts';
import type { Transaction } from '../ensemble/transaction.ts';
import type { ServerFrame, SimSocket } from '../network/sim-socket.ts';
import { FRAME_BYTES_MAX } from '../options.ts';
import { type Invocation, outcomeOf, type Settlement, shown } from './invocation.ts';
import type { Violations } from './violations.ts';

/** A time-out may be told late by so much: deadlines are looked at every 50 ms. */
const TIMEOUT_LATE_MS = 60;

/** Why a request that has left may have no answer. */
const UNKNOWN_CODES: ReadonlySet<string> = new Set([
  'CONNECTION_LOSS',
  'CONNECTION_CLOSED',
  'REQUEST_TIMEOUT',
  'ABORTED',
  'BAD_REPLY',
  'REPLY_TOO_LARGE',
  'SESSION_LOST',
  'SESSION_EXPIRED',
  'AUTH_FAILED',
]);

/** Longest body of a reply that is read. */
const REPLY_BODY_BYTES_MAX = FRAME_BYTES_MAX + REPLY_EXTRA_BYTES;

/** A caller may go while its request waits to be written: whether it will be is not known then. */
const LEFT_ALONE: ReadonlySet<string> = new Set(['REQUEST_TIMEOUT', 'ABORTED']);

/** Operations that turn a refusal into an answer. */
const ANSWERED_NO: ReadonlySet<number> = new Set([OP.exists, OP.checkWatches]);

const NOT_SENT_CODES: ReadonlySet<string> = new Set([
  'CONNECTION_LOSS',
  'CONNECTION_CLOSED',
  'NOT_CONNECTED',
  'REQUEST_TIMEOUT',
  'ABORTED',
  'PIPELINE_FULL',
  'REQUEST_TOO_LARGE',
  'BAD_ARGUMENT',
  'SESSION_LOST',
  'SESSION_EXPIRED',
]);

/** Compares what a client was told of its requests with what became of them. */
export class OutcomeCheck {
  readonly #history: History;
  readonly #violations: Violations;

  constructor(history: History, violations: Violations) {
    this.#history = history;
    this.#violations = violations;
  }

  check(handle: ClientHandle): void {
    for (const invocation of handle.invocations) this.#checkOne(handle, invocation);
    for (const socket of handle.sockets) this.#checkOrder(handle, socket);
  }

  #fault(oracle: string, handle: ClientHandle, invocation: Invocation, text: string): void {
    this.#violations.add(oracle, `client ${handle.index}: ${shown(invocation)}: ${text}`);
  }

  #checkOne(handle: ClientHandle, invocation: Invocation): void {
    const { settled, frame, socket, operation } = invocation;
    if (settled === null) {
      this.#fault('O1', handle, invocation, 'never settled');
      return;
    }
    if (operation.local !== undefined && outcomeOf(settled.error) !== 'not-sent') {
      this.#fault('errors', handle, invocation, `not refused with ${operation.local}`);
      return;
    }
    if (operation.aside === true) {
      const { error } = settled;
      const known = error === null || ZkwireError.is(error);
      if (!known) this.#fault('errors', handle, invocation, `failed with ${String(error)}`);
      if (operation.verdict !== undefined) this.#checkTime(handle, invocation, settled);
      return;
    }
    const log =
      frame === null || socket === null ? [] : this.#history.ofRequest(socket.ordinal, frame.xid);
    if (log.length > 1) this.#fault('O6', handle, invocation, `${log.length} times in the log`);
    if (log.length > 0 && !operation.write)
      this.#fault('O6', handle, invocation, 'a read is logged');
    const transaction = log[0] ?? null;
    const fault = this.#outcomeFault(invocation, settled, transaction);
    if (fault !== null) this.#fault(fault[0], handle, invocation, fault[1]);
    this.#checkTime(handle, invocation, settled);
  }

  #outcomeFault(
    invocation: Invocation,
    settled: Settlement,
    transaction: Transaction | null,
  ): [oracle: string, text: string] | null {
    const { error } = settled;
    if (error === null) return this.#answerFault(invocation, settled, transaction);
    if (!(error instanceof RequestError)) return ['errors', `failed with ${String(error)}`];
    const { frame } = invocation;
    switch (error.outcome) {
      case 'not-sent':
        if (frame !== null) return ['O7', `left, and ${error.code} says not-sent`];
        return NOT_SENT_CODES.has(error.code) ? null : ['errors', `not-sent with ${error.code}`];
      case 'unknown':
        if (frame === null && !(LEFT_ALONE.has(error.code) && settled.live !== null)) {
          return ['O7', `never left, and ${error.code} says unknown`];
        }
        if (!UNKNOWN_CODES.has(error.code)) return ['errors', `unknown with ${error.code}`];
        return this.#unansweredFault(invocation, error);
      default:
        return this.#refusalFault(invocation, error, transaction);
    }
  }

  /** Answered well. */
  #answerFault(
    invocation: Invocation,
    settled: Settlement,
    transaction: Transaction | null,
  ): [string, string] | null {
    const { operation, socket } = invocation;
    const reply = replyTo(invocation);
    if (reply === null || socket === null) return ['O7', 'answered without an answer'];
    if (reply.endOffset > socket.readBytes) return ['O7', 'answered before the answer was read'];
    if (reply.bytes - 4 > REPLY_BODY_BYTES_MAX) return ['O7', `good with ${reply.bytes} bytes`];
    // A missing node is no error to exists, nor is a missing watch to checkWatches.
    const isNo = settled.value === null || settled.value === false;
    if (reply.err !== 0 && !(isNo && ANSWERED_NO.has(operation.op))) {
      return ['O7', `good, and the server said ${reply.err}`];
    }
    if (operation.write && (transaction === null || transaction.err !== 0)) {
      return ['O7', `acknowledged, and not in the log (${transaction?.err})`];
    }
    if (operation.write && transaction?.zxid !== reply.zxid) {
      return ['O7', `zxid ${reply.zxid} in the answer, ${transaction?.zxid} in the log`];
    }
    const session = socket.grantedSession;
    const truth = { history: this.#history, zxid: reply.zxid, transaction, session };
    const text = operation.check(settled.value, truth);
    return text === null ? null : ['O5', `at zxid ${reply.zxid}: ${text}`];
  }

  /** Refused by the server. */
  #refusalFault(
    invocation: Invocation,
    error: RequestError,
    transaction: Transaction | null,
  ): [string, string] | null {
    const reply = replyTo(invocation);
    if (reply === null) return ['O7', `refused with ${error.code} without an answer`];
    if (invocation.socket !== null && reply.endOffset > invocation.socket.readBytes) {
      return ['O7', 'refused before the answer was read'];
    }
    const err = error instanceof TransactionError ? (transaction?.err ?? 0) : reply.err;
    if (error.serverCode !== err) return ['O7', `${error.serverCode} instead of ${err}`];
    if (transaction !== null && transaction.err === 0) return ['O7', 'refused, and done'];
    return null;
  }

  /** An answer that was read before the caller was told that there is none. */
  #unansweredFault(invocation: Invocation, error: RequestError): [string, string] | null {
    if (error.code === 'REQUEST_TIMEOUT' || error.code === 'ABORTED') return null;
    const reply = replyTo(invocation);
    const { socket } = invocation;
    if (error.code === 'REPLY_TOO_LARGE') {
      const isTooLarge = reply !== null && reply.bytes - 4 > REPLY_BODY_BYTES_MAX;
      return isTooLarge ? null : ['O7', `too large with ${reply?.bytes} bytes`];
    }
    if (reply === null || socket === null || reply.endOffset > socket.readBytes) return null;
    const garbled = socket.serverFrames.some(({ kind, endOffset }) => {
      return kind === 'garbage' && endOffset <= reply.endOffset;
    });
    if (garbled || socket.endedByClient) return null;
    return ['O7', `answered, and told ${error.code}`];
  }

  #checkTime(handle: ClientHandle, invocation: Invocation, settled: Settlement): void {
    const { timeoutMs, atMs } = invocation;
    if (handle.loop.wasBlocked(atMs)) return;
    if (timeoutMs !== undefined && settled.atMs - atMs > Math.max(0, timeoutMs) + TIMEOUT_LATE_MS) {
      const tookMs = Math.round(settled.atMs - atMs);
      this.#fault('F16', handle, invocation, `settled after ${tookMs} of ${timeoutMs} ms`);
    }
    const { abortedMs } = invocation;
    if (abortedMs !== null && settled.atMs > Math.max(atMs, abortedMs)) {
      this.#fault('F34', handle, invocation, 'settled later than its signal fired');
    }
  }

  /** Callers were told of answers in the order in which their requests left. */
  #checkOrder(handle: ClientHandle, socket: SimSocket): void {
    let last: Invocation | null = null;
    for (const invocation of handle.invocations) {
      if (invocation.socket !== socket || invocation.settled === null) continue;
      const { error } = invocation.settled;
      if (error !== null && outcomeOf(error) !== 'rejected') continue;
      if (last?.settled != null && last.settled.order > invocation.settled.order) {
        this.#fault('O2', handle, invocation, `told before ${shown(last)}`);
      }
      last = invocation;
    }
  }
}

/** The frame that answers a request, if the server wrote it whole. */
function replyTo({ frame, socket }: Invocation): ServerFrame | null {
  if (frame === null || socket === null) return null;
  return socket.replies.get(frame.xid) ?? null;
}
