import { SERVER_OUTPUT_TOTAL_BYTES_MAX } from '../limits.ts';

/** Memory held may grow by so much before it is looked again who holds it. */
const LOOK_AGAIN_BYTES: number = 16 * 1024 * 1024;

/** A client, as far as answers wait for it. */
export interface Debtor {
  readonly output: { readonly queuedBytes: number };
  /** Hangs up now. */
  drop(reason: string): void;
}

/**
 * Clients that ask and do not read are held back one by one, but many of them add up: above a limit
 * those who have left the most unread are hung up on, until the rest is below it.
 */
export class OutputBudget {
  readonly #debtors: Iterable<Debtor>;
  #lookAtBytes: number = SERVER_OUTPUT_TOTAL_BYTES_MAX;

  /** `debtors`: all clients of the server, now and later. */
  constructor(debtors: Iterable<Debtor>) {
    this.#debtors = debtors;
  }

  /** `heldBytes`: memory that answers take, full or not. A comparison, most of the time. */
  check(heldBytes: number): void {
    if (heldBytes < this.#lookAtBytes) {
      // What was given back may come again.
      if (heldBytes < SERVER_OUTPUT_TOTAL_BYTES_MAX) {
        this.#lookAtBytes = SERVER_OUTPUT_TOTAL_BYTES_MAX;
      }
      return;
    }
    this.#lookAtBytes = heldBytes + LOOK_AGAIN_BYTES;
    this.#relieve();
  }

  /** Whether an answer may be as long as it likes. */
  allows(heldBytes: number): boolean {
    return heldBytes < SERVER_OUTPUT_TOTAL_BYTES_MAX;
  }

  #relieve(): void {
    const debtors = Array.from(this.#debtors, (debtor) => {
      return { debtor, bytes: debtor.output.queuedBytes };
    }).sort((a, b) => b.bytes - a.bytes);
    let total = debtors.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { debtor, bytes } of debtors) {
      if (total <= SERVER_OUTPUT_TOTAL_BYTES_MAX) return;
      debtor.drop('it does not read its answers, and memory is short');
      total -= bytes;
    }
  }
}
