import type { History } from '../ensemble/history.ts';
import type { Transaction } from '../ensemble/transaction.ts';

/** What a call of `createProtected` makes. */
export interface ProtectedNode {
  /** Its data. */
  readonly tag: string;
  readonly chroot: string;
  readonly ephemeral: boolean;
  /** The caller has an id of its own, and asks again until it knows. */
  readonly again: boolean;
  /** No other helper deletes what is there. */
  readonly spared: boolean;
}

/** A node from its creation to its end. */
export interface NodeLife {
  readonly path: string;
  /** Session of an ephemeral node, else 0n. */
  readonly owner: bigint;
  readonly born: Transaction;
  /** Null: it is still there. */
  gone: Transaction | null;
}

/** Everything that was made with one of these texts as its data, by text, oldest first. */
export function livesOf(
  history: History,
  isWanted: (text: string) => boolean,
): Map<string, NodeLife[]> {
  const lives = new Map<string, NodeLife[]>();
  const alive = new Map<string, NodeLife>();
  for (const transaction of history.log) {
    for (const [path, node] of transaction.after) {
      const life = alive.get(path);
      if (node === null) {
        if (life !== undefined) life.gone = transaction;
        alive.delete(path);
        continue;
      }
      const text = node.data?.toString('latin1', 0, TEXT_BYTES_MAX) ?? '';
      if (life !== undefined || !isWanted(text)) continue;
      const begun: NodeLife = { path, owner: node.owner, born: transaction, gone: null };
      alive.set(path, begun);
      lives.set(text, [...(lives.get(text) ?? []), begun]);
    }
  }
  return lives;
}

/** Longer than every text that is looked for. */
const TEXT_BYTES_MAX = 100;

/** The first that was there while another one was; null when there never were two. */
export function secondOf(lives: readonly NodeLife[]): NodeLife | null {
  for (const [index, life] of lives.entries()) {
    const before = lives[index - 1];
    if (before === undefined) continue;
    if (before.gone === null || before.gone.index > life.born.index) return life;
  }
  return null;
}
