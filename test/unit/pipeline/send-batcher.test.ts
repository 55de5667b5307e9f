import { describe, expect, it } from 'vitest';
import { POISON_BYTE } from '../../../src/codec/slab-pool.ts';
import { FLUSH_BYTES } from '../../../src/limits.ts';
import { SendBatcher } from '../../../src/pipeline/send-batcher.ts';
import { ScriptedLink } from './scripted-link.ts';

const SLAB_BYTES = 64 * 1024;

interface Bench {
  readonly link: ScriptedLink;
  readonly batcher: SendBatcher;
  /** Runs what the batcher scheduled; gives how often it did. */
  tick(): number;
}

function bench(link: ScriptedLink = new ScriptedLink(), frameBytesMax = 2 ** 31 - 1): Bench {
  let scheduled: (() => void)[] = [];
  const batcher = new SendBatcher(
    link,
    (flush) => scheduled.push(flush),
    (bytes) => {
      if (bytes > frameBytesMax) throw new RangeError(`${bytes} bytes`);
    },
  );
  const tick = (): number => {
    const flushes = scheduled;
    scheduled = [];
    for (const flush of flushes) flush();
    return flushes.length;
  };
  return { link, batcher, tick };
}

let sequence = 0;

/** Commits a frame of `bytes` bytes, prefix included, filled with `fill`. */
function frame(batcher: SendBatcher, bytes: number, fill = 1): number {
  const writer = batcher.begin();
  const at = writer.reserve(bytes - 4);
  writer.bytes.fill(fill, at, at + bytes - 4);
  sequence = (sequence + 1) | 0;
  return batcher.commit(sequence);
}

/** Fill bytes of the frames that were written, in order. */
function fills(writes: readonly Buffer[]): number[] {
  const bytes = Buffer.concat(writes);
  const found: number[] = [];
  for (let at = 0; at < bytes.length; at += 4 + bytes.readInt32BE(at)) {
    const end = at + 4 + bytes.readInt32BE(at);
    const fill = bytes[at + 4]!;
    expect(bytes.subarray(at + 4, end).every((byte) => byte === fill)).toBe(true);
    found.push(fill);
  }
  return found;
}

