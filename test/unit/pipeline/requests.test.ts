import { describe, expect, it } from 'vitest';
import { readGetDataResponse, writeSetDataRequest } from '../../../src/codec/records.gen.ts';
import { RequestError } from '../../../src/errors.ts';
import { FLUSH_BYTES } from '../../../src/limits.ts';
import { beginGet, dataReply, reply } from './frames.ts';
import { scene, settled, shown, thrownBy } from './pipelines.ts';

const XID_MAX = 2 ** 31 - 1;
const ignore = (): void => {};

describe('xids', () => {
  it('count from 1', () => {
    const one = scene();
    for (const name of ['a', 'b', 'c']) one.lend(name);
    one.tick();
    expect(one.sent.map(({ xid }) => xid)).toEqual([1, 2, 3]);
    expect(one.pipeline.lastXid).toBe(3);
  });

  it('go on behind the last xid of the connection before', () => {
    const one = scene({ lastXid: 41 });
    one.lend('a');
    one.tick();
    expect(one.sent.map(({ xid, op }) => [xid, op])).toEqual([[42, 4]]);
    expect(one.pipeline.lastXid).toBe(42);
  });

  it('go from 2^31-1 to 1 and never pass 0 or below, in the midst of replies', async () => {
    const one = scene({ lastXid: XID_MAX - 2 });
    for (const name of ['a', 'b', 'c', 'd']) void one.get(name);
    one.tick();
    expect(one.sent.map(({ xid }) => xid)).toEqual([XID_MAX - 1, XID_MAX, 1, 2]);
    one.link.deliver(...[XID_MAX - 1, XID_MAX, 1, 2].map((xid) => dataReply(xid, `x${xid}`)));
    await settled();
    expect(one.log).toEqual([`a=x${XID_MAX - 1}`, `b=x${XID_MAX}`, 'c=x1', 'd=x2']);
    expect(one.pipeline.lastXid).toBe(2);
  });

  it.each([0, -1, -8, XID_MAX])('start at 1 behind %i', (lastXid) => {
    const one = scene({ lastXid });
    one.lend('a');
    one.tick();
    expect(one.sent[0]!.xid).toBe(1);
  });

  it('are not used up by a request that is refused or forgotten', () => {
    const one = scene({ bodyBytesMax: 200 });
    beginGet(one.pipeline, '/forgotten');
    const writer = one.pipeline.begin(5, '/large');
    writeSetDataRequest(writer, '/large', Buffer.alloc(300), -1);
    const refused = thrownBy(() => one.pipeline.callback(readGetDataResponse, ignore));
    expect(shown(refused)).toBe('REQUEST_TOO_LARGE/not-sent');
    one.lend('a');
    one.tick();
    expect(one.sent.map(({ xid, op }) => [xid, op])).toEqual([[1, 4]]);
  });
});

describe('reserved xids', () => {
  it('go beside the ring: ping -2, auth -4', () => {
    const one = scene();
    one.lend('a');
    one.pipeline.ping();
    one.pipeline.auth('digest', Buffer.from('u:p'), ignore);
    one.lend('b');
    one.tick();
    expect(one.sent.map(({ xid, op }) => [xid, op])).toEqual([
      [1, 4],
      [-2, 11],
      [-4, 100],
      [2, 4],
    ]);
    expect(one.sent[1]!.body).toHaveLength(0);
    expect(one.sent[2]!.body.toString('hex')).toBe('000000000000000664696765737400000003753a70');
    expect(one.pipeline.counters()).toMatchObject({ requests: 2, inflight: 2 });
  });

  it('refuses an auth too many, too large, or after the end', () => {
    const one = scene({ bodyBytesMax: 100 });
    const auth = (bytes: number): void => one.pipeline.auth('digest', Buffer.alloc(bytes), ignore);
    expect(shown(thrownBy(() => auth(200)))).toBe('REQUEST_TOO_LARGE/not-sent');
    for (let count = 0; count < 64; count++) auth(3);
    const full = thrownBy(() => auth(3));
    expect(shown(full)).toBe('PIPELINE_FULL/not-sent');
    expect(full).toMatchObject({ operation: 'auth', path: undefined, host: 'server.test:2181' });
    one.tick();
    expect(one.sent).toHaveLength(64);
    one.link.over();
    expect(shown(thrownBy(() => auth(3)))).toBe('CONNECTION_CLOSED/not-sent');
  });
});

