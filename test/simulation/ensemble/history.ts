import type { Id } from '../../../src/codec/records.gen.ts';
import { Draft, Refusal } from './draft.ts';
import { firstTree, type NodeState, type NodeTree } from './node-state.ts';
import type { Transaction } from './transaction.ts';
import type { WriteRequest } from './write-request.ts';

/** What the leader is asked to do. */
export interface Proposal {
  readonly session: bigint;
  readonly xid: number;
  readonly op: number;
  readonly path: string | null;
  readonly request: WriteRequest;
  readonly ids: readonly Id[];
  readonly origin: object | null;
  readonly socket: number;
}

/** A node from one transaction on; null: it is gone. */
export interface Version {
  readonly zxid: number;
  readonly node: NodeState | null;
}

/** Wall-clock time of the servers when virtual time is 0. */
export const WALL_CLOCK_MS: number = 1_780_000_000_000;

/** Zxids of one epoch; the next epoch starts above all of them. */
const EPOCH_ZXIDS = 2 ** 32;

const NO_CHANGES: ReadonlyMap<string, NodeState | null> = new Map();

/** The order of everything that was written, and the newest tree: what the ensemble has agreed on. */
export class History {
  readonly log: Transaction[] = [];
  readonly tree: NodeTree = firstTree();
  epoch = 1;
  #counter = 0;
  readonly #versions: Map<string, Version[]> = new Map();
  readonly #byRequest: Map<string, Transaction[]> = new Map();

  constructor() {
    for (const [path, node] of this.tree) this.#versions.set(path, [{ zxid: 0, node }]);
  }

  /** Zxid of the newest transaction, or of the epoch if it has none yet. */
  get zxid(): number {
    return this.epoch * EPOCH_ZXIDS + this.#counter;
  }

  beginEpoch(): void {
    this.epoch++;
    this.#counter = 0;
  }

  /** Goes on from the zxid of a recorded server, for replays. */
  startAt(zxid: number): void {
    this.epoch = Math.floor(zxid / EPOCH_ZXIDS);
    this.#counter = zxid % EPOCH_ZXIDS;
  }

  /** Decides on a proposal; refused ones take a zxid too. */
  append(proposal: Proposal, nowMs: number): Transaction {
    this.#counter++;
    const { zxid } = this;
    const timeMs = WALL_CLOCK_MS + Math.round(nowMs);
    const draft = new Draft(this.tree, { ...proposal, zxid, timeMs });
    let err = 0;
    let failedStep = -1;
    const { request } = proposal;
    try {
      if (request.kind === 'multi') {
        for (const step of request.steps) {
          failedStep++;
          draft.apply(step, proposal.op);
        }
        failedStep = -1;
      } else if (request.kind === 'close-session') {
        draft.deleteOwned(proposal.session);
      } else if (request.kind !== 'create-session') {
        draft.apply(request, proposal.op);
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      err = error.err;
    }
    const transaction: Transaction = {
      index: this.log.length,
      zxid,
      atMs: nowMs,
      session: proposal.session,
      xid: proposal.xid,
      op: proposal.op,
      path: proposal.path,
      request,
      err,
      failedStep,
      results: err === 0 ? draft.results : [],
      after: err === 0 ? draft.after : NO_CHANGES,
      changes: err === 0 ? draft.changes : [],
      origin: proposal.origin,
      socket: proposal.socket,
    };
    this.#record(transaction);
    return transaction;
  }

  #record(transaction: Transaction): void {
    this.log.push(transaction);
    const { zxid, socket, xid } = transaction;
    for (const [path, node] of transaction.after) {
      if (node === null) this.tree.delete(path);
      else this.tree.set(path, node);
      const versions = this.#versions.get(path);
      if (versions === undefined) this.#versions.set(path, [{ zxid, node }]);
      else versions.push({ zxid, node });
    }
    if (socket < 0 || xid === 0) return;
    const key = `${socket} ${xid}`;
    const known = this.#byRequest.get(key);
    if (known === undefined) this.#byRequest.set(key, [transaction]);
    else known.push(transaction);
  }

  /** The node as it was when `zxid` was the newest; null when there was none. */
  nodeAt(path: string, zxid: number): NodeState | null {
    const versions = this.#versions.get(path) ?? [];
    let index = versions.length;
    while (index > 0 && versions[index - 1]!.zxid > zxid) index--;
    return index === 0 ? null : versions[index - 1]!.node;
  }

  /** All that ever became of a path, oldest first. */
  versionsOf(path: string): readonly Version[] {
    return this.#versions.get(path) ?? [];
  }

  /** Zxid of the newest transaction at that moment; 0: there was none. */
  zxidAt(atMs: number): number {
    let low = 0;
    let high = this.log.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.log[middle]!.atMs <= atMs) low = middle + 1;
      else high = middle;
    }
    return this.log[low - 1]?.zxid ?? 0;
  }

  /** Paths that ever were. */
  get paths(): Iterable<string> {
    return this.#versions.keys();
  }

  /** What became of a request: nothing, or one line of the log. */
  ofRequest(socket: number, xid: number): readonly Transaction[] {
    return this.#byRequest.get(`${socket} ${xid}`) ?? [];
  }
}
