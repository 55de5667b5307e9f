import { afterEach, describe, expect, it } from 'vitest';
import { SlabPool } from '../../../src/codec/slab-pool.ts';
import { LinkError } from '../../../src/errors.ts';
import type { Endpoint } from '../../../src/session/connect-string.ts';
import { WritableSearch } from '../../../src/session/writable-search.ts';
import { type ByteLink, dial } from '../../../src/transport/index.ts';
import { LoopbackServer, readBytes } from '../transport/loopback.ts';
import { ManualClock } from './manual-clock.ts';
import { SERVERS, SearchBench, settled } from './search-bench.ts';

describe('WritableSearch', () => {
  it('asks one server after the other, after pauses that double up to a minute', async () => {
    const bench = new SearchBench();
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
    const bench = new SearchBench({ random: () => 0.5 });
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
      const bench = new SearchBench();
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
    const bench = new SearchBench();
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
    const bench = new SearchBench();
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
    const bench = new SearchBench();
    await bench.answer(await bench.probe(), 'r', 'w', 'r', 'w');
    expect(bench.asked[0]!.end).not.toBeNull();
    expect(bench.found).toEqual([]);
    bench.search.stop();
    bench.expectNothingLeft();
  });

  it('hangs up at once on a server that floods', async () => {
    const bench = new SearchBench();
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
    const bench = new SearchBench();
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
    const bench = new SearchBench();
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
    const bench = new SearchBench({
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
    const bench = new SearchBench({
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
    const bench = new SearchBench({
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
    const bench = new SearchBench({ servers: [] });
    bench.expectNothingLeft();
    bench.search.stop();
  });

  describe('stop', () => {
    it('before a probe leaves nothing', async () => {
      const bench = new SearchBench();
      bench.search.stop();
      bench.expectNothingLeft();
      bench.clock.advance(100_000);
      expect(bench.search.probes).toBe(0);
    });

    it('between dial and question drops the link, at any moment', async () => {
      for (let moment = 0; moment < 12; moment++) {
        const bench = new SearchBench();
        bench.clock.advance(100);
        for (let task = 0; task < moment; task++) await Promise.resolve();
        bench.search.stop();
        await settled();
        bench.expectNothingLeft();
      }
    });

    it('during a probe drops its link; an answer on its way is not heard', async () => {
      const bench = new SearchBench();
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
      const bench = new SearchBench();
      const asked = await bench.probe();
      await bench.answer(asked, 'rw');
      bench.search.stop();
      await settled();
      expect(bench.found).toEqual([]);
      bench.expectNothingLeft();
    });

    it('may be called from the news', async () => {
      const bench: SearchBench = new SearchBench({
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
