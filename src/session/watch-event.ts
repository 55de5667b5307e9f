import type { ZkwireError } from '../errors.ts';

/**
 * How long a watch lives and what it hears.
 * - `data`, `exist`, `child`: one event, then it is gone.
 * - `persistent`: every event of its node, until it is removed.
 * - `recursive`: nodes made, changed and deleted in a whole subtree, until it is removed.
 */
export type WatchKind = 'data' | 'exist' | 'child' | 'persistent' | 'recursive';

/** What happened to a node. */
export type NodeEventType =
  | 'NodeCreated'
  | 'NodeDeleted'
  | 'NodeDataChanged'
  | 'NodeChildrenChanged';

/** Something happened to a node. Listeners of one event share the object. */
export interface NodeEvent {
  /** What happened. */
  readonly type: NodeEventType;
  /** Path of the node as the client names it, without the chroot. */
  readonly path: string;
  /**
   * Zxid of the change. Null when the server does not tell: before 3.9, and for changes that were
   * missed while disconnected and told afterwards. Several events of one multi have the same.
   */
  readonly zxid: bigint | null;
}

/**
 * There was a gap: something at or below `path` may have changed without a word. Read again: a read
 * that this client makes from now on shows it, and what changes after that read is told.
 * - `reconnect`: the connection was lost and there is a new one. Servers do not tell persistent and
 *   recursive watches what happened meanwhile. `path` is the one that is watched. Comes before
 *   everything else from the new connection.
 * - `overflow`: more events waited in a queue than it holds. They were thrown away, and this stands
 *   in their place; `path` is the lowest node with all of theirs at or below it.
 */
export interface ResyncEvent {
  /** Always `Resync`. */
  readonly type: 'Resync';
  /** Node at or below which something may have been missed, without the chroot. */
  readonly path: string;
  /** Where the gap comes from. */
  readonly reason: 'reconnect' | 'overflow';
}

/**
 * Why a watch has ended:
 * - `removed`: it was asked for.
 * - `expired`: the session is over by a server's word.
 * - `closed`, `detached`: the client was.
 * - `auth-failed`: the server refused the client's credentials.
 * - `not-restored`: the server refused to set it again after a reconnect.
 */
export type WatchEndReason =
  | 'removed'
  | 'expired'
  | 'closed'
  | 'detached'
  | 'auth-failed'
  | 'not-restored';

/** The watch is over without another event: exactly once, and last. A one-shot watch that fired ends with that. */
export interface EndedEvent {
  /** Always `Ended`. */
  readonly type: 'Ended';
  /** Path that was watched. */
  readonly path: string;
  /** Why. */
  readonly reason: WatchEndReason;
  /** What the server or the connection said, when the end was not asked for. */
  readonly error: ZkwireError | null;
}

/** What a watch hears. */
export type WatchEvent = NodeEvent | ResyncEvent | EndedEvent;

/**
 * Told in the read path, in wire order with the replies around it: an event comes before every
 * reply that shows the change. What it throws is reported and disturbs nobody.
 */
export type WatchListener = (event: WatchEvent) => void;

/** A listener that is an object: where there are very many, each is spared a function of its own. */
export interface WatchEar {
  /** Called as a `WatchListener` is; when it gives a promise, what that is rejected with is reported. */
  hear(event: WatchEvent): unknown;
}

/** Who can be told of events. */
export type WatchHearer = WatchListener | WatchEar;
