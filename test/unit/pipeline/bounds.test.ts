import { describe, expect, it } from 'vitest';
import { readGetDataResponse, writeSetDataRequest } from '../../../src/codec/records.gen.ts';
import { RequestError } from '../../../src/errors.ts';
import { beginGet, dataReply, reply } from './frames.ts';
import { scene, settled, shown, thrownBy } from './pipelines.ts';

const ignore = (): void => {};

describe('the bound on requests in flight', () => {
  it.each([{ requestsMax: 0 }, { requestsMax: Number.NaN }, { bytesMax: 0 }, { bytesMax: -1 }])(
    'is none when it is %o',
    (options) => {
      expect(() => scene(options)).toThrow(
        /^(requests|bytes)Max must be a number of at least 1, not /,
      );
    },
  );

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

  it('lets nobody go on before bytes are free', async () => {
    const one = scene({ bytesMax: 1000 });
    one.lend('a');
    one.set('large', 5000);
    let admitted = false;
    void one.pipeline.room().then(() => {
      admitted = true;
    });
    one.tick();
    one.link.deliver(dataReply(1, 'x'));
    await settled();
    expect(admitted).toBe(false);
    one.link.deliver(reply(2));
    await settled();
    expect(admitted).toBe(true);
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
