import { APACHE, type AreaCheck, area, type ServerCheck } from '../check.ts';
import { equal, statHas, that } from '../expect.ts';
import * as ask from '../requests.ts';
import { SOURCE } from '../sources.ts';

/** Values of every byte. */
const ALL_BYTES: Buffer = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

/** create, create2, and what they refuse. */
export const CREATE_CHECKS: readonly ServerCheck[] = area(
  'create',
  'Clients would get another node than they asked for, or another answer.',
  [
    {
      id: 'path-in-reply',
      title: 'create is answered with the path and nothing else',
      source: SOURCE.records,
      async run(t) {
        const s = await t.session();
        const reply = await s.ok(ask.create(t.at('a')));
        reply.bodyIs(ask.encoded((w) => w.ustring(t.at('a'))));
      },
    },
    {
      id: 'stat-in-reply',
      title: 'create2 is answered with the path and the Stat of a fresh node',
      source: SOURCE.records,
      async run(t) {
        const s = await t.session();
        const reply = await s.ok(ask.create2(t.at('a'), { data: 'four' }));
        const { path, stat } = reply.created();
        equal(path, t.at('a'), 'path');
        const { zxid } = reply;
        const fresh = { version: 0, cversion: 0, aversion: 0, dataLength: 4, numChildren: 0 };
        statHas(stat, { czxid: zxid, mzxid: zxid, pzxid: zxid, ephemeralOwner: 0n }, 'the node');
        statHas(stat, { ...fresh, mtime: stat.ctime }, 'the node');
        equal(await s.stat(t.at('a')), stat, 'Stat of exists against that of create2');
      },
    },
    {
      id: 'null-data',
      title: 'null data stays null',
      source: SOURCE.records,
      async run(t) {
        const s = await t.session();
        await s.make(t.at('a'), { data: null });
        const { data, stat } = (await s.ok(ask.getData(t.at('a')))).data();
        equal(data, null, 'data');
        equal(stat.dataLength, 0, 'dataLength');
      },
    },
    {
      id: 'empty-data',
      title: 'empty data stays empty and does not become null',
      source: SOURCE.records,
      async run(t) {
        const s = await t.session();
        await s.make(t.at('a'), { data: '' });
        const reply = await s.ok(ask.getData(t.at('a')));
        equal(reply.body.readInt32BE(0), 0, 'length of the data');
      },
    },
    {
      id: 'data-bytes',
      title: 'every byte of the data comes back as it was',
      source: SOURCE.records,
      async run(t) {
        const s = await t.session();
        await s.make(t.at('a'), { data: ALL_BYTES });
        const { data } = (await s.ok(ask.getData(t.at('a')))).data();
        that(data?.equals(ALL_BYTES) === true, 'all 256 byte values in order', data);
      },
    },
    {
      id: 'node-exists',
      title: 'a node that exists is not made again (-110), and keeps its data',
      source: SOURCE.guide,
      async run(t) {
        const s = await t.session();
        await s.make(t.at('a'), { data: 'first' });
        await s.refused(ask.create(t.at('a'), { data: 'second' }), 'NODEEXISTS');
        await s.refused(ask.create2(t.at('a'), { data: 'second' }), 'NODEEXISTS');
        const { data } = (await s.ok(ask.getData(t.at('a')))).data();
        equal(data?.toString(), 'first', 'data');
      },
    },
    {
      id: 'no-parent',
      title: 'a node without a parent is refused (-101)',
      source: SOURCE.guide,
      async run(t) {
        const s = await t.session();
        await s.refused(ask.create(t.at('none/a')), 'NONODE');
        await s.refused(ask.create2(t.at('none/a')), 'NONODE');
      },
    },
    {
      id: 'root',
      title: 'the root exists already (-110)',
      source: SOURCE.seen,
      async run(t) {
        await (await t.session()).refused(ask.create('/'), 'NODEEXISTS');
      },
    },
    {
      id: 'ephemeral-owner',
      title: 'an ephemeral node names its session as the owner',
      source: SOURCE.guide,
      async run(t) {
        const s = await t.session();
        const reply = await s.ok(ask.create2(t.at('e'), { flags: ask.FLAGS.ephemeral }));
        equal(reply.created().stat.ephemeralOwner, s.id, 'ephemeralOwner');
        equal((await s.stat(t.at('e'))).ephemeralOwner, s.id, 'ephemeralOwner of exists');
      },
    },
    {
      id: 'child-of-ephemeral',
      title: 'an ephemeral node can have no children (-108)',
      source: SOURCE.guide,
      async run(t) {
        const s = await t.session();
        await s.make(t.at('e'), { flags: ask.FLAGS.ephemeral });
        await s.refused(ask.create(t.at('e/a')), 'NOCHILDRENFOREPHEMERALS');
      },
    },
    ...([7, 8, 100, -1].map((flags) => ({
      id: `flag-${flags}`,
      title: `the create mode ${flags}, which there is not, is refused (-8)`,
      source: SOURCE.seen,
      async run(t) {
        const s = await t.session();
        await s.refused(ask.create(t.at('a'), { flags }), 'BADARGUMENTS');
        await s.refused(ask.exists(t.at('a')), 'NONODE');
      },
    })) satisfies AreaCheck[]),
    {
      id: 'ttl-flag-without-ttl',
      title: 'create and create2 with the flag of a TTL node are refused',
      source: SOURCE.seen,
      async run(t) {
        const s = await t.session();
        const code = t.facts.hasTtl ? 'BADARGUMENTS' : 'UNIMPLEMENTED';
        await s.refused(ask.create(t.at('a'), { flags: 5 }), code);
        await s.refused(ask.create2(t.at('a'), { flags: 6 }), code);
        await s.refused(ask.exists(t.at('a')), 'NONODE');
      },
    },
    {
      id: 'null-path',
      title: 'a null path is an error of the request (-5)',
      source: SOURCE.seen,
      async run(t) {
        await (await t.session()).refused(ask.create(null), 'MARSHALLINGERROR');
      },
    },
    {
      id: 'acl-before-parent',
      title: 'a bad ACL is found before a missing parent',
      source: SOURCE.seen,
      profiles: APACHE,
      async run(t) {
        const s = await t.session();
        await s.refused(ask.create(t.at('none/a'), { acl: [] }), 'INVALIDACL');
      },
    },
    {
      id: 'flag-before-acl',
      title: 'a bad create mode is found before a bad ACL',
      source: SOURCE.seen,
      profiles: APACHE,
      async run(t) {
        const s = await t.session();
        await s.refused(ask.create(t.at('none/a'), { acl: [], flags: 9 }), 'BADARGUMENTS');
      },
    },
    {
      id: 'parent-before-characters',
      title: 'a missing parent is found before a character that is not allowed',
      source: SOURCE.seen,
      profiles: APACHE,
      async run(t) {
        await (await t.session()).refused(ask.create(t.at('none/\u0001')), 'NONODE');
      },
    },
    {
      id: 'container-flag-is-plain',
      title:
        'create with the flag of a container makes a node; the operation decides, not the flag',
      source: 'docs/protocol.md, CreateRequest; seen on 3.8.0 and 3.9.5',
      profiles: APACHE,
      async run(t) {
        const s = await t.session();
        await s.make(t.at('a'), { flags: ask.FLAGS.container });
        equal((await s.stat(t.at('a'))).ephemeralOwner, 0n, 'ephemeralOwner');
      },
    },
    {
      id: 'other-session-sees-it',
      title: 'another session of this server sees a node as soon as its creation is answered',
      source: SOURCE.guide,
      async run(t) {
        const [a, b] = [await t.session(), await t.session()];
        const zxid = (await a.ok(ask.create(t.at('a')))).zxid;
        await b.ok(ask.sync(t.root));
        equal((await b.stat(t.at('a'))).czxid, zxid, 'czxid');
      },
    },
    {
      id: 'unicode',
      title: 'names beyond ASCII are kept as they are',
      source: SOURCE.recorded,
      async run(t) {
        const s = await t.session();
        const path = t.at('ä中文 \ud7ff\uf900');
        equal(await s.make(path), path, 'path of the reply');
        equal((await s.ok(ask.getChildren(t.root))).children(), ['ä中文 \ud7ff\uf900'], 'children');
      },
    },
  ],
);
