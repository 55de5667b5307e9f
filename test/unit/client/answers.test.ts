import { describe, expect, it } from 'vitest';
import { JuteReader } from '../../../src/codec/jute-reader.ts';
import { writeMultiResponse } from '../../../src/codec/multi.ts';
import { OP } from '../../../src/codec/operations.ts';
import {
  readReconfigRequest,
  readSetACLRequest,
  writeCreate2Response,
  writeCreateResponse,
  writeGetACLResponse,
  writeGetAllChildrenNumberResponse,
  writeGetChildren2Response,
  writeGetChildrenResponse,
  writeGetEphemeralsResponse,
  writeStatOf,
} from '../../../src/codec/records.gen.ts';
import { dataReply, reply, STAT } from '../pipeline/frames.ts';
import { settled, shown } from '../pipeline/pipelines.ts';
import { scriptedClient } from './scripted-client.ts';

const stat = (xid: number): Buffer => reply(xid, { body: (writer) => writeStatOf(writer, STAT) });
const created = (xid: number, path: string): Buffer =>
  reply(xid, { body: (writer) => writeCreate2Response(writer, path, STAT) });

describe('answers', () => {
  it('come to all methods in the order of the calls, refusals too', async () => {
    const { zk, link, sent } = await scriptedClient();
    const order: string[] = [];
    const note = (name: string, answer: Promise<unknown>): void => {
      answer.then(
        () => order.push(name),
        (error: unknown) => order.push(`${name} ${shown(error)}`),
      );
    };
    note('delete', zk.delete('/a'));
    note('get', zk.get('/a'));
    note('exists', zk.exists('/a'));
    note('set', zk.set('/a', 'x'));
    note('create', zk.create('/a'));
    note('get refused', zk.get('/a'));
    note('container', zk.create('/a', null, { mode: 'container' }));
    note('exists not', zk.exists('/a'));
    note('children', zk.getChildren('/a'));
    note('multi', zk.multi([]));
    note('sync', zk.sync('/a'));
    note('multi refused', zk.multi([{ op: 'check', path: '/a', version: 3 }]));
    note('last', zk.get('/a'));
    await settled();
    expect(sent().map(({ op }) => op)).toEqual([2, 4, 3, 5, 1, 4, 19, 3, 8, 14, 9, 14, 4]);
    const failed = [{ op: OP.error, err: -103 }] as const;
    link.deliver(
      reply(1),
      dataReply(2, 'x'),
      stat(3),
      stat(4),
      reply(5, { body: (writer) => writeCreateResponse(writer, '/a') }),
      reply(6, { err: -101 }),
      created(7, '/a'),
      reply(8, { err: -101 }),
      reply(9, { body: (writer) => writeGetChildrenResponse(writer, ['b']) }),
      reply(10, { body: (writer) => writeMultiResponse(writer, []) }),
      reply(11, { body: (writer) => writer.ustring('/a') }),
      reply(12, { body: (writer) => writeMultiResponse(writer, failed) }),
      dataReply(13, 'x'),
    );
    await settled();
    expect(order).toEqual([
      'delete',
      'get',
      'exists',
      'set',
      'create',
      'get refused NONODE/rejected',
      'container',
      'exists not',
      'children',
      'multi',
      'sync',
      'multi refused BADVERSION/rejected',
      'last',
    ]);
    expect(zk.counters().trailingReplies).toBe(0);
  });

  it('have the values of the wire', async () => {
    const { zk, link } = await scriptedClient();
    const answers = Promise.all([
      zk.get('/a'),
      zk.get('/a'),
      zk.exists('/a'),
      zk.exists('/b'),
      zk.set('/a', null),
      zk.create('/a', 'x', { mode: 'persistent-sequential' }),
      zk.create('/a', 'x', { withStat: true }),
      zk.create('/a', 'x', { mode: 'persistent-ttl', ttlMs: 5, withStat: true }),
      zk.delete('/a'),
      zk.getChildren('/a'),
      zk.getChildren('/a', { withStat: true }),
      zk.sync('/a'),
    ]);
    await settled();
    link.deliver(
      dataReply(1, 'x'),
      dataReply(2, null),
      stat(3),
      reply(4, { err: -101 }),
      stat(5),
      reply(6, { body: (writer) => writeCreateResponse(writer, '/a0000000001') }),
      created(7, '/a'),
      created(8, '/a'),
      reply(9),
      reply(10, { body: (writer) => writeGetChildrenResponse(writer, ['b', 'c']) }),
      reply(11, { body: (writer) => writeGetChildren2Response(writer, ['b'], STAT) }),
      reply(12, { body: (writer) => writer.ustring('/a') }),
    );
    expect(await answers).toEqual([
      { data: Buffer.from('x'), stat: STAT },
      { data: null, stat: STAT },
      STAT,
      null,
      STAT,
      '/a0000000001',
      { path: '/a', stat: STAT },
      { path: '/a', stat: STAT },
      undefined,
      ['b', 'c'],
      { children: ['b'], stat: STAT },
      undefined,
    ]);
  });

  it.each([
    ['create', (writer) => writer.ustring(null)],
    [
      'createStat',
      (writer) => {
        writer.ustring(null);
        writeStatOf(writer, STAT);
      },
    ],
    ['children', (writer) => writer.int(-1)],
    [
      'children',
      (writer) => {
        writer.int(1);
        writer.ustring(null);
      },
    ],
  ] as [string, NonNullable<Parameters<typeof reply>[1]>['body'] & {}][])(
    'with a null that no correct server sends are BAD_REPLY (%s)',
    async (method, body) => {
      const { zk, link } = await scriptedClient();
      const answer =
        method === 'create'
          ? zk.create('/a')
          : method === 'createStat'
            ? zk.create('/a', null, { withStat: true })
            : zk.getChildren('/a');
      const failing = expect(answer).rejects.toMatchObject({
        code: 'BAD_REPLY',
        outcome: 'unknown',
        cause: { code: 'UNEXPECTED_NULL' },
      });
      await settled();
      link.deliver(reply(1, { body }));
      await failing;
      expect(zk.connected).toBe(false);
    },
  );
});

