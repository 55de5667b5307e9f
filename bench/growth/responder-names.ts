/** Paths by which the growth responder is told what to answer. */

const EVENTS = '/events/';

/** One of the nodes that are watched; all these paths have the same length. */
export function watchedPath(index: number): string {
  return `/watched/member-${String(index).padStart(10, '0')}`;
}

/** A sync of this path is answered behind so many events of so many watched nodes. */
export function eventsPath(events: number, watched: number): string {
  return `${EVENTS}${events}/${watched}`;
}

/** The two numbers in such a path, null for other paths. */
export function eventsIn(path: string): { events: number; watched: number } | null {
  if (!path.startsWith(EVENTS)) return null;
  const [events = '', watched = ''] = path.slice(EVENTS.length).split('/');
  return { events: Number(events), watched: Number(watched) };
}

/** A prime, so that events one behind the other are of nodes far apart, and all nodes get theirs. */
const EVENT_STRIDE = 611_953;

/** Which of the watched nodes the nth event is of. */
export function eventIndex(nth: number, watched: number): number {
  return (nth * EVENT_STRIDE) % watched;
}
