import { XID_SET_WATCHES } from '../../codec/index.ts';
import { APACHE, type AreaCheck, area, type ServerCheck } from '../check.ts';
import { equal } from '../expect.ts';
import type { WatchLists } from '../requests.ts';
import * as ask from '../requests.ts';
import { SOURCE } from '../sources.ts';
import { heard } from '../watch-expectations.ts';

type List = keyof WatchLists;

/** What became of `n` while nobody looked, and what the server tells of it when its watch is set again. */
interface CatchUp {
  readonly id: string;
  readonly list: List;
  readonly missed: 'nothing' | 'data' | 'child' | 'deleted' | 'created' | 'deleted-and-created';
  /** At once. */
  readonly told: readonly string[];
  /** When `n` changes afterwards (or is created, where it is not there). */
  readonly later: readonly string[];
}

const CHANGED = ['NodeDataChanged n'];
const CHILDREN = ['NodeChildrenChanged n'];
const DELETED = ['NodeDeleted n'];
const CREATED = ['NodeCreated n'];

const CATCH_UPS: readonly CatchUp[] = [
  { id: 'data-nothing', list: 'data', missed: 'nothing', told: [], later: CHANGED },
  { id: 'data-changed', list: 'data', missed: 'data', told: CHANGED, later: [] },
  { id: 'data-child', list: 'data', missed: 'child', told: [], later: CHANGED },
  { id: 'data-deleted', list: 'data', missed: 'deleted', told: DELETED, later: [] },
  { id: 'data-made-again', list: 'data', missed: 'deleted-and-created', told: CHANGED, later: [] },
  { id: 'exist-nothing', list: 'exist', missed: 'deleted', told: [], later: CREATED },
  { id: 'exist-created', list: 'exist', missed: 'created', told: CREATED, later: [] },
  { id: 'child-nothing', list: 'child', missed: 'nothing', told: [], later: CHILDREN },
  { id: 'child-changed', list: 'child', missed: 'child', told: CHILDREN, later: [] },
  { id: 'child-data', list: 'child', missed: 'data', told: [], later: CHILDREN },
  { id: 'child-deleted', list: 'child', missed: 'deleted', told: DELETED, later: [] },
  {
    id: 'persistent-changed',
    list: 'persistent',
    missed: 'data',
    told: [],
    later: [...CHANGED, ...CHILDREN],
  },
  {
    id: 'persistent-deleted',
    list: 'persistent',
    missed: 'deleted',
    told: [],
    later: [...CREATED, ...CHILDREN],
  },
  {
    id: 'recursive-changed',
    list: 'recursive',
    missed: 'child',
    told: [],
    later: [...CHANGED, 'NodeCreated n/later'],
  },
  {
    id: 'recursive-deleted',
    list: 'recursive',
    missed: 'deleted',
    told: [],
    later: [...CREATED, 'NodeCreated n/later'],
  },
];

const MISSES: Readonly<Record<CatchUp['missed'], (n: string) => readonly ask.WireRequest[]>> = {
  nothing: () => [],
  created: () => [],
  data: (n) => [ask.setData(n, 'missed')],
  child: (n) => [ask.create(`${n}/missed`)],
  deleted: (n) => [ask.remove(n)],
  'deleted-and-created': (n) => [ask.remove(n), ask.create(n)],
};

const CATCH_UP_CHECKS = CATCH_UPS.map(({ id, list, missed, told, later }) => ({
  id: `catch-up-${id}`,
  title: `a ${list} watch set again when ${missed} was missed: ${told[0] ?? 'nothing'} is told`,
  source: SOURCE.watches,
  async run(t) {
    const other = await t.session();
    const n = t.at('n');
    const { zxid } = await other.ok(ask.create(n));
    for (const request of MISSES[missed](n)) await other.ok(request);
    const seen = missed === 'created' ? zxid - 1n : zxid;
    const s = await t.session();
    const isLasting = list === 'persistent' || list === 'recursive';
    const setAgain = isLasting ? ask.setWatches2 : ask.setWatches;
    (await s.ok(setAgain(seen, { [list]: [n] }))).empty();
    const events = s.takeEvents();
    equal(
      events.map(({ zxid: ofEvent }) => ofEvent),
      told.map(() => -1n),
      'zxids of the events before the reply',
    );
    if (missed === 'deleted') await other.ok(ask.create(n));
    else await other.ok(ask.setData(n, 'later'));
    await other.ok(ask.create(`${n}/later`));
    await heard(t, s, later, 'events afterwards');
  },
})) satisfies AreaCheck[];

