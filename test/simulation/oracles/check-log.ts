import type { ClientHandle } from '../client-handle.ts';
import type { History } from '../ensemble/history.ts';
import type { Transaction } from '../ensemble/transaction.ts';
import type { WriteRequest } from '../ensemble/write-request.ts';
import type { Invocation } from './invocation.ts';
import type { Violations } from './violations.ts';

/** Checks the log of the ensemble against everything that the clients asked for. */
export function checkLog(
  history: History,
  handles: readonly ClientHandle[],
  violations: Violations,
): void {
  checkTags(history, violations);
  for (const handle of handles) checkPrefixes(history, handle, violations);
  checkRealTime(history, handles, violations);
  checkEphemerals(history, violations);
}

/** What a client was asked to write once is written once: nothing is sent again under another xid. */
function checkTags(history: History, violations: Violations): void {
  const seen = new Map<string, Transaction>();
  for (const transaction of history.log) {
    if (transaction.err !== 0) continue;
    for (const tag of new Set(tagsOf(transaction.request))) {
      const before = seen.get(tag);
      if (before !== undefined) {
        violations.add(
          'O6',
          `${tag} was written at ${before.zxid} and again at ${transaction.zxid}`,
        );
      }
      seen.set(tag, transaction);
    }
  }
}

const TAG = /^c\d+\.\d+-\d+/;

function tagsOf(request: WriteRequest): string[] {
  if (request.kind === 'multi') return request.steps.flatMap(tagsOf);
  if (!('data' in request) || request.data === null) return [];
  const match = TAG.exec(request.data.subarray(0, 40).toString());
  return match === null ? [] : [match[0]];
}

/** Of the writes of one connection a prefix was applied: none after one that was not. */
function checkPrefixes(history: History, handle: ClientHandle, violations: Violations): void {
  for (const socket of handle.sockets) {
    let missing: Invocation | null = null;
    for (const invocation of handle.invocations) {
      if (invocation.socket !== socket || !invocation.operation.write) continue;
      const xid = invocation.frame?.xid ?? 0;
      if (socket.unexecuted.has(xid)) continue;
      if (history.ofRequest(socket.ordinal, xid).length === 0) missing ??= invocation;
      else if (missing !== null) {
        const text = `request ${invocation.id} is in the log, ${missing.id} before it is not`;
        violations.add('O6', `client ${handle.index}: ${text}`);
        return;
      }
    }
  }
}

/** A write that was acknowledged before another was asked for has the lower zxid. */
function checkRealTime(
  history: History,
  handles: readonly ClientHandle[],
  violations: Violations,
): void {
  const writes: { invokedMs: number; settledMs: number; zxid: number }[] = [];
  for (const { invocations } of handles) {
    for (const { operation, settled, frame, socket, atMs } of invocations) {
      if (!operation.write || settled === null || frame === null || socket === null) continue;
      const [line] = history.ofRequest(socket.ordinal, frame.xid);
      if (line === undefined) continue;
      const settledMs = settled.error === null ? settled.atMs : Number.POSITIVE_INFINITY;
      writes.push({ invokedMs: atMs, settledMs, zxid: line.zxid });
    }
  }
  const bySettling = writes.toSorted((a, b) => a.settledMs - b.settledMs);
  const byInvoking = writes.toSorted((a, b) => a.invokedMs - b.invokedMs);
  let settled = 0;
  let highest = 0;
  for (const write of byInvoking) {
    for (; settled < bySettling.length; settled++) {
      const earlier = bySettling[settled]!;
      if (earlier.settledMs >= write.invokedMs) break;
      highest = Math.max(highest, earlier.zxid);
    }
    if (write.zxid < highest) {
      violations.add('O4', `a write at ${write.zxid} was asked for after ${highest} was done`);
    }
  }
}

/** No ephemeral node outlives its session. */
function checkEphemerals(history: History, violations: Violations): void {
  const closed = new Set<bigint>();
  for (const { request, session, err } of history.log) {
    if (request.kind === 'close-session' && err === 0) closed.add(session);
  }
  for (const [path, { owner }] of history.tree) {
    if (owner !== 0n && closed.has(owner)) violations.add('O9', `${path} of a closed session`);
  }
}
