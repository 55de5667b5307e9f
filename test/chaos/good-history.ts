import type { ReadRecord, WriteRecord, WriteResult } from '../../tools/chaos/history.ts';
import { type AppliedWrite, requestKey, type Truth } from '../../tools/chaos/truth.ts';

/** A history and a log that agree, to be spoiled by a test. Everything in them may be changed. */
export interface Story {
  writes: { -readonly [K in keyof WriteRecord]: WriteRecord[K] }[];
  reads: { -readonly [K in keyof ReadRecord]: ReadRecord[K] }[];
  log: { -readonly [K in keyof AppliedWrite]: AppliedWrite[K] }[];
  disagreements: bigint[];
  /** Session and xid of what the leader refused. */
  refused: [bigint, number][];
}

export function truthOf({ log, disagreements, refused }: Story): Truth {
  const writes = [...log].sort((a, b) => (a.zxid < b.zxid ? -1 : 1));
  return {
    writes,
    refused: new Map(refused.map(([sessionId, xid]) => [requestKey(sessionId, xid), -118])),
    transactions: writes.length,
    disagreements,
    leftBehind: [],
  };
}

const PATH = '/chaos/key';
const CLIENTS = 2;
/** Writes on each connection: so many are acknowledged, applied without an answer, not applied. */
const ACKNOWLEDGED = 4;
const APPLIED = 2;
const LOST = 2;
const CONNECTIONS = 3;
/** After the last connection: refused by the server, and never sent. */
const PER_CONNECTION = ACKNOWLEDGED + APPLIED + LOST;

export const SESSION = (client: number): bigint => 0x0100n + BigInt(client);

/**
 * Clients that take turns writing one node, over connections that are lost in the middle. Of client c the
 * write of connection k and place i is `w c-k-i`.
 */
export function goodStory(): Story {
  const story: Story = { writes: [], reads: [], log: [], disagreements: [], refused: [] };
  let zxid = 0x1_0000_0000n;
  let version = 0;
  let nowMs = 0;
  for (let connection = 0; connection < CONNECTIONS; connection++) {
    for (let place = 0; place < PER_CONNECTION; place++) {
      for (let client = 0; client < CLIENTS; client++) {
        const id = `w ${client}-${connection}-${place}`;
        const seq = connection * PER_CONNECTION + place;
        const isAcknowledged = place < ACKNOWLEDGED;
        const isApplied = place < ACKNOWLEDGED + APPLIED;
        if (isApplied) {
          const cxid = seq + 1;
          zxid++;
          version++;
          const sessionId = SESSION(client);
          story.log.push({ id, sessionId, cxid, zxid, path: PATH, version, data: id });
        }
        const result = resultOf(client, connection, seq, isAcknowledged ? { zxid, version } : null);
        const invokedMs = nowMs++;
        const settledMs = nowMs++;
        const write = { id, client, seq, kind: 'set' as const, invokedMs };
        story.writes.push({ ...write, result: { ...result, settledMs } });
        if (isAcknowledged) {
          const read = { client, sessionId: SESSION(client), path: PATH, data: id, version };
          story.reads.push({ ...read, mzxid: zxid, invokedMs: nowMs++, settledMs: nowMs++ });
        }
      }
    }
  }
  for (let client = 0; client < CLIENTS; client++) {
    for (const outcome of ['rejected', 'not-sent'] as const) {
      const seq = CONNECTIONS * PER_CONNECTION + (outcome === 'rejected' ? 0 : 1);
      const result = { ...resultOf(client, CONNECTIONS - 1, seq, null), outcome, xid: null };
      const settledMs = nowMs++;
      const id = `w ${client}-${outcome}`;
      const write = { id, client, seq, kind: 'set' as const, invokedMs: settledMs };
      story.writes.push({ ...write, result: { ...result, settledMs } });
    }
  }
  return story;
}

function resultOf(
  client: number,
  connection: number,
  seq: number,
  acknowledged: { zxid: bigint; version: number } | null,
): Omit<WriteResult, 'settledMs'> {
  const carried = { settleIndex: seq, connection, sessionId: SESSION(client) };
  if (acknowledged !== null) {
    return { ...carried, ...acknowledged, outcome: 'ok', code: null, xid: null };
  }
  const none = { zxid: null, version: null };
  return { ...carried, ...none, outcome: 'unknown', code: 'CONNECTION_LOSS', xid: seq + 1 };
}