const EVERY_LIST: readonly List[] = ['data', 'exist', 'child'];

const RULES: readonly AreaCheck[] = [
  {
    id: 'told-what',
    title: 'what was missed is told with type and path, before the reply to setWatches',
    source: SOURCE.watches,
    async run(t) {
      const other = await t.session();
      for (const name of ['a', 'b', 'c', 'd']) await other.make(t.at(name));
      const { zxid } = await other.ok(ask.sync(t.root));
      await other.ok(ask.setData(t.at('a'), 'w'));
      await other.ok(ask.remove(t.at('b')));
      await other.make(t.at('d/x'));
      const s = await t.session();
      const lists = { data: ['a', 'b'], exist: ['c'], child: ['d'] };
      const paths = Object.fromEntries(
        Object.entries(lists).map(([list, names]) => [list, names.map((name) => t.at(name))]),
      );
      s.send(ask.setWatches(zxid, paths));
      const reply = (await s.reply()).empty();
      equal(reply.zxid >= zxid, true, 'zxid of the reply is not older');
      await heard(t, s, [
        'NodeDataChanged a',
        'NodeDeleted b',
        'NodeCreated c',
        'NodeChildrenChanged d',
      ]);
    },
  },
  {
    id: 'reserved-xid',
    title: 'the xid -8, which the C client gives it, is echoed as any other',
    source: SOURCE.recorded,
    async run(t) {
      const s = await t.session();
      s.send(ask.setWatches(0n, {}), XID_SET_WATCHES);
      (await s.reply()).empty();
    },
  },
  {
    id: 'empty-lists',
    title: 'setWatches and setWatches2 without any watch are answered',
    source: SOURCE.watches,
    async run(t) {
      const s = await t.session();
      (await s.ok(ask.setWatches(0n, {}))).empty();
      (await s.ok(ask.setWatches2(0n, {}))).empty();
    },
  },
  ...(EVERY_LIST.map((list) => ({
    id: `null-${list}`,
    title: `a null list of ${list} watches is an error of the request (-5)`,
    source: SOURCE.framing,
    profiles: APACHE,
    async run(t) {
      const s = await t.session();
      await s.refused(ask.setWatches(0n, { [list]: null }), 'MARSHALLINGERROR');
      await s.refused(ask.setWatches2(0n, { [list]: null }), 'MARSHALLINGERROR');
    },
  })) satisfies AreaCheck[]),
  {
    id: 'zxid-ahead',
    title: 'with a zxid from the future nothing was missed',
    source: SOURCE.watches,
    async run(t) {
      const s = await t.session();
      await s.ok(ask.setData(t.root, 'w'));
      await s.ok(ask.setWatches(2n ** 62n, { data: [t.root], child: [t.root] }));
      await heard(t, s, []);
      await s.ok(ask.setData(t.root, 'x'));
      await heard(t, s, ['NodeDataChanged .']);
    },
  },
  {
    id: 'all-lists-of-two',
    title: 'setWatches2 does what setWatches does, for one-shot watches too',
    source: SOURCE.recorded,
    async run(t) {
      const other = await t.session();
      const { zxid } = await other.ok(ask.create(t.at('n')));
      await other.ok(ask.setData(t.at('n'), 'w'));
      const s = await t.session();
      const lists = { data: [t.at('n')], persistent: [t.root], recursive: [t.at('tree')] };
      (await s.ok(ask.setWatches2(zxid, lists))).empty();
      await heard(t, s, ['NodeDataChanged n'], 'events of what was missed');
      await other.make(t.at('tree'));
      await other.make(t.at('tree/leaf'));
      const later = ['NodeCreated tree', 'NodeChildrenChanged .', 'NodeCreated tree/leaf'];
      await heard(t, s, later, 'events afterwards');
    },
  },
];

/** setWatches and setWatches2. */
export const SET_WATCHES_CHECKS: readonly ServerCheck[] = area(
  'watch-again',
  'Clients would miss for ever what changed while they were not connected.',
  [...RULES, ...CATCH_UP_CHECKS],
);
