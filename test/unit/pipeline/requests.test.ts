import { describe, expect, it } from 'vitest';
import { readGetDataResponse, writeSetDataRequest } from '../../../src/codec/records.gen.ts';
import { POISON_BYTE } from '../../../src/codec/slab-pool.ts';
import { FLUSH_BYTES } from '../../../src/limits.ts';
import type { Pipeline } from '../../../src/pipeline/pipeline.ts';
import { beginGet, dataReply, reply } from './frames.ts';
import { type Scene, scene, settled, shown, thrownBy } from './pipelines.ts';

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

describe('what is not begun', () => {
  const commits: [string, (pipeline: Pipeline) => void][] = [
    ['promise', (pipeline) => void pipeline.promise(readGetDataResponse)],
    ['settle', (pipeline) => pipeline.settle(readGetDataResponse, ignore, ignore)],
    ['callback', (pipeline) => pipeline.callback(readGetDataResponse, ignore)],
  ];
  const refusal = { code: 'BAD_ARGUMENT', outcome: 'not-sent' };

  it.each(commits)('%s cannot commit, and nothing of it leaves', (_name, commit) => {
    const one = scene();
    expect(thrownBy(() => commit(one.pipeline))).toMatchObject(refusal);
    one.lend('a');
    expect(thrownBy(() => commit(one.pipeline))).toMatchObject(refusal);
    expect((thrownBy(() => commit(one.pipeline)) as Error).message).toContain(
      'no request is begun',
    );
    one.tick();
    expect(thrownBy(() => commit(one.pipeline))).toMatchObject(refusal);
    one.lend('b');
    one.tick();
    one.link.deliver(dataReply(1, 'x'), dataReply(2, 'y'));
    expect(one.log).toEqual(['a=x', 'b=y']);
    expect(one.pipeline.counters()).toMatchObject({ requests: 2, inflight: 0 });
  });

  it.each([
    ['another request', (one: Scene): void => one.lend('b')],
    ['a ping', (one: Scene): void => one.pipeline.ping()],
    ['credentials', (one: Scene): void => one.pipeline.auth('digest', Buffer.alloc(0), ignore)],
  ])('is what %s was sent after: it has taken the place', (_name, other) => {
    const one = scene();
    beginGet(one.pipeline, '/a');
    other(one);
    expect(thrownBy(() => commits[2]![1](one.pipeline))).toMatchObject(refusal);
    one.tick();
    expect(one.sent).toHaveLength(1);
  });

  it('is what closeSession was sent after', () => {
    const one = scene();
    beginGet(one.pipeline, '/a');
    one.pipeline.closeSession(ignore);
    const refused = thrownBy(() => commits[2]![1](one.pipeline));
    expect(shown(refused)).toBe('CONNECTION_CLOSED/not-sent');
    expect(one.pipeline.counters().requests).toBe(1);
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

describe('what was begun before the end', () => {
  it('takes no more bytes: its slab may be the next of another connection', () => {
    const one = scene();
    const writer = one.pipeline.begin(5, '/a');
    one.link.over();
    const slab = one.link.pool.acquire();
    const writes = [
      (): void => writer.int(1),
      (): void => writer.ustring('/a'),
      (): void => writer.buffer(Buffer.alloc(9)),
    ];
    for (const write of writes) expect(shown(thrownBy(write))).toBe('CONNECTION_CLOSED/not-sent');
    expect(slab.bytes.every((byte) => byte === POISON_BYTE)).toBe(true);
    expect(one.link.pool.counters().outstanding).toBe(1);
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

  it('is the last even when the link answers inside its write', () => {
    const one = scene();
    one.link.onWrite = () => {
      if (one.log.length === 0) one.link.deliver(dataReply(1, 'x'));
    };
    one.lend('a', () => void one.log.push(shown(thrownBy(() => one.lend('late')))));
    // closeSession fills the batch, which leaves at once.
    one.set('b', FLUSH_BYTES - one.pipeline.counters().inflightBytes - 30);
    one.pipeline.closeSession(ignore);
    expect(one.sent.map(({ op }) => op)).toEqual([4, 5, -11]);
    expect(one.log).toEqual(['a=x', 'CONNECTION_CLOSED/not-sent']);
  });

  it('lets pings go on: the server may take its time', () => {
    const one = scene();
    one.pipeline.closeSession(ignore);
    one.pipeline.ping();
    one.tick();
    expect(one.sent.map(({ xid }) => xid)).toEqual([1, -2]);
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