describe('SendBatcher', () => {
  it('writes once a tick, however many frames', () => {
    const { link, batcher, tick } = bench();
    for (let fill = 1; fill <= 100; fill++) expect(frame(batcher, 20, fill)).toBe(20);
    expect(link.writes).toHaveLength(0);
    expect(tick()).toBe(1);
    expect(link.writes.map((bytes) => bytes.length)).toEqual([2000]);
    expect(fills(link.writes)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    expect([batcher.writes, batcher.sentBytes, batcher.sentSequence]).toEqual([1, 2000, sequence]);
  });

  it('schedules again after a tick, and not when there is nothing', () => {
    const { link, batcher, tick } = bench();
    expect(tick()).toBe(0);
    frame(batcher, 20);
    expect(tick()).toBe(1);
    expect(tick()).toBe(0);
    frame(batcher, 20);
    expect(tick()).toBe(1);
    expect(link.writes).toHaveLength(2);
  });

  it('writes at once when a batch reaches FLUSH_BYTES', () => {
    const { link, batcher, tick } = bench();
    frame(batcher, FLUSH_BYTES - 1);
    expect(link.writes).toHaveLength(0);
    frame(batcher, 8);
    expect(link.writes.map((bytes) => bytes.length)).toEqual([FLUSH_BYTES + 7]);
    tick();
    expect(link.writes).toHaveLength(1);
  });

  it('writes on demand, and then nothing at the end of the tick', () => {
    const { link, batcher, tick } = bench();
    frame(batcher, 20);
    batcher.flush();
    expect(link.writes).toHaveLength(1);
    tick();
    batcher.flush();
    expect(link.writes).toHaveLength(1);
  });

  it('forgets a frame that was begun and never committed', () => {
    const { link, batcher, tick } = bench();
    frame(batcher, 20, 1);
    batcher.begin().ustring('left behind');
    frame(batcher, 24, 2);
    tick();
    expect(fills(link.writes)).toEqual([1, 2]);
    expect(link.writes[0]).toHaveLength(44);
  });

  it('uses one slab again and again while the link keeps up', () => {
    const { link, batcher, tick } = bench();
    for (let round = 0; round < 500; round++) {
      frame(batcher, 1000, round % 200);
      tick();
    }
    expect(link.pool.counters().created).toBe(1);
    expect(fills(link.writes)).toEqual(Array.from({ length: 500 }, (_, round) => round % 200));
  });

  it('leaves bytes alone that the link still holds', () => {
    const { link, batcher, tick } = bench();
    link.holdsWrites = true;
    for (let round = 0; round < 200; round++) {
      frame(batcher, 1000, round);
      tick();
    }
    expect(link.pool.counters()).toMatchObject({ outstanding: 4 });
    expect(fills(link.writes)).toEqual(Array.from({ length: 200 }, (_, round) => round));
    link.completeWrites();
    expect(link.pool.counters()).toMatchObject({ outstanding: 1 });
  });

  it.each([SLAB_BYTES - 1, SLAB_BYTES, SLAB_BYTES + 1, 1024 * 1024 + 24])(
    'sends a frame of %i bytes whole, in its place, and does not keep its slab',
    (bytes) => {
      const { link, batcher, tick } = bench();
      frame(batcher, 30, 1);
      frame(batcher, bytes, 2);
      frame(batcher, 30, 3);
      tick();
      expect(fills(link.writes)).toEqual([1, 2, 3]);
      frame(batcher, 30, 4);
      tick();
      batcher.close();
      expect(link.pool.counters()).toMatchObject({ outstanding: 0 });
      expect(link.pool.counters().free).toBeGreaterThan(0);
    },
  );

  it.each([SLAB_BYTES, 2 * SLAB_BYTES - 17, 1024 * 1024])(
    'copies %i bytes once, whatever small fields follow, and takes memory for them once',
    (bytes) => {
      const { link, batcher, tick } = bench();
      const data = Buffer.alloc(bytes, 7);
      for (let round = 0; round < 10; round++) {
        const writer = batcher.begin();
        writer.ustring('/node');
        writer.buffer(data);
        const { bytes: place } = writer;
        for (let field = 0; field < 50; field++) writer.long(BigInt(field));
        expect(writer.bytes === place).toBe(true);
        batcher.commit(round + 1);
        tick();
      }
      expect(link.pool.counters()).toMatchObject({ created: 2 });
      const sent = Buffer.concat(link.writes);
      expect(sent).toHaveLength(10 * (4 + 9 + 4 + bytes + 400));
      expect(sent.subarray(-400 - bytes, -400).equals(data)).toBe(true);
    },
  );

  it('does not take the slab of a large frame again while the link holds it', () => {
    const { link, batcher, tick } = bench();
    link.holdsWrites = true;
    for (let fill = 1; fill <= 3; fill++) frame(batcher, 100_000, fill);
    tick();
    expect(fills(link.writes)).toEqual([1, 2, 3]);
    const { created } = link.pool.counters();
    link.completeWrites();
    for (let fill = 4; fill <= 6; fill++) frame(batcher, 100_000, fill);
    tick();
    expect(fills(link.writes)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(link.pool.counters().created).toBe(created);
  });

  it('moves a frame that grows, with what it holds so far', () => {
    const { link, batcher, tick } = bench();
    frame(batcher, SLAB_BYTES - 40, 1);
    const writer = batcher.begin();
    for (let part = 0; part < 20; part++) writer.buffer(Buffer.alloc(10_000, part));
    sequence++;
    expect(batcher.commit(sequence)).toBe(4 + 20 * 10_004);
    tick();
    const sent = Buffer.concat(link.writes).subarray(SLAB_BYTES - 40);
    expect(sent.readInt32BE(0)).toBe(20 * 10_004);
    for (let part = 0; part < 20; part++) {
      expect(sent.readInt32BE(4 + part * 10_004)).toBe(10_000);
      expect(sent.subarray(8 + part * 10_004, 4 + (part + 1) * 10_004)).toEqual(
        Buffer.alloc(10_000, part),
      );
    }
  });

  it('copies a growing frame a few times, not once for each of its fields', () => {
    const { link, batcher } = bench();
    const writer = batcher.begin();
    for (let field = 0; field < 100_000; field++) writer.long(BigInt(field));
    batcher.commit(1);
    expect(Buffer.concat(link.writes)).toHaveLength(800_004);
    expect(link.pool.counters().created).toBeLessThan(8);
    expect(link.pool.counters().createdBytes).toBeLessThan(4 * 1024 * 1024);
  });

  it('asks before it makes room for a frame that is too large', () => {
    const { link, batcher, tick } = bench(new ScriptedLink(), 100_000);
    frame(batcher, 20, 1);
    const writer = batcher.begin();
    expect(() => writer.buffer(Buffer.alloc(50_000_000))).toThrowError(RangeError);
    expect(link.pool.counters().createdBytes).toBe(SLAB_BYTES);
    frame(batcher, 20, 2);
    tick();
    expect(fills(link.writes)).toEqual([1, 2]);
  });

  it('never writes while a frame is being encoded', () => {
    const { link, batcher, tick } = bench();
    frame(batcher, 30_000, 1);
    const writer = batcher.begin();
    writer.buffer(Buffer.alloc(60_000));
    expect(link.writes).toHaveLength(0);
    batcher.commit(7);
    tick();
    expect(link.writes.map((bytes) => bytes.length)).toEqual([30_000, 60_008]);
  });

  it('sends what was committed before a large frame that is never committed', () => {
    const { link, batcher, tick } = bench();
    frame(batcher, 30_000, 1);
    batcher.begin().buffer(Buffer.alloc(60_000));
    tick();
    expect(fills(link.writes)).toEqual([1]);
    batcher.close();
    expect(link.pool.counters()).toMatchObject({ outstanding: 0 });
  });

  describe('under back pressure', () => {
    it('holds frames in order until the link has drained', () => {
      const { link, batcher, tick } = bench();
      link.accepts = false;
      frame(batcher, 20, 1);
      tick();
      expect(fills(link.writes)).toEqual([1]);
      const sent = batcher.sentSequence;
      for (let fill = 2; fill <= 101; fill++) frame(batcher, 4000, fill);
      tick();
      expect([link.writes.length, batcher.sentSequence]).toEqual([1, sent]);
      link.accepts = true;
      batcher.drained();
      expect(fills(link.writes)).toEqual(Array.from({ length: 101 }, (_, index) => index + 1));
      expect(batcher.sentSequence).toBe(sequence);
    });

    it('stops again when the link fills up again', () => {
      const { link, batcher, tick } = bench();
      link.accepts = false;
      frame(batcher, 20, 1);
      tick();
      for (let fill = 2; fill <= 60; fill++) frame(batcher, 4000, fill);
      const firstOfHeld = link.writes.length;
      batcher.drained();
      expect(link.writes).toHaveLength(firstOfHeld + 1);
      batcher.drained();
      expect(link.writes).toHaveLength(firstOfHeld + 2);
      link.accepts = true;
      batcher.drained();
      expect(fills(link.writes)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
    });
  });

  describe('when the link ends', () => {
    it('gives every slab back, held ones too, and sends nothing more', () => {
      const { link, batcher, tick } = bench();
      link.accepts = false;
      frame(batcher, 20, 1);
      tick();
      for (let fill = 2; fill <= 60; fill++) frame(batcher, 4000, fill);
      expect(link.pool.counters().outstanding).toBeGreaterThan(2);
      batcher.close();
      batcher.close();
      batcher.drained();
      tick();
      expect(link.writes).toHaveLength(1);
      expect(link.pool.counters()).toMatchObject({ outstanding: 0 });
    });

    it.each([1, 2])('survives an end inside its write number %i', (last) => {
      const { link, batcher, tick } = bench();
      link.onWrite = () => {
        if (link.writes.length === last) batcher.close();
      };
      frame(batcher, 30_000, 1);
      frame(batcher, 60_000, 2);
      tick();
      expect(link.writes).toHaveLength(last);
      expect(link.pool.counters()).toMatchObject({ outstanding: 0 });
    });
  });

  it('never sends poisoned bytes', () => {
    const { link, batcher, tick } = bench();
    for (let round = 0; round < 300; round++) {
      link.holdsWrites = round % 3 === 0;
      link.accepts = round % 5 !== 0;
      frame(batcher, 10 + ((round * 7919) % 50_000), round % 150);
      if (round % 2 === 0) tick();
      if (round % 4 === 0) batcher.drained();
      if (round % 6 === 0) link.completeWrites();
    }
    link.accepts = true;
    batcher.drained();
    link.completeWrites();
    expect(fills(link.writes)).toEqual(Array.from({ length: 300 }, (_, round) => round % 150));
    expect(fills(link.writes)).not.toContain(POISON_BYTE);
    batcher.close();
    expect(link.pool.counters()).toMatchObject({ outstanding: 0 });
  });
});
