import { checkReads } from './check-reads.ts';
import type { ClientIndex, History, WriteRecord, WriteResult } from './history.ts';
import { type AppliedWrite, requestKey, type Truth } from './truth.ts';

/** Every way in which a history can contradict the servers' logs. */
export const RULES = {
  unsettled: 'a write never settled',
  lost: 'an acknowledged write is not in the log',
  duplicated: 'a write is in the log more than once',
  'wrong-zxid': 'the reply named another zxid than the log',
  'wrong-version': 'the reply named another version than the log',
  'wrong-request': 'the log has the write under another session or xid',
  'not-sent-but-applied': 'a write that was said never to have left is in the log',
  'rejected-but-applied': 'a write that was said to be refused is in the log',
  gap: 'of the writes sent on one connection a later one was applied and an earlier one neither applied nor refused',
  order: 'the writes of one session are not in the log in the order in which they were made',
  'settle-order': 'writes of one connection did not settle in the order in which they were made',
  'real-time': 'a write that was made after another was acknowledged came before it',
  invented: 'the log has a write that nobody made',
  'wrong-read': 'a read gave what no write has written',
  'stale-read': "a session's read gave less than it had seen or written before",
  disagreement: 'two servers have different transactions under one zxid',
} as const;

export type Rule = keyof typeof RULES;

export interface Violation {
  readonly rule: Rule;
  readonly detail: string;
}

/** A write with what became of it in the log. */
interface Judged {
  readonly write: WriteRecord;
  readonly result: WriteResult;
  /** Null: it was not applied. */
  readonly applied: AppliedWrite | null;
  /** The leader refused it, whether the client heard that or not. */
  readonly refused: boolean;
}

export interface Verdict {
  /** Empty: nothing is wrong. */
  readonly violations: readonly Violation[];
  /**
   * Writes that were applied although the leader had refused an earlier one of the same connection. No client can
   * help that: see docs/chaos.md.
   */
  readonly appliedBehindRefused: number;
}

/** Compares what the clients were told with what the servers wrote down. */
export function checkHistory(history: History, truth: Truth): Verdict {
  const violations: Violation[] = [];
  const add = (rule: Rule, detail: string): void => {
    violations.push({ rule, detail });
  };
  const byId = byIdOnce(truth, add);
  const judged: Judged[] = [];
  for (const write of history.writes) {
    if (write.result === null) add('unsettled', write.id);
    else judged.push(judge(write, write.result, byId, truth));
  }
  for (const zxid of truth.disagreements) add('disagreement', `zxid 0x${zxid.toString(16)}`);
  for (const each of judged) checkOutcome(each, add);
  checkUnknownRequests(judged, truth, add);
  let appliedBehindRefused = 0;
  for (const ofClient of byClient(judged).values()) {
    appliedBehindRefused += checkPrefixes(ofClient, add);
    checkOrder(ofClient, add);
    checkSettleOrder(ofClient, add);
  }
  checkRealTime(judged, add);
  checkInvented(history, truth, add);
  checkReads(history, truth, byId, add);
  return { violations, appliedBehindRefused };
}

function judge(
  write: WriteRecord,
  result: WriteResult,
  byId: ReadonlyMap<string, AppliedWrite>,
  { refused }: Truth,
): Judged {
  const { sessionId, xid } = result;
  return {
    write,
    result,
    applied: byId.get(write.id) ?? null,
    refused: xid !== null && refused.has(requestKey(sessionId, xid)),
  };
}

export type Add = (rule: Rule, detail: string) => void;

function byIdOnce(truth: Truth, add: Add): Map<string, AppliedWrite> {
  const byId = new Map<string, AppliedWrite>();
  for (const write of truth.writes) {
    if (byId.has(write.id)) add('duplicated', `${write.id} at ${whereOf(write)}`);
    else byId.set(write.id, write);
  }
  return byId;
}

function whereOf({ sessionId, cxid, zxid }: AppliedWrite): string {
  return `session 0x${sessionId.toString(16)} xid ${cxid} zxid 0x${zxid.toString(16)}`;
}

function checkOutcome({ write, result, applied }: Judged, add: Add): void {
  const { outcome, zxid, version, xid, sessionId } = result;
  if (applied === null) {
    if (outcome === 'ok') add('lost', `${write.id}, acknowledged at ${result.settledMs} ms`);
    return;
  }
  const where = `${write.id} at ${whereOf(applied)}`;
  if (outcome === 'not-sent') add('not-sent-but-applied', where);
  if (outcome === 'rejected') add('rejected-but-applied', `${where}, code ${result.code}`);
  if (outcome === 'not-sent' || outcome === 'rejected') return;
  if (zxid !== null && zxid !== applied.zxid) {
    add('wrong-zxid', `${where}, reply 0x${zxid.toString(16)}`);
  }
  if (version !== null && applied.version !== null && version !== applied.version) {
    add('wrong-version', `${where}: version ${applied.version}, reply ${version}`);
  }
  const otherXid = outcome === 'unknown' && xid !== applied.cxid;
  if (sessionId !== applied.sessionId || otherXid) {
    add('wrong-request', `${where}, but session 0x${sessionId.toString(16)} xid ${xid}`);
  }
}

