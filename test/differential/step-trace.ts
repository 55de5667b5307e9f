import { Conversation, describe } from '../../src/codec/index.ts';
import type { Slot } from './session-slots.ts';

/** What was said on one server, step by step, one line a frame. */
export class StepTrace {
  readonly #steps: string[][] = [[]];
  readonly #numbers = new Map<object, number>();
  readonly #conversation = new Conversation((packet) => {
    this.#steps.at(-1)!.push(describe(packet));
  });

  /** What comes now belongs to the next step. */
  nextStep(): void {
    this.#steps.push([]);
  }

  linesOf(step: number): readonly string[] {
    return this.#steps[step] ?? [];
  }

  sent(slot: Slot, bytes: Buffer): void {
    this.#conversation.push(this.#numberOf(slot), 'c2s', bytes);
  }

  received(slot: Slot, bytes: Buffer): void {
    this.#conversation.push(this.#numberOf(slot), 's2c', bytes);
  }

  #numberOf({ connection }: Slot): number {
    const key = connection as object;
    if (!this.#numbers.has(key)) this.#numbers.set(key, this.#numbers.size);
    return this.#numbers.get(key)!;
  }
}
