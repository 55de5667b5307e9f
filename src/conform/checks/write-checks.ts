import { APACHE, type AreaCheck, area, type ServerCheck } from '../check.ts';
import { equal, statHas, that } from '../expect.ts';
import * as ask from '../requests.ts';
import { SOURCE } from '../sources.ts';

const DELETE_CHECKS = area(
  'delete',
  'Clients would lose nodes that they keep, or keep what they gave up.',
  [
    {
      id: 'reply-is-empty',
      title: 'delete is answered with a header, and the node is gone',
      source: SOURCE.records,
      async run(t) {
        const s = await t.session();
        await s.make(t.at('a'));
        (await s.ok(ask.remove(t.at('a')))).empty();
        await s.refused(ask.exists(t.at('a')), 'NONODE');
      },
    },
    {
      id: 'no-node',
      title: 'a node that is not there is refused (-101), with and without a parent',
      source: SOURCE.guide,
      async run(t) {
        const s = await t.session();
        await s.refused(ask.remove(t.at('a')), 'NONODE');
        await s.refused(ask.remove(t.at('none/a')), 'NONODE');
      },
    },
    {
      id: 'not-empty',
      title: 'a node with children is refused (-111)',
      source: SOURCE.guide,
      async run(t) {
        const s = await t.session();
        await s.make(t.at('a'));
        await s.make(t.at('a/b'));
        await s.refused(ask.remove(t.at('a')), 'NOTEMPTY');
        await s.ok(ask.remove(t.at('a/b')));
        await s.ok(ask.remove(t.at('a')));
      },
    },
    {
      id: 'version',
      title: 'another version than that of the node is refused (-103), its own is not',
      source: SOURCE.guide,
      async run(t) {
        const s = await t.session();
        await s.make(t.at('a'));
        await s.ok(ask.setData(t.at('a'), 'w'));
        for (const version of [0, 2, -2]) {
          await s.refused(ask.remove(t.at('a'), version), 'BADVERSION');
        }
        await s.ok(ask.remove(t.at('a'), 1));
      },
    },
    {
      id: 'version-before-children',
      title: 'a wrong version is found before children',
      source: SOURCE.seen,
      profiles: APACHE,
      async run(t) {
        const s = await t.session();
        await s.make(t.at('a'));
        await s.make(t.at('a/b'));
        await s.refused(ask.remove(t.at('a'), 7), 'BADVERSION');
      },
    },
    ...(['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config'].map((path) => ({
      id: `special-${path.slice(1).replace('/', '-') || 'root'}`,
      title: `the server's own node ${path} is refused (-8)`,
      source: SOURCE.seen,
      profiles: APACHE,
      async run(t) {
        await (await t.session()).refused(ask.remove(path), 'BADARGUMENTS');
      },
    })) satisfies AreaCheck[]),
    {
      id: 'no-slash',
      title: 'a path without a slash is refused (-8)',
      source: SOURCE.seen,
      async run(t) {
        await (await t.session()).refused(ask.remove('abc'), 'BADARGUMENTS');
      },
    },
    {
      id: 'null-path',
      title: 'a null path is an error of the request (-5)',
      source: SOURCE.seen,
      async run(t) {
        await (await t.session()).refused(ask.remove(null), 'MARSHALLINGERROR');
      },
    },
    {
      id: 'ephemeral-of-others',
      title: 'an ephemeral node can be deleted by any session, and is not given back',
      source: SOURCE.guide,
      async run(t) {
        const [owner, other] = [await t.session(), await t.session()];
        await owner.make(t.at('e'), { flags: ask.FLAGS.ephemeral });
        await other.ok(ask.remove(t.at('e')));
        equal((await owner.ok(ask.getEphemerals(t.root))).texts(), [], 'ephemerals of the owner');
      },
    },
  ],
);