describe('answers to rarer requests', () => {
  const acl = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];

  it('have the values of the wire', async () => {
    const { zk, link, sent } = await scriptedClient();
    const answers = Promise.all([
      zk.getAcl('/a'),
      zk.setAcl('/a', acl, { aversion: 5 }),
      zk.getEphemerals(),
      zk.getAllChildrenNumber('/a'),
      zk.whoAmI(),
      zk.getConfig(),
      zk.reconfig({ joining: ['server.5=e:1:2;3', 'server.6=f:1:2;3'], leaving: [1, 2] }),
      zk.reconfig({ newMembers: ['server.5=e:1:2;3'] }, { configId: 0x1_0000_0000n }),
    ]);
    await settled();
    expect(sent().map(({ op }) => op)).toEqual([6, 7, 103, 104, 107, 4, 16, 16]);
    expect(sent().at(4)!.body).toHaveLength(0);
    expect(readSetACLRequest(JuteReader.over(sent()[1]!.body))).toEqual({
      path: '/a',
      acl,
      version: 5,
    });
    const [one, all] = sent()
      .slice(6)
      .map(({ body }) => readReconfigRequest(JuteReader.over(body)));
    expect(one).toEqual({
      joiningServers: 'server.5=e:1:2;3,server.6=f:1:2;3',
      leavingServers: '1,2',
      newMembers: null,
      curConfigId: -1n,
    });
    expect(all).toEqual({
      joiningServers: null,
      leavingServers: null,
      newMembers: 'server.5=e:1:2;3',
      curConfigId: 0x1_0000_0000n,
    });
    const users = [
      { authScheme: 'ip', user: '127.0.0.1' },
      { authScheme: 'own', user: null as unknown as string },
    ];
    link.deliver(
      reply(1, { body: (writer) => writeGetACLResponse(writer, acl, STAT) }),
      stat(2),
      reply(3, { body: (writer) => writeGetEphemeralsResponse(writer, ['/a', '/b']) }),
      reply(4, { body: (writer) => writeGetAllChildrenNumberResponse(writer, 7) }),
      reply(5, {
        body: (writer) => {
          writer.int(users.length);
          for (const { authScheme, user } of users) {
            writer.ustring(authScheme);
            writer.ustring(user);
          }
        },
      }),
      dataReply(6, 'version=1'),
      dataReply(7, 'version=2'),
      dataReply(8, 'version=3'),
    );
    expect(await answers).toEqual([
      { acl, stat: STAT },
      STAT,
      ['/a', '/b'],
      7,
      [
        { scheme: 'ip', user: '127.0.0.1' },
        { scheme: 'own', user: '' },
      ],
      { data: Buffer.from('version=1'), stat: STAT },
      { data: Buffer.from('version=2'), stat: STAT },
      { data: Buffer.from('version=3'), stat: STAT },
    ]);
    expect(zk.counters().trailingReplies).toBe(0);
  });

  it.each([
    ['getAcl', [-1]],
    ['getAcl', [1, 31, -1, -1]],
    ['getAcl', [1, 31, 0, -1]],
    ['getEphemerals', [-1]],
    ['getEphemerals', [1, -1]],
    ['whoAmI', [-1]],
    ['whoAmI', [1, -1, -1]],
  ] as const)(
    '%s with a null that no correct server sends is BAD_REPLY (%j)',
    async (method, ints) => {
      const { zk, link } = await scriptedClient();
      const answer: Promise<unknown> = method === 'whoAmI' ? zk.whoAmI() : zk[method]('/a');
      const failing = expect(answer).rejects.toMatchObject({
        code: 'BAD_REPLY',
        cause: { code: 'UNEXPECTED_NULL' },
      });
      await settled();
      link.deliver(
        reply(1, {
          body: (writer) => {
            for (const value of ints) writer.int(value);
            if (method === 'getAcl') writeStatOf(writer, STAT);
          },
        }),
      );
      await failing;
    },
  );
});
