import { APACHE, type AreaCheck, area, type ServerCheck } from '../check.ts';
import { equal, that } from '../expect.ts';
import type { Reply } from '../reply.ts';
import type { WireRequest } from '../requests.ts';
import * as ask from '../requests.ts';
import { SOURCE } from '../sources.ts';
import type { WireSession } from '../wire-session.ts';

/** Requests of one burst. */
const BURST = 300;

const PIPELINING: readonly AreaCheck[] = [
  {
    id: 'replies-in-order',
    title:
      'requests that are sent in one burst, reads and writes mixed, are answered in their order',
    source: SOURCE.guide,
    async run(t) {
      const s = await t.session();
      const kinds: readonly ((index: number) => WireRequest)[] = [
        (index) => ask.setData(t.root, `${index}`),
        () => ask.getData(t.root),
        () => ask.exists(t.at('none')),
        () => ask.create(t.at('none/none')),
        () => ask.sync(t.root),
        (index) => ask.create(t.at(`n${index}`)),
      ];
      s.sendAll(Array.from({ length: BURST }, (_, index) => kinds[index % kinds.length]!(index)));
      // `reply` fails when an xid is not the next one.
      for (let index = 0; index < BURST; index++) await s.reply();
    },
  },
  {
    id: 'reads-see-writes-before',
    title: 'a read sees the writes that were sent before it on its connection, and none behind it',
    source: SOURCE.guide,
    async run(t) {
      const s = await t.session();
      const pair = (index: number): WireRequest[] => [
        ask.setData(t.root, `${index}`),
        ask.getData(t.root),
      ];
      s.sendAll(Array.from({ length: BURST / 2 }, (_, index) => pair(index)).flat());
      for (let index = 0; index < BURST / 2; index++) {
        equal((await s.reply()).stat().version, index + 1, 'version');
        equal((await s.reply()).data().data?.toString(), `${index}`, 'data');
      }
    },
  },
  {
    id: 'byte-by-byte',
    title: 'a request that comes byte by byte is served',
    source: SOURCE.framing,
    async run(t) {
      const s = await t.session();
      const body = ask.frameOf(7, ask.exists(t.root));
      const prefix = Buffer.alloc(4);
      prefix.writeInt32BE(body.length);
      for (const byte of Buffer.concat([prefix, body])) {
        s.connection.sendBytes(Buffer.from([byte]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      equal((await s.connection.next())?.readInt32BE(0), 7, 'xid of the reply');
    },
  },
  {
    id: 'error-between',
    title: 'an error in the middle of a burst leaves the requests around it as they are',
    source: SOURCE.framing,
    async run(t) {
      const s = await t.session();
      s.sendAll([ask.create(t.at('a')), ask.create(t.at('a')), ask.create(t.at('b'))]);
      (await s.reply()).ok();
      (await s.reply()).refused('NODEEXISTS');
      (await s.reply()).ok();
    },
  },
  {
    id: 'close-is-last',
    title: 'what was sent before a closeSession is done and answered before it',
    source: SOURCE.guide,
    async run(t) {
      const [s, other] = [await t.session(), await t.session()];
      s.sendAll([ask.create(t.at('a')), ask.create(t.at('b')), ask.closeSession()]);
      for (let index = 0; index < 3; index++) (await s.reply()).ok();
      await other.ok(ask.sync(t.root));
      equal((await other.ok(ask.getChildren(t.root))).children().sort(), ['a', 'b'], 'children');
    },
  },
  ...((
    [
      ['zero', 0],
      ['negative', -5],
      ['largest', 2 ** 31 - 1],
      ['smallest', -(2 ** 31)],
    ] as const
  ).map(([id, xid]) => ({
    id: `xid-${id}`,
    title: `the xid ${xid} of a request is echoed`,
    source: SOURCE.seen,
    async run(t) {
      const s = await t.session();
      s.send(ask.exists(t.root), xid);
      (await s.reply()).stat();
    },
  })) satisfies AreaCheck[]),
  {
    id: 'xid-twice',
    title: 'the same xid twice is two requests',
    source: SOURCE.seen,
    async run(t) {
      const s = await t.session();
      for (const request of [ask.exists(t.root), ask.getChildren(t.root)]) s.send(request, 5);
      (await s.reply()).stat();
      (await s.reply()).children();
    },
  },
  {
    id: 'two-sessions',
    title: 'writes of two sessions get different zxids, in one order for both',
    source: SOURCE.guide,
    async run(t) {
      const [a, b] = [await t.session(), await t.session()];
      const writes = Array.from({ length: 50 }, () => ask.setData(t.root, 'w'));
      a.sendAll(writes);
      b.sendAll(writes);
      const versions = new Map<bigint, number>();
      for (const s of [a, b]) {
        for (const _ of writes) {
          const stat = (await s.reply()).stat();
          versions.set(stat.mzxid, stat.version);
        }
      }
      equal(versions.size, 100, 'number of zxids');
      const inOrder = [...versions].sort(([one], [other]) => (one < other ? -1 : 1));
      equal(
        inOrder.map(([, version]) => version),
        Array.from({ length: 100 }, (_, index) => index + 1),
        'versions by zxid',
      );
    },
  },
];

/** Zxid that the server is at: a ping takes none. */
async function zxidNow(s: WireSession): Promise<bigint> {
  return (await s.ok(ask.ping())).zxid;
}

/** Fails unless `act` takes exactly `count` zxids. */
async function takes(s: WireSession, count: number, act: () => Promise<unknown>): Promise<void> {
  const before = await zxidNow(s);
  await act();
  equal((await zxidNow(s)) - before, BigInt(count), 'zxids taken');
}

type Taking = readonly [id: string, what: string, count: number, (root: string) => WireRequest];

const TAKING: readonly Taking[] = [
  ['create', 'a create', 1, (root) => ask.create(`${root}/new`)],
  ['set', 'a setData', 1, (root) => ask.setData(root, 'w')],
  ['set-acl', 'a setACL', 1, (root) => ask.setAcl(root, ask.OPEN)],
  [
    'multi',
    'a multi of three',
    1,
    (root) => ask.multi([1, 2, 3].map((n) => ask.create(`${root}/m${n}`))),
  ],
  ['empty-multi', 'an empty multi', 1, () => ask.multi([])],
  ['failed-create', 'a create that is refused', 1, (root) => ask.create(root)],
  ['failed-delete', 'a delete that is refused', 1, (root) => ask.remove(`${root}/none`)],
  ['failed-set', 'a setData that is refused', 1, (root) => ask.setData(root, 'w', 99)],
  ['failed-acl', 'a setACL that is refused', 1, (root) => ask.setAcl(root, [])],
  ['failed-multi', 'a multi that fails', 1, (root) => ask.multi([ask.check(`${root}/none`)])],
  ['exists', 'an exists', 0, (root) => ask.exists(root)],
  ['get-data', 'a getData', 0, (root) => ask.getData(root, true)],
  ['get-children', 'a getChildren', 0, (root) => ask.getChildren(root)],
  ['get-acl', 'a getACL', 0, (root) => ask.getAcl(root)],
  ['sync', 'a sync', 0, (root) => ask.sync(root)],
  ['multi-read', 'a multiRead', 0, (root) => ask.multiRead([ask.getData(root)])],
  ['add-watch', 'an addWatch', 0, (root) => ask.addWatch(root, 0)],
  ['auth', 'an auth', 0, () => ask.auth('digest', 'bob:secret')],
  ['failed-read', 'a read that is refused', 0, (root) => ask.getData(`${root}/none`)],
];

const ZXIDS: readonly AreaCheck[] = [
  ...(TAKING.map(([id, what, count, request]) => ({
    id,
    title: `${what} takes ${count === 0 ? 'no zxid' : 'one zxid'}`,
    source: SOURCE.seen,
    profiles: APACHE,
    alone: true,
    async run(t) {
      const s = await t.session();
      await takes(s, count, () => s.call(request(t.root)));
    },
  })) satisfies AreaCheck[]),
  {
    id: 'session',
    title: 'the beginning and the end of a session take one zxid each',
    source: SOURCE.seen,
    profiles: APACHE,
    alone: true,
    async run(t) {
      t.needGlobalSessions();
      const s = await t.session();
      let other: WireSession | undefined;
      await takes(s, 1, async () => {
        other = await t.session();
      });
      await takes(s, 1, async () => other?.ok(ask.closeSession()));
    },
  },
  {
    id: 'resume',
    title: 'resuming a session takes none',
    source: SOURCE.seen,
    profiles: APACHE,
    alone: true,
    async run(t) {
      const [s, old] = [await t.session(), await t.session()];
      await takes(s, 0, () => t.session({ sessionId: old.id, password: old.password }));
    },
  },
  {
    id: 'of-a-write',
    title: 'the reply to a write has the zxid of that write',
    source: SOURCE.guide,
    async run(t) {
      const s = await t.session();
      const created = await s.ok(ask.create2(t.at('a')));
      equal(created.created().stat.czxid, created.zxid, 'czxid');
      const set = await s.ok(ask.setData(t.at('a'), 'w'));
      equal(set.stat().mzxid, set.zxid, 'mzxid');
    },
  },
  {
    id: 'never-back',
    title: 'zxids of replies never go back, and those of writes always forward',
    source: SOURCE.guide,
    async run(t) {
      const s = await t.session();
      let [last, lastWrite] = [0n, 0n];
      for (let index = 0; index < 60; index++) {
        const isWrite = index % 3 === 0;
        const reply: Reply = await s.ok(isWrite ? ask.setData(t.root, 'w') : ask.exists(t.root));
        that(reply.zxid >= last, `a zxid of at least ${last}`, reply.zxid);
        if (isWrite) {
          that(reply.zxid > lastWrite, `a zxid above ${lastWrite}`, reply.zxid);
          lastWrite = reply.zxid;
        }
        last = reply.zxid;
      }
    },
  },
];

/** Order of replies and of transactions. */
export const ORDER_CHECKS: readonly ServerCheck[] = [
  ...area('pipelining', 'Replies would go to the wrong callers.', PIPELINING),
  ...area(
    'zxid',
    'Clients go by zxids to never see an older tree than before, after a move to another server too.',
    ZXIDS,
  ),
];
