import { describe, expect, it } from 'vitest';
import { RequestError, type ZkwireError } from '../../../src/errors.ts';
import { REPLY_EXTRA_BYTES, REPLY_SKIP_BYTES_MAX } from '../../../src/limits.ts';
import type { PipelineOptions } from '../../../src/pipeline/pipeline-options.ts';
import { beginGet, dataReply, notification, pong, reply } from './frames.ts';
import { type Scene, scene, settled, threeGets } from './pipelines.ts';

const REQUEST_MAX = 1000;
const REPLY_MAX: number = REQUEST_MAX + REPLY_EXTRA_BYTES;
/** Of a getData reply around its data: header, length, Stat. */
const AROUND = 16 + 4 + 68;

const SMALL: PipelineOptions = { bodyBytesMax: REQUEST_MAX };

/** A getData reply whose body (header included) has `bodyBytes` bytes. */
function replyOf(xid: number, bodyBytes: number, zxid = 1n): Buffer {
  return dataReply(xid, Buffer.alloc(bodyBytes - AROUND, 0xee), zxid);
}

const TOO_LARGE: Buffer = replyOf(2, REPLY_MAX + 1, 9n);

/** Three gets on the wire of a pipeline with a small limit. */
function three(options: PipelineOptions = {}): Scene {
  return threeGets({ ...SMALL, ...options });
}

