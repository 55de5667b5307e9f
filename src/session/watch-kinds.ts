import { EVENT_TYPE } from '../codec/watch-names.ts';
import type { NodeEventType, WatchKind } from './watch-event.ts';

/** A set of watch kinds as bits: what one listener has on one path. */
export type WatchKinds = number;

/** Bit of each kind. */
export const KIND_BIT: Readonly<Record<WatchKind, WatchKinds>> = {
  data: 1,
  exist: 2,
  child: 4,
  persistent: 8,
  recursive: 16,
};

export const WATCH_KINDS: readonly WatchKind[] = Object.keys(KIND_BIT) as WatchKind[];

/** Gone after one event. */
export const ONE_SHOT: WatchKinds = KIND_BIT.data | KIND_BIT.exist | KIND_BIT.child;

/** Stay until they are removed. */
export const LASTING: WatchKinds = KIND_BIT.persistent | KIND_BIT.recursive;

const { data, exist, child, persistent, recursive } = KIND_BIT;

/** Kinds that hear of an event at their own path, by the number of the event; 0 for unknown numbers. */
export function kindsTold(eventType: number): WatchKinds {
  switch (eventType) {
    case EVENT_TYPE.NodeCreated:
    case EVENT_TYPE.NodeDataChanged:
      return data | exist | persistent | recursive;
    case EVENT_TYPE.NodeDeleted:
      return data | exist | child | persistent | recursive;
    // A recursive watch hears of the children themselves; servers send this one for somebody else's watch (ZOOKEEPER-4475).
    case EVENT_TYPE.NodeChildrenChanged:
      return child | persistent;
    default:
      return 0;
  }
}

/** Name of a number for which `kindsTold` is not 0. */
export function nodeEventType(eventType: number): NodeEventType {
  if (eventType === EVENT_TYPE.NodeCreated) return 'NodeCreated';
  if (eventType === EVENT_TYPE.NodeDeleted) return 'NodeDeleted';
  return eventType === EVENT_TYPE.NodeDataChanged ? 'NodeDataChanged' : 'NodeChildrenChanged';
}