const SET_CHECKS = area(
  'set',
  'Clients rely on versions to see that others have written in between.',
  [
    {
      id: 'stat-in-reply',
      title: 'setData is answered with the Stat of the changed node',
      source: SOURCE.records,
      async run(t) {
        const s = await t.session();
        const before = (await s.ok(ask.create2(t.at('a')))).created().stat;
        const reply = await s.ok(ask.setData(t.at('a'), 'three'));
        const stat = reply.stat();
        statHas(
          stat,
          { ...before, mzxid: reply.zxid, mtime: stat.mtime, version: 1, dataLength: 5 },
          'the node',
        );
        that(stat.mtime >= before.mtime, `mtime of at least ${before.mtime}`, stat.mtime);
        equal(await s.stat(t.at('a')), stat, 'Stat of exists');
      },
    },
    {
      id: 'version',
      title: 'another version than that of the node is refused (-103) and changes nothing',
      source: SOURCE.guide,
      async run(t) {
        const s = await t.session();
        await s.make(t.at('a'));
        for (const version of [1, 7, -2]) {
          await s.refused(ask.setData(t.at('a'), 'w', version), 'BADVERSION');
        }
        const { data, stat } = (await s.ok(ask.getData(t.at('a')))).data();
        equal([data?.toString(), stat.version], ['v', 0], 'data and version');
      },
    },
    {
      id: 'version-counts-up',
      title: 'every change counts the version up by one, the same data too',
      source: SOURCE.guide,
      async run(t) {
        const s = await t.session();
        await s.make(t.at('a'));
        for (let version = 0; version < 4; version++) {
          const { stat } = { stat: (await s.ok(ask.setData(t.at('a'), 'v', version))).stat() };
          equal(stat.version, version + 1, 'version');
        }
      },
    },
    {
      id: 'any-version',
      title: 'version -1 is any',
      source: SOURCE.guide,
      async run(t) {
        const s = await t.session();
        await s.make(t.at('a'));
        await s.ok(ask.setData(t.at('a'), 'w', 0));
        equal((await s.ok(ask.setData(t.at('a'), 'x', -1))).stat().version, 2, 'version');
      },
    },
    {
      id: 'new-node-new-version',
      title: 'a node that is made again starts with version 0',
      source: SOURCE.guide,
      async run(t) {
        const s = await t.session();
        await s.make(t.at('a'));
        await s.ok(ask.setData(t.at('a'), 'w'));
        await s.ok(ask.remove(t.at('a')));
        await s.make(t.at('a'));
        await s.refused(ask.setData(t.at('a'), 'x', 1), 'BADVERSION');
        await s.ok(ask.setData(t.at('a'), 'x', 0));
      },
    },
    {
      id: 'no-node',
      title: 'a node that is not there is refused (-101)',
      source: SOURCE.guide,
      async run(t) {
        await (await t.session()).refused(ask.setData(t.at('a'), 'w'), 'NONODE');
      },
    },
    {
      id: 'null-and-empty',
      title: 'null and empty data are two things',
      source: SOURCE.recorded,
      async run(t) {
        const s = await t.session();
        await s.make(t.at('a'));
        await s.ok(ask.setData(t.at('a'), null));
        equal((await s.ok(ask.getData(t.at('a')))).body.readInt32BE(0), -1, 'length of null data');
        await s.ok(ask.setData(t.at('a'), ''));
        equal((await s.ok(ask.getData(t.at('a')))).body.readInt32BE(0), 0, 'length of empty data');
      },
    },
    ...((['abc', '', '//', '/a/', '/./a'] as const).map((path, index) => ({
      id: `bad-path-${['relative', 'empty', 'double-slash', 'trailing-slash', 'dot'][index]}`,
      title: `setData of ${JSON.stringify(path)} is refused (-8)`,
      source: SOURCE.paths,
      profiles: APACHE,
      async run(t) {
        await (await t.session()).refused(ask.setData(path, 'w'), 'BADARGUMENTS');
      },
    })) satisfies AreaCheck[]),
    {
      id: 'null-path',
      title: 'a null path is refused (-8)',
      source: SOURCE.seen,
      profiles: APACHE,
      async run(t) {
        await (await t.session()).refused(ask.setData(null, 'w'), 'BADARGUMENTS');
      },
    },
    {
      id: 'config-node',
      title: "the server's own configuration cannot be written (-102)",
      source: SOURCE.seen,
      profiles: APACHE,
      async run(t) {
        await (await t.session()).refused(ask.setData('/zookeeper/config', 'w'), 'NOAUTH');
      },
    },
  ],
);

/** delete and setData. */
export const WRITE_CHECKS: readonly ServerCheck[] = [...DELETE_CHECKS, ...SET_CHECKS];
