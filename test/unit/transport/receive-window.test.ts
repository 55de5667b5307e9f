import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FRAME_INCOMPLETE, FrameCutter } from '../../../src/codec/frame-cutter.ts';
import { type Slab, SlabPool } from '../../../src/codec/slab-pool.ts';
import { FRAME_BODY_BYTES_CEILING, SLAB_BYTES } from '../../../src/limits.ts';
import type { LinkHandler } from '../../../src/transport/byte-link.ts';
import { ReceiveWindow } from '../../../src/transport/receive-window.ts';

interface KeptFrame {
  readonly slab: Slab;
  readonly start: number;
  readonly end: number;
}

/** Cuts frames as a pipeline does, and keeps the slabs of those that `keeps` chooses. */
class FrameHandler implements LinkHandler {
  readonly frames: Buffer[] = [];
  readonly kept: KeptFrame[] = [];
  readonly cutter = new FrameCutter(0, FRAME_BODY_BYTES_CEILING);
  hints = true;
  readonly #pool: SlabPool;
  readonly #keeps: (frame: number) => boolean;

  constructor(pool: SlabPool, keeps: (frame: number) => boolean = () => false) {
    this.#pool = pool;
    this.#keeps = keeps;
  }

  get wantedBytes(): number {
    return this.hints ? this.cutter.wantedBytes : 0;
  }

  onBytes(slab: Slab, start: number, end: number): number {
    for (let at = start; ; ) {
      const next = this.cutter.cut(slab.view, at, end);
      if (next === FRAME_INCOMPLETE) return at;
      if (this.#keeps(this.frames.length)) {
        this.#pool.retain(slab);
        this.kept.push({ slab, start: at, end: next });
      }
      this.frames.push(Buffer.from(slab.bytes.subarray(at, next)));
      at = next;
    }
  }

  onDrain(): void {}
  onEnd(): void {}
}

/** A frame whose bytes tell its number and their place. */
function frameOf(number: number, bodyBytes: number): Buffer {
  const frame = Buffer.allocUnsafe(4 + bodyBytes);
  frame.writeInt32BE(bodyBytes);
  for (let at = 0; at < bodyBytes; at++) frame[4 + at] = (number * 31 + at * 7) & 0xff;
  return frame;
}

/** One read: as many of the bytes as fit into the room, at most `size`. Gives how many. */
function readOnce(
  window: ReceiveWindow,
  handler: LinkHandler,
  bytes: Buffer,
  size: number,
): number {
  const room = window.room(handler.wantedBytes);
  expect(room.length).toBeGreaterThan(0);
  const count = bytes.copy(room, 0, 0, Math.min(size, bytes.length));
  window.filled(count);
  window.deliver(handler);
  return count;
}

function readAll(
  window: ReceiveWindow,
  handler: LinkHandler,
  stream: Buffer,
  sizes: readonly number[],
): void {
  for (let at = 0, turn = 0; at < stream.length; turn++) {
    at += readOnce(window, handler, stream.subarray(at), sizes[turn % sizes.length] as number);
  }
}

const bodySizes = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 200 }) },
    { weight: 2, arbitrary: fc.integer({ min: 200, max: 70_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 400_000 }) },
  ),
  { minLength: 1, maxLength: 12 },
);
const readSizes = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1_000, max: SLAB_BYTES })),
  { minLength: 1, maxLength: 6 },
);

