import { afterEach, describe, expect, it } from 'vitest';
import { type Slab, SlabPool } from '../../../src/codec/slab-pool.ts';
import { LinkError } from '../../../src/errors.ts';
import type { Endpoint } from '../../../src/session/connect-string.ts';
import {
  WritableSearch,
  type WritableSearchOptions,
} from '../../../src/session/writable-search.ts';
import {
  type ByteLink,
  dial,
  type LinkHandler,
  memoryLinkPair,
} from '../../../src/transport/index.ts';
import { LoopbackServer, readBytes } from '../transport/loopback.ts';
import { ManualClock } from './manual-clock.ts';

const SERVERS: readonly Endpoint[] = ['a', 'b'].map((host) => ({ host, port: 2181 }));

/** Promises of some depth, and links in memory, have come to rest. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The server's end of a probe. */
class Asked implements LinkHandler {
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
class Bench {
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

describe('WritableSearch', () => {
  it('asks one server after the other, after pauses that double up to a minute', async () => {
    const bench = new Bench();
    const pauses: number[] = [];
    for (let probe = 0; probe < 12; probe++) {
      pauses.push(await bench.nextTimer());
      const asked = bench.asked.at(-1)!;
      asked.say('ro');
      asked.close();
      await settled();
      expect(asked.end).not.toBeNull();
    }
    expect(pauses).toEqual([
      100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 51_200, 60_000, 60_000,
    ]);
    expect(bench.asked.map(({ endpoint }) => endpoint.host).join('')).toBe('abababababab');
    expect(bench.search.probes).toBe(12);
    expect(bench.found).toEqual([]);
    bench.search.stop();
    bench.expectNothingLeft();
  });

  it('has jitter: half of each pause is left to chance', async () => {
    const bench = new Bench({ random: () => 0.5 });
    expect(await bench.nextTimer()).toBe(75);
    await bench.answer(bench.asked[0]!, 'ro');
    bench.asked[0]!.close();
    await settled();
    expect(await bench.nextTimer()).toBe(150);
    bench.search.stop();
  });

  it.each([['rw'], ['rw\n'], ['r', 'w'], ['r', 'w', '\n']])(
    'finds the server that says %j',
    async (...texts) => {
      const bench = new Bench();
      (await bench.probe()).close();
      await settled();
      const asked = await bench.probe();
      await bench.answer(asked, ...texts);
      expect(bench.found).toEqual([]);
      asked.close();
      await settled();
      expect(bench.found).toEqual([SERVERS[1]]);
      bench.expectNothingLeft();
    },
  );

  it('finds a server that does not close, once its time is up', async () => {
    const bench = new Bench();
    await bench.answer(await bench.probe(), 'rw');
    expect(await bench.nextTimer()).toBe(2_000);
    expect(bench.found).toEqual([SERVERS[0]]);
    bench.expectNothingLeft();
  });

  it.each([
    'ro',
    // What 3.8.0 says between two ensembles.
    'null',
    'rw.',
    'rw\n\n',
    'rwro',
    ' rw',
    'RW',
    'r',
    '\n',
    '\0\0\0\u0010',
    'isro is not executed because it is not in the whitelist.',
    'This ZooKeeper instance is not currently serving requests',
    'HTTP/1.1 400 Bad Request\r\n\r\n',
  ])('goes on after %j', async (text) => {
    const bench = new Bench();
    const asked = await bench.probe();
    await bench.answer(asked, text);
    asked.close();
    await settled();
    expect(bench.found).toEqual([]);
    expect(await bench.nextTimer()).toBe(200);
    expect(bench.asked.at(-1)!.endpoint.host).toBe('b');
    bench.search.stop();
    await settled();
    bench.expectNothingLeft();
  });

  it('is not taken in by a yes that comes byte by byte and goes on', async () => {
    const bench = new Bench();
    await bench.answer(await bench.probe(), 'r', 'w', 'r', 'w');
    expect(bench.asked[0]!.end).not.toBeNull();
    expect(bench.found).toEqual([]);
    bench.search.stop();
    bench.expectNothingLeft();
  });

  it('hangs up at once on a server that floods', async () => {
    const bench = new Bench();
    const asked = await bench.probe();
    asked.say('rw'.repeat(30_000));
    asked.say('rw'.repeat(30_000));
    await settled();
    expect(asked.end).not.toBeNull();
    expect(bench.clock.timers).toBe(1);
    bench.search.stop();
    bench.expectNothingLeft();
  });

  it('hangs up on a server that says nothing for two seconds', async () => {
    const bench = new Bench();
    const asked = await bench.probe();
    bench.clock.advance(1_999);
    await settled();
    expect(asked.end).toBeNull();
    bench.clock.advance(1);
    await settled();
    expect(asked.end).not.toBeNull();
    expect(await bench.nextTimer()).toBe(200);
    bench.search.stop();
    await settled();
    bench.expectNothingLeft();
  });

  it('does not wait longer for a server that drips', async () => {
    const bench = new Bench();
    const asked = await bench.probe();
    bench.clock.advance(1_500);
    await bench.answer(asked, 'r');
    bench.clock.advance(500);
    await settled();
    expect(asked.end).not.toBeNull();
    expect(bench.found).toEqual([]);
    bench.search.stop();
    bench.expectNothingLeft();
  });

  it('goes on when a dial fails, by rejecting or throwing', async () => {
    let dials = 0;
    const bench = new Bench({
      dialer: () => {
        dials++;
        if (dials === 1) throw new Error('thrown');
        return Promise.reject(new Error('rejected'));
      },
    });
    expect([await bench.nextTimer(), await bench.nextTimer(), await bench.nextTimer()]).toEqual([
      100, 200, 400,
    ]);
    expect(dials).toBe(3);
    bench.search.stop();
    bench.expectNothingLeft();
  });

  it('gives a dial its time and no more, and drops the link that comes late', async () => {
    let arrive: (link: ByteLink) => void = () => {};
    const signals: AbortSignal[] = [];
    const bench = new Bench({
      dialer: (_endpoint, signal) => {
        signals.push(signal);
        return new Promise((resolve) => {
          arrive = resolve;
        });
      },
    });
    await bench.nextTimer();
    expect(await bench.nextTimer()).toBe(2_000);
    expect(signals[0]!.aborted).toBe(true);
    arrive(bench.link(SERVERS[0]!));
    await settled();
    expect(bench.asked[0]!.end).not.toBeNull();
    expect(bench.asked[0]!.question).toBe('');
    expect(await bench.nextTimer()).toBe(200);
    bench.search.stop();
    expect(signals[1]!.aborted).toBe(true);
    await settled();
    arrive(bench.link(SERVERS[1]!));
    await settled();
    bench.expectNothingLeft();
  });

  it('goes on when a link has ended by the time it is there', async () => {
    const bench = new Bench({
      dialer: (endpoint) => {
        const link = bench.link(endpoint);
        link.destroy(new LinkError('LINK_FAILED', link.host));
        return Promise.resolve(link);
      },
    });
    expect([await bench.nextTimer(), await bench.nextTimer()]).toEqual([100, 200]);
    bench.search.stop();
    await settled();
    bench.expectNothingLeft();
  });

  it('does nothing without other servers', () => {
    const bench = new Bench({ servers: [] });
    bench.expectNothingLeft();
    bench.search.stop();
  });

  describe('stop', () => {
    it('before a probe leaves nothing', async () => {
      const bench = new Bench();
      bench.search.stop();
      bench.expectNothingLeft();
      bench.clock.advance(100_000);
      expect(bench.search.probes).toBe(0);
    });

    it('between dial and question drops the link, at any moment', async () => {
      for (let moment = 0; moment < 12; moment++) {
        const bench = new Bench();
        bench.clock.advance(100);
        for (let task = 0; task < moment; task++) await Promise.resolve();
        bench.search.stop();
        await settled();
        bench.expectNothingLeft();
      }
    });

    it('during a probe drops its link; an answer on its way is not heard', async () => {
      const bench = new Bench();
      const asked = await bench.probe();
      asked.say('rw');
      asked.close();
      bench.search.stop();
      bench.search.stop();
      await settled();
      bench.expectNothingLeft();
      expect(bench.found).toEqual([]);
      bench.clock.advance(100_000);
      expect(bench.search.probes).toBe(1);
    });

    it('between the answer and its news keeps it to itself', async () => {
      const bench = new Bench();
      const asked = await bench.probe();
      await bench.answer(asked, 'rw');
      bench.search.stop();
      await settled();
      expect(bench.found).toEqual([]);
      bench.expectNothingLeft();
    });

    it('may be called from the news', async () => {
      const bench: Bench = new Bench({
        onFound: (endpoint) => {
          bench.found.push(endpoint);
          bench.search.stop();
        },
      });
      const asked = await bench.probe();
      await bench.answer(asked, 'rw');
      asked.close();
      await settled();
      expect(bench.found).toHaveLength(1);
      bench.expectNothingLeft();
    });
  });
});

describe('WritableSearch on sockets', () => {
  let server: LoopbackServer | undefined;

  afterEach(() => server?.close());

  it('asks, hears and leaves no socket', async () => {
    const loopback = await LoopbackServer.listen();
    server = loopback;
    const { port } = loopback;
    const clock = new ManualClock();
    const pool = new SlabPool({ poison: true });
    const accepted = loopback.accepted();
    const endpoint = { host: '127.0.0.1', port };
    const found = new Promise<Endpoint>((resolve) => {
      new WritableSearch({
        servers: [endpoint],
        dialer: ({ host }, signal) => dial({ host, port, pool, signal }),
        clock,
        random: () => 0,
        onFound: resolve,
      });
    });
    clock.advance(50);
    const socket = await accepted;
    expect(String(await readBytes(socket, 4))).toBe('isro');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    socket.end('rw');
    expect(await found).toEqual(endpoint);
    await closed;
    expect(clock.timers).toBe(0);
    await settled();
    expect(pool.counters().outstanding).toBe(0);
  });
});