describe('flush', () => {
  it('is one write for all requests of a tick', async () => {
    const one = scene({ schedule: process.nextTick });
    for (let request = 0; request < 1000; request++) one.lend(`n${request}`);
    expect(one.link.writes).toHaveLength(0);
    await settled();
    expect(one.link.writes).toHaveLength(1);
    expect(one.sent.map(({ xid }) => xid)).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1));
    expect(one.pipeline.counters()).toMatchObject({ writes: 1, requests: 1000, inflight: 1000 });
    expect(one.pipeline.counters().sentBytes).toBe(one.link.writes[0]!.length);
  });

  it('takes along what promise continuations of one read ask for', async () => {
    const one = scene({ schedule: process.nextTick });
    const chain = async (name: string): Promise<void> => {
      await one.get(name);
      await Promise.resolve();
      await one.get(`${name}-again`);
    };
    const names = ['a', 'b', 'c', 'd'];
    const chains = names.map(chain);
    await settled();
    expect(one.link.writes).toHaveLength(1);
    one.link.deliver(...names.map((name, index) => dataReply(index + 1, name)));
    await settled();
    expect(one.link.writes).toHaveLength(2);
    one.link.deliver(...names.map((name, index) => dataReply(index + 5, name)));
    await Promise.all(chains);
    expect(one.log).toHaveLength(8);
  });

  it('comes early when FLUSH_BYTES are encoded, and on demand', () => {
    const one = scene();
    let requests = 0;
    while (one.link.writes.length === 0) one.lend(`n${requests++}`);
    expect(one.link.writes[0]!.length).toBeGreaterThanOrEqual(FLUSH_BYTES);
    expect(one.link.writes[0]!.length).toBeLessThan(FLUSH_BYTES + 64);
    one.lend('last');
    one.pipeline.flush();
    expect(one.link.writes).toHaveLength(2);
    expect(one.pipeline.writes).toBe(2);
  });

  it('waits for a link that is full, and keeps order', async () => {
    const one = scene();
    one.link.accepts = false;
    void one.get('a');
    one.tick();
    for (const name of ['b', 'c']) void one.get(name);
    one.pipeline.ping();
    one.tick();
    expect(one.sent.map(({ xid }) => xid)).toEqual([1]);
    one.link.drain();
    expect(one.sent.map(({ xid }) => xid)).toEqual([1, 2, 3, -2]);
  });
});

describe('the bound on requests in flight', () => {
  it('refuses by number, with nothing on the wire', async () => {
    const one = scene({ requestsMax: 2 });
    void one.get('a');
    void one.get('b');
    expect(one.pipeline.hasRoom).toBe(false);
    const refused = thrownBy(() => beginGet(one.pipeline, '/c'));
    expect(refused).toBeInstanceOf(RequestError);
    expect(refused).toMatchObject({
      code: 'PIPELINE_FULL',
      outcome: 'not-sent',
      operation: 'getData',
      path: '/c',
      xid: undefined,
      host: 'server.test:2181',
    });
    one.tick();
    expect(one.sent).toHaveLength(2);
    one.link.deliver(dataReply(1, 'x'));
    expect(one.pipeline.hasRoom).toBe(true);
    void one.get('c');
    one.tick();
    expect(one.sent.map(({ xid }) => xid)).toEqual([1, 2, 3]);
  });

  it('refuses by bytes, and takes back what replies free', () => {
    const one = scene({ bytesMax: 60 });
    one.lend('a'); // 12 of header, 4 + 2 of path, 1 of watch: 19 bytes
    one.lend('b');
    one.lend('c');
    expect(one.pipeline.counters().inflightBytes).toBe(57);
    expect(one.pipeline.hasRoom).toBe(true);
    one.lend('d');
    expect(one.pipeline.hasRoom).toBe(false);
    expect(shown(thrownBy(() => one.lend('e')))).toBe('PIPELINE_FULL/not-sent');
    one.tick();
    one.link.deliver(dataReply(1, 'x'));
    expect(one.pipeline.counters().inflightBytes).toBe(57);
    expect(one.pipeline.hasRoom).toBe(true);
  });

  it('counts requests that nobody waits for any more', () => {
    const one = scene({ requestsMax: 1 });
    const controller = new AbortController();
    one.lend('a', undefined, { signal: controller.signal });
    controller.abort();
    expect(one.log).toEqual(['a=ABORTED/unknown']);
    expect(one.pipeline.hasRoom).toBe(false);
  });

  it('lets wait for room, first come first served', async () => {
    const one = scene({ requestsMax: 5 });
    for (const name of ['a', 'b', 'c', 'd', 'e']) void one.get(name);
    const wait = async (name: string): Promise<void> => {
      let waits = 0;
      do {
        await one.pipeline.room();
        waits++;
      } while (!one.pipeline.hasRoom);
      expect(waits).toBe(1);
      await one.get(name);
    };
    const waits = ['f', 'g', 'h', 'i', 'j'].map(wait);
    const replies = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((xid) => dataReply(xid, 'x'));
    for (const [from, to] of [
      [0, 2],
      [2, 3],
      [3, 5],
      [5, 10],
    ]) {
      one.tick();
      one.link.deliver(...replies.slice(from, to));
      await settled();
    }
    await Promise.all(waits);
    expect(one.sent.map(({ body }) => body.subarray(4, 6).toString())).toEqual(
      ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].map((name) => `/${name}`),
    );
  });

  it('says at once that there is room, or that there will be none', async () => {
    const one = scene({ requestsMax: 1 });
    await one.pipeline.room();
    one.lend('a');
    const waiting = one.pipeline.room();
    await expect(one.pipeline.room()).rejects.toMatchObject({
      code: 'PIPELINE_FULL',
      outcome: 'not-sent',
      operation: 'room',
    });
    one.link.over();
    const closed = { code: 'CONNECTION_CLOSED', outcome: 'not-sent', operation: 'room' };
    await expect(waiting).rejects.toMatchObject(closed);
    await expect(one.pipeline.room()).rejects.toMatchObject(closed);
  });
});

