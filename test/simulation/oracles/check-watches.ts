import type { NodeEvent, WatchEvent } from '../../../src/client/index.ts';
import type { ClientHandle } from '../client-handle.ts';
import type { History } from '../ensemble/history.ts';
import { parentOf } from '../ensemble/node-state.ts';
import type { SimSocket } from '../network/sim-socket.ts';
import type { Invocation } from './invocation.ts';
import type { Violations } from './violations.ts';
import type { HeardEvent, WatchRecord } from './watch-record.ts';

/** A change that a watch has to tell. */
interface Due {
  readonly zxid: number;
  readonly type: NodeEvent['type'];
  readonly path: string;
}

/** An answer that a caller got: it shows everything up to its zxid. */
interface Shown {
  readonly order: number;
  readonly atMs: number;
  readonly zxid: number;
}

/** A watch that stands, and since when. */
interface Standing {
  readonly record: WatchRecord;
  readonly invocation: Invocation;
  readonly socket: SimSocket;
  /** Of the answer that made it stand. */
  readonly zxid: number;
  readonly order: number;
}

/** Checks what watches told against the log: everything once, in order, and before any answer that shows it. */
export class WatchCheck {
  readonly #history: History;
  readonly #violations: Violations;
  readonly #zxidInEvents: boolean;
  #shown: Map<SimSocket, Shown[]> = new Map();

  constructor(history: History, violations: Violations, zxidInEvents: boolean) {
    this.#history = history;
    this.#violations = violations;
    this.#zxidInEvents = zxidInEvents;
  }

  /** Events that were checked. */
  events = 0;

  check(handle: ClientHandle): void {
    this.#shown = shownBySocket(handle);
    for (const invocation of handle.invocations) {
      const record = invocation.operation.watch;
      if (record === undefined) continue;
      this.events += record.heard.length;
      const standing = standingOf(invocation, record);
      const faults: string[] = [];
      if (standing === null) {
        if (record.heard.length > 0)
          faults.push(`heard ${told(record.heard[0])} of a watch that failed`);
      } else {
        this.#checkEnd(handle, standing, faults);
        if (record.lasting) this.#checkLasting(handle, standing, faults);
        else this.#checkOneShot(handle, standing, faults);
      }
      for (const fault of faults.slice(0, 2)) {
        const { wish, path } = record;
        const text = `watch ${invocation.id} (${wish} ${path}): ${fault}`;
        this.#violations.add('O8', `client ${handle.index}: ${text}`);
      }
    }
  }

