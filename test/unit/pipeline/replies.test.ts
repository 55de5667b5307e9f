import { describe, expect, it } from 'vitest';
import { readGetDataResponse, writeErrorResponse } from '../../../src/codec/records.gen.ts';
import { POISON_BYTE } from '../../../src/codec/slab-pool.ts';
import { RequestError } from '../../../src/errors.ts';
import { OWNED_COPY_BYTES_MAX } from '../../../src/limits.ts';
import { beginGet, dataReply, notification, pong, reply, STAT } from './frames.ts';
import { scene, settled, shown, threeGets } from './pipelines.ts';

const NAMES = ['a', 'b', 'c'];

/** Replies to them with everything beside the ring between. */
const CONVERSATION = [
  pong(),
  dataReply(1, 'first'),
  notification('/watched'),
  reply(2, { err: -101, zxid: 7n }),
  pong(),
  notification('/other'),
  dataReply(3, null),
  pong(),
];

/** Synchronous things first within a read, promises behind it. */
const ALL_OF_IT = ['a=first', 'b=NONODE/rejected', 'c=null'];
const ASIDE = ['ping', 'notification /watched', 'ping', 'notification /other', 'ping'];

describe('replies', () => {
  it('of one read settle in wire order, with all that is beside the ring', async () => {
    const one = threeGets();
    one.link.deliver(...CONVERSATION);
    expect(one.log).toEqual(ASIDE);
    await settled();
    expect(one.log).toEqual([...ASIDE, ...ALL_OF_IT]);
    expect(one.link.unconsumedBytes).toBe(0);
    expect(one.pipeline.counters()).toMatchObject({
      requests: 3,
      replies: 3,
      inflight: 0,
      inflightBytes: 0,
      notifications: 2,
      lateReplies: 0,
      trailingReplies: 0,
      reads: 1,
    });
  });

  it('come out the same split at every byte', async () => {
    const bytes = Buffer.concat(CONVERSATION);
    for (let split = 1; split < bytes.length; split++) {
      const one = threeGets();
      one.link.deliver(bytes.subarray(0, split));
      one.link.deliver(bytes.subarray(split));
      await settled();
      expect(one.log.filter((line) => line.includes('='))).toEqual(ALL_OF_IT);
      expect(one.log.filter((line) => !line.includes('='))).toEqual(ASIDE);
      expect(one.link.pool.counters().outstanding).toBe(1);
    }
  });

  it('come out the same one byte at a time', async () => {
    const one = threeGets();
    one.link.drip(Buffer.concat(CONVERSATION));
    await settled();
    expect(one.log.filter((line) => line.includes('='))).toEqual(ALL_OF_IT);
    expect(one.pipeline.counters().reads).toBe(Buffer.concat(CONVERSATION).length);
  });

  it('settle callbacks at once and in order among notifications', () => {
    const one = scene();
    for (const name of NAMES) one.lend(name);
    one.tick();
    one.link.deliver(...CONVERSATION);
    expect(one.log).toEqual([
      'ping',
      'a=first',
      'notification /watched',
      'b=NONODE/rejected',
      'ping',
      'notification /other',
      'c=null',
      'ping',
    ]);
  });

  it('name how much the link should make room for', () => {
    const one = threeGets();
    const frame = dataReply(1, Buffer.alloc(5000));
    expect(one.pipeline.wantedBytes).toBe(0);
    one.link.deliver(frame.subarray(0, 3));
    expect(one.pipeline.wantedBytes).toBe(0);
    one.link.deliver(frame.subarray(3, 10));
    expect(one.pipeline.wantedBytes).toBe(frame.length);
  });

  it('carry a refusal with all that is known, numbers without a name too', async () => {
    const one = scene({ lastXid: 9 });
    const failures: unknown[] = [];
    for (const path of ['/a', '/b']) {
      beginGet(one.pipeline, path);
      one.pipeline.promise(() => null).catch((error: unknown) => failures.push(error));
    }
    one.tick();
    one.link.deliver(reply(10, { err: -102 }), reply(11, { err: -4321 }));
    await settled();
    expect(failures[0]).toBeInstanceOf(RequestError);
    expect(failures).toMatchObject([
      {
        code: 'NOAUTH',
        serverCode: -102,
        outcome: 'rejected',
        operation: 'getData',
        path: '/a',
        xid: 10,
        host: 'server.test:2181',
      },
      { code: 'UNKNOWN(-4321)', serverCode: -4321, outcome: 'rejected', path: '/b', xid: 11 },
    ]);
  });

  it('may have a body behind a refusal, and bytes behind their record', async () => {
    const one = threeGets();
    const longer = Buffer.concat([dataReply(1, 'x'), Buffer.from([1, 2, 3])]);
    longer.writeInt32BE(longer.length - 4, 0);
    one.link.deliver(longer);
    one.link.deliver(reply(2, { err: -101, body: (writer) => writeErrorResponse(writer, -101) }));
    one.link.deliver(dataReply(3, 'z'));
    await settled();
    expect(one.log).toEqual(['a=x', 'b=NONODE/rejected', 'c=z']);
    expect(one.pipeline.counters().trailingReplies).toBe(1);
  });

  it('settle promises in wire order: a rejected one before a later resolved one', async () => {
    const one = scene();
    const order: number[] = [];
    for (let index = 0; index < 20; index++) {
      beginGet(one.pipeline);
      const note = (): void => void order.push(index);
      one.pipeline.promise(() => null).then(note, note);
    }
    one.tick();
    const frames = Array.from({ length: 20 }, (_, index) =>
      index % 3 === 0 ? reply(index + 1, { err: -101 }) : dataReply(index + 1, ''),
    );
    one.link.deliver(...frames);
    await settled();
    expect(order).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });
});

