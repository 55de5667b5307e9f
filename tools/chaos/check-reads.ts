import type { Add } from './check.ts';
import type { History, ReadRecord } from './history.ts';
import type { AppliedWrite, Truth } from './truth.ts';

/** What a session has seen of a node: it must not see less again. */
interface Seen {
  zxid: bigint;
  by: string;
}

/**
 * Every read must give what the write with its zxid has written, and a session must never see an older
 * state of a node than it saw, or wrote, before.
 */
export function checkReads(
  history: History,
  truth: Truth,
  byId: ReadonlyMap<string, AppliedWrite>,
  add: Add,
): void {
  const byVersion = new Map<string, AppliedWrite>();
  for (const write of truth.writes) byVersion.set(`${write.path} ${write.zxid}`, write);
  for (const read of history.reads) checkContent(read, byVersion, add);
  checkFreshness(history, byId, add);
}

function checkContent(
  { path, data, mzxid, version }: ReadRecord,
  byVersion: ReadonlyMap<string, AppliedWrite>,
  add: Add,
): void {
  const write = byVersion.get(`${path} ${mzxid}`);
  if (write !== undefined && write.data === data && write.version === version) return;
  const at = `${path} version ${version} zxid 0x${mzxid.toString(16)}`;
  add('wrong-read', `${at}: ${data}, written was ${write?.data ?? 'nothing'}`);
}

function checkFreshness(
  { writes, reads }: History,
  byId: ReadonlyMap<string, AppliedWrite>,
  add: Add,
): void {
  const seen = new Map<string, Seen>();
  const see = (sessionId: bigint, path: string, zxid: bigint, by: string): void => {
    const key = `${sessionId} ${path}`;
    const before = seen.get(key);
    if (before === undefined || before.zxid < zxid) seen.set(key, { zxid, by });
  };
  const acknowledged = writes
    .flatMap(({ id, result }) => (result?.outcome === 'ok' ? [{ id, ...result }] : []))
    .sort((a, b) => a.settledMs - b.settledMs);
  let next = 0;
  for (const read of [...reads].sort((a, b) => a.settledMs - b.settledMs)) {
    for (; next < acknowledged.length; next++) {
      const write = acknowledged[next] as (typeof acknowledged)[number];
      if (write.settledMs >= read.invokedMs) break;
      const found = byId.get(write.id);
      if (found !== undefined) see(write.sessionId, found.path, found.zxid, write.id);
    }
    const before = seen.get(`${read.sessionId} ${read.path}`);
    if (before !== undefined && read.mzxid < before.zxid) {
      add(
        'stale-read',
        `client ${read.client} read ${read.data} of ${read.path} after ${before.by}`,
      );
    }
    see(read.sessionId, read.path, read.mzxid, read.data);
  }
}
