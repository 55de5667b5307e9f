import { afterEach, describe, expect, it } from 'vitest';
import { SlabPool } from '../../../src/codec/index.ts';
import { FlushGate } from '../../../src/server/flush-gate.ts';
import { ReplyOutput } from '../../../src/server/reply-output.ts';
import {
  type LinkHandler,
  type MemoryLinkPair,
  memoryLinkPair,
} from '../../../src/transport/index.ts';

/** What has arrived at the client's end. */
class Client implements LinkHandler {
  readonly wantedBytes = 0;
  bytes: Buffer = Buffer.alloc(0);
  ended = false;
  onBytes(slab: { bytes: Buffer }, start: number, end: number): number {
    this.bytes = Buffer.concat([this.bytes, slab.bytes.subarray(start, end)]);
    return end;
  }
  onDrain(): void {}
  onEnd(): void {
    this.ended = true;
  }

  /** Xids of the replies that have come, by their frames. */
  get xids(): number[] {
    const xids: number[] = [];
    for (let at = 0; at < this.bytes.length; at += 4 + this.bytes.readInt32BE(at)) {
      xids.push(this.bytes.readInt32BE(at + 4));
    }
    return xids;
  }
}

interface Set {
  readonly pool: SlabPool;
  readonly links: MemoryLinkPair;
  readonly gate: FlushGate;
  readonly client: Client;
  readonly output: ReplyOutput;
  full: number;
}

const sets: Set[] = [];

function make(options: { highWaterBytes?: number; slabBytes?: number } = {}): Set {
  const pool = new SlabPool({ poison: true, slabBytes: options.slabBytes ?? 65_536 });
  const links = memoryLinkPair({ pool, highWaterBytes: options.highWaterBytes });
  const gate = new FlushGate();
  const client = new Client();
  links.client.start(client);
  const set: Set = {
    pool,
    links,
    gate,
    client,
    output: new ReplyOutput(links.server, gate, () => set.full++),
    full: 0,
  };
  sets.push(set);
  return set;
}

function reply({ output }: Set, xid: number, dataBytes = 0): void {
  const writer = output.reply(xid, 7n, 0);
  if (dataBytes > 0) writer.buffer(Buffer.alloc(dataBytes, xid));
  output.commit();
}

afterEach(() => {
  for (const { output, pool, links } of sets.splice(0)) {
    links.deliver();
    output.close();
    expect(pool.counters().outstanding).toBeLessThanOrEqual(1);
  }
});

describe('what a connection is told', () => {
  it('does not move a large answer again for the Stat behind its data', () => {
    const set = make();
    const writer = set.output.reply(1, 7n, 0);
    // With the header and the data the slab would be just full.
    writer.buffer(Buffer.alloc(2 * 65_536 - 24, 1));
    const place = writer.bytes;
    writer.reserve(68);
    expect(writer.bytes === place).toBe(true);
    set.output.commit();
    set.output.flush();
    expect(set.pool.counters()).toMatchObject({ created: 2 });
  });

  it('leaves with the flush, not before', () => {
    const set = make();
    reply(set, 1);
    reply(set, 2);
    set.links.deliver();
    expect(set.client.xids).toEqual([]);
    set.output.flush();
    set.links.deliver();
    expect(set.client.xids).toEqual([1, 2]);
    expect(set.client.bytes.subarray(0, 20).toString('hex')).toBe(
      '0000001000000001000000000000000700000000',
    );
  });

  it('is in order, whatever does not fit into a slab', () => {
    const set = make({ slabBytes: 256 });
    for (let xid = 1; xid <= 40; xid++) reply(set, xid, xid * 17);
    set.output.flush();
    set.links.deliver();
    expect(set.client.xids).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    // The bytes of the last one are its own.
    expect(set.client.bytes.subarray(-680).every((byte) => byte === 40)).toBe(true);
  });

  it('leaves by itself when there is much of it', () => {
    const set = make();
    for (let xid = 1; xid <= 3; xid++) reply(set, xid, 20_000);
    set.links.deliver();
    expect(set.client.xids).toEqual([1, 2, 3]);
  });

  it('waits until what it can show is durable', () => {
    const set = make();
    reply(set, 1);
    set.output.flush();
    set.gate.appended = 1;
    reply(set, 2);
    set.output.flush();
    set.gate.appended = 2;
    reply(set, 3);
    set.output.flush();
    set.links.deliver();
    expect(set.client.xids).toEqual([1]);
    set.gate.release(1);
    set.links.deliver();
    expect(set.client.xids).toEqual([1, 2]);
    set.gate.release(2);
    set.links.deliver();
    expect(set.client.xids).toEqual([1, 2, 3]);
  });

  it('waits with a read too, which comes behind a write', () => {
    const set = make();
    set.gate.appended = 5;
    reply(set, 1);
    set.output.flush();
    reply(set, 2);
    set.output.flush();
    set.gate.release(4);
    set.links.deliver();
    expect(set.client.xids).toEqual([]);
    set.gate.release(5);
    set.links.deliver();
    expect(set.client.xids).toEqual([1, 2]);
  });

  it('ends the connection behind the last reply, also when that has to wait', () => {
    const set = make();
    set.gate.appended = 1;
    reply(set, 1);
    set.output.end();
    set.links.deliver();
    expect([set.client.xids, set.client.ended]).toEqual([[], false]);
    set.gate.release(1);
    set.links.deliver();
    expect([set.client.xids, set.client.ended]).toEqual([[1], true]);
  });

  it('says when the client does not take it', () => {
    const set = make({ highWaterBytes: 1_000 });
    reply(set, 1, 500);
    set.output.flush();
    expect(set.full).toBe(0);
    reply(set, 2, 500);
    set.output.flush();
    expect(set.full).toBe(1);
    expect(set.output.queuedBytes).toBe(2 * 524);
  });

  it('forgets a frame that was not committed', () => {
    const set = make();
    set.output.reply(1, 7n, 0).buffer(Buffer.alloc(10));
    reply(set, 2);
    set.output.flush();
    set.links.deliver();
    expect(set.client.xids).toEqual([2]);
  });

  it('counts frames for whoever asks', () => {
    const set = make();
    reply(set, 1);
    reply(set, 2);
    expect([set.output.takeFrames(), set.output.takeFrames()]).toEqual([2, 0]);
  });

  it('can be text, for four-letter words', () => {
    const set = make();
    set.output.text('imok');
    set.output.end();
    set.links.deliver();
    expect([set.client.bytes.toString(), set.client.ended]).toEqual(['imok', true]);
  });

  it('gives back what nobody will get', () => {
    const set = make();
    set.gate.appended = 1;
    reply(set, 1);
    set.output.flush();
    reply(set, 2);
    set.output.close();
    expect(set.pool.counters().outstanding).toBe(0);
    set.gate.release(1);
    set.output.flush();
    set.links.deliver();
    expect(set.client.xids).toEqual([]);
  });
});

