import { ADD_WATCH_MODE, WATCHER_TYPE } from '../../codec/index.ts';
import { APACHE, type AreaCheck, area, type ServerCheck } from '../check.ts';
import { equal } from '../expect.ts';
import type { WireRequest } from '../requests.ts';
import * as ask from '../requests.ts';
import { SOURCE } from '../sources.ts';
import { heard } from '../watch-expectations.ts';

const { Persistent: PERSISTENT, PersistentRecursive: RECURSIVE } = ADD_WATCH_MODE;

type At = (name: string) => string;
type Story = readonly (readonly [(at: At) => WireRequest, readonly string[]])[];

const create =
  (name: string) =>
  (at: At): WireRequest =>
    ask.create(at(name));
const set =
  (name: string) =>
  (at: At): WireRequest =>
    ask.setData(at(name), 'w');
const remove =
  (name: string) =>
  (at: At): WireRequest =>
    ask.remove(at(name));

/** What somebody else does, step by step, and what a watch on `n` hears of each. */
const PERSISTENT_STORY: Story = [
  [create('n'), ['NodeCreated n']],
  [set('n'), ['NodeDataChanged n']],
  [create('n/c'), ['NodeChildrenChanged n']],
  [set('n/c'), []],
  [create('n/c/g'), []],
  [remove('n/c/g'), []],
  [remove('n/c'), ['NodeChildrenChanged n']],
  [create('nn'), []],
  [remove('n'), ['NodeDeleted n']],
  [create('n'), ['NodeCreated n']],
];

const RECURSIVE_STORY: Story = [
  [create('n'), ['NodeCreated n']],
  [set('n'), ['NodeDataChanged n']],
  [create('n/c'), ['NodeCreated n/c']],
  [set('n/c'), ['NodeDataChanged n/c']],
  [create('n/c/g'), ['NodeCreated n/c/g']],
  [remove('n/c/g'), ['NodeDeleted n/c/g']],
  [remove('n/c'), ['NodeDeleted n/c']],
  [create('nn'), []],
  [create('nn/c'), []],
  [remove('n'), ['NodeDeleted n']],
  [create('n'), ['NodeCreated n']],
];

function storyCheck(mode: number, story: Story): AreaCheck {
  const name = mode === PERSISTENT ? 'persistent' : 'recursive';
  return {
    id: 'story',
    title: `a ${name} watch hears what is for it, again and again, before there is a node and after`,
    source: SOURCE.watches,
    async run(t) {
      const [s, other] = [await t.session(), await t.session()];
      await s.ok(ask.addWatch(t.at('n'), mode));
      for (const [index, [act, events]] of story.entries()) {
        await other.ok(act((each) => t.at(each)));
        await heard(t, s, events, `events of step ${index + 1}`);
      }
    },
  };
}

const PERSISTENT_CHECKS: readonly AreaCheck[] = [
  storyCheck(PERSISTENT, PERSISTENT_STORY),
  {
    id: 'reply',
    title: 'addWatch is answered with four bytes of 0',
    source: SOURCE.recorded,
    async run(t) {
      const s = await t.session();
      for (const mode of [PERSISTENT, RECURSIVE]) {
        (await s.ok(ask.addWatch(t.root, mode))).bodyIs(Buffer.alloc(4));
      }
    },
  },
  ...([2, -1, 99].map((mode) => ({
    id: `mode-${mode}`,
    title: `addWatch with the mode ${mode}, which there is not, is an error of the request (-5)`,
    source: SOURCE.watches,
    profiles: APACHE,
    async run(t) {
      const s = await t.session();
      await s.refused(ask.addWatch(t.root, mode), 'MARSHALLINGERROR');
      await s.ok(ask.setData(t.root, 'w'));
      await heard(t, s, []);
    },
  })) satisfies AreaCheck[]),
  {
    id: 'set-twice',
    title: 'the same watch set twice is told once',
    source: SOURCE.watches,
    async run(t) {
      const s = await t.session();
      await s.ok(ask.addWatch(t.root, PERSISTENT));
      await s.ok(ask.addWatch(t.root, PERSISTENT));
      await s.ok(ask.setData(t.root, 'w'));
      await heard(t, s, ['NodeDataChanged .']);
    },
  },
  {
    id: 'one-shot-beside-it',
    title: 'a one-shot watch of its path stands beside it from 3.9 on; before, it takes its place',
    source: 'ZOOKEEPER-4466; seen on 3.8.0 and 3.9.5',
    profiles: APACHE,
    async run(t) {
      const s = await t.session();
      await s.ok(ask.addWatch(t.root, PERSISTENT));
      await s.ok(ask.getData(t.root, true));
      await s.ok(ask.setData(t.root, '1'));
      await heard(t, s, ['NodeDataChanged .'], 'events of the first change');
      await s.ok(ask.setData(t.root, '2'));
      const later = t.rules.modesCoexist ? ['NodeDataChanged .'] : [];
      await heard(t, s, later, 'events of the second change');
    },
  },
  {
    id: 'before-own-reply',
    title: 'events come before the reply to the write that they tell of',
    source: SOURCE.watches,
    async run(t) {
      const s = await t.session();
      await s.ok(ask.addWatch(t.root, RECURSIVE));
      await s.make(t.at('n'));
      equal(s.takeEvents().length, 1, 'number of events before the reply');
    },
  },
];

