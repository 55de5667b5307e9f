import type { History } from '../ensemble/history.ts';
import type { NodeState } from '../ensemble/node-state.ts';
import type { Transaction } from '../ensemble/transaction.ts';

type IsRight = (node: NodeState | null) => boolean;

/** What the world was like while a helper of several requests was at work. */
export class HelperScene {
  readonly history: History;
  /** The session was the same all the time: no answer is older than one before it. */
  readonly oneSession: boolean;
  /** The oldest state that an answer may show: what the session had been shown before. */
  readonly fromZxid: number;
  /** The newest. */
  readonly toZxid: number;

  constructor(history: History, oneSession: boolean, fromZxid: number, endMs: number) {
    this.history = history;
    this.oneSession = oneSession;
    this.fromZxid = oneSession ? fromZxid : 0;
    this.toZxid = history.zxidAt(endMs);
  }

  /** Whether the node was so at some moment. */
  was(path: string, isRight: IsRight): boolean {
    return this.order().meets(path, isRight);
  }

  /** Reads of one session, each at the state of the one before it or a newer one. */
  order(): ReadOrder {
    return new ReadOrder(this.history, this.fromZxid, this.toZxid);
  }

  /** What was written meanwhile. */
  written(isWanted: (transaction: Transaction) => boolean): number {
    const { log } = this.history;
    return log.filter((each) => {
      return each.zxid > this.fromZxid && each.zxid <= this.toZxid && isWanted(each);
    }).length;
  }
}

/** Goes through the states of the tree, and never back. */
export class ReadOrder {
  readonly #history: History;
  readonly #toZxid: number;
  #zxid: number;

  constructor(history: History, fromZxid: number, toZxid: number) {
    this.#history = history;
    this.#toZxid = toZxid;
    this.#zxid = fromZxid;
  }

  /** Goes on to the first state in which the node is right; false when there is none. */
  meets(path: string, isRight: IsRight): boolean {
    if (isRight(this.#history.nodeAt(path, this.#zxid))) return true;
    for (const { zxid, node } of this.#history.versionsOf(path)) {
      if (zxid <= this.#zxid || zxid > this.#toZxid || !isRight(node)) continue;
      this.#zxid = zxid;
      return true;
    }
    return false;
  }
}
