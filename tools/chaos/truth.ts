import { readTxnLog, type TxnEntry, txnLogPaths } from '../zookeeper/txn-log.ts';
import type { TxnStep } from '../zookeeper/txn-log-record.ts';

/** One write that the ensemble has applied. */
export interface AppliedWrite {
  readonly id: string;
  readonly sessionId: bigint;
  /** The client's xid. */
  readonly cxid: number;
  readonly zxid: bigint;
  /** Node that it created, changed or deleted. */
  readonly path: string;
  /** Version of the node after it; null for a delete. */
  readonly version: number | null;
  readonly data: string;
}

/** What the servers' transaction logs say. */
export interface Truth {
  /** In order of zxid. */
  readonly writes: readonly AppliedWrite[];
  /** Requests that the leader refused, by `requestKey`, with the server's error code: they have a zxid and change nothing. */
  readonly refused: ReadonlyMap<string, number>;
  /** Applied transactions of all kinds, sessions included. */
  readonly transactions: number;
  /** Zxids under which two servers have different transactions. */
  readonly disagreements: readonly bigint[];
  /**
   * Transactions that no majority of the servers has in its log. They were never applied: a leader was killed before
   * others had written them down, and when it comes back to a leader that takes it for too far away, they
   * stay in its log, unread.
   */
  readonly leftBehind: readonly bigint[];
}

/**
 * What a transaction is known by, in the log and in the history: the data that it wrote, which is different for
 * every write; of a delete, the path, which is deleted once. Null for everything that writes no node.
 */
export function writeIdOf(step: TxnStep): string | null {
  if (step.type === 'delete') return deleteId(step.path);
  const data = 'data' in step ? step.data : null;
  return data === null ? null : data.toString('utf8');
}

export function deleteId(path: string): string {
  return `delete ${path}`;
}

/** Reads the logs of all servers of an ensemble, by their data directories; writes under `root` are of interest. */
export function readTruth(dataDirs: readonly string[], root: string): Truth {
  return mergeLogs(dataDirs.map(readServerLog), root);
}

function readServerLog(dataDir: string): TxnEntry[] {
  return txnLogPaths(dataDir).flatMap((path) => [...readTxnLog(path)]);
}

/**
 * Puts the logs of several servers together. A server may have gaps, where it took a snapshot instead, so no
 * log alone will do; but what was committed had been written down by a majority, and is never removed.
 */
export function mergeLogs(logs: readonly (readonly TxnEntry[])[], root: string): Truth {
  const byZxid = new Map<bigint, { entry: TxnEntry; text: string; servers: Set<number> }>();
  const disagreements = new Set<bigint>();
  logs.forEach((entries, server) => {
    for (const entry of entries) {
      const text = textOf(entry);
      const known = byZxid.get(entry.zxid);
      if (known === undefined) byZxid.set(entry.zxid, { entry, text, servers: new Set([server]) });
      else if (known.text === text) known.servers.add(server);
      else disagreements.add(entry.zxid);
    }
  });
  const merged = [...byZxid.values()].sort((a, b) => (a.entry.zxid < b.entry.zxid ? -1 : 1));
  const applied = merged.filter(({ servers }) => servers.size > logs.length / 2);
  const leftBehind = merged.filter(({ servers }) => servers.size <= logs.length / 2);
  return {
    writes: applied.flatMap(({ entry }) => appliedWrites(entry, root)),
    refused: refusedRequests(applied.map(({ entry }) => entry)),
    transactions: applied.length,
    disagreements: [...disagreements],
    leftBehind: leftBehind.map(({ entry }) => entry.zxid),
  };
}

/** Names a request in the logs: the client counts its xids over all connections of a session. */
export function requestKey(sessionId: bigint, xid: number): string {
  return `${sessionId} ${xid}`;
}

function refusedRequests(entries: readonly TxnEntry[]): Map<string, number> {
  const refused = new Map<string, number>();
  for (const { body, sessionId, cxid } of entries) {
    if (body.type === 'error') refused.set(requestKey(sessionId, cxid), body.serverCode);
  }
  return refused;
}

function textOf(entry: TxnEntry): string {
  return JSON.stringify(entry, (_key, value) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}

/** A multi is one write: the first of its steps that wrote a node of ours tells which. */
function appliedWrites({ body, sessionId, cxid, zxid }: TxnEntry, root: string): AppliedWrite[] {
  const steps = stepsOf(body);
  for (const step of steps) {
    const id = writeIdOf(step);
    if (id === null || !('path' in step) || !step.path.startsWith(`${root}/`)) continue;
    return [{ id, sessionId, cxid, zxid, path: step.path, version: versionOf(step), data: id }];
  }
  return [];
}

function stepsOf(body: TxnEntry['body']): readonly TxnStep[] {
  if (body.type === 'multi') return body.applied ? body.steps : [];
  if (body.type === 'createSession' || body.type === 'closeSession') return [];
  return body.type === 'error' ? [] : [body];
}

function versionOf(step: TxnStep): number | null {
  if (step.type === 'setData') return step.version;
  return step.type === 'delete' ? null : 0;
}