  /** Exactly one last event, and nothing after it. */
  #checkEnd(handle: ClientHandle, { record }: Standing, faults: string[]): void {
    const { heard } = record;
    const last = heard.findIndex(({ event }) => event.type === 'Ended' || isFired(record, event));
    if (last < 0) {
      if (handle.closed) faults.push('never ended');
    } else if (last < heard.length - 1) {
      faults.push(`${told(heard[last + 1])} after ${told(heard[last])}`);
    }
    const closed = record.closedOrder;
    if (closed === null) return;
    const late = heard.find(({ event, order }) => order > closed && event.type !== 'Ended');
    // A loop reads what waited when the watch was closed.
    if (late !== undefined && record.watch === null)
      faults.push(`${told(late)} after it was closed`);
  }

  // One-shot watches.

  #checkOneShot(handle: ClientHandle, standing: Standing, faults: string[]): void {
    const { record, socket, order } = standing;
    const [first] = record.heard;
    const ended = first === undefined ? Number.POSITIVE_INFINITY : first.order;
    const due = this.#firstDue(standing);
    if (first !== undefined && isNode(first.event)) {
      const { event } = first;
      if (clientPath(handle, record.path) !== event.path) faults.push(`heard of ${event.path}`);
      const late = this.#meetsLasting(handle, record);
      // Before 3.9: told of what its read had shown, by an event that was on its way. Read again, no harm done.
      if (!this.#zxidInEvents && late) return;
      if (due === null) faults.push(`heard ${told(first)}, nothing has happened`);
      else this.#checkFired(standing, first, due, late, faults);
    }
    if (due === null) return;
    for (const each of handle.sockets) {
      if (each.grantedSession !== socket.grantedSession) continue;
      const from = this.#tellsFrom(standing, each);
      const missed = this.#firstDue({ ...standing, zxid: from });
      if (missed === null) continue;
      for (const shown of this.#shown.get(each) ?? []) {
        if (shown.order <= order || shown.zxid < missed.zxid || shown.order > ended) continue;
        // One that a lasting watch of its path served is set again when that goes, and told a little later.
        if (first !== undefined && this.#meetsLasting(handle, record)) continue;
        faults.push(`${missed.type} of ${missed.zxid} not told before an answer at ${shown.zxid}`);
        return;
      }
    }
  }

  #meetsLasting(handle: ClientHandle, { path }: WatchRecord): boolean {
    return handle.watches.some((other) => other.lasting && other.path === path);
  }

  /** Changes after this zxid are told on this connection, whatever happened before. */
  #tellsFrom(standing: Standing, socket: SimSocket): number {
    const { record, zxid } = standing;
    if (socket === standing.socket) return zxid;
    // What was made and is gone again when the connection is made anew, servers do not tell.
    if (this.#isExist(standing)) {
      const armed = socket.armed.get(`exist ${record.path}`);
      if (armed === undefined) return Number.POSITIVE_INFINITY;
      const node = this.#history.nodeAt(record.path, armed);
      return node === null ? armed : Math.min(armed, node.czxid - 1);
    }
    return zxid;
  }

  /** `late`: what it tells may be of several changes together. */
  #checkFired(
    standing: Standing,
    heard: HeardEvent,
    due: Due,
    late: boolean,
    faults: string[],
  ): void {
    const event = heard.event as NodeEvent;
    const here = heard.reading === standing.socket && !late;
    if (here && event.type !== due.type) faults.push(`heard ${event.type}, it was ${due.type}`);
    if (!here && !this.#isPossible(standing, event.type)) faults.push(`heard ${event.type}`);
    if (here && this.#zxidInEvents && event.zxid !== null && event.zxid !== BigInt(due.zxid)) {
      faults.push(`heard zxid ${event.zxid}, it was ${due.zxid}`);
    }
  }

  #isPossible(standing: Standing, type: NodeEvent['type']): boolean {
    if (this.#isExist(standing)) return type === 'NodeCreated';
    if (type === 'NodeDeleted') return true;
    return type === (standing.record.wish === 'child' ? 'NodeChildrenChanged' : 'NodeDataChanged');
  }

  /** It waits for the node to be made. */
  #isExist({ record, invocation }: Standing): boolean {
    return record.wish === 'exists' && invocation.settled?.value === null;
  }

  /** The first change after it stood that it has to tell; null when there is none. */
  #firstDue(standing: Standing): Due | null {
    const { record, zxid } = standing;
    const { path } = record;
    for (const transaction of this.#history.log) {
      if (transaction.zxid <= zxid) continue;
      for (const change of transaction.changes) {
        const own = change.path === path;
        if (record.wish === 'child') {
          if (own && change.type === 2)
            return { zxid: transaction.zxid, type: 'NodeDeleted', path };
          if (change.type !== 3 && parentOf(change.path) === path && change.path !== '/') {
            return { zxid: transaction.zxid, type: 'NodeChildrenChanged', path };
          }
        } else if (own) {
          return { zxid: transaction.zxid, type: TYPES[change.type], path };
        }
      }
    }
    return null;
  }

  // Watches that stay.

  #checkLasting(handle: ClientHandle, standing: Standing, faults: string[]): void {
    const { record, socket } = standing;
    const end = record.heard.find(({ event }) => event.type === 'Ended');
    const endOrder = Math.min(end?.order ?? Infinity, record.closedOrder ?? Infinity);
    this.#checkResyncs(handle, standing, endOrder, faults);
    for (const each of handle.sockets) {
      if (each.grantedSession !== socket.grantedSession) continue;
      const heard = record.heard.filter(({ event, reading }) => reading === each && isNode(event));
      const armed = each.armed.get(`${record.wish} ${record.path}`);
      const since = each === socket ? standing.zxid : armed;
      if (since === undefined) {
        if (heard.length > 0) faults.push(`heard ${told(heard[0])} where it did not stand`);
        continue;
      }
      const due = this.#allDue(record, since);
      const live = this.#withoutCatchUps(handle, each, due, heard);
      this.#checkPrefix(handle, due, live, faults);
      this.#checkInTime(standing, each, endOrder, due, live, faults);
    }
  }

  /**
   * What a server tells one-shot watches after a reconnect, of before it, others of the client hear
   * too: that is not due to a watch that was told to read again, and does it no harm.
   */
  #withoutCatchUps(
    handle: ClientHandle,
    socket: SimSocket,
    due: readonly Due[],
    heard: readonly HeardEvent[],
  ): HeardEvent[] {
    const catchUps = catchUpsOf(handle, socket);
    if (catchUps.length === 0) return [...heard];
    let next = 0;
    return heard.filter(({ event }) => {
      const node = event as NodeEvent;
      const right = due[next];
      const isDue = right?.type === node.type && clientPath(handle, right.path) === node.path;
      const surely = this.#zxidInEvents && node.zxid === null;
      const at = isDue && !surely ? -1 : catchUps.indexOf(`${node.type} ${node.path}`);
      if (at < 0) next++;
      return at < 0;
    });
  }

  /** After every reconnect one mark, before everything else of the new connection. */
  #checkResyncs(
    handle: ClientHandle,
    { record, order, socket }: Standing,
    endOrder: number,
    faults: string[],
  ): void {
    const marks = record.heard.filter(({ event }) => event.type === 'Resync');
    for (const session of handle.sessions) {
      // A watch that the user closes as the session is told has heard enough.
      if (session.order < order || session.heardOrder > endOrder || session.socket === socket) {
        continue;
      }
      const count = marks.filter(({ reading }) => reading === session.socket).length;
      if (count !== 1) faults.push(`${count} Resync on socket ${session.socket?.ordinal}`);
      const [first] = record.heard.filter(({ reading }) => reading === session.socket);
      if (first !== undefined && first.event.type !== 'Resync')
        faults.push(`${told(first)} before Resync`);
    }
    const known = new Set(handle.sessions.map((session) => session.socket));
    if (marks.some(({ reading }) => !known.has(reading))) faults.push('Resync without a reconnect');
  }

  #checkPrefix(
    handle: ClientHandle,
    due: readonly Due[],
    heard: readonly HeardEvent[],
    faults: string[],
  ): void {
    for (const [index, each] of heard.entries()) {
      const right = due[index];
      const event = each.event as NodeEvent;
      const path = right === undefined ? null : clientPath(handle, right.path);
      if (right === undefined || event.type !== right.type || event.path !== path) {
        const wanted =
          right === undefined ? 'nothing' : `${right.type} ${right.path} of ${right.zxid}`;
        faults.push(`event ${index} is ${told(each)}, due was ${wanted}`);
        return;
      }
      if (this.#zxidInEvents && event.zxid !== BigInt(right.zxid)) {
        faults.push(`event ${index} has zxid ${event.zxid}, not ${right.zxid}`);
      }
    }
  }

  /** No answer shows a change that was not told before. */
  #checkInTime(
    { record, order }: Standing,
    socket: SimSocket,
    endOrder: number,
    due: readonly Due[],
    heard: readonly HeardEvent[],
    faults: string[],
  ): void {
    let next = 0;
    for (const shown of this.#shown.get(socket) ?? []) {
      if (shown.order < order) continue;
      if (shown.order > endOrder) return;
      for (; next < due.length && due[next]!.zxid <= shown.zxid; next++) {
        const event = heard[next];
        if (event !== undefined && event.order < shown.order) continue;
        // A loop gets one event at a time: promises that are settled meanwhile go on between them.
        if (record.byLoop && (event ?? record.heard.at(-1))?.atMs === shown.atMs) continue;
        const { type, path, zxid } = due[next]!;
        faults.push(`${type} ${path} of ${zxid} not told before an answer at ${shown.zxid}`);
        return;
      }
    }
  }

  /** Everything after a zxid that a lasting watch has to tell, in order. */
  #allDue(record: WatchRecord, since: number): Due[] {
    const due: Due[] = [];
    const { path } = record;
    const below = path === '/' ? '/' : `${path}/`;
    for (const { zxid, changes } of this.#history.log) {
      if (zxid <= since) continue;
      for (const change of changes) {
        const type = TYPES[change.type];
        if (record.wish === 'recursive') {
          if (change.path === path || change.path.startsWith(below)) {
            due.push({ zxid, type, path: change.path });
          }
          continue;
        }
        if (change.path === path) due.push({ zxid, type, path });
        if (change.type !== 3 && parentOf(change.path) === path) {
          due.push({ zxid, type: 'NodeChildrenChanged', path });
        }
      }
    }
    return due;
  }
}

