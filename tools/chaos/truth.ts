import { OP } from 'zkwire/codec';
import { listLogs, versionDirectory } from '#server/storage/data-files';
import { readTxnLog, type TxnLogEntry } from '#server/storage/txn-log-reader';
import type { PlainTxn, Txn } from '#server/tree/txn';

/** Entry of a log, wherever in it. */
export type LoggedTxn = Pick<TxnLogEntry, 'header' | 'txn'>;

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
export function writeIdOf(step: PlainTxn): string | null {
  if (step.type === OP.delete) return deleteId(step.path);
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

function readServerLog(dataDir: string): LoggedTxn[] {
  return listLogs(versionDirectory(dataDir)).flatMap(({ path }) => [...readTxnLog(path)]);
}

/**
 * Puts the logs of several servers together. A server may have gaps, where it took a snapshot instead, so no
 * log alone will do; but what was committed had been written down by a majority, and is never removed.
 */
export function mergeLogs(logs: readonly (readonly LoggedTxn[])[], root: string): Truth {
  const byZxid = new Map<bigint, { entry: LoggedTxn; text: string; servers: Set<number> }>();
  const disagreements = new Set<bigint>();
  logs.forEach((entries, server) => {
    for (const entry of entries) {
      const { zxid } = entry.header;
      const text = textOf(entry);
      const known = byZxid.get(zxid);
      if (known === undefined) byZxid.set(zxid, { entry, text, servers: new Set([server]) });
      else if (known.text === text) known.servers.add(server);
      else disagreements.add(zxid);
    }
  });
  const merged = [...byZxid.values()].sort((a, b) =>
    a.entry.header.zxid < b.entry.header.zxid ? -1 : 1,
  );
  const applied = merged.filter(({ servers }) => servers.size > logs.length / 2);
  const leftBehind = merged.filter(({ servers }) => servers.size <= logs.length / 2);
  return {
    writes: applied.flatMap(({ entry }) => appliedWrites(entry, root)),
    refused: refusedRequests(applied.map(({ entry }) => entry)),
    transactions: applied.length,
    disagreements: [...disagreements],
    leftBehind: leftBehind.map(({ entry }) => entry.header.zxid),
  };
}

/** Names a request in the logs: the client counts its xids over all connections of a session. */
export function requestKey(sessionId: bigint, xid: number): string {
  return `${sessionId} ${xid}`;
}

function refusedRequests(entries: readonly LoggedTxn[]): Map<string, number> {
  const refused = new Map<string, number>();
  for (const { header, txn } of entries) {
    if (txn.type === OP.error) refused.set(requestKey(header.sessionId, header.cxid), txn.code);
  }
  return refused;
}

function textOf({ header, txn }: LoggedTxn): string {
  return JSON.stringify({ header, txn }, (_key, value) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}

/** A multi is one write: the first of its steps that wrote a node of ours tells which. */
function appliedWrites({ header, txn }: LoggedTxn, root: string): AppliedWrite[] {
  const { sessionId, cxid, zxid } = header;
  for (const step of stepsOf(txn)) {
    const id = writeIdOf(step);
    if (id === null || !('path' in step) || !step.path.startsWith(`${root}/`)) continue;
    return [{ id, sessionId, cxid, zxid, path: step.path, version: versionOf(step), data: id }];
  }
  return [];
}

/** Steps of a multi that was refused stand in the log as if they had been made. */
function stepsOf(txn: Txn): readonly PlainTxn[] {
  if (txn.type === OP.multi) {
    return txn.txns.some(({ type }) => type === OP.error) ? [] : txn.txns;
  }
  if (txn.type === OP.createSession || txn.type === OP.closeSession) return [];
  return [txn];
}

function versionOf(step: PlainTxn): number | null {
  if (step.type === OP.setData) return step.version;
  return step.type === OP.delete ? null : 0;
}
