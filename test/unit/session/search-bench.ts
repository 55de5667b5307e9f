import { expect } from 'vitest';
import { type Slab, SlabPool } from '../../../src/codec/slab-pool.ts';
import type { LinkError } from '../../../src/errors.ts';
import type { Endpoint } from '../../../src/session/connect-string.ts';
import {
  WritableSearch,
  type WritableSearchOptions,
} from '../../../src/session/writable-search.ts';
import { type ByteLink, type LinkHandler, memoryLinkPair } from '../../../src/transport/index.ts';
import { ManualClock } from './manual-clock.ts';

/** Where it searches. */
export const SERVERS: readonly Endpoint[] = ['a', 'b'].map((host) => ({ host, port: 2181 }));

/** Promises of some depth, and links in memory, have come to rest. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The server's end of a probe. */
export class Asked implements LinkHandler {
  readonly wantedBytes = 0;
  readonly endpoint: Endpoint;
  readonly #link: ByteLink;
  question = '';
  /** How the probe ended its link. */
  end: LinkError | null = null;

  constructor(endpoint: Endpoint, link: ByteLink) {
    this.endpoint = endpoint;
    this.#link = link;
    link.start(this);
  }

  onBytes(slab: Slab, start: number, end: number): number {
    this.question += slab.bytes.toString('latin1', start, end);
    return end;
  }

  onDrain(): void {}

  onEnd(error: LinkError): void {
    this.end = error;
  }

  say(text: string): void {
    const slab = this.#link.pool.acquire(text.length);
    this.#link.write(slab, 0, slab.bytes.write(text, 'latin1'));
  }

  close(): void {
    this.#link.end();
  }
}

/** A search over links in memory, with time that passes by hand. No jitter but what a test asks for. */
export class SearchBench {
  readonly clock = new ManualClock();
  readonly pool = new SlabPool({ poison: true });
  readonly asked: Asked[] = [];
  readonly found: Endpoint[] = [];
  readonly search: WritableSearch;

  constructor(options: Partial<WritableSearchOptions> = {}) {
    this.search = new WritableSearch({
      servers: SERVERS,
      dialer: (endpoint) => Promise.resolve(this.link(endpoint)),
      clock: this.clock,
      random: () => 1,
      onFound: (endpoint) => this.found.push(endpoint),
      ...options,
    });
  }

  link(endpoint: Endpoint): ByteLink {
    const pair = memoryLinkPair({ pool: this.pool, delivery: 'microtask' });
    this.asked.push(new Asked(endpoint, pair.server));
    return pair.client;
  }

  /** Time passes until the next timer; gives how long that was. */
  async nextTimer(): Promise<number> {
    const waitedMs = this.clock.nextInMs;
    this.clock.advance(waitedMs);
    await settled();
    return waitedMs;
  }

  /** The next probe has asked its question. */
  async probe(): Promise<Asked> {
    await this.nextTimer();
    const asked = this.asked.at(-1);
    expect(asked?.question).toBe('isro');
    return asked as Asked;
  }

  /** Everything that was said is heard. */
  async answer(asked: Asked, ...texts: readonly string[]): Promise<void> {
    for (const text of texts) {
      asked.say(text);
      await settled();
    }
  }

  /** No timer, no link, no slab is left. */
  expectNothingLeft(): void {
    expect(this.clock.timers).toBe(0);
    expect(this.asked.filter(({ end }) => end === null)).toEqual([]);
    expect(this.pool.counters().outstanding).toBe(0);
  }
}
