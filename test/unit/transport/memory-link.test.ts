import { describe, expect, it } from 'vitest';
import { SlabPool } from '../../../src/codec/slab-pool.ts';
import { LinkError } from '../../../src/errors.ts';
import { memoryLinkPair } from '../../../src/transport/memory-link.ts';
import { RecordingHandler, send } from './recording-handler.ts';

function startedPair(options: Parameters<typeof memoryLinkPair>[0] = {}) {
  const pool = new SlabPool({ poison: true });
  const pair = memoryLinkPair({ pool, ...options });
  const atClient = new RecordingHandler();
  const atServer = new RecordingHandler();
  pair.client.start(atClient);
  pair.server.start(atServer);
  return { pair, pool: options.pool ?? pool, atClient, atServer, ...pair };
}

function fault(host = 'test'): LinkError {
  return new LinkError('LINK_DESTROYED', host);
}

describe('memoryLinkPair, delivery by hand', () => {
  it('moves nothing by itself, then everything', () => {
    const { pair, client, server, atClient, atServer } = startedPair();
    send(client, 'question');
    send(server, 'answer');
    expect(pair.idle).toBe(false);
    expect([atClient.text, atServer.text]).toEqual(['', '']);
    expect(pair.deliver()).toBe(14);
    expect([atClient.text, atServer.text]).toEqual(['answer', 'question']);
    expect(pair.idle).toBe(true);
    expect(pair.deliver()).toBe(0);
  });

  it('names the peer as the host', () => {
    const { client, server } = memoryLinkPair();
    expect([client.host, server.host]).toEqual(['memory:server', 'memory:client']);
  });

  it('takes turns, the server first, one write a turn', () => {
    const { pair, client, server, atClient, atServer } = startedPair();
    const order: string[] = [];
    atClient.onPiece = (piece) => order.push(`client ${piece}`);
    atServer.onPiece = (piece) => order.push(`server ${piece}`);
    for (const text of ['a', 'b']) send(client, text);
    for (const text of ['1', '2', '3']) send(server, text);
    pair.deliver();
    expect(order).toEqual(['server a', 'client 1', 'server b', 'client 2', 'client 3']);
  });

  it('moves at most the bytes of a step', () => {
    const { pair, client, server, atServer, atClient } = startedPair();
    send(client, 'abcdef');
    send(server, '12');
    expect([pair.step(4), pair.step(4), pair.step(4), pair.step(4)]).toEqual([4, 2, 2, 0]);
    expect(atServer.pieces.map(String)).toEqual(['abcd', 'ef']);
    expect(atClient.pieces.map(String)).toEqual(['12']);
    expect(() => pair.step(0)).toThrow(RangeError);
  });

  it('moves towards the end that a step names', () => {
    const { pair, client, server, atClient, atServer } = startedPair();
    send(client, 'ab');
    send(server, '12');
    expect(pair.step(1, 'client')).toBe(1);
    expect(pair.step(1, 'client')).toBe(1);
    expect(pair.step(1, 'client')).toBe(0);
    expect([atClient.text, atServer.text]).toEqual(['12', '']);
    expect(pair.step(undefined, 'server')).toBe(2);
  });

  it('answers inside onBytes, and the answers of answers', () => {
    const { pair, client, server, atClient, atServer } = startedPair();
    atServer.onPiece = (piece) => send(server, `${piece}!`);
    atClient.onPiece = (piece) => piece.length < 4 && send(client, piece);
    send(client, 'a');
    pair.deliver();
    expect(atServer.pieces.map(String)).toEqual(['a', 'a!', 'a!!']);
    expect(atClient.pieces.map(String)).toEqual(['a!', 'a!!', 'a!!!']);
  });

  it('gives unconsumed bytes again, contiguous with what follows', () => {
    const { pair, client, server } = startedPair();
    const frames: string[] = [];
    const handler = new RecordingHandler();
    handler.onBytes = (slab, start, end) => {
      const text = slab.bytes.toString('latin1', start, end);
      const stop = text.lastIndexOf('.') + 1;
      frames.push(text.slice(0, stop));
      return start + stop;
    };
    server.start(handler);
    for (const text of ['one.tw', 'o', '.th', 'ree.']) send(client, text);
    pair.deliver();
    expect(frames).toEqual(['one.', '', 'two.', 'three.']);
  });

  it('refuses to be moved by the handler that gets the bytes', () => {
    const { pair, client, atServer } = startedPair();
    send(client, 'a');
    send(client, 'b');
    atServer.onPiece = () => pair.step(1, 'server');
    expect(() => pair.deliver()).toThrow('by the handler');
  });
});

