import { describe, expect, it } from 'vitest';
import { SlabPool } from '../../../src/codec/slab-pool.ts';
import { LinkError } from '../../../src/errors.ts';
import { LINK_HIGH_WATER_BYTES } from '../../../src/limits.ts';
import { faultyLink } from '../../../src/transport/faulty-link.ts';
import type { LinkFaults } from '../../../src/transport/link-faults.ts';
import { memoryLinkPair } from '../../../src/transport/memory-link.ts';
import { ManualClock } from './manual-clock.ts';
import { destroyed, RecordingHandler, send } from './recording-handler.ts';

/** A client whose link is faulty, and its sound peer. */
function faultyPair(faults: LinkFaults, highWaterBytes?: number) {
  const pool = new SlabPool({ poison: true });
  const pair = memoryLinkPair({ pool, highWaterBytes });
  const clock = new ManualClock();
  const client = faultyLink(pair.client, faults, { clock });
  const atClient = new RecordingHandler();
  const atServer = new RecordingHandler();
  pair.server.start(atServer);
  client.start(atClient);
  return { pair, pool, clock, client, server: pair.server, atClient, atServer };
}

const codes = (handler: RecordingHandler): string[] => handler.ends.map((error) => error.code);

describe('a faulty link without faults', () => {
  it('is the link that it wraps', () => {
    const { pair, pool, client, server, atClient, atServer } = faultyPair({});
    expect(client.host).toBe('memory:server');
    expect(client.pool).toBe(pool);
    expect(client.faults).toEqual({});
    send(client, 'question');
    expect(client.queuedBytes).toBe(8);
    send(server, 'answer');
    client.end();
    client.end();
    expect(send(client, 'late')).toBe(true);
    pair.deliver();
    expect([atServer.text, atClient.text]).toEqual(['question', 'answer']);
    expect([codes(atServer), codes(atClient)]).toEqual([['LINK_CLOSED'], ['LINK_DESTROYED']]);
    expect(pool.counters().outstanding).toBe(0);
  });

  it('passes back pressure on, both ways', () => {
    const { pair, client, server, atClient } = faultyPair({}, 4);
    expect(send(client, 'abc')).toBe(true);
    expect(send(client, 'defg')).toBe(false);
    expect(send(client, 'held in the lane')).toBe(false);
    expect(client.queuedBytes).toBe(23);
    pair.deliver();
    expect([atClient.drains, client.queuedBytes]).toEqual([1, 0]);
    client.pause();
    send(server, 'abc');
    expect(pair.idle).toBe(true);
    client.resume();
    pair.deliver();
    expect(atClient.text).toBe('abc');
  });

  it('gives no more bytes to a handler that paused or destroyed it', () => {
    const { pair, pool, client, server, atClient } = faultyPair({ receive: { sliceBytes: 1 } });
    atClient.onPiece = () => client.pause();
    send(server, 'abc');
    pair.deliver();
    expect(atClient.text).toBe('a');
    client.resume();
    expect(atClient.text).toBe('ab');
    client.destroy(destroyed());
    client.resume();
    pair.deliver();
    expect(atClient.text).toBe('ab');
    expect(codes(atClient)).toEqual(['LINK_DESTROYED']);
    expect(pool.counters().outstanding).toBe(0);
  });

  it('gives no more of a piece that comes in two to a handler that destroyed it', () => {
    const pool = new SlabPool({ slabBytes: 64, poison: true });
    const pair = memoryLinkPair({ pool });
    const client = faultyLink(pair.client, {});
    const handler = new RecordingHandler();
    handler.onBytes = (slab, start, end) => {
      RecordingHandler.prototype.onBytes.call(handler, slab, start, end);
      // An unfinished frame: there is not so much room behind it as the next piece needs.
      if (handler.pieces.length === 2) client.destroy(destroyed());
      return start;
    };
    client.start(handler);
    send(pair.server, 'x'.repeat(40));
    send(pair.server, 'y'.repeat(60));
    pair.deliver();
    expect(handler.pieces.map((piece) => piece.length)).toEqual([40, 64]);
    expect(codes(handler)).toEqual(['LINK_DESTROYED']);
    expect(pool.counters().outstanding).toBe(0);
  });

  it('gives a late handler what arrived, and the end to one that comes after it', () => {
    const pair = memoryLinkPair();
    const client = faultyLink(pair.client, {});
    send(pair.server, 'early');
    pair.deliver();
    const handler = new RecordingHandler();
    client.start(handler);
    pair.deliver();
    expect(handler.text).toBe('early');
    client.destroy(new LinkError('PEER_SILENT', 'test'));
    pair.deliver();
    const late = new RecordingHandler();
    client.start(late);
    expect([codes(handler), codes(late)]).toEqual([['PEER_SILENT'], ['PEER_SILENT']]);
  });

  it('is destroyed by a handler that throws', () => {
    const { pair, pool, server, atClient } = faultyPair({});
    atClient.onPiece = () => {
      throw new Error('bug in the handler');
    };
    send(server, 'a');
    expect(() => pair.deliver()).toThrow('bug in the handler');
    pair.deliver();
    expect(codes(atClient)).toEqual(['LINK_DESTROYED']);
    expect(pool.counters().outstanding).toBe(0);
  });
});

