import { BoundedText } from './bounded-text.ts';
import { hexLong, javaDate } from './java-text.ts';
import type { ConnectionView, ServerView } from './server-view.ts';
import type { ConnectionStatistics } from './statistics.ts';

/** `cons`: every connection, with all that is known of it. `asker` is the one that asks. */
export function consWord({ connections }: ServerView, asker: ConnectionStatistics): string {
  const text = new BoundedText();
  for (const connection of connections) {
    if (!text.line(connectionLine(connection, asker, sessionFields(connection)))) break;
  }
  return `${text}\n`;
}

/** The part of `stat` that `srvr` does not have: every connection in short. */
export function clientsLines({ connections }: ServerView, asker: ConnectionStatistics): string {
  const text = new BoundedText();
  text.line('Clients:');
  for (const connection of connections) {
    if (!text.line(connectionLine(connection, asker, ''))) break;
  }
  return `${text}\n`;
}

function connectionLine(
  connection: ConnectionView,
  asker: ConnectionStatistics,
  more: string,
): string {
  const { name, outstandingRequests, statistics } = connection;
  // Nothing more is wanted of a connection that is being answered.
  const interestOps = statistics === asker ? 0 : connection.interestOps;
  const { packetsReceived, packetsSent } = statistics;
  const packets = `queued=${outstandingRequests},recved=${packetsReceived},sent=${packetsSent}`;
  return ` /${name}[${interestOps.toString(16)}](${packets}${more})`;
}

function sessionFields(connection: ConnectionView): string {
  const { sessionId, sinceMs, sessionTimeoutMs, statistics } = connection;
  if (sessionId === 0n) return '';
  const { operation, cxid, zxid, respondedMs, latencyMs, minLatencyMs, latency } = statistics;
  const lastXid = cxid >= 0 ? `,lcxid=0x${cxid.toString(16)}` : '';
  return (
    `,sid=0x${hexLong(sessionId)},lop=${operation},est=${Math.trunc(sinceMs)},to=${sessionTimeoutMs}` +
    `${lastXid},lzxid=0x${hexLong(zxid)},lresp=${respondedMs},llat=${latencyMs}` +
    `,minlat=${minLatencyMs},avglat=${latency.wholeMean},maxlat=${latency.max}`
  );
}

/** `dump`: sessions by their expiry, ephemeral nodes by session, connections by their expiry. */
export function dumpWord(view: ServerView): string {
  const text = new BoundedText();
  text.line('SessionTracker dump:');
  const sessions = [...view.sessionBuckets()].map(({ expiresAtMs, sessions: bucket }) => {
    return [expiresAtMs, Array.from(bucket, ({ id }) => `0x${hexLong(id)}`)] as const;
  });
  addExpiries(text, 'Session', sessions);
  text.line('ephemeral nodes dump:');
  addEphemerals(text, view);
  text.line('Connections dump:');
  addExpiries(text, 'Connections', connectionExpiries(view));
  return text.toString();
}

type Expiries = readonly (readonly [expiresAtMs: number, lines: readonly string[]])[];

function connectionExpiries({ connections }: ServerView): Expiries {
  const byTime = new Map<number, string[]>();
  for (const { expiresAtMs, name, sessionId } of connections) {
    const lines = byTime.get(expiresAtMs) ?? [];
    lines.push(`ip: /${name} sessionId: 0x${hexLong(sessionId)}`);
    byTime.set(expiresAtMs, lines);
  }
  return [...byTime].sort(([a], [b]) => a - b);
}

function addExpiries(text: BoundedText, what: string, expiries: Expiries): void {
  const count = expiries.reduce((sum, [, lines]) => sum + lines.length, 0);
  text.line(`${what} Sets (${expiries.length})/(${count}):`);
  for (const [expiresAtMs, lines] of expiries) {
    text.line(`${lines.length} expire at ${javaDate(expiresAtMs)}:`);
    for (const line of lines) if (!text.line(`\t${line}`)) return;
  }
}

function addEphemerals(text: BoundedText, view: ServerView): void {
  const sessions = [...view.ephemerals()];
  text.line(`Sessions with Ephemerals (${sessions.length}):`);
  for (const [sessionId, paths] of sessions) {
    text.line(`0x${hexLong(sessionId)}:`);
    for (const path of paths) if (!text.line(`\t${path}`)) return;
  }
}

/** `wchs`: how many watches there are. */
export function watchCountsWord({ watches }: ServerView): string {
  const { connections, paths, watches: count } = watches.summary;
  return `${connections} connections watching ${paths} paths\nTotal watches:${count}\n`;
}

/** `wchc`: what each session watches. */
export function watchesBySessionWord({ watches }: ServerView): string {
  const text = new BoundedText();
  for (const [sessionId, paths] of watches.bySession()) {
    if (!addGroup(text, `0x${hexLong(sessionId)}`, paths)) break;
  }
  return `${text}\n`;
}

/** `wchp`: who watches each path. */
export function watchesByPathWord({ watches }: ServerView): string {
  const text = new BoundedText();
  for (const [path, sessionIds] of watches.byPath()) {
    if (!addGroup(text, path, inHex(sessionIds))) break;
  }
  return `${text}\n`;
}

function addGroup(text: BoundedText, head: string, members: Iterable<string>): boolean {
  if (!text.line(head)) return false;
  for (const member of members) if (!text.line(`\t${member}`)) return false;
  return true;
}

function* inHex(ids: Iterable<bigint>): Generator<string> {
  for (const id of ids) yield `0x${hexLong(id)}`;
}

/** `hash`: digests of the tree by zxid. */
export function hashWord(view: ServerView): string {
  const text = new BoundedText();
  for (const { zxid, digest } of view.digests()) {
    if (!text.line(`${hexLong(zxid)}: ${digest}`)) break;
  }
  return text.toString();
}
