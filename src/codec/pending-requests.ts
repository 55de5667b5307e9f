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

/**
 * Requests of one recorded connection that wait for their reply, found by xid.
 *
 * A client may insist on order and drop the connection (the pipeline does); someone who looks at a
 * recording wants to see the rest of it, so a reply may answer any request here.
 */
export class PendingRequests {
  readonly #max: number;
  /** The *last* request with each xid (its `next` is the first): nothing forbids a client to repeat one. */
  readonly #lastByXid: Map<number, Waiting> = new Map();
  #size = 0;
  #sequence = 0;
  #expected = 0;

  /** @param max Requests remembered; beyond it the oldest xid is forgotten. */
  constructor(max: number) {
    this.#max = max;
  }

  add(xid: number, op: number): void {
    if (this.#size >= this.#max) this.#forgetOldest();
    const waiting = { op, sequence: this.#sequence++ } as Waiting;
    const last = this.#lastByXid.get(xid);
    waiting.next = last === undefined ? waiting : last.next;
    if (last !== undefined) last.next = waiting;
    this.#lastByXid.set(xid, waiting);
    this.#size++;
  }

  /** Takes out the oldest request with this xid; undefined when there is none. */
  take(xid: number): Answered | undefined {
    const last = this.#lastByXid.get(xid);
    if (last === undefined) return undefined;
    const first = this.#removeFirst(xid, last);
    const inOrder = first.sequence === this.#expected;
    this.#expected = Math.max(this.#expected, first.sequence + 1);
    return { op: first.op, inOrder };
  }

  #forgetOldest(): void {
    for (const [xid, last] of this.#lastByXid) {
      this.#removeFirst(xid, last);
      return;
    }
  }

  #removeFirst(xid: number, last: Waiting): Waiting {
    const first = last.next;
    if (first === last) this.#lastByXid.delete(xid);
    else last.next = first.next;
    this.#size--;
    return first;
  }
}
