import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SlabPool } from '../../../src/codec/slab-pool.ts';
import type { ByteLink } from '../../../src/transport/byte-link.ts';
import { type DialOptions, dial, linkOverSocket } from '../../../src/transport/tcp-link.ts';
import { type Certificate, LoopbackServer, readBytes, throwAwayCertificate } from './loopback.ts';
import { destroyed, pattern, RecordingHandler, send } from './recording-handler.ts';

const certificate = throwAwayCertificate();
if (certificate === null) console.warn('TLS is not tested: there is no openssl on this machine');

type Kind = 'dial over TCP' | 'dial over TLS' | 'linkOverSocket';
const kinds: Kind[] = ['dial over TCP', 'linkOverSocket'];
if (certificate !== null) kinds.push('dial over TLS');

const MIB = 1024 * 1024;

describe.each(kinds)('a link made by %s', (kind) => {
  let server: LoopbackServer;
  let pool: SlabPool;
  let link: ByteLink;
  let peer: Socket;

  async function open(options: Partial<DialOptions> = {}): Promise<void> {
    if (kind === 'linkOverSocket') {
      const { near, far } = await server.pair();
      peer = far;
      link = linkOverSocket(near, { pool, ...options });
      return;
    }
    const tls = kind === 'dial over TLS' ? { ca: (certificate as Certificate).cert } : undefined;
    const accepted = server.accepted();
    link = await dial({ host: '127.0.0.1', port: server.port, pool, tls, ...options });
    peer = await accepted;
  }

  beforeEach(async () => {
    server = await LoopbackServer.listen(kind === 'dial over TLS' ? certificate : null);
    pool = new SlabPool({ poison: true });
  });

  afterEach(async () => {
    link.destroy(destroyed());
    peer.destroy();
    await server.close();
  });

  it('carries bytes both ways and returns every slab', async () => {
    await open();
    const handler = new RecordingHandler();
    link.start(handler);
    expect(link.host).toMatch(/^\[?[\d.:f]+\]?:\d+$/);
    send(link, 'ping');
    expect(await readBytes(peer, 4)).toEqual(Buffer.from('ping'));
    peer.write('pong');
    await handler.until(() => handler.text === 'pong');
    link.destroy(destroyed());
    await handler.ended();
    expect(pool.counters()).toMatchObject({ outstanding: 0, escaped: 0 });
  });

  it('delivers 4 MiB in order, and bytes from poisoned slabs are never sent', async () => {
    await open();
    const handler = new RecordingHandler();
    link.start(handler);
    const expected = pattern(4 * MIB);
    const received = readBytes(peer, expected.length);
    for (let at = 0; at < expected.length; at += 50_000) {
      send(link, expected.subarray(at, at + 50_000));
    }
    expect((await received).equals(expected)).toBe(true);
    peer.write(expected);
    await handler.until(() => handler.byteCount >= expected.length);
    expect(handler.bytes.equals(expected)).toBe(true);
  });

  it('sends ranges of one slab while it is filled further', async () => {
    await open();
    link.start(new RecordingHandler());
    const slab = pool.acquire();
    for (let at = 0; at < 100; at++) {
      slab.bytes[at] = at;
      pool.retain(slab);
      link.write(slab, at, at + 1);
    }
    expect(await readBytes(peer, 100)).toEqual(
      Buffer.from(Array.from({ length: 100 }, (_, at) => at)),
    );
    expect(slab.references).toBe(1);
    pool.release(slab);
  });

  it('delivers what came before start()', async () => {
    await open();
    peer.write('early');
    // Answered by the peer's kernel only when ours has taken the bytes: they are there, unread or held.
    send(link, '?');
    await readBytes(peer, 1);
    const handler = new RecordingHandler();
    link.start(handler);
    await handler.until(() => handler.text === 'early');
    peer.write(' and late');
    await handler.until(() => handler.text === 'early and late');
  });

  it('stops reading while paused, so that the peer is held back, and goes on after resume()', async () => {
    await open();
    const handler = new RecordingHandler();
    handler.onPiece = () => link.pause();
    link.start(handler);
    const block = pattern(MIB);
    let taken = 0;
    // The kernel's buffers take some megabytes; when the peer's own queue fills up, they are full.
    await new Promise<void>((resolve) => {
      const fill = (): void => {
        for (;;) {
          taken += block.length;
          if (peer.write(block)) continue;
          const before = peer.writableLength;
          setImmediate(() => {
            if (peer.writableLength === before && before > MIB) resolve();
            else setImmediate(fill);
          });
          return;
        }
      };
      fill();
    });
    expect(handler.pieces).toHaveLength(1);
    expect(peer.writableLength).toBeGreaterThan(0);
    handler.onPiece = () => {};
    link.resume();
    await handler.until(() => handler.byteCount >= taken);
    expect(handler.byteCount).toBe(taken);
    expect(handler.bytes.subarray(0, 1000).equals(block.subarray(0, 1000))).toBe(true);
  });

  it('answers false from the high-water mark on, and drains once', async () => {
    await open({ highWaterBytes: 100_000 });
    const handler = new RecordingHandler();
    link.start(handler);
    peer.pause();
    let sent = 0;
    while (send(link, pattern(60_000))) sent += 60_000;
    sent += 60_000;
    expect(link.queuedBytes).toBeGreaterThanOrEqual(100_000);
    expect(handler.drains).toBe(0);
    await readBytes(peer, sent);
    await handler.until(() => handler.drains > 0);
    expect(link.queuedBytes).toBe(0);
    expect(send(link, 'x')).toBe(true);
    await readBytes(peer, 1);
    expect(handler.drains).toBe(1);
  });

  it('tells of the peer that closed, once', async () => {
    await open();
    const handler = new RecordingHandler();
    link.start(handler);
    peer.end('bye');
    expect((await handler.ended()).code).toBe('LINK_CLOSED');
    expect(handler.text).toBe('bye');
    expect(send(link, 'to nobody')).toBe(true);
    link.end();
    link.destroy(destroyed());
    await new Promise(setImmediate);
    expect(handler.ends).toHaveLength(1);
    expect(pool.counters().outstanding).toBe(0);
  });

  it('delivers what was written before end(), and nothing after', async () => {
    await open();
    const handler = new RecordingHandler();
    link.start(handler);
    const last = pattern(MIB);
    send(link, last);
    link.end();
    expect(send(link, 'too late')).toBe(true);
    expect((await readBytes(peer, last.length)).equals(last)).toBe(true);
    peer.end('and you');
    peer.resume();
    expect((await handler.ended()).code).toBe('LINK_DESTROYED');
    expect(handler.text).toBe('and you');
    expect(pool.counters().outstanding).toBe(0);
  });

  it('is destroyed inside onBytes: no more bytes, one end, after it returns', async () => {
    await open();
    const handler = new RecordingHandler();
    const error = destroyed();
    handler.onPiece = () => {
      link.destroy(error);
      link.destroy(destroyed());
      expect(handler.ends).toEqual([]);
    };
    link.start(handler);
    peer.write(pattern(MIB));
    expect(await handler.ended()).toBe(error);
    await new Promise(setImmediate);
    expect([handler.pieces.length, handler.ends.length]).toEqual([1, 1]);
    expect(pool.counters().outstanding).toBe(0);
  });

  it('returns written slabs only after the socket has closed, each once', async () => {
    await open();
    const handler = new RecordingHandler();
    link.start(handler);
    peer.pause();
    const slabs = Array.from({ length: 200 }, () => pool.acquire());
    for (const slab of slabs) link.write(slab, 0, slab.capacityBytes);
    await new Promise(setImmediate);
    const pending = slabs.filter((slab) => slab.references > 0);
    expect(pending.length).toBeGreaterThan(10);
    link.destroy(destroyed());
    await Promise.resolve();
    await new Promise<void>((resolve) => {
      process.nextTick(resolve);
    });
    expect(pending.every((slab) => slab.references === 1)).toBe(true);
    await handler.ended();
    expect(slabs.every((slab) => slab.references === 0)).toBe(true);
    expect(pool.counters().outstanding).toBe(0);
  });

  it('hands over to another handler inside onBytes', async () => {
    await open();
    const pipeline = new RecordingHandler();
    const handshake = new RecordingHandler();
    handshake.onBytes = (slab, start, end) => {
      if (end - start < 4) return start;
      link.start(pipeline);
      return pipeline.onBytes(slab, start + 4, end);
    };
    link.start(handshake);
    peer.write('shakes');
    await pipeline.until(() => pipeline.text.length === 2);
    peer.write(' on');
    await pipeline.until(() => pipeline.text === 'es on');
    link.destroy(destroyed());
    await pipeline.ended();
    expect(handshake.ends).toEqual([]);
  });

  it('keeps an unfinished frame larger than a slab contiguous', async () => {
    await open();
    const frames: Buffer[] = [];
    const handler = new RecordingHandler();
    const large = pattern(300_000);
    handler.onBytes = (slab, start, end) => {
      handler.wantedBytes = large.length;
      if (end - start < large.length) return start;
      frames.push(Buffer.from(slab.bytes.subarray(start, start + large.length)));
      handler.wantedBytes = 0;
      handler.drains++;
      RecordingHandler.prototype.onBytes.call(handler, slab, start, start);
      return start + large.length;
    };
    link.start(handler);
    for (let round = 0; round < 3; round++) {
      peer.write(large);
      await handler.until(() => frames.length === round + 1);
    }
    expect(frames.every((frame) => frame.equals(large))).toBe(true);
  });

  it('does not write over a slab that the handler keeps', async () => {
    await open();
    const kept: { slab: Parameters<RecordingHandler['onBytes']>[0]; start: number; end: number }[] =
      [];
    const handler = new RecordingHandler();
    handler.onBytes = (slab, start, end) => {
      pool.retain(slab);
      kept.push({ slab, start, end });
      return RecordingHandler.prototype.onBytes.call(handler, slab, start, end);
    };
    link.start(handler);
    const sent = pattern(MIB);
    peer.write(sent);
    await handler.until(() => handler.byteCount === MIB);
    const seen = Buffer.concat(kept.map(({ slab, start, end }) => slab.bytes.subarray(start, end)));
    expect(seen.equals(sent)).toBe(true);
    for (const { slab } of kept) pool.release(slab);
  });

  it('tells a handler that comes after the end', async () => {
    await open();
    const first = new RecordingHandler();
    link.start(first);
    link.destroy(destroyed());
    await first.ended();
    const late = new RecordingHandler();
    link.start(late);
    link.resume();
    link.pause();
    expect(late.ends).toEqual(first.ends);
    expect(first.ends).toHaveLength(1);
  });
});
