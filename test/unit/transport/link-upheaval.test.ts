import { describe, expect, it } from 'vitest';
import { type Slab, SlabPool } from '../../../src/codec/slab-pool.ts';
import type { ByteLink, LinkHandler } from '../../../src/transport/byte-link.ts';
import { faultyLink } from '../../../src/transport/faulty-link.ts';
import type { ByteFaults } from '../../../src/transport/link-faults.ts';
import { memoryLinkPair } from '../../../src/transport/memory-link.ts';
import { type RandomSource, randomSource } from '../../conformance/random-source.ts';
import { ManualClock } from './manual-clock.ts';
import { destroyed } from './recording-handler.ts';

/** Whatever is done to a link, in whatever order, from within its own calls too. */

const SCENES = 2_000;

/** Letters, so that every place of a stream can be told from its neighbours. */
const letterAt = (place: number): string => String.fromCharCode(33 + (place % 90));

/** One end of a link, and whoever has it: does at random what a user may do. */
class Actor {
  /** What was written before this end was closed, and what was consumed. */
  written = '';
  consumed = '';
  #handler: (LinkHandler & { ends: number }) | null = null;
  #isEnding = false;
  #isDestroyed = false;
  readonly #link: ByteLink;
  readonly #random: RandomSource;

  constructor(link: ByteLink, random: RandomSource) {
    this.#link = link;
    this.#random = random;
  }

  get ends(): number {
    return this.#handler?.ends ?? 0;
  }

  act(): void {
    const choice = this.#random(100);
    if (choice < 45) this.#write();
    else if (choice < 60) this.#link.pause();
    else if (choice < 78) this.#link.resume();
    else if (choice < 83) this.#end();
    else if (choice < 88) this.destroy();
    else this.start();
  }

  start(): void {
    this.#handler = this.#newHandler();
    this.#link.start(this.#handler);
  }

  destroy(): void {
    this.#isDestroyed = true;
    this.#link.destroy(destroyed());
  }

  /** Lets everything come, as one who has listened all the time. */
  settle(): void {
    if (this.#handler === null) this.start();
    this.#link.resume();
  }

  #end(): void {
    this.#isEnding = true;
    this.#link.end();
  }

  #write(): void {
    const length = this.#random(150);
    const slab = this.#link.pool.acquire(Math.max(1, length));
    let text = '';
    while (text.length < length) text += letterAt(this.written.length + text.length);
    slab.bytes.write(text, 'latin1');
    this.#link.write(slab, 0, length);
    if (!this.#isEnding && !this.#isDestroyed) this.written += text;
  }

  #newHandler(): LinkHandler & { ends: number } {
    const handler = {
      wantedBytes: 0,
      ends: 0,
      onBytes: (slab: Slab, start: number, end: number): number => {
        expect([handler.ends, this.#isDestroyed], 'the end comes last').toEqual([0, false]);
        const at = this.#random(3) === 0 ? start + this.#random(end - start + 1) : end;
        this.consumed += slab.bytes.toString('latin1', start, at);
        handler.wantedBytes = this.#random(3) === 0 ? this.#random(300) : 0;
        if (this.#random(4) === 0) this.act();
        // Somebody else was started: hands over the rest, unless nobody is to have it.
        const next = this.#handler as LinkHandler;
        if (next === handler || this.#isDestroyed || at === end) return at;
        return next.onBytes(slab, at, end);
      },
      onDrain: (): void => expect(handler.ends).toBe(0),
      onEnd: (): void => {
        expect(handler).toBe(this.#handler);
        handler.ends++;
      },
    };
    return handler;
  }
}

function someFaults(random: RandomSource): ByteFaults {
  return {
    cutAt: random(3) === 0 ? random(300) : undefined,
    sliceBytes: random(3) === 0 ? [1 + random(5), 1 + random(30)] : undefined,
    stallAt: random(5) === 0 ? random(200) : undefined,
    delayMs: random(5) === 0 ? random(5) : undefined,
  };
}

async function play(seed: number): Promise<void> {
  const random = randomSource(seed);
  const pool = new SlabPool({ slabBytes: 64, poison: true });
  const pair = memoryLinkPair({ pool, highWaterBytes: 1 + random(200) });
  const clock = new ManualClock();
  const faults = { send: someFaults(random), receive: someFaults(random) };
  const faulty = seed % 5 === 0 ? null : faultyLink(pair.client, faults, { clock });
  const one = new Actor(faulty ?? pair.client, random);
  const two = new Actor(pair.server, random);
  for (let steps = 5 + random(40); steps > 0; steps--) {
    const choice = random(10);
    if (choice < 7) (random(2) === 0 ? one : two).act();
    else if (choice < 8) pair.step(1 + random(40));
    else if (choice < 9) clock.advance(random(5));
    else pair.deliver();
    await Promise.resolve();
  }
  for (const actor of [one, two]) actor.settle();
  faulty?.release();
  for (let round = 0; round < 3; round++) {
    clock.advance(10);
    pair.deliver();
    await Promise.resolve();
    if (round === 0) for (const actor of [one, two]) actor.destroy();
  }
  expect([one.ends, two.ends]).toEqual([1, 1]);
  expect(two.written.startsWith(one.consumed) && one.written.startsWith(two.consumed)).toBe(true);
  expect(pool.counters().outstanding).toBe(0);
}

describe('links in upheaval', () => {
  it('give bytes in order, none after the end, one end to each last handler, and every slab back', async () => {
    for (let seed = 1; seed <= SCENES; seed++) {
      await play(seed).catch((error: Error) => {
        throw new Error(`scene ${seed}: ${error.message}`, { cause: error });
      });
    }
  });
});