describe('the bound on frames', () => {
  const data = (bytes: number, max: number) => (): void => {
    const one = scene({ bodyBytesMax: max });
    writeSetDataRequest(one.pipeline.begin(5, '/a'), '/a', Buffer.alloc(bytes), -1);
    one.pipeline.callback(readGetDataResponse, ignore);
    one.tick();
    expect(one.sent[0]!.body).toHaveLength(max - 8);
  };

  it.each([0, -1, Number.NaN, 2 ** 31])('is none when it is %d', (bodyBytesMax) => {
    expect(() => scene({ bodyBytesMax })).toThrow(
      new RangeError(`frame limit must be 1..2^31-1 bytes, not ${bodyBytesMax}`),
    );
  });

  it('lets a reply be 64 KiB longer, not one byte more', () => {
    const prefix = (bodyBytes: number): Buffer => {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32BE(bodyBytes);
      return bytes;
    };
    const whole = scene({ bodyBytesMax: 1000 });
    whole.link.deliver(prefix(1000 + 64 * 1024));
    expect(whole.ends).toEqual([]);
    expect(whole.pipeline.wantedBytes).toBe(4 + 1000 + 64 * 1024);
    const over = scene({ bodyBytesMax: 1000 });
    over.link.deliver(prefix(1000 + 64 * 1024 + 1));
    expect(over.ends).toMatchObject([
      { code: 'PROTOCOL_VIOLATION', cause: { code: 'FRAME_TOO_LARGE', offset: 0 } },
    ]);
  });

  it('takes a body of exactly the limit, not one byte more', () => {
    data(1000 - 22, 1000)();
    const refused = thrownBy(data(1000 - 21, 1000));
    expect(refused).toMatchObject({
      code: 'REQUEST_TOO_LARGE',
      outcome: 'not-sent',
      operation: 'setData',
      path: '/a',
    });
    expect((refused as Error).message).toContain('1001 bytes encoded, the limit is 1000');
  });

  it('refuses before it makes room for something huge', () => {
    const one = scene({ bodyBytesMax: 1000 });
    const writer = one.pipeline.begin(5, '/a');
    const refused = thrownBy(() => writer.buffer(Buffer.alloc(10_000_000)));
    expect(shown(refused)).toBe('REQUEST_TOO_LARGE/not-sent');
    expect(one.link.pool.counters().createdBytes).toBe(64 * 1024);
    expect(() => writer.ustring('x'.repeat(21_000))).not.toThrow();
  });

  it('does not refuse a long string whose bytes fit', () => {
    const one = scene({ bodyBytesMax: 70_000 });
    one.pipeline.begin(9, '/a').ustring('x'.repeat(69_988));
    one.pipeline.callback(readGetDataResponse, ignore);
    one.tick();
    expect(one.sent[0]!.body).toHaveLength(69_992);
  });
});

describe('after the end', () => {
  it('refuses with the reason as cause', () => {
    const one = scene();
    one.link.over();
    const refused = thrownBy(() => beginGet(one.pipeline, '/a'));
    expect(refused).toMatchObject({
      code: 'CONNECTION_CLOSED',
      outcome: 'not-sent',
      cause: one.ends[0],
    });
    one.pipeline.ping();
    one.tick();
    expect(one.link.writes).toHaveLength(0);
  });

  it('refuses what was begun before it, which would never be answered', () => {
    const one = scene();
    beginGet(one.pipeline, '/a');
    one.link.over();
    const commit = (): void => one.pipeline.callback(readGetDataResponse, ignore);
    expect(thrownBy(commit)).toMatchObject({
      code: 'CONNECTION_CLOSED',
      outcome: 'not-sent',
      cause: one.ends[0],
    });
    expect(one.pipeline.counters()).toMatchObject({ requests: 0, inflight: 0 });
  });
});

describe('closeSession', () => {
  it('is the last request: accepted above the limits, and nothing behind it', async () => {
    const one = scene({ requestsMax: 1 });
    void one.get('a');
    one.pipeline.closeSession((error) => {
      one.log.push(`closed ${error}`);
    });
    expect(shown(thrownBy(() => beginGet(one.pipeline, '/b')))).toBe('CONNECTION_CLOSED/not-sent');
    one.tick();
    expect(one.sent.map(({ xid, op }) => [xid, op])).toEqual([
      [1, 4],
      [2, -11],
    ]);
    one.link.deliver(dataReply(1, 'x'), reply(2));
    await settled();
    expect(one.log).toEqual(['closed null', 'a=x']);
  });

  it('goes only once and not after the end', () => {
    const one = scene();
    one.pipeline.closeSession(ignore);
    const again = thrownBy(() => one.pipeline.closeSession(ignore));
    expect(shown(again)).toBe('CONNECTION_CLOSED/not-sent');
    one.link.over();
    expect(thrownBy(() => one.pipeline.closeSession(ignore))).toMatchObject({
      operation: 'closeSession',
      cause: one.ends[0],
    });
  });
});