describe('ReceiveWindow, for any frames in any pieces', () => {
  it('gives the same frames, contiguous, within eight times the bytes, moving each a few times at most', () => {
    fc.assert(
      fc.property(
        bodySizes,
        readSizes,
        fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
        fc.constantFrom(64, 4096, SLAB_BYTES),
        fc.boolean(),
        (bodies, sizes, keeps, slabBytes, hints) => {
          // Reads of one byte and large frames together would only be slow.
          const total = bodies.reduce((sum, size) => sum + size, 0);
          const reads = sizes.map((size) => Math.max(size, total >> 12));
          const pool = new SlabPool({ slabBytes, poison: true });
          const window = new ReceiveWindow(pool);
          const handler = new FrameHandler(pool, (frame) => keeps[frame % keeps.length] as boolean);
          handler.hints = hints;
          const frames = bodies.map((size, number) => frameOf(number, size));
          const stream = Buffer.concat(frames);
          readAll(window, handler, stream, reads);

          expect(Buffer.concat(handler.frames).equals(stream)).toBe(true);
          expect(handler.frames.length).toBe(frames.length);
          // What is held was never written over.
          for (const [index, { slab, start, end }] of handler.kept.entries()) {
            const number = frames.findIndex((_, at) => keptBefore(keeps, at) === index);
            const same = slab.bytes.subarray(start, end).equals(frames[number] as Buffer);
            expect(same).toBe(true);
          }
          expect(pool.counters().createdBytes).toBeLessThanOrEqual(8 * stream.length + SLAB_BYTES);
          expect(window.movedBytes).toBeLessThanOrEqual(3 * stream.length);

          for (const { slab } of handler.kept) pool.release(slab);
          window.drop();
          expect(pool.counters().outstanding).toBe(0);
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Place of a frame among those that are kept; -1 for one that is not. */
function keptBefore(keeps: readonly boolean[], frame: number): number {
  if (!keeps[frame % keeps.length]) return -1;
  let count = 0;
  for (let at = 0; at < frame; at++) if (keeps[at % keeps.length]) count++;
  return count;
}

describe('ReceiveWindow', () => {
  it('reads into the same memory again when everything was consumed', () => {
    const pool = new SlabPool();
    const window = new ReceiveWindow(pool);
    const handler = new FrameHandler(pool);
    const first = window.room(0);
    for (let round = 0; round < 1000; round++) readAll(window, handler, frameOf(round, 100), [200]);
    expect(window.room(0)).toBe(first);
    expect(pool.counters()).toMatchObject({ created: 1, reused: 0, outstanding: 1 });
    expect(window.movedBytes).toBe(0);
  });

  it.each([64, 1000, 65_536])(
    'moves a frame of 1 MiB read by %i bytes a few times only',
    (size) => {
      const pool = new SlabPool();
      const window = new ReceiveWindow(pool);
      const handler = new FrameHandler(pool);
      readAll(window, handler, frameOf(1, 1024 * 1024), [size]);
      expect(handler.frames).toHaveLength(1);
      expect(window.movedBytes).toBeLessThan(512 * 1024);
      expect(pool.counters().createdBytes).toBeLessThan(2 * 1024 * 1024);
    },
  );

  it('has the memory of one large frame again for the next', () => {
    const pool = new SlabPool({ poison: true });
    const window = new ReceiveWindow(pool);
    const handler = new FrameHandler(pool);
    const first = Buffer.concat([frameOf(1, 1000), frameOf(2, 1024 * 1024)]);
    // Less of the large frame comes with the first read, and still the sizes on the way are the same.
    const second = Buffer.concat([frameOf(3, 2000), frameOf(4, 1024 * 1024)]);
    readAll(window, handler, first, [65_536]);
    const { created } = pool.counters();
    readAll(window, handler, second, [65_536]);
    expect(Buffer.concat(handler.frames).equals(Buffer.concat([first, second]))).toBe(true);
    expect(pool.counters()).toMatchObject({ created, outstanding: 1 });
  });

  it('gives a slab of a large frame back at the next read', () => {
    const pool = new SlabPool();
    const window = new ReceiveWindow(pool);
    const handler = new FrameHandler(pool);
    readAll(window, handler, frameOf(1, 1024 * 1024), [65_536]);
    expect(window.room(0).length).toBe(SLAB_BYTES);
    expect(pool.counters().outstanding).toBe(1);
  });

  it('believes a length only as far as bytes have come', () => {
    const pool = new SlabPool();
    const window = new ReceiveWindow(pool);
    const handler = new FrameHandler(pool);
    const promise = Buffer.alloc(4);
    promise.writeInt32BE(FRAME_BODY_BYTES_CEILING);
    readAll(window, handler, promise, [4]);
    window.room(handler.wantedBytes);
    expect(pool.counters().createdBytes).toBe(SLAB_BYTES);
    readAll(window, handler, Buffer.alloc(SLAB_BYTES), [1000]);
    expect(pool.counters().createdBytes).toBeLessThanOrEqual(7 * SLAB_BYTES);
  });

  it('goes on in the next slab when little room is left, without moving what is held', () => {
    const pool = new SlabPool();
    const window = new ReceiveWindow(pool);
    const handler = new FrameHandler(pool, () => true);
    const frame = frameOf(1, SLAB_BYTES - 1000);
    readAll(window, handler, frame, [SLAB_BYTES]);
    expect(window.room(0).length).toBe(SLAB_BYTES);
    expect(window.movedBytes).toBe(0);
    const [kept] = handler.kept as [KeptFrame];
    expect(kept.slab.references).toBe(1);
    expect(kept.slab.bytes.subarray(kept.start, kept.end).equals(frame)).toBe(true);
  });

  it('keeps the place of memory that was given, whatever is delivered before it is filled', () => {
    const pool = new SlabPool({ poison: true });
    const window = new ReceiveWindow(pool);
    const handler = new FrameHandler(pool);
    const [first, second] = [frameOf(1, 10), frameOf(2, 20)];
    window.filled(first.copy(window.room(0)));
    const room = window.room(0);
    window.deliver(handler);
    window.filled(second.copy(room));
    window.deliver(handler);
    expect(handler.frames).toEqual([first, second]);
  });

  it('holds the slab while the handler runs, and forgets its answer when the window was dropped', () => {
    const pool = new SlabPool({ poison: true });
    const window = new ReceiveWindow(pool);
    const handler = new FrameHandler(pool);
    handler.onBytes = (slab, start, end) => {
      window.drop();
      window.deliver(handler);
      expect(slab.bytes.toString('latin1', start, end)).toBe('abc');
      return end;
    };
    window.room(0).write('abc');
    window.filled(3);
    window.deliver(handler);
    expect(window.unconsumedBytes).toBe(0);
    expect(pool.counters()).toMatchObject({ outstanding: 0, free: 1 });
    expect(readOnce(window, new FrameHandler(pool), frameOf(1, 3), 7)).toBe(7);
  });

  it('is not entered twice by a handler', () => {
    const pool = new SlabPool();
    const window = new ReceiveWindow(pool);
    let calls = 0;
    const handler = new FrameHandler(pool);
    handler.onBytes = (_slab, _start, end) => {
      calls++;
      window.deliver(handler);
      return end;
    };
    window.room(0);
    window.filled(1);
    window.deliver(handler);
    expect(calls).toBe(1);
  });
});