describe('memory of answers that wait', () => {
  const ANSWERS = 1_000;
  const all = Array.from({ length: ANSWERS }, (_, index) => index + 1);

  it('is not a slab for each when they wait for the disk', () => {
    const set = make();
    set.gate.appended = 1;
    for (const xid of all) {
      reply(set, xid, 20);
      set.output.flush();
    }
    expect(set.output.queuedBytes).toBe(ANSWERS * 44);
    expect(set.pool.counters().outstanding).toBe(1);
    set.gate.release(1);
    set.links.deliver();
    expect(set.client.xids).toEqual(all);
    reply(set, 0);
    set.output.flush();
    set.links.deliver();
    expect(set.client.xids).toEqual([...all, 0]);
  });

  it('is not a slab for each when the client does not read them', () => {
    const set = make();
    for (const xid of all) {
      reply(set, xid, 20);
      set.output.flush();
    }
    expect(set.output.queuedBytes).toBe(ANSWERS * 44);
    // The first was let go in its own slab.
    expect(set.pool.counters().outstanding).toBe(2);
    set.links.deliver();
    expect(set.client.xids).toEqual(all);
  });

  it('is not a slab for each client', () => {
    const pool = new SlabPool({ poison: true });
    const gate = new FlushGate();
    gate.appended = 1;
    const scenes = all.map((xid) => {
      const links = memoryLinkPair({ pool });
      const client = new Client();
      links.client.start(client);
      const output = new ReplyOutput(links.server, gate, () => {});
      output.reply(xid, 7n, 0);
      output.commit();
      output.flush();
      return { links, client, output };
    });
    expect(pool.counters().outstanding).toBe(1);
    gate.release(1);
    for (const { links } of scenes) links.deliver();
    expect(scenes.map(({ client }) => client.xids)).toEqual(all.map((xid) => [xid]));
    for (const { output } of scenes) output.close();
    // What the clients read into.
    expect(pool.counters().outstanding).toBe(ANSWERS);
  });

  it('is used again, and given back when nothing waits', () => {
    const set = make({ slabBytes: 1_024 });
    for (let round = 1; round <= 50; round++) {
      set.gate.appended = round;
      for (let xid = 1; xid <= 10; xid++) {
        reply(set, xid, 20);
        set.output.flush();
      }
      // Two where one is full, and what the client reads into.
      expect(set.pool.counters().outstanding).toBeLessThanOrEqual(3);
      set.gate.release(round);
      set.links.deliver();
    }
    expect(set.client.xids).toHaveLength(500);
    set.output.close();
    expect(set.pool.counters().outstanding).toBe(1);
    expect(set.pool.counters().created).toBeLessThan(50);
  });

  it('is their own where they are long', () => {
    const set = make({ slabBytes: 1_024 });
    set.gate.appended = 1;
    for (let xid = 1; xid <= 3; xid++) {
      reply(set, xid, 232);
      set.output.flush();
    }
    expect(set.pool.counters().outstanding).toBe(3);
    set.gate.release(1);
    set.links.deliver();
    expect(set.client.xids).toEqual([1, 2, 3]);
  });
});

describe('a flush gate', () => {
  it('tells at once of what is durable', () => {
    const gate = new FlushGate();
    const told: number[] = [];
    gate.whenFlushed(0, () => told.push(0));
    gate.appended = 2;
    gate.whenFlushed(2, () => told.push(2));
    gate.whenFlushed(1, () => told.push(1));
    expect(told).toEqual([0]);
    gate.release(1);
    expect(told).toEqual([0, 1]);
    gate.release(2);
    expect(told).toEqual([0, 1, 2]);
  });
});