/** What failed as unknown and was not applied must not have given its xid to another write. */
function checkUnknownRequests(judged: readonly Judged[], truth: Truth, add: Add): void {
  const byRequest = new Map(
    truth.writes.map((write) => [requestKey(write.sessionId, write.cxid), write]),
  );
  for (const { write, result, applied } of judged) {
    if (result.outcome !== 'unknown' || result.xid === null || applied !== null) continue;
    const other = byRequest.get(requestKey(result.sessionId, result.xid));
    if (other !== undefined) add('wrong-request', `${write.id}: ${whereOf(other)} is ${other.id}`);
  }
}

function byClient(judged: readonly Judged[]): Map<ClientIndex, Judged[]> {
  const clients = new Map<ClientIndex, Judged[]>();
  for (const each of judged) {
    const list = clients.get(each.write.client) ?? [];
    list.push(each);
    clients.set(each.write.client, list);
  }
  for (const list of clients.values()) list.sort((a, b) => a.write.seq - b.write.seq);
  return clients;
}

/**
 * Of what went out on one connection, and was not refused, the servers apply the first so many. Gives the
 * number of those applied behind a refused one.
 */
function checkPrefixes(ofClient: readonly Judged[], add: Add): number {
  const missing = new Map<number, Judged>();
  const refusing = new Set<number>();
  let behindRefused = 0;
  for (const each of ofClient) {
    const { outcome, connection } = each.result;
    if (outcome !== 'ok' && outcome !== 'unknown') continue;
    const earlier = missing.get(connection);
    if (each.refused) {
      refusing.add(connection);
    } else if (each.applied === null) {
      if (earlier === undefined) missing.set(connection, each);
    } else if (earlier !== undefined) {
      add('gap', `${earlier.write.id} is missing before ${each.write.id}`);
    } else if (refusing.has(connection)) {
      behindRefused++;
    }
  }
  return behindRefused;
}

/** Made earlier, applied earlier: also over connections, which is what fences a lost one off. */
function checkOrder(ofClient: readonly Judged[], add: Add): void {
  let last: Judged | null = null;
  for (const each of ofClient) {
    const { applied } = each;
    if (applied === null) continue;
    const before: AppliedWrite | null = last?.applied ?? null;
    const sameSession = before?.sessionId === applied.sessionId;
    const ascends = before === null || (applied.zxid > before.zxid && applied.cxid > before.cxid);
    if (sameSession && !ascends) {
      add('order', `${each.write.id} at ${whereOf(applied)} after ${before?.id}`);
    }
    last = each;
  }
}

function checkSettleOrder(ofClient: readonly Judged[], add: Add): void {
  const last = new Map<number, Judged>();
  for (const each of ofClient) {
    const { outcome, connection, settleIndex } = each.result;
    if (outcome === 'not-sent') continue;
    const before = last.get(connection);
    if (before !== undefined && before.result.settleIndex > settleIndex) {
      add('settle-order', `${each.write.id} before ${before.write.id}`);
    }
    last.set(connection, each);
  }
}

/** One sweep over the acknowledged writes: when one is made, the highest zxid acknowledged until then must be below its own. */
function checkRealTime(judged: readonly Judged[], add: Add): void {
  const acknowledged = judged.filter(
    ({ result, applied }) => result.outcome === 'ok' && applied !== null,
  );
  const bySettled = [...acknowledged].sort((a, b) => a.result.settledMs - b.result.settledMs);
  const byInvoked = [...acknowledged].sort((a, b) => a.write.invokedMs - b.write.invokedMs);
  let next = 0;
  let highest: Judged | null = null;
  for (const each of byInvoked) {
    for (; next < bySettled.length; next++) {
      const settled = bySettled[next] as Judged;
      if (settled.result.settledMs >= each.write.invokedMs) break;
      if (highest === null || zxidOf(settled) > zxidOf(highest)) highest = settled;
    }
    if (highest !== null && zxidOf(each) < zxidOf(highest)) {
      add('real-time', `${each.write.id} before ${highest.write.id}`);
    }
  }
}

function zxidOf({ applied }: Judged): bigint {
  return (applied as AppliedWrite).zxid;
}

function checkInvented(history: History, truth: Truth, add: Add): void {
  const made = new Set(history.writes.map(({ id }) => id));
  for (const write of truth.writes) {
    if (!made.has(write.id)) add('invented', `${write.id} at ${whereOf(write)}`);
  }
}