describe('a reply over the limit', () => {
  it('fails its own request; those before and behind it are answered, the connection goes on', async () => {
    const one = three();
    one.link.deliver(dataReply(1, 'x'), TOO_LARGE, notification('/w'), dataReply(3, 'z'));
    await settled();
    expect(one.log).toEqual(['notification /w', 'a=x', 'b=REPLY_TOO_LARGE/unknown', 'c=z']);
    expect(one.ends).toEqual([]);
    expect(one.link.unconsumedBytes).toBe(0);
    expect(one.pipeline.counters()).toMatchObject({
      requests: 3,
      replies: 3,
      inflight: 0,
      inflightBytes: 0,
      lateReplies: 0,
    });
    void one.get('d');
    one.tick();
    one.link.deliver(replyOf(4, REPLY_MAX));
    await settled();
    expect(one.log.at(-1)).toMatch(/^d=/);
  });

  it('says what was asked, how long it is, and what the limit is and whose', async () => {
    const one = scene(SMALL);
    beginGet(one.pipeline, '/large');
    const answer = one.pipeline.promise(() => null);
    one.tick();
    one.link.deliver(replyOf(1, 2_000_000));
    const failure = await answer.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RequestError);
    expect(failure).toMatchObject({
      code: 'REPLY_TOO_LARGE',
      outcome: 'unknown',
      operation: 'getData',
      path: '/large',
      xid: 1,
      host: 'server.test:2181',
      serverCode: undefined,
    });
    expect((failure as Error).message).toBe(
      'getData "/large": REPLY_TOO_LARGE: the reply has 2000000 bytes, the limit is 66536 ' +
        '(option frameBytesMax and 65536 bytes); outcome unknown [server.test:2181]',
    );
  });

  it.each([1, 4, 19, 20, 21, 1000, 65_536])(
    'comes out the same in reads of %i bytes',
    async (size) => {
      const one = three();
      const bytes = Buffer.concat([dataReply(1, 'x'), TOO_LARGE, dataReply(3, 'z')]);
      for (let at = 0; at < bytes.length; at += size) {
        one.link.deliver(bytes.subarray(at, at + size));
        expect(one.link.unconsumedBytes).toBeLessThan(200);
      }
      await settled();
      expect(one.log).toEqual(['a=x', 'b=REPLY_TOO_LARGE/unknown', 'c=z']);
      expect(one.pipeline.wantedBytes).toBe(0);
    },
  );

  it('comes out the same split at every byte of its head and around its end', async () => {
    const bytes = Buffer.concat([dataReply(1, 'x'), TOO_LARGE, dataReply(3, 'z')]);
    const head = dataReply(1, 'x').length;
    const end = head + TOO_LARGE.length;
    for (const from of [head - 1, end - 2]) {
      for (let split = from; split < from + 26; split++) {
        const one = three();
        one.link.deliver(bytes.subarray(0, split));
        one.link.deliver(bytes.subarray(split));
        await settled();
        expect(one.log).toEqual(['a=x', 'b=REPLY_TOO_LARGE/unknown', 'c=z']);
      }
    }
  });

  it('needs its header, then nothing: the request fails at once and no byte is kept', async () => {
    const one = three();
    one.link.deliver(dataReply(1, 'x'), TOO_LARGE.subarray(0, 4));
    expect(one.pipeline.wantedBytes).toBe(20);
    one.link.deliver(TOO_LARGE.subarray(4, 19));
    await settled();
    expect(one.log).toEqual(['a=x']);
    expect([one.pipeline.wantedBytes, one.link.unconsumedBytes]).toEqual([20, 19]);
    one.link.deliver(TOO_LARGE.subarray(19, 20));
    await settled();
    expect(one.log).toEqual(['a=x', 'b=REPLY_TOO_LARGE/unknown']);
    expect([one.pipeline.wantedBytes, one.link.unconsumedBytes]).toEqual([0, 0]);
  });

  it('of the largest size takes no memory', () => {
    const one = scene(SMALL);
    one.lend('a');
    one.lend('b');
    one.tick();
    const head = Buffer.alloc(20);
    head.writeInt32BE(REPLY_SKIP_BYTES_MAX);
    head.writeInt32BE(1, 4);
    one.link.deliver(head);
    const chunk = Buffer.alloc(65_536, 0xff);
    const before = one.link.pool.counters().outstanding;
    for (let left = REPLY_SKIP_BYTES_MAX - 16; left > 0; left -= chunk.length) {
      one.link.deliver(chunk.subarray(0, Math.min(left, chunk.length)));
      expect(one.link.unconsumedBytes).toBe(0);
    }
    expect(one.link.pool.counters().outstanding).toBe(before);
    one.link.deliver(dataReply(2, 'y'));
    expect(one.log).toEqual(['a=REPLY_TOO_LARGE/unknown', 'b=y']);
  });

  it('that is a refusal is that refusal', async () => {
    const one = three();
    const body = (writer: { buffer(bytes: Uint8Array): void }): void =>
      writer.buffer(Buffer.alloc(REPLY_MAX));
    one.link.deliver(dataReply(1, 'x'), reply(2, { err: -101, body }), dataReply(3, 'z'));
    await settled();
    expect(one.log).toEqual(['a=x', 'b=NONODE/rejected', 'c=z']);
  });

  it('to somebody who waits no more is a late reply', () => {
    const one = scene(SMALL);
    const controller = new AbortController();
    one.lend('a', undefined, { signal: controller.signal });
    one.lend('b');
    one.tick();
    controller.abort();
    one.link.deliver(replyOf(1, REPLY_MAX + 1), dataReply(2, 'y'));
    expect(one.log).toEqual(['a=ABORTED/unknown', 'b=y']);
    expect(one.pipeline.counters()).toMatchObject({ lateReplies: 1, inflight: 0 });
  });

  it('tells of its zxid like any other', () => {
    const one = three();
    one.link.deliver(dataReply(1, 'x'), TOO_LARGE);
    expect(one.pipeline.lastZxidSeen).toBe(9n);
  });

  it('is observed with its size', () => {
    const seen: [string | null, number, string | undefined][] = [];
    const one = three({
      observer: {
        nowMs: () => 1,
        settled: (_operation, path, _xid, _host, _bytes, replyBytes, _began, error) =>
          void seen.push([path, replyBytes, error?.code]),
      },
    });
    one.link.deliver(dataReply(1, 'x'), TOO_LARGE);
    expect(seen.slice(1)).toEqual([['/b', TOO_LARGE.length, 'REPLY_TOO_LARGE']]);
  });

  it('lets those go on who wait for room or for the end of all requests', async () => {
    const one = scene({ ...SMALL, requestsMax: 1 });
    one.lend('a');
    one.tick();
    const waits = Promise.all([one.pipeline.room(), one.pipeline.idle()]);
    one.link.deliver(replyOf(1, REPLY_MAX + 1).subarray(0, 100));
    await waits;
    one.lend('b');
    one.tick();
    one.link.deliver(replyOf(1, REPLY_MAX + 1).subarray(100), dataReply(2, 'y'));
    expect(one.log).toEqual(['a=REPLY_TOO_LARGE/unknown', 'b=y']);
  });

  it('may end the connection in its callback, while it is skipped or when it is over', () => {
    for (const bytes of [100, REPLY_MAX + 5]) {
      const one = scene(SMALL);
      one.lend('a', () => one.link.over());
      one.lend('b');
      one.tick();
      one.link.deliver(replyOf(1, REPLY_MAX + 1).subarray(0, bytes), pong());
      one.link.deliver(pong());
      expect(one.log).toEqual([
        'a=REPLY_TOO_LARGE/unknown',
        'b=CONNECTION_LOSS/unknown',
        'end LINK_CLOSED',
      ]);
    }
  });

  it('may never end: what waits behind it fails with the connection', () => {
    const one = scene(SMALL);
    one.lend('a');
    one.lend('b');
    one.tick();
    one.link.deliver(replyOf(1, REPLY_MAX + 1).subarray(0, 5000));
    one.link.over();
    expect(one.log).toEqual([
      'a=REPLY_TOO_LARGE/unknown',
      'b=CONNECTION_LOSS/unknown',
      'end LINK_CLOSED',
    ]);
  });

  it('may be followed by another one', async () => {
    const one = three();
    one.link.deliver(...[1, 2, 3].map((xid) => replyOf(xid, REPLY_MAX + xid)));
    await settled();
    expect(one.log.map((line) => line.slice(2))).toEqual(
      Array.from({ length: 3 }, () => 'REPLY_TOO_LARGE/unknown'),
    );
    expect(one.ends).toEqual([]);
  });
});

