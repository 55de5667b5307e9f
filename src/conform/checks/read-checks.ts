import { APACHE, type AreaCheck, area, type ServerCheck } from '../check.ts';
import { equal } from '../expect.ts';
import type { WireRequest } from '../requests.ts';
import * as ask from '../requests.ts';
import { SOURCE } from '../sources.ts';

/** Operations that read one node. */
const READS: readonly (readonly [name: string, read: (path: string | null) => WireRequest])[] = [
  ['exists', ask.exists],
  ['getData', ask.getData],
  ['getChildren', ask.getChildren],
  ['getChildren2', ask.getChildren2],
  ['getACL', ask.getAcl],
  ['getAllChildrenNumber', ask.getAllChildrenNumber],
];

const MISSING = READS.map(([name, read]) => ({
  id: `${name}-no-node`,
  title: `${name} of a node that is not there is refused (-101), in a frame of 16 bytes`,
  source: SOURCE.records,
  async run(t) {
    const s = await t.session();
    equal((await s.refused(read(t.at('none')), 'NONODE')).frame.length, 16, 'length of the frame');
    await s.refused(read(t.at('none/below')), 'NONODE');
  },
})) satisfies AreaCheck[];

const NULL_PATH = READS.map(([name, read]) => ({
  id: `${name}-null-path`,
  title: `${name} of a null path is an error of the request (-5)`,
  source: SOURCE.seen,
  profiles: APACHE,
  async run(t) {
    await (await t.session()).refused(read(null), 'MARSHALLINGERROR');
  },
})) satisfies AreaCheck[];

const UNCHECKED_PATHS = READS.map(([name, read]) => ({
  id: `${name}-unchecked-path`,
  title: `${name} does not check paths: malformed ones name no node (-101)`,
  source: SOURCE.seen,
  profiles: APACHE,
  async run(t) {
    const s = await t.session();
    for (const path of ['abc', `${t.root}/`, `${t.root}//a`, t.at('.'), t.at('\u0001')]) {
      await s.refused(read(path), 'NONODE');
    }
  },
})) satisfies AreaCheck[];

const BODIES: readonly AreaCheck[] = [
  {
    id: 'exists-is-stat',
    title: 'exists is answered with a Stat of 68 bytes and nothing else',
    source: SOURCE.records,
    async run(t) {
      const reply = await (await t.session()).ok(ask.exists(t.root));
      equal(reply.body.length, 68, 'length of the body');
    },
  },
  {
    id: 'root',
    title: 'the root is there, and has the znode /zookeeper',
    source: SOURCE.guide,
    async run(t) {
      const s = await t.session();
      await s.ok(ask.exists('/'));
      equal(
        (await s.ok(ask.getChildren('/'))).children().includes('zookeeper'),
        true,
        '/zookeeper',
      );
    },
  },
  {
    id: 'empty-path-is-root',
    title: 'the empty path reads the root',
    source: SOURCE.seen,
    profiles: APACHE,
    async run(t) {
      const s = await t.session();
      const [empty, root] = [await s.stat(''), await s.stat('/')];
      equal(empty.czxid, root.czxid, 'czxid');
      equal(empty.ctime, root.ctime, 'ctime');
    },
  },
  {
    id: 'exists-nul',
    title: 'exists of a path with a NUL is refused (-8)',
    source: SOURCE.seen,
    profiles: APACHE,
    async run(t) {
      await (await t.session()).refused(ask.exists(t.at('\0')), 'BADARGUMENTS');
    },
  },
  {
    id: 'get-data-and-stat',
    title: 'getData is answered with data and Stat, and the Stat is that of exists',
    source: SOURCE.records,
    async run(t) {
      const s = await t.session();
      await s.make(t.at('a'), { data: 'hello' });
      const { data, stat } = (await s.ok(ask.getData(t.at('a')))).data();
      equal(data?.toString(), 'hello', 'data');
      equal(stat, await s.stat(t.at('a')), 'Stat');
    },
  },
  {
    id: 'no-children',
    title: 'a node without children is answered with a list of 0, not with null',
    source: SOURCE.records,
    async run(t) {
      const s = await t.session();
      (await s.ok(ask.getChildren(t.root))).bodyIs(Buffer.alloc(4));
      const reply = await s.ok(ask.getChildren2(t.root));
      equal(reply.body.readInt32BE(0), 0, 'number of children');
      equal(reply.childrenAndStat().stat, await s.stat(t.root), 'Stat');
    },
  },
  {
    id: 'children-are-names',
    title: 'children come as names, direct ones only',
    source: SOURCE.guide,
    async run(t) {
      const s = await t.session();
      for (const name of ['b', 'a', 'b/c']) await s.make(t.at(name));
      equal((await s.ok(ask.getChildren(t.root))).children().sort(), ['a', 'b'], 'children');
      const { children, stat } = (await s.ok(ask.getChildren2(t.root))).childrenAndStat();
      equal(children.sort(), ['a', 'b'], 'children of getChildren2');
      equal(stat, await s.stat(t.root), 'Stat of getChildren2');
    },
  },
  {
    id: 'count-of-all-below',
    title: 'getAllChildrenNumber counts everything below the node',
    source: SOURCE.recorded,
    async run(t) {
      const s = await t.session();
      for (const name of ['a', 'ab', 'a/b', 'a/b/c']) await s.make(t.at(name));
      const count = async (path: string): Promise<number> =>
        (await s.ok(ask.getAllChildrenNumber(path))).read((r) => r.int());
      equal(await count(t.root), 4, 'all of the check');
      equal(await count(t.at('a')), 2, 'all below a');
      equal(await count(t.at('a/b/c')), 0, 'all below a leaf');
    },
  },
  {
    id: 'sync-echoes',
    title: 'sync is answered with its path, whether there is such a node or not',
    source: SOURCE.recorded,
    async run(t) {
      const s = await t.session();
      for (const path of [t.root, t.at('none')])
        equal((await s.ok(ask.sync(path))).text(), path, 'path');
    },
  },
  {
    id: 'watch-flag-is-any-byte',
    title: 'a boolean of 2 is true',
    source: SOURCE.framing,
    profiles: APACHE,
    async run(t) {
      const s = await t.session();
      const { op, body } = ask.getData(t.root);
      body[body.length - 1] = 2;
      await s.ok(ask.raw(op, body));
      await s.ok(ask.setData(t.root, 'w'));
      equal((await s.event()).path, t.root, 'path of the event');
    },
  },
];