describe('cutAt', () => {
  it.each([1, 3, 4, 6])('ends what is received after %i bytes', (cutAt) => {
    const { pair, pool, server, atClient, atServer } = faultyPair({ receive: { cutAt } });
    send(server, 'abcd');
    send(server, 'ef');
    send(server, 'ghi');
    pair.deliver();
    expect(atClient.text).toBe('abcdef'.slice(0, cutAt));
    expect([codes(atClient), codes(atServer)]).toEqual([['LINK_FAULT'], ['LINK_CLOSED']]);
    expect(pool.counters().outstanding).toBe(0);
  });

  it.each([1, 3, 4, 6])('ends what is sent after %i bytes, which arrive', (cutAt) => {
    const { pair, pool, client, server, atClient, atServer } = faultyPair({ send: { cutAt } });
    send(client, 'abcd');
    send(client, 'ef');
    send(client, 'ghi');
    send(server, 'lost: the link is dead in both directions');
    client.end();
    pair.deliver();
    expect(atServer.text).toBe('abcdef'.slice(0, cutAt));
    expect(atClient.text).toBe('');
    expect([codes(atClient), codes(atServer)]).toEqual([['LINK_FAULT'], ['LINK_CLOSED']]);
    expect(pool.counters().outstanding).toBe(0);
  });

  it.each(['send', 'receive'] as const)('at 0 ends at once (%s)', (direction) => {
    const { pair, client, atClient, atServer } = faultyPair({ [direction]: { cutAt: 0 } });
    send(client, 'a');
    pair.deliver();
    expect(atServer.text).toBe('');
    expect([codes(atClient), codes(atServer)]).toEqual([['LINK_FAULT'], ['LINK_CLOSED']]);
  });

  it('comes after a stall before it, also when the peer ended meanwhile', async () => {
    const { pair, client, server, atClient } = faultyPair({ receive: { stallAt: 1, cutAt: 3 } });
    send(server, 'abcdef');
    server.end();
    pair.deliver();
    expect([atClient.text, codes(atClient)]).toEqual(['a', []]);
    client.release();
    await atClient.ended();
    expect([atClient.text, codes(atClient)]).toEqual(['abc', ['LINK_FAULT']]);
  });
});

describe('cutAt behind stallAt', () => {
  it('swallows what is sent after the cut while the bytes before it still wait', () => {
    const { pair, pool, client, atServer } = faultyPair({ send: { stallAt: 1, cutAt: 2 } });
    for (const text of ['ab', 'cd', 'ef']) send(client, text);
    expect(client.queuedBytes).toBe(2);
    client.release();
    pair.deliver();
    expect(atServer.text).toBe('ab');
    expect(pool.counters().outstanding).toBe(0);
  });
});

describe('sliceBytes', () => {
  it('keeps its order when the handler pauses and resumes while it is called', () => {
    const { pair, client, server, atClient } = faultyPair({ receive: { sliceBytes: 1 } });
    atClient.onPiece = () => {
      client.pause();
      client.resume();
    };
    send(server, 'abc');
    pair.deliver();
    expect(atClient.pieces.map(String)).toEqual(['a', 'b', 'c']);
  });

  it('delivers in pieces of one size', () => {
    const { pair, server, atClient } = faultyPair({ receive: { sliceBytes: 2 } });
    send(server, 'abcde');
    send(server, 'f');
    pair.deliver();
    expect(atClient.pieces.map(String)).toEqual(['ab', 'cd', 'e', 'f']);
  });

  it('delivers in pieces of listed sizes, over and over', () => {
    const { pair, client, atServer } = faultyPair({ send: { sliceBytes: [1, 3] } });
    send(client, 'abcdefghij');
    pair.deliver();
    expect(atServer.pieces.map(String)).toEqual(['a', 'bcd', 'e', 'fgh', 'i', 'j']);
  });

  it('keeps unconsumed bytes contiguous', () => {
    const { pair, server, client } = faultyPair({ receive: { sliceBytes: 1 } });
    const seen: string[] = [];
    const frames = new RecordingHandler();
    frames.onBytes = (slab, start, end) => {
      seen.push(slab.bytes.toString('latin1', start, end));
      return end - start < 3 ? start : end;
    };
    client.start(frames);
    send(server, 'abcdef');
    pair.deliver();
    expect(seen).toEqual(['a', 'ab', 'abc', 'd', 'de', 'def']);
  });
});