describe('memoryLinkPair, slabs', () => {
  it('releases a written slab when its last byte was delivered, not before', () => {
    const { pair, pool, client } = startedPair();
    const slab = pool.acquire();
    slab.bytes.write('abc');
    client.write(slab, 0, 3);
    pair.step(2);
    expect(slab.references).toBe(1);
    pair.step(1);
    expect(slab.references).toBe(0);
    expect(slab.bytes[0]).toBe(0xdb);
  });

  it('sends ranges of one slab that is still being filled', () => {
    const { pair, pool, client, atServer } = startedPair();
    const slab = pool.acquire();
    for (const [at, text] of ['ab', 'cd', 'ef'].entries()) {
      slab.bytes.write(text, at * 2);
      pool.retain(slab);
      client.write(slab, at * 2, at * 2 + 2);
    }
    pair.deliver();
    expect(atServer.text).toBe('abcdef');
    expect(slab.references).toBe(1);
  });

  it('gives every slab back when both ends are gone', () => {
    const { pair, pool, client, server } = startedPair();
    send(client, 'abc');
    pair.step(1);
    send(server, '123');
    send(client, 'def');
    client.destroy(fault());
    pair.deliver();
    expect(pool.counters().outstanding).toBe(0);
  });

  it('delivers what is larger than a slab in pieces of a slab', () => {
    const { pair, client, atServer } = startedPair({ pool: new SlabPool({ slabBytes: 64 }) });
    const bytes = Buffer.from(Array.from({ length: 200 }, (_, at) => at));
    send(client, bytes);
    expect(pair.deliver()).toBe(200);
    expect(atServer.pieces.map((piece) => piece.length)).toEqual([64, 64, 64, 8]);
    expect(atServer.bytes).toEqual(bytes);
  });
});

describe('memoryLinkPair, back pressure', () => {
  it('keeps bytes with the sender while the receiver is paused', () => {
    const { pair, client, server, atServer } = startedPair();
    server.pause();
    send(client, 'abc');
    expect(pair.idle).toBe(true);
    expect(client.queuedBytes).toBe(3);
    server.resume();
    expect(pair.deliver()).toBe(3);
    expect(atServer.text).toBe('abc');
    expect(client.queuedBytes).toBe(0);
  });

  it('stops after the piece in which the handler paused', () => {
    const { pair, client, server, atServer } = startedPair();
    atServer.onPiece = () => server.pause();
    send(client, 'a');
    send(client, 'b');
    pair.deliver();
    expect(atServer.text).toBe('a');
    expect(client.queuedBytes).toBe(1);
  });

  it('keeps bytes while nobody listens', () => {
    const pair = memoryLinkPair();
    send(pair.client, 'early');
    expect(pair.deliver()).toBe(0);
    const late = new RecordingHandler();
    pair.server.start(late);
    pair.deliver();
    expect(late.text).toBe('early');
  });

  it('may be paused before it is started', () => {
    const pair = memoryLinkPair();
    const handler = new RecordingHandler();
    pair.server.pause();
    pair.server.start(handler);
    send(pair.client, 'abc');
    expect(pair.deliver()).toBe(0);
    pair.server.resume();
    pair.deliver();
    expect(handler.text).toBe('abc');
  });

  it('answers false from the high-water mark on, and drains once when the queue is empty', () => {
    const { pair, client, atClient } = startedPair({ highWaterBytes: 4 });
    expect(send(client, 'abc')).toBe(true);
    expect(send(client, 'd')).toBe(false);
    expect(send(client, 'e')).toBe(false);
    pair.step();
    pair.step();
    expect(atClient.drains).toBe(0);
    pair.step();
    expect(atClient.drains).toBe(1);
    expect(send(client, 'abc')).toBe(true);
    pair.deliver();
    expect(atClient.drains).toBe(1);
  });
});