const RECURSIVE_CHECKS: readonly AreaCheck[] = [
  storyCheck(RECURSIVE, RECURSIVE_STORY),
  {
    id: 'no-acl-events',
    title: 'setACL is not told',
    source: SOURCE.watches,
    async run(t) {
      const s = await t.session();
      await s.ok(ask.addWatch(t.root, RECURSIVE));
      await s.ok(ask.setAcl(t.root, ask.OPEN));
      await heard(t, s, []);
    },
  },
  {
    id: 'deletion-is-told-once',
    title: 'one-shot, persistent and recursive watches of one node: its deletion is told once',
    source: SOURCE.watches,
    async run(t) {
      const s = await t.session();
      await s.make(t.at('n'));
      await s.ok(ask.addWatch(t.at('n'), PERSISTENT));
      await s.ok(ask.addWatch(t.at('n'), RECURSIVE));
      await s.ok(ask.getData(t.at('n'), true));
      await s.ok(ask.getChildren(t.at('n'), true));
      await s.ok(ask.remove(t.at('n')));
      const deletions = (await s.allEvents()).length;
      equal(deletions, 1, 'number of events');
    },
  },
  {
    id: 'child-watch-below',
    title: 'a child watch below a recursive one is told of children; the recursive one is not',
    source: SOURCE.watches,
    async run(t) {
      const s = await t.session();
      await s.make(t.at('n'));
      await s.ok(ask.addWatch(t.root, RECURSIVE));
      await s.ok(ask.getChildren(t.at('n'), true));
      await s.make(t.at('n/a'));
      await heard(t, s, ['NodeCreated n/a', 'NodeChildrenChanged n']);
      await s.make(t.at('n/b'));
      await heard(t, s, ['NodeCreated n/b'], 'events when the child watch is used up');
    },
  },
  {
    id: 'two-levels',
    title: 'recursive watches of a node and of one above it: what is below both is told once',
    source: SOURCE.watches,
    async run(t) {
      const s = await t.session();
      await s.make(t.at('n'));
      await s.ok(ask.addWatch(t.root, RECURSIVE));
      await s.ok(ask.addWatch(t.at('n'), RECURSIVE));
      await s.make(t.at('n/a'));
      await heard(t, s, ['NodeCreated n/a']);
    },
  },
  {
    id: 'multi',
    title: 'the operations of a multi are told one by one, in order',
    source: SOURCE.watches,
    async run(t) {
      const s = await t.session();
      await s.ok(ask.addWatch(t.root, RECURSIVE));
      const a = t.at('a');
      await s.ok(ask.multi([ask.create(a), ask.setData(a, 'w'), ask.remove(a)]));
      await heard(t, s, ['NodeCreated a', 'NodeDataChanged a', 'NodeDeleted a']);
    },
  },
  {
    id: 'zxid-of-events',
    title: 'events carry the zxid of their transaction from 3.9 on, and -1 before',
    source: 'ZOOKEEPER-4655; seen on 3.8.0 and 3.9.5',
    profiles: APACHE,
    async run(t) {
      const s = await t.session();
      await s.ok(ask.addWatch(t.root, RECURSIVE));
      const steps = [ask.create(t.at('a')), ask.create(t.at('b'))];
      const { zxid } = await s.ok(ask.multi(steps));
      const expected = t.rules.zxidInEvents ? zxid : -1n;
      equal(
        s.takeEvents().map((event) => event.zxid),
        [expected, expected],
        'zxids',
      );
    },
  },
];

const { Children: CHILD, Data: DATA, Any: ANY } = WATCHER_TYPE;

/** Watches on the check's own znode, and which types checkWatches and removeWatches find. */
const FOUND: readonly (readonly [
  id: string,
  watch: (path: string) => WireRequest,
  old: readonly number[],
  since39: readonly number[],
])[] = [
  ['none', (path) => ask.exists(path), [], []],
  ['exists', (path) => ask.exists(path, true), [DATA, ANY], [DATA, ANY]],
  ['data', (path) => ask.getData(path, true), [DATA, ANY], [DATA, ANY]],
  ['child', (path) => ask.getChildren(path, true), [CHILD, ANY], [CHILD, ANY]],
  ['persistent', (path) => ask.addWatch(path, PERSISTENT), [CHILD, DATA, ANY], [ANY, 4]],
  ['recursive', (path) => ask.addWatch(path, RECURSIVE), [CHILD, DATA, ANY], [ANY, 5]],
];