describe('delayMs', () => {
  it('delivers later, in order, the end as well', () => {
    const { pair, clock, client, server, atClient } = faultyPair({ receive: { delayMs: 10 } });
    send(server, 'a');
    pair.deliver();
    clock.advance(5);
    send(server, 'b');
    server.end();
    pair.deliver();
    expect(atClient.text).toBe('');
    clock.advance(5);
    expect([atClient.text, codes(atClient)]).toEqual(['a', []]);
    clock.advance(5);
    expect([atClient.text, codes(atClient)]).toEqual(['ab', ['LINK_CLOSED']]);
    client.destroy(destroyed());
    expect(clock.timers).toEqual([]);
  });

  it('sends later, the end as well', () => {
    const { pair, clock, client, atServer } = faultyPair({ send: { delayMs: 10, cutAt: 5 } });
    send(client, 'ab');
    client.end();
    pair.deliver();
    expect([client.queuedBytes, atServer.text]).toEqual([2, '']);
    clock.advance(10);
    pair.deliver();
    expect([atServer.text, codes(atServer)]).toEqual(['ab', ['LINK_CLOSED']]);
  });

  it('leaves no timer and no slab behind when the link is destroyed', async () => {
    const { pair, pool, clock, client, server, atClient } = faultyPair({
      send: { delayMs: 10 },
      receive: { delayMs: 10 },
    });
    send(client, 'a');
    send(server, 'b');
    server.end();
    pair.deliver();
    clock.advance(9);
    client.destroy(new LinkError('PEER_SILENT', 'test'));
    await atClient.ended();
    expect(codes(atClient)).toEqual(['PEER_SILENT']);
    clock.advance(9);
    expect([clock.timers, atClient.text]).toEqual([[], '']);
    expect(pool.counters().outstanding).toBe(0);
  });

  it('tells the reason of destroy when the peer ended before, and the end still waits', async () => {
    const { pair, client, server, atClient } = faultyPair({ receive: { stallAt: 0 } });
    send(server, 'never read');
    server.destroy(destroyed());
    client.end();
    pair.deliver();
    expect(codes(atClient)).toEqual([]);
    client.destroy(new LinkError('PEER_SILENT', 'test'));
    await atClient.ended();
    expect([atClient.text, codes(atClient)]).toEqual(['', ['PEER_SILENT']]);
  });
});

describe('stallAt', () => {
  it('holds what is received from that byte on until release()', () => {
    const { pair, pool, client, server, atClient } = faultyPair({ receive: { stallAt: 3 } });
    send(server, 'abcdef');
    server.end();
    pair.deliver();
    expect([atClient.text, codes(atClient)]).toEqual(['abc', []]);
    client.release();
    expect([atClient.text, codes(atClient)]).toEqual(['abcdef', ['LINK_CLOSED']]);
    expect(pool.counters().outstanding).toBe(0);
  });

  it('holds what is sent, counts it as queued and drains after release()', () => {
    const { pair, client, atClient, atServer } = faultyPair({ send: { stallAt: 3 } });
    const large = Buffer.alloc(LINK_HIGH_WATER_BYTES, 'x');
    expect(send(client, 'abc')).toBe(true);
    expect(send(client, large)).toBe(false);
    client.end();
    pair.deliver();
    expect(atServer.text).toBe('abc');
    expect(client.queuedBytes).toBe(LINK_HIGH_WATER_BYTES);
    client.release();
    pair.deliver();
    expect(atServer.byteCount).toBe(3 + LINK_HIGH_WATER_BYTES);
    expect(codes(atServer)).toEqual(['LINK_CLOSED']);
    expect(codes(atClient)).toEqual(['LINK_DESTROYED']);
  });

  it('holds the peer back when much is held', () => {
    const { pair, client, server, atClient } = faultyPair({ receive: { stallAt: 0 } });
    const half = Buffer.alloc(LINK_HIGH_WATER_BYTES / 2, 'x');
    for (let round = 0; round < 4; round++) send(server, half);
    pair.deliver();
    expect(server.queuedBytes).toBe(LINK_HIGH_WATER_BYTES);
    client.release();
    pair.deliver();
    expect([server.queuedBytes, atClient.byteCount]).toEqual([0, 2 * LINK_HIGH_WATER_BYTES]);
  });
});