const EPHEMERALS: readonly AreaCheck[] = [
  {
    id: 'ephemerals',
    title: 'getEphemerals lists the nodes of its own session, by prefix or all',
    source: SOURCE.recorded,
    async run(t) {
      const [s, other] = [await t.session(), await t.session()];
      const { ephemeral } = ask.FLAGS;
      for (const name of ['x', 'xy', 'z']) await s.make(t.at(name), { flags: ephemeral });
      await other.make(t.at('xo'), { flags: ephemeral });
      await s.make(t.at('xp'));
      const list = async (prefix: string | null): Promise<unknown> =>
        (await s.ok(ask.getEphemerals(prefix))).texts().sort();
      const all = [t.at('x'), t.at('xy'), t.at('z')];
      equal(await list('/'), all, 'those below /');
      equal(await list(null), all, 'those of a null prefix');
      equal(await list(t.at('x')), all.slice(0, 2), 'those that start with x');
      equal(await list(t.at('none')), [], 'those that start with something else');
    },
  },
  {
    id: 'ephemerals-of-nobody',
    title: 'getEphemerals of a session without any is answered with a list of 0',
    source: SOURCE.recorded,
    async run(t) {
      (await (await t.session()).ok(ask.getEphemerals('/'))).bodyIs(Buffer.alloc(4));
    },
  },
];

/** Names and the order in which Java's HashSet of initial capacity 8 lists them. */
const ORDERS: readonly (readonly [id: string, title: string, expected: readonly string[]])[] = [
  [
    'few',
    'few names',
    ['ephemeral', 'persistent_sequence0000000002', 'persistent', 'ephemeral_sequence0000000003'],
  ],
  ['letters', 'one-letter names', Array.from('abcdefghijklmnopqrstuvwxyz')],
];

const CHILD_ORDER = ORDERS.map(([id, what, expected]) => ({
  id,
  title: `children come in the order of a real server: ${what}`,
  source: "recorded from 3.8.0; the order of Java's HashSet",
  profiles: APACHE,
  async run(t) {
    const s = await t.session();
    for (const name of [...expected].sort()) await s.make(t.at(name));
    equal((await s.ok(ask.getChildren(t.root))).children(), [...expected], 'children');
    const { children } = (await s.ok(ask.getChildren2(t.root))).childrenAndStat();
    equal(children, [...expected], 'children of getChildren2');
  },
})) satisfies AreaCheck[];

/** exists, getData, getChildren, getChildren2, getAllChildrenNumber, getEphemerals, sync. */
export const READ_CHECKS: readonly ServerCheck[] = [
  ...area('read', 'Clients would see another tree than there is.', [
    ...BODIES,
    ...EPHEMERALS,
    ...MISSING,
    ...NULL_PATH,
    ...UNCHECKED_PATHS,
  ]),
  ...area(
    'child-order',
    'Nothing promises an order, but programs and their tests have come to rely on it unawares.',
    CHILD_ORDER,
  ),
];