const FIND_CHECKS = FOUND.flatMap(([id, watch, old, since39]) =>
  [
    { name: 'checkWatches', request: ask.checkWatches },
    { name: 'removeWatches', request: ask.removeWatches },
  ].map(({ name, request }) => ({
    id: `${name}-${id}`,
    title: `${name}, where there is ${id === 'none' ? 'no watch' : `a watch by ${id}`}: found by its types, else -121`,
    source: SOURCE.watches,
    profiles: APACHE,
    async run(t) {
      const found = t.rules.lastingWatcherTypes ? since39 : old;
      const knownMax = t.rules.lastingWatcherTypes ? 5 : 3;
      for (const type of [1, 2, 3, 4, 5, 0, 6]) {
        const s = await t.session();
        await s.ok(watch(t.root));
        const reply = await s.call(request(t.root, type));
        if (type < 1 || type > knownMax) reply.refused('MARSHALLINGERROR');
        else if (found.includes(type)) reply.empty();
        else reply.refused('NOWATCHER');
        // Other sessions' watches of the path count on old servers.
        await s.close();
      }
    },
  })),
) satisfies AreaCheck[];

const REMOVE_CHECKS: readonly AreaCheck[] = [
  {
    id: 'silences',
    title: 'a watch that was removed hears nothing, and is not there to remove again',
    source: SOURCE.watches,
    async run(t) {
      const s = await t.session();
      await s.ok(ask.getData(t.root, true));
      await s.ok(ask.removeWatches(t.root, DATA));
      await s.ok(ask.setData(t.root, 'w'));
      await heard(t, s, []);
      await s.refused(ask.removeWatches(t.root, DATA), 'NOWATCHER');
    },
  },
  {
    id: 'one-type',
    title: 'the data watch goes, the child watch stays',
    source: SOURCE.watches,
    async run(t) {
      const s = await t.session();
      await s.ok(ask.getData(t.root, true));
      await s.ok(ask.getChildren(t.root, true));
      await s.ok(ask.removeWatches(t.root, DATA));
      await s.ok(ask.setData(t.root, 'w'));
      await s.make(t.at('n'));
      await heard(t, s, ['NodeChildrenChanged .']);
    },
  },
  {
    id: 'any',
    title: 'any type: all watches of the path go',
    source: SOURCE.watches,
    async run(t) {
      const s = await t.session();
      await s.ok(ask.getData(t.root, true));
      await s.ok(ask.getChildren(t.root, true));
      await s.ok(ask.removeWatches(t.root, ANY));
      await s.ok(ask.setData(t.root, 'w'));
      await s.make(t.at('n'));
      await heard(t, s, []);
    },
  },
  {
    id: 'lasting',
    title: 'lasting watches go by the type any',
    source: SOURCE.watches,
    async run(t) {
      for (const mode of [PERSISTENT, RECURSIVE]) {
        const s = await t.session();
        await s.ok(ask.addWatch(t.root, mode));
        await s.ok(ask.removeWatches(t.root, ANY));
        await s.ok(ask.setData(t.root, `${mode}`));
        await s.make(t.at(`n${mode}`));
        await heard(t, s, []);
      }
    },
  },
  {
    id: 'own-only',
    title: 'a session removes its own watches, not those of others',
    source: SOURCE.watches,
    async run(t) {
      const [s, other] = [await t.session(), await t.session()];
      await other.ok(ask.getData(t.root, true));
      await s.refused(ask.removeWatches(t.root, DATA), 'NOWATCHER');
      await s.ok(ask.setData(t.root, 'w'));
      await heard(t, other, ['NodeDataChanged .']);
    },
  },
  {
    id: 'check-keeps-it',
    title: 'checkWatches leaves the watch as it is',
    source: SOURCE.watches,
    async run(t) {
      const s = await t.session();
      await s.ok(ask.getData(t.root, true));
      await s.ok(ask.checkWatches(t.root, DATA));
      await s.ok(ask.setData(t.root, 'w'));
      await heard(t, s, ['NodeDataChanged .']);
      await s.refused(ask.checkWatches(t.root, DATA), 'NOWATCHER');
    },
  },
];

/** addWatch, checkWatches, removeWatches. */
export const LASTING_WATCH_CHECKS: readonly ServerCheck[] = [
  ...area(
    'watch-persistent',
    'Copies that are kept with these watches would go stale.',
    PERSISTENT_CHECKS,
  ),
  ...area('watch-recursive', 'Copies of whole trees would go stale.', RECURSIVE_CHECKS),
  ...area('watch-remove', 'Watches that nobody waits for would stay, or others would go.', [
    ...REMOVE_CHECKS,
    ...FIND_CHECKS,
  ]),
];
