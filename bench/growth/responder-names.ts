/** Paths by which the growth responder is told what to answer. */

const CHILDREN = '/children-';
const EVENTS = '/events/';

/** Of a node that has so many children. */
export function childrenPath(count: number): string {
  return `${CHILDREN}${count}`;
}

/** The count in such a path, null for other paths. */
export function childrenIn(path: string): number | null {
  return path.startsWith(CHILDREN) ? Number(path.slice(CHILDREN.length)) : null;
}

/** A name as those of sequential nodes are: 17 bytes. */
export function childName(index: number): string {
  return `member-${String(index).padStart(10, '0')}`;
}

/** One of the nodes that are watched. */
export function watchedPath(index: number): string {
  return `/watched/${childName(index)}`;
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