const TYPES = { 1: 'NodeCreated', 2: 'NodeDeleted', 3: 'NodeDataChanged' } as const;

/** A watch stands when its request was answered well. */
function standingOf(invocation: Invocation, record: WatchRecord): Standing | null {
  const { settled, frame, socket } = invocation;
  if (settled === null || settled.error !== null || frame === null || socket === null) return null;
  const reply = socket.replies.get(frame.xid);
  if (reply === undefined) return null;
  return { record, invocation, socket, zxid: reply.zxid, order: settled.order };
}

function isNode(event: WatchEvent): boolean {
  return event.type !== 'Resync' && event.type !== 'Ended';
}

function isFired({ lasting }: WatchRecord, event: WatchEvent): boolean {
  return !lasting && isNode(event);
}

/** The answers that callers got, by socket, in the order in which they got them. */
function shownBySocket(handle: ClientHandle): Map<SimSocket, Shown[]> {
  const all = new Map<SimSocket, Shown[]>();
  for (const { frame, socket, settled, operation } of handle.invocations) {
    if (frame === null || socket === null || settled === null || operation.aside === true) continue;
    const reply = socket.replies.get(frame.xid);
    const answered =
      settled.error === null || (settled.error as { outcome?: string }).outcome === 'rejected';
    if (reply === undefined || !answered) continue;
    const shown = all.get(socket);
    const { order, atMs } = settled;
    if (shown === undefined) all.set(socket, [{ order, atMs, zxid: reply.zxid }]);
    else shown.push({ order, atMs, zxid: reply.zxid });
  }
  for (const shown of all.values()) shown.sort((a, b) => a.order - b.order);
  return all;
}

/** What the server told on this connection of changes before it: the events, and what can be concluded of parents. */
function catchUpsOf(handle: ClientHandle, socket: SimSocket): string[] {
  const missed = socket.serverFrames.filter(({ kind, zxid }) => kind === 'event' && zxid === 0);
  return missed.flatMap(({ op, path }) => {
    const own = clientPath(handle, path ?? '');
    const event = `${op === 4 ? 'NodeChildrenChanged' : TYPES[op as 1 | 2 | 3]} ${own}`;
    return [event, `NodeChildrenChanged ${parentOf(own)}`];
  });
}

function clientPath({ setup }: ClientHandle, path: string): string {
  return path.slice(setup.chroot.length) || '/';
}

function told(heard: HeardEvent | undefined): string {
  if (heard === undefined) return 'nothing';
  const { event } = heard;
  return event.type === 'Ended' ? `Ended ${event.reason}` : `${event.type} ${event.path}`;
}