describe('a frame over the limit ends the connection', () => {
  /** What the connection ended with. */
  function endOf(one: Scene): unknown {
    expect(one.ends).toHaveLength(1);
    expect(one.pipeline.counters().inflight).toBe(0);
    const { code, cause } = one.ends[0] as ZkwireError;
    return [code, (cause as ZkwireError).code, (cause as { offset?: number }).offset];
  }

  const TOO_LARGE_END = ['PROTOCOL_VIOLATION', 'FRAME_TOO_LARGE', 0];

  const head = (bodyBytes: number, xid: number): Buffer => {
    const bytes = Buffer.alloc(20);
    bytes.writeInt32BE(bodyBytes);
    bytes.writeInt32BE(xid, 4);
    return bytes;
  };

  it.each([
    ['a later request', 2],
    ['an earlier one', 0],
    ['a notification', -1],
    ['a ping', -2],
    ['credentials', -4],
    ['setWatches', -8],
  ])('when it is for %s', async (_name, xid) => {
    const one = three();
    one.pipeline.auth('digest', Buffer.alloc(0), () => {});
    one.pipeline.ping();
    one.tick();
    one.link.deliver(head(REPLY_MAX + 1, xid));
    expect(endOf(one)).toEqual(TOO_LARGE_END);
    expect((one.ends[0]!.cause as Error).message).toContain(`over the limit of ${REPLY_MAX}`);
    await settled();
    expect(one.log.filter((line) => line.includes('='))).toEqual(
      ['a', 'b', 'c'].map((name) => `${name}=CONNECTION_LOSS/unknown`),
    );
  });

  it('when nobody waits for a reply, as soon as its length is there', () => {
    const one = scene(SMALL);
    one.link.deliver(head(REPLY_MAX + 1, 1).subarray(0, 4));
    expect(endOf(one)).toEqual(TOO_LARGE_END);
  });

  it('when it is too long to be skipped, as soon as its length is there', () => {
    const one = three();
    one.link.deliver(head(REPLY_SKIP_BYTES_MAX + 1, 1).subarray(0, 4));
    expect(endOf(one)).toEqual(TOO_LARGE_END);
  });

  it('when it answers twice, in the midst of what was to be skipped or behind it', async () => {
    const one = three();
    one.link.deliver(replyOf(1, REPLY_MAX + 1), head(REPLY_MAX + 1, 1));
    expect(endOf(one)).toEqual(TOO_LARGE_END);
    await settled();
    expect(one.log.slice()).toEqual([
      'end PROTOCOL_VIOLATION',
      'a=REPLY_TOO_LARGE/unknown',
      'b=CONNECTION_LOSS/unknown',
      'c=CONNECTION_LOSS/unknown',
    ]);
  });
});

it('a limit above what is skipped leaves nothing to skip', () => {
  const one = scene({ bodyBytesMax: 2 * REPLY_SKIP_BYTES_MAX });
  one.lend('a');
  one.tick();
  const prefix = Buffer.alloc(4);
  prefix.writeInt32BE(2 * REPLY_SKIP_BYTES_MAX + REPLY_EXTRA_BYTES + 1);
  one.link.deliver(prefix);
  expect(one.ends).toMatchObject([{ cause: { code: 'FRAME_TOO_LARGE' } }]);
});