describe('auth replies', () => {
  it('settle in order among themselves, wherever they stand', () => {
    const one = scene();
    one.lend('a');
    for (const name of ['good', 'bad']) {
      one.pipeline.auth('digest', Buffer.from(name), (error) => {
        one.log.push(`${name} ${error === null ? 'ok' : shown(error)}`);
      });
    }
    one.lend('b');
    one.tick();
    one.link.deliver(reply(-4), dataReply(1, 'x'), reply(-4, { err: -115 }), dataReply(2, 'y'));
    expect(one.log).toEqual(['good ok', 'a=x', 'bad AUTHFAILED/rejected', 'b=y']);
  });

  it('fail with the connection', () => {
    const one = scene();
    one.pipeline.auth(
      'digest',
      Buffer.from('u:p'),
      (error) => one.log.push(`auth ${shown(error)}`) as never,
    );
    one.tick();
    one.link.over();
    expect(one.log).toEqual(['auth CONNECTION_LOSS/unknown', 'end LINK_CLOSED']);
  });
});

describe('lastZxidSeen', () => {
  it('comes from ordinary replies only, refusals included, and never goes back', () => {
    const one = scene({ lastZxidSeen: 5n });
    for (const name of ['a', 'b', 'c', 'd', 'e']) one.lend(name);
    one.pipeline.auth('digest', Buffer.alloc(0), () => {});
    one.tick();
    const seen: bigint[] = [];
    for (const frame of [
      dataReply(1, '', 4n),
      notification('/w', 0x7_0000_0000n),
      reply(-2, { zxid: 0x7_0000_0000n }),
      reply(-4, { zxid: 0x7_0000_0000n }),
      dataReply(2, '', 6n),
      reply(3, { err: -101, zxid: 0x1_ffff_ffffn }),
      dataReply(4, '', 0x2_0000_0000n),
      dataReply(5, '', 0x1_ffff_ffffn),
    ]) {
      one.link.deliver(frame);
      seen.push(one.pipeline.lastZxidSeen);
    }
    const last = [0x1_ffff_ffffn, 0x2_0000_0000n, 0x2_0000_0000n];
    expect(seen).toEqual([5n, 5n, 5n, 5n, 6n, ...last]);
  });

  it('does not come from a reply that cannot be decoded', () => {
    const one = scene({ lastZxidSeen: 5n });
    one.lend('a');
    one.tick();
    const zxid = 0x7fff_ffff_ffff_ffffn;
    one.link.deliver(reply(1, { zxid, body: (writer) => writer.bool(true) }));
    expect(one.log).toEqual(['a=BAD_REPLY/unknown', 'end PROTOCOL_VIOLATION']);
    expect(one.pipeline.lastZxidSeen).toBe(5n);
  });

  it('is exact to the last bit', () => {
    const one = scene({ lastZxidSeen: 0x7fff_ffff_ffff_fffen });
    expect(one.pipeline.lastZxidSeen).toBe(0x7fff_ffff_ffff_fffen);
    one.lend('a');
    one.tick();
    one.link.deliver(dataReply(1, '', 0x7fff_ffff_ffff_ffffn));
    expect(one.pipeline.lastZxidSeen).toBe(0x7fff_ffff_ffff_ffffn);
  });
});