describe('memoryLinkPair, the end', () => {
  it('delivers what was written before end(), then tells both sides once', () => {
    const { pair, pool, client, server, atClient, atServer } = startedPair();
    send(client, 'last words');
    client.end();
    client.end();
    expect(send(client, 'too late')).toBe(true);
    send(server, 'answer');
    pair.deliver();
    expect([atServer.text, atClient.text]).toEqual(['last words', 'answer']);
    expect(atServer.ends.map((error) => error.code)).toEqual(['LINK_CLOSED']);
    expect(atClient.ends.map((error) => error.code)).toEqual(['LINK_DESTROYED']);
    expect(pool.counters().outstanding).toBe(0);
    client.destroy(fault());
    server.end();
    pair.deliver();
    expect(atClient.ends.length + atServer.ends.length).toBe(2);
  });

  it('lets an end write in answer to the last bytes, but not after it heard of the end', () => {
    const { pair, client, server, atClient, atServer } = startedPair();
    atServer.onPiece = () => send(server, 'yes');
    send(client, 'ruok');
    client.end();
    pair.step();
    pair.step(undefined, 'server');
    expect(send(server, 'dropped')).toBe(true);
    pair.deliver();
    expect(atClient.text).toBe('yes');
  });

  it('drops what was not delivered on destroy(), and tells later', () => {
    const { pair, client, server, atClient, atServer } = startedPair();
    send(client, 'lost');
    send(server, 'lost too');
    const error = fault();
    client.destroy(error);
    client.destroy(fault('other'));
    expect(send(client, 'after')).toBe(true);
    expect(atClient.ends).toEqual([]);
    pair.deliver();
    expect(atClient.ends).toEqual([error]);
    expect(atServer.ends.map(({ code }) => code)).toEqual(['LINK_CLOSED']);
    expect(atServer.text + atClient.text).toBe('');
    expect([client.queuedBytes, server.queuedBytes]).toEqual([0, 0]);
  });

  it('gives no more bytes to a handler that destroyed its link', () => {
    const { pair, pool, client, server, atServer } = startedPair();
    atServer.onPiece = () => server.destroy(fault());
    send(client, 'a');
    send(client, 'b');
    pair.deliver();
    expect(atServer.text).toBe('a');
    expect(atServer.ends).toHaveLength(1);
    expect(pool.counters().outstanding).toBe(0);
  });

  it('tells a paused end only after it has resumed', () => {
    const { pair, client, server, atServer } = startedPair();
    server.pause();
    client.destroy(fault());
    pair.deliver();
    expect(atServer.ends).toEqual([]);
    expect(send(server, 'to nobody')).toBe(true);
    expect(server.queuedBytes).toBe(0);
    server.resume();
    pair.deliver();
    expect(atServer.ends).toHaveLength(1);
  });

  it('tells a handler that comes after the end at once', () => {
    const { pair, client, atClient } = startedPair();
    client.destroy(fault());
    pair.deliver();
    const late = new RecordingHandler();
    client.start(late);
    client.start(atClient);
    expect([late.ends.length, atClient.ends.length]).toEqual([1, 2]);
  });

  it('destroys the link of a handler that throws, and lets the error out', () => {
    const { pair, client, atServer } = startedPair();
    atServer.onPiece = () => {
      throw new Error('bug in the handler');
    };
    send(client, 'a');
    expect(() => pair.deliver()).toThrow('bug in the handler');
    pair.deliver();
    expect(atServer.ends[0]?.code).toBe('LINK_DESTROYED');
    expect(atServer.ends[0]?.cause).toEqual(new Error('bug in the handler'));
  });
});

describe('memoryLinkPair, change of handlers', () => {
  it('hands the rest of a read over inside onBytes', () => {
    const { pair, client, server } = startedPair();
    const second = new RecordingHandler();
    const first = new RecordingHandler();
    first.onBytes = (slab, start, end) => {
      server.start(second);
      return second.onBytes(slab, start + 2, end);
    };
    server.start(first);
    send(client, 'hishakes');
    pair.deliver();
    send(client, ' more');
    pair.deliver();
    expect(second.pieces.map(String)).toEqual(['shakes', ' more']);
    expect(first.ends).toEqual([]);
  });

  it('offers a new handler what the old one left', () => {
    const { pair, client, server } = startedPair();
    const lazy = new RecordingHandler();
    lazy.onBytes = (_slab, start) => start + 1;
    server.start(lazy);
    send(client, 'abc');
    pair.deliver();
    const next = new RecordingHandler();
    server.start(next);
    expect(next.text).toBe('bc');
  });
});

describe('memoryLinkPair, delivery by microtask', () => {
  it('moves bytes, ends and drains by itself', async () => {
    const { client, server, atClient, atServer } = startedPair({
      delivery: 'microtask',
      highWaterBytes: 1,
    });
    atServer.onPiece = (piece) => send(server, piece);
    expect(send(client, 'echo')).toBe(false);
    await atClient.until(() => atClient.text === 'echo');
    expect(atClient.drains).toBe(1);
    server.pause();
    send(client, 'held');
    server.resume();
    await atClient.until(() => atClient.text === 'echoheld');
    client.end();
    expect((await atServer.ended()).code).toBe('LINK_CLOSED');
    expect((await atClient.ended()).code).toBe('LINK_DESTROYED');
  });
});
