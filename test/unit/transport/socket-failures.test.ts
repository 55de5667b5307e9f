import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SlabPool } from '../../../src/codec/slab-pool.ts';
import { dial, linkOverSocket } from '../../../src/transport/tcp-link.ts';
import { LoopbackServer, once } from './loopback.ts';
import { destroyed, pattern, RecordingHandler } from './recording-handler.ts';

describe('failures of a connected link', () => {
  let server: LoopbackServer;
  beforeEach(async () => {
    server = await LoopbackServer.listen();
  });
  afterEach(() => server.close());

  it('gives the socket error as the cause', async () => {
    const accepted = server.accepted();
    const link = await dial({ host: '127.0.0.1', port: server.port });
    const handler = new RecordingHandler();
    link.start(handler);
    (await accepted).resetAndDestroy();
    const error = await handler.ended();
    expect(error.code).toBe('LINK_FAILED');
    expect((error.cause as NodeJS.ErrnoException).code).toBe('ECONNRESET');
  });

  /** A link over an accepted socket, whose slabs are small, and a handler that has not been started. */
  async function accepted() {
    const pool = new SlabPool({ slabBytes: 64, poison: true });
    const { near, far } = await server.pair();
    const link = linkOverSocket(near, { pool });
    return { pool, near, far, link, handler: new RecordingHandler() };
  }

  it('drops a socket whose handler throws, and gives slabs back', async () => {
    const { pool, near, far, link, handler } = await accepted();
    handler.onPiece = () => {
      throw new Error('bug in the handler');
    };
    link.start(handler);
    expect(() => near.emit('data', Buffer.from('x'))).toThrow('bug in the handler');
    const error = await handler.ended();
    expect(error.code).toBe('LINK_DESTROYED');
    expect(error.cause).toEqual(new Error('bug in the handler'));
    expect(pool.counters().outstanding).toBe(0);
    far.destroy();
  });

  it('takes a chunk larger than a slab, and holds the rest of a chunk for a paused handler', async () => {
    const { pool, near, far, link, handler } = await accepted();
    handler.onPiece = () => link.pause();
    link.start(handler);
    const chunk = pattern(200);
    near.emit('data', chunk);
    expect(handler.byteCount).toBe(64);
    handler.onPiece = () => {};
    link.resume();
    expect(handler.bytes.equals(chunk)).toBe(true);
    link.destroy(destroyed());
    await handler.ended();
    expect(pool.counters().outstanding).toBe(0);
    far.destroy();
  });

  it('tells the end after bytes that were held when the socket closed', async () => {
    const { pool, near, far, link, handler } = await accepted();
    handler.onPiece = () => link.pause();
    link.start(handler);
    const closed = once(near, 'close');
    near.emit('data', pattern(100));
    near.destroy();
    await closed;
    expect([handler.byteCount, handler.ends.length]).toEqual([64, 0]);
    handler.onPiece = () => {};
    link.resume();
    expect([handler.byteCount, handler.ends.length]).toEqual([100, 1]);
    expect(pool.counters().outstanding).toBe(0);
    far.destroy();
  });

  it('drops bytes that were held when it is destroyed after all', async () => {
    const { pool, near, far, link } = await accepted();
    const closed = once(near, 'close');
    near.emit('data', pattern(100));
    near.destroy();
    await closed;
    expect(pool.counters().outstanding).toBe(1);
    link.destroy(destroyed());
    await new Promise(setImmediate);
    expect(pool.counters().outstanding).toBe(0);
    far.destroy();
  });

  it('ends once over a socket that is going', async () => {
    const { near, far } = await server.pair();
    near.destroy();
    const handler = new RecordingHandler();
    linkOverSocket(near).start(handler);
    await once(near, 'close');
    await new Promise(setImmediate);
    expect(handler.ends.map((error) => error.code)).toEqual(['LINK_CLOSED']);
    far.destroy();
  });

  it('says what is in an error that is only a list of errors', async () => {
    const { near, far } = await server.pair();
    const handler = new RecordingHandler();
    linkOverSocket(near).start(handler);
    near.destroy(new AggregateError([new Error('::1 refused'), new Error('127.0.0.1 refused')]));
    expect((await handler.ended()).message).toContain('::1 refused; 127.0.0.1 refused');
    far.destroy();
  });

  it('ends at once over a socket that is already gone', async () => {
    const { near, far } = await server.pair();
    const closed = once(near, 'close');
    near.destroy();
    await closed;
    const link = linkOverSocket(near);
    const handler = new RecordingHandler();
    link.start(handler);
    expect((await handler.ended()).code).toBe('LINK_CLOSED');
    expect(link.host).toBe('unknown');
    far.destroy();
  });
});