describe('bytes', () => {
  it('are lent to a callback: poisoned once it has returned', () => {
    const one = scene();
    let lent: Buffer = Buffer.alloc(0);
    beginGet(one.pipeline);
    one.pipeline.callback(
      (reader) => {
        const data = reader.buffer() as Buffer;
        reader.offset = reader.end;
        return data;
      },
      (_error, data) => {
        lent = data as Buffer;
        one.log.push(lent.toString());
      },
    );
    one.tick();
    one.link.deliver(dataReply(1, 'lent'));
    expect(one.log).toEqual(['lent']);
    expect([...lent]).toEqual([POISON_BYTE, POISON_BYTE, POISON_BYTE, POISON_BYTE]);
  });

  it.each([1, OWNED_COPY_BYTES_MAX, OWNED_COPY_BYTES_MAX + 1, 900_000])(
    'of %i are owned by a promise',
    async (length) => {
      const one = scene();
      const data = Buffer.alloc(length, 'own');
      beginGet(one.pipeline);
      const answer = one.pipeline.promise((reader) => {
        const bytes = reader.buffer();
        reader.offset = reader.end;
        return bytes;
      });
      one.tick();
      one.link.deliver(dataReply(1, data));
      one.lend('b');
      one.tick();
      one.link.deliver(dataReply(2, 'y'));
      expect((await answer)!.equals(data)).toBe(true);
      const escaped = length > OWNED_COPY_BYTES_MAX ? 1 : 0;
      expect(one.link.pool.counters()).toMatchObject({ escaped, outstanding: 1 });
    },
  );

  it('all go back to the pool at the end', () => {
    const one = threeGets();
    one.link.deliver(dataReply(1, 'x'), dataReply(2, 'y').subarray(0, 9));
    one.link.over();
    expect(one.link.pool.counters()).toMatchObject({ outstanding: 0 });
  });
});

describe('a server that requires authentication', () => {
  it.each([
    [
      'a request',
      (): Buffer => reply(1, { err: -124 }),
      ['a=SESSIONCLOSEDREQUIRESASLAUTH/rejected'],
    ],
    ['a ping', (): Buffer => reply(-2, { err: -124 }), []],
    ['setWatches', (): Buffer => reply(-8, { err: -124 }), ['watches']],
  ])('is told of when it answers %s', async (_, answer, log) => {
    let told = 0;
    const one = scene({ events: { onAuthRequired: () => void told++ } });
    one.pipeline.setWatches(
      101,
      () => {},
      () => void one.log.push('watches'),
    );
    void one.get('a');
    one.pipeline.ping();
    one.tick();
    one.link.deliver(answer());
    await settled();
    expect([told, one.log]).toEqual([1, log]);
  });

  it('is told apart from one that refuses for another reason', () => {
    const onAuthRequired = (): void => expect.unreachable('it was told');
    const one = scene({ events: { onAuthRequired } });
    void one.get('a');
    one.pipeline.ping();
    one.tick();
    one.link.deliver(pong(), reply(1, { err: -115 }));
    expect(one.log).toEqual(['ping']);
  });
});

it('gives every long of a Stat exactly', () => {
  const one = scene();
  let stat: unknown;
  beginGet(one.pipeline);
  one.pipeline.callback(readGetDataResponse, (_error, value) => {
    stat = value?.stat;
  });
  one.tick();
  one.link.deliver(dataReply(1, 'x'));
  expect(stat).toEqual(STAT);
});
