import { describe, expect, it } from 'vitest';
import { SlabPool } from '../../../src/codec/index.ts';
import { EventFrames } from '../../../src/server/event-frames.ts';
import { FlushGate } from '../../../src/server/flush-gate.ts';
import { ReplyOutput } from '../../../src/server/reply-output.ts';
import { type MemoryLinkPair, memoryLinkPair } from '../../../src/transport/index.ts';

const EVENT = { type: 3, path: '/a', zxid: 9n };

interface Reader {
  readonly output: ReplyOutput;
  readonly links: MemoryLinkPair;
  /** Xids and, of events, paths. */
  heard(): string[];
}

function reader(pool: SlabPool, gate: FlushGate): Reader {
  const links = memoryLinkPair({ pool });
  let bytes = Buffer.alloc(0);
  links.client.start({
    wantedBytes: 0,
    onBytes(slab, start, end) {
      bytes = Buffer.concat([bytes, slab.bytes.subarray(start, end)]);
      return end;
    },
    onDrain() {},
    onEnd() {},
  });
  const heard = (): string[] => {
    links.deliver();
    const frames: string[] = [];
    for (let at = 0; at < bytes.length; at += 4 + bytes.readInt32BE(at)) {
      const xid = bytes.readInt32BE(at + 4);
      const path =
        xid === -1 ? bytes.toString('utf8', at + 32, at + 4 + bytes.readInt32BE(at)) : '';
      frames.push(`${xid}${path}`);
    }
    return frames;
  };
  return { output: new ReplyOutput(links.server, gate, () => {}), links, heard };
}

function reply({ output }: Reader, xid: number, dataBytes = 0): void {
  const writer = output.reply(xid, 7n, 0);
  if (dataBytes > 0) writer.buffer(Buffer.alloc(dataBytes));
  output.commit();
}

describe('events for many', () => {
  it('take one slab together, which comes back', () => {
    const pool = new SlabPool({ poison: true });
    const gate = new FlushGate();
    const frames = new EventFrames();
    const readers = Array.from({ length: 100 }, () => reader(pool, gate));
    for (const { output } of readers) expect(frames.share(output, EVENT)).toBe(true);
    expect(pool.counters().outstanding).toBe(1);
    for (const { output } of readers) output.flush();
    frames.close();
    for (const each of readers) expect(each.heard()).toEqual(['-1/a']);
    for (const { links, output } of readers) {
      output.close();
      links.server.end();
      links.client.end();
      links.deliver();
    }
    expect(pool.counters().outstanding).toBe(0);
  });

  it('differ where the events do, and outlast a slab', () => {
    const pool = new SlabPool({ poison: true, slabBytes: 4_096 });
    const frames = new EventFrames();
    const one = reader(pool, new FlushGate());
    const expected: string[] = [];
    for (let index = 0; index < 300; index++) {
      const event = { type: 1 + (index % 4), path: `/path-${index >> 2}`, zxid: -1n };
      expect(frames.share(one.output, event)).toBe(true);
      one.output.flush();
      expected.push(`-1${event.path}`);
    }
    expect(one.heard()).toEqual(expected);
    frames.close();
  });

  it('come before what is said after them, and are written there when something was said before', () => {
    const frames = new EventFrames();
    const one = reader(new SlabPool({ poison: true, slabBytes: 4_096 }), new FlushGate());
    expect(frames.share(one.output, EVENT)).toBe(true);
    expect(frames.share(one.output, EVENT)).toBe(false);
    // More than a slab: what is full leaves behind the event.
    for (let xid = 1; xid <= 4; xid++) reply(one, xid, 2_000);
    expect(frames.share(one.output, EVENT)).toBe(false);
    one.output.flush();
    expect(one.heard()).toEqual(['-1/a', '1', '2', '3', '4']);
    expect(frames.share(one.output, EVENT)).toBe(true);
    frames.close();
    one.output.flush();
    expect(one.heard().at(-1)).toBe('-1/a');
  });

  it('wait until what they tell of is durable', () => {
    const gate = new FlushGate();
    const frames = new EventFrames();
    const one = reader(new SlabPool({ poison: true }), gate);
    frames.share(one.output, EVENT);
    gate.appended = 1;
    expect(one.output.queuedBytes).toBe(34);
    one.output.flush();
    expect(one.output.queuedBytes).toBe(34);
    expect(one.heard()).toEqual([]);
    gate.release(1);
    expect(one.heard()).toEqual(['-1/a']);
    expect(one.output.queuedBytes).toBe(0);
    frames.close();
  });

  it('are given back when their client has gone', () => {
    const pool = new SlabPool({ poison: true });
    const frames = new EventFrames();
    const one = reader(pool, new FlushGate());
    frames.share(one.output, EVENT);
    one.output.close();
    expect(frames.share(one.output, EVENT)).toBe(false);
    frames.close();
    expect(pool.counters().outstanding).toBe(0);
  });

  it('are not kept in common with paths that are too long, nor with those of another pool', () => {
    const frames = new EventFrames();
    const [one, other] = [1, 2].map(() => reader(new SlabPool({ poison: true }), new FlushGate()));
    expect(frames.share(one!.output, { ...EVENT, path: `/${'x'.repeat(1_024)}` })).toBe(false);
    expect(frames.share(one!.output, { ...EVENT, path: `/${'\u20ac'.repeat(1_023)}` })).toBe(true);
    expect(frames.share(other!.output, EVENT)).toBe(true);
    one!.output.flush();
    other!.output.flush();
    expect(one!.heard()).toHaveLength(1);
    expect(other!.heard()).toEqual(['-1/a']);
    frames.close();
  });
});
