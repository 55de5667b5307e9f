import { describe, expect, it } from 'vitest';
import { SlabPool } from '../../../src/codec/slab-pool.ts';
import type { ByteLink } from '../../../src/transport/byte-link.ts';
import { faultyLink } from '../../../src/transport/faulty-link.ts';
import { LinkReceiver } from '../../../src/transport/link-receiver.ts';
import { memoryLinkPair } from '../../../src/transport/memory-link.ts';
import { linkOverSocket } from '../../../src/transport/tcp-link.ts';
import { LoopbackServer } from './loopback.ts';
import { destroyed, RecordingHandler, send } from './recording-handler.ts';

const BUG = new Error('bug in the handler');

function throwing(): RecordingHandler {
  const handler = new RecordingHandler();
  handler.onPiece = () => {
    throw BUG;
  };
  return handler;
}

describe('a receiver', () => {
  function scene() {
    const pool = new SlabPool({ slabBytes: 64, poison: true });
    const broken: unknown[] = [];
    const receiver = new LinkReceiver(pool, (cause) => broken.push(cause));
    const receive = (text: string): boolean => receiver.received(receiver.room().write(text));
    return { pool, broken, receiver, receive };
  }

  it('tells a handler that takes over within the last bytes of the end, after them', () => {
    const { pool, receiver, receive } = scene();
    receive('ab');
    receiver.end(destroyed());
    const told: string[] = [];
    const second = new RecordingHandler();
    second.onPiece = (piece) => told.push(`${piece}, ${second.ends.length} ends`);
    const first = new RecordingHandler();
    first.onBytes = (slab, start, end) => {
      receiver.start(second);
      return second.onBytes(slab, start + 1, end);
    };
    receiver.start(first);
    expect(told).toEqual(['b, 0 ends']);
    expect([first.ends.length, second.ends.length]).toEqual([0, 1]);
    expect(pool.counters().outstanding).toBe(0);
  });

  it('tells what a handler throws, at whatever it was called, and throws it on', () => {
    const { broken, receiver, receive } = scene();
    receiver.start(throwing());
    expect(() => receive('a')).toThrow(BUG);
    expect(() => receiver.start(throwing())).toThrow(BUG);
    receiver.pause();
    receive('b');
    expect(() => receiver.resume()).toThrow(BUG);
    const drained = new RecordingHandler();
    drained.onDrain = () => {
      throw BUG;
    };
    receiver.start(drained);
    expect(() => receiver.drained()).toThrow(BUG);
    expect(broken).toEqual([BUG, BUG, BUG, BUG]);
  });
});

describe.each(['memory', 'faulty', 'socket'] as const)('a %s link', (kind) => {
  /** A link whose handler has left a byte. */
  async function scene(
    use: (link: ByteLink, deliver: () => unknown, shy: RecordingHandler) => Promise<void>,
  ) {
    const pool = new SlabPool({ slabBytes: 64, poison: true });
    const shy = new RecordingHandler();
    shy.onBytes = (_slab, start) => start;
    if (kind === 'socket') {
      const server = await LoopbackServer.listen();
      const { near, far } = await server.pair();
      const link = linkOverSocket(near, { pool });
      link.start(shy);
      near.emit('data', Buffer.from('x'));
      await use(link, () => {}, shy);
      far.destroy();
      await server.close();
    } else {
      const pair = memoryLinkPair({ pool });
      const link = kind === 'memory' ? pair.client : faultyLink(pair.client, {});
      link.start(shy);
      send(pair.server, 'x');
      pair.deliver();
      await use(link, () => pair.deliver(), shy);
    }
    expect(pool.counters().outstanding).toBe(0);
  }

  it('is lost by a handler that throws when it is started', async () => {
    await scene(async (link, deliver) => {
      const handler = throwing();
      expect(() => link.start(handler)).toThrow(BUG);
      deliver();
      const end = await handler.ended();
      expect([end.code, end.cause]).toEqual(['LINK_DESTROYED', BUG]);
    });
  });

  it('tells a handler that comes after the end of it at once, also where it was paused', async () => {
    await scene(async (link, deliver, shy) => {
      link.pause();
      link.destroy(destroyed());
      deliver();
      await shy.ended();
      const handler = new RecordingHandler();
      link.start(handler);
      expect(handler.ends).toEqual(shy.ends);
    });
  });

  it('gives nothing of what was left to a handler that comes after it was destroyed', async () => {
    await scene(async (link, deliver) => {
      link.pause();
      link.destroy(destroyed());
      const handler = new RecordingHandler();
      link.start(handler);
      link.resume();
      deliver();
      await handler.ended();
      expect([handler.text, handler.ends.length]).toEqual(['', 1]);
    });
  });

  it('takes a write of nothing, and gives its slab back', async () => {
    await scene(async (link, deliver) => {
      const handler = new RecordingHandler();
      link.start(handler);
      expect(send(link, '')).toBe(true);
      expect(link.queuedBytes).toBe(0);
      link.destroy(destroyed());
      expect(send(link, 'dropped')).toBe(true);
      deliver();
      await handler.ended();
      expect(send(link, 'dropped')).toBe(true);
    });
  });
});