describe('drop and mangle', () => {
  it.each([
    { drop: { from: 0, to: 1 }, left: 'bcdefg' },
    { drop: { from: 2, to: 5 }, left: 'abfg' },
    { drop: { from: 6, to: 100 }, left: 'abcdef' },
    { drop: { from: 0, to: 7 }, left: '' },
  ])('swallows $drop', ({ drop, left }) => {
    const { pair, pool, client, server, atClient, atServer } = faultyPair({
      send: { drop },
      receive: { drop },
    });
    for (const text of ['abc', 'd', 'efg']) {
      send(client, text);
      send(server, text);
    }
    pair.deliver();
    expect([atClient.text, atServer.text]).toEqual([left, left]);
    client.destroy(destroyed());
    pair.deliver();
    expect(pool.counters().outstanding).toBe(0);
  });

  it('changes one byte, in a copy', () => {
    const { pair, pool, client, atServer } = faultyPair({ send: { mangle: { at: 4, xor: 0x20 } } });
    const slab = pool.acquire();
    slab.bytes.write('abcdef');
    pool.retain(slab);
    client.write(slab, 0, 3);
    pool.retain(slab);
    client.write(slab, 3, 6);
    pair.deliver();
    expect(atServer.text).toBe('abcdEf');
    expect(slab.bytes.toString('latin1', 0, 6)).toBe('abcdef');
    expect(slab.references).toBe(1);
  });

  it('counts offsets in the stream as it was written', () => {
    const { pair, server, atClient } = faultyPair({
      receive: { drop: { from: 1, to: 3 }, mangle: { at: 4, xor: 0x20 }, cutAt: 6, stallAt: 100 },
    });
    send(server, 'abcdefgh');
    pair.deliver();
    expect(atClient.text).toBe('adEf');
  });
});

describe('the description of faults', () => {
  const link = memoryLinkPair().client;
  it.each<[string, unknown, string]>([
    ['an unknown direction', { sent: {} }, 'faults has no "sent"; it may have send, receive'],
    ['an unknown fault', { send: { cut: 1 } }, 'send has no "cut"'],
    ['a cut below 0', { send: { cutAt: -1 } }, 'send.cutAt is an integer of 0 or more, not -1'],
    ['half a byte', { receive: { stallAt: 1.5 } }, 'receive.stallAt'],
    [
      'slices of nothing',
      { send: { sliceBytes: 0 } },
      'send.sliceBytes is an integer of 1 or more',
    ],
    ['no slices', { send: { sliceBytes: [] } }, 'send.sliceBytes is an empty list'],
    ['a bad slice', { send: { sliceBytes: [1, 0] } }, 'send.sliceBytes[1]'],
    ['a negative delay', { send: { delayMs: -1 } }, 'send.delayMs is a time of 0 ms or more'],
    ['no clock', { send: { delayMs: 1 } }, 'send.delayMs needs a clock'],
    ['a bad start', { send: { drop: { from: -1, to: 2 } } }, 'send.drop.from'],
    ['an empty range', { send: { drop: { from: 2, to: 2 } } }, 'send.drop.to is an integer of 3'],
    ['a bad place', { send: { mangle: { at: -1, xor: 1 } } }, 'send.mangle.at'],
    ['no change', { send: { mangle: { at: 0, xor: 0 } } }, 'an integer from 1 to 255, not 0'],
    ['two bytes', { send: { mangle: { at: 0, xor: 256 } } }, 'not 256'],
  ])('refuses %s', (_name, faults, message) => {
    expect(() => faultyLink(link, faults as LinkFaults)).toThrow(message);
    expect(() => faultyLink(link, faults as LinkFaults)).toThrow(RangeError);
  });

  it('survives JSON, so that a run can be printed and repeated', () => {
    const faults: LinkFaults = { send: { cutAt: 3, sliceBytes: [1, 2] }, receive: { stallAt: 0 } };
    const again = faultyLink(link, JSON.parse(JSON.stringify(faults)) as LinkFaults);
    expect(again.faults).toEqual(faults);
  });
});
