import { FramePacker } from './frame-packer.ts';

/** What waits for transactions to be durable before it may leave. */
export interface HeldOutput {
  /** Everything up to transaction number `flushed` is durable. */
  durable(flushed: number): void;
}

/**
 * Nobody hears of what is not durable: replies, events and reads that could show a transaction wait
 * here until the storage has it. Transactions are numbered by the storage, from 1, as they are appended.
 * Without a storage both numbers stay 0 and nothing waits.
 */
export class FlushGate {
  /** Number of the last transaction that was applied. */
  appended = 0;
  /** Number of the last one that is durable. */
  flushed = 0;
  /** What waits of all outputs, as far as it is short. */
  readonly packer: FramePacker = new FramePacker();
  #held = new Set<HeldOutput>();

  /** `output` hears of the next flush. */
  hold(output: HeldOutput): void {
    this.#held.add(output);
  }

  /** Runs `told` when everything up to transaction number `position` is durable: now, if it is. */
  whenFlushed(position: number, told: () => void): void {
    if (position <= this.flushed) {
      told();
      return;
    }
    const waiter: HeldOutput = {
      durable: (flushed) => (position <= flushed ? told() : this.hold(waiter)),
    };
    this.hold(waiter);
  }

  /** `output` has ended. */
  forget(output: HeldOutput): void {
    this.#held.delete(output);
  }

  /** Transactions up to this number are durable now. */
  release(flushed: number): void {
    this.flushed = flushed;
    const held = this.#held;
    this.#held = new Set();
    for (const output of held) output.durable(flushed);
    this.packer.rest();
  }
}
