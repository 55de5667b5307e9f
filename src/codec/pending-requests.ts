interface Waiting {
  readonly op: number;
  /** Place in the order of requests. */
  readonly sequence: number;
  /** The next request with the same xid, in a ring: after the last comes the first. */
  next: Waiting;
}

/** The request that a reply answers. */
export interface Answered {
  readonly op: number;
  /** False when an older request had not been answered: it was overtaken, or its reply is missing. */
  readonly inOrder: boolean;
}

/** Requests by xid. */
interface Generation {
  /** The *last* request with each xid (its `next` is the first): nothing forbids a client to repeat one. */
  readonly lastByXid: Map<number, Waiting>;
  size: number;
}

/**
 * Requests of one recorded connection that wait for their reply, found by xid.
 *
 * A client may insist on order and drop the connection (the pipeline does); someone who looks at a
 * recording wants to see the rest of it, so a reply may answer any request here.
 *
 * Bounded by two generations: when the recent one is full, the older one is forgotten as a whole.
 * Forgetting one by one costs a search through the holes that the forgotten leave in a Map.
 */
export class PendingRequests {
  readonly #generationMax: number;
  #older: Generation = newGeneration();
  #recent: Generation = newGeneration();
  #sequence = 0;
  #expected = 0;

  /** @param max Requests remembered at most; half as many always are. */
  constructor(max: number) {
    this.#generationMax = Math.ceil(max / 2);
  }

  add(xid: number, op: number): void {
    if (this.#recent.size >= this.#generationMax) {
      this.#older = this.#recent;
      this.#recent = newGeneration();
    }
    const { lastByXid } = this.#recent;
    const waiting = { op, sequence: this.#sequence++ } as Waiting;
    const last = lastByXid.get(xid);
    waiting.next = last === undefined ? waiting : last.next;
    if (last !== undefined) last.next = waiting;
    lastByXid.set(xid, waiting);
    this.#recent.size++;
  }

  /** Takes out the oldest request with this xid; undefined when there is none. */
  take(xid: number): Answered | undefined {
    const first = takeFirst(this.#older, xid) ?? takeFirst(this.#recent, xid);
    if (first === undefined) return undefined;
    const inOrder = first.sequence === this.#expected;
    this.#expected = Math.max(this.#expected, first.sequence + 1);
    return { op: first.op, inOrder };
  }
}

function newGeneration(): Generation {
  return { lastByXid: new Map(), size: 0 };
}

function takeFirst(generation: Generation, xid: number): Waiting | undefined {
  const last = generation.lastByXid.get(xid);
  if (last === undefined) return undefined;
  const first = last.next;
  if (first === last) generation.lastByXid.delete(xid);
  else last.next = first.next;
  generation.size--;
  return first;
}
