import { EVENT_TYPE, KEEPER_STATE } from '../../codec/index.ts';
import { type AreaCheck, area, type ServerCheck } from '../check.ts';
import { equal, that } from '../expect.ts';
import * as ask from '../requests.ts';
import { encoded, type WireRequest } from '../requests.ts';
import { SOURCE } from '../sources.ts';
import { heard } from '../watch-expectations.ts';

type At = (name: string) => string;

/** A read that leaves a watch on `n`, a write by somebody else, and what is heard. */
interface Firing {
  readonly id: string;
  readonly watch: (path: string) => WireRequest;
  /** Whether `n`, with its child `n/c`, is there beforehand. Default true. */
  readonly there?: boolean;
  readonly act: (at: At) => readonly WireRequest[];
  readonly events: readonly string[];
}

const existsWatch = (path: string): WireRequest => ask.exists(path, true);
const dataWatch = (path: string): WireRequest => ask.getData(path, true);
const childWatch = (path: string): WireRequest => ask.getChildren(path, true);
const child2Watch = (path: string): WireRequest => ask.getChildren2(path, true);

const created = (at: At): WireRequest[] => [ask.create(at('n'))];
const changed = (at: At): WireRequest[] => [ask.setData(at('n'), 'w')];
const deleted = (at: At): WireRequest[] => [ask.remove(at('n/c')), ask.remove(at('n'))];
const childMade = (at: At): WireRequest[] => [ask.create(at('n/new'))];
const childGone = (at: At): WireRequest[] => [ask.remove(at('n/c'))];
const childSet = (at: At): WireRequest[] => [ask.setData(at('n/c'), 'w')];
const grandchild = (at: At): WireRequest[] => [ask.create(at('n/c/g'))];
const aclSet = (at: At): WireRequest[] => [ask.setAcl(at('n'), ask.OPEN)];
const neighbour = (at: At): WireRequest[] => [ask.create(at('nn')), ask.create(at('nn/c'))];

const FIRINGS: readonly Firing[] = [
  {
    id: 'exists-created',
    watch: existsWatch,
    there: false,
    act: created,
    events: ['NodeCreated n'],
  },
  { id: 'exists-changed', watch: existsWatch, act: changed, events: ['NodeDataChanged n'] },
  { id: 'exists-deleted', watch: existsWatch, act: deleted, events: ['NodeDeleted n'] },
  { id: 'exists-child', watch: existsWatch, act: childMade, events: [] },
  { id: 'exists-acl', watch: existsWatch, act: aclSet, events: [] },
  { id: 'data-changed', watch: dataWatch, act: changed, events: ['NodeDataChanged n'] },
  { id: 'data-deleted', watch: dataWatch, act: deleted, events: ['NodeDeleted n'] },
  { id: 'data-child', watch: dataWatch, act: childMade, events: [] },
  { id: 'data-child-changed', watch: dataWatch, act: childSet, events: [] },
  { id: 'data-neighbour', watch: dataWatch, act: neighbour, events: [] },
  { id: 'child-created', watch: childWatch, act: childMade, events: ['NodeChildrenChanged n'] },
  { id: 'child-deleted', watch: childWatch, act: childGone, events: ['NodeChildrenChanged n'] },
  { id: 'child-changed', watch: childWatch, act: childSet, events: [] },
  { id: 'child-data', watch: childWatch, act: changed, events: [] },
  { id: 'child-grandchild', watch: childWatch, act: grandchild, events: [] },
  { id: 'child-acl', watch: childWatch, act: aclSet, events: [] },
  { id: 'child2-created', watch: child2Watch, act: childMade, events: ['NodeChildrenChanged n'] },
  { id: 'child2-data', watch: child2Watch, act: changed, events: [] },
];

const FIRING_CHECKS = FIRINGS.map(({ id, watch, there = true, act, events }) => ({
  id,
  title: `a one-shot watch: ${id.replace('-', ' watch, ')}: ${events.join(', ') || 'nothing'} is heard`,
  source: SOURCE.watches,
  async run(t) {
    const [s, other] = [await t.session(), await t.session()];
    if (there) for (const name of ['n', 'n/c']) await other.make(t.at(name));
    const reply = await s.call(watch(t.at('n')));
    if (there) reply.ok();
    else reply.refused('NONODE');
    for (const request of act((name) => t.at(name))) await other.ok(request);
    await heard(t, s, events);
  },
})) satisfies AreaCheck[];

const RULES: readonly AreaCheck[] = [
  {
    id: 'frame',
    title:
      'an event is a frame with xid -1, no error, type, state 3 and path; its zxid is -1 before 3.9',
    source: 'ZOOKEEPER-4655; recorded from 3.8.0',
    async run(t) {
      const [s, other] = [await t.session(), await t.session()];
      await s.ok(ask.getData(t.root, true));
      const { zxid } = await other.ok(ask.setData(t.root, 'w'));
      const frame = await s.connection.next();
      const header = Buffer.alloc(16);
      header.writeInt32BE(-1);
      header.writeBigInt64BE(t.rules.zxidInEvents ? zxid : -1n, 4);
      const body = encoded((w) => {
        w.int(EVENT_TYPE.NodeDataChanged);
        w.int(KEEPER_STATE.SyncConnected);
        w.ustring(t.root);
      });
      equal(frame?.toString('hex'), Buffer.concat([header, body]).toString('hex'), 'frame');
    },
  },
  {
    id: 'one-shot',
    title: 'a one-shot watch is told once, and not of what comes after',
    source: SOURCE.guide,
    async run(t) {
      const [s, other] = [await t.session(), await t.session()];
      await s.ok(ask.getData(t.root, true));
      for (const data of ['1', '2', '3']) await other.ok(ask.setData(t.root, data));
      await heard(t, s, ['NodeDataChanged .']);
    },
  },
  {
    id: 'set-twice',
    title: 'the same watch set twice is told once',
    source: SOURCE.guide,
    async run(t) {
      const s = await t.session();
      await s.ok(ask.getData(t.root, true));
      await s.ok(ask.exists(t.root, true));
      await s.ok(ask.setData(t.root, 'w'));
      await heard(t, s, ['NodeDataChanged .']);
    },
  },
  {
    id: 'deleted-is-told-once',
    title: 'data and child watch of one node: its deletion is told once',
    source: SOURCE.watches,
    async run(t) {
      const s = await t.session();
      await s.make(t.at('n'));
      await s.ok(ask.getData(t.at('n'), true));
      await s.ok(ask.getChildren(t.at('n'), true));
      await s.ok(ask.remove(t.at('n')));
      await heard(t, s, ['NodeDeleted n']);
    },
  },
  {
    id: 'before-own-reply',
    title: 'the event of a write comes before the reply to that write',
    source: SOURCE.guide,
    async run(t) {
      const s = await t.session();
      await s.ok(ask.getData(t.root, true));
      await s.ok(ask.setData(t.root, 'w'));
      equal(s.takeEvents().length, 1, 'number of events before the reply');
    },
  },
  {
    id: 'before-read-that-shows-it',
    title: 'who watches hears of a change before a read of theirs shows it',
    source: SOURCE.guide,
    async run(t) {
      const [s, other] = [await t.session(), await t.session()];
      await s.ok(ask.getData(t.root, true));
      other.send(ask.setData(t.root, 'new'));
      for (let round = 0; round < 1000; round++) {
        const { data } = (await s.ok(ask.getData(t.root))).data();
        const events = s.takeEvents().length;
        if (data?.toString() === 'new') {
          equal(round >= 0 && events > 0, true, 'an event before the reply that shows the change');
          break;
        }
        if (events > 0) break;
      }
      (await other.reply()).ok();
    },
  },
  {
    id: 'parent-and-child',
    title: 'a creation is told to who waits for the node first, then to who watches its parent',
    source: SOURCE.recorded,
    async run(t) {
      const s = await t.session();
      await s.ok(ask.getChildren(t.root, true));
      await s.refused(ask.exists(t.at('n'), true), 'NONODE');
      await s.make(t.at('n'));
      await heard(t, s, ['NodeCreated n', 'NodeChildrenChanged .']);
      await s.ok(ask.getChildren(t.root, true));
      await s.ok(ask.getData(t.at('n'), true));
      await s.ok(ask.remove(t.at('n')));
      await heard(t, s, ['NodeDeleted n', 'NodeChildrenChanged .']);
    },
  },
  {
    id: 'everybody-is-told',
    title: 'every session that watches is told',
    source: SOURCE.guide,
    async run(t) {
      const sessions = await Promise.all(Array.from({ length: 5 }, () => t.session()));
      for (const s of sessions) await s.ok(ask.getData(t.root, true));
      await sessions[0]!.ok(ask.setData(t.root, 'w'));
      for (const s of sessions) await heard(t, s, ['NodeDataChanged .']);
    },
  },
  {
    id: 'missing-node-leaves-none',
    title: 'getData and getChildren of a missing node leave no watch',
    source: SOURCE.watches,
    async run(t) {
      const s = await t.session();
      await s.refused(ask.getData(t.at('n'), true), 'NONODE');
      await s.refused(ask.getChildren(t.at('n'), true), 'NONODE');
      await s.make(t.at('n'));
      await s.ok(ask.setData(t.at('n'), 'w'));
      await heard(t, s, []);
    },
  },
  {
    id: 'reads-without-watch',
    title: 'reads without a watch leave none',
    source: SOURCE.guide,
    async run(t) {
      const s = await t.session();
      for (const read of [ask.exists, ask.getData, ask.getChildren, ask.getChildren2]) {
        await s.ok(read(t.root));
      }
      await s.ok(ask.setData(t.root, 'w'));
      await s.make(t.at('n'));
      await heard(t, s, []);
    },
  },
  {
    id: 'reading-again-keeps-it',
    title: 'a read without a watch leaves the watch that is there',
    source: SOURCE.guide,
    async run(t) {
      const s = await t.session();
      await s.ok(ask.getData(t.root, true));
      await s.ok(ask.getData(t.root));
      await s.ok(ask.setData(t.root, 'w'));
      await heard(t, s, ['NodeDataChanged .']);
    },
  },
  {
    id: 'refused-writes',
    title: 'writes that are refused fire nothing',
    source: SOURCE.guide,
    async run(t) {
      const s = await t.session();
      await s.make(t.at('n'));
      await s.ok(ask.getData(t.root, true));
      await s.ok(ask.getChildren(t.root, true));
      await s.refused(ask.setData(t.root, 'w', 9), 'BADVERSION');
      await s.refused(ask.create(t.at('n')), 'NODEEXISTS');
      await s.ok(ask.multi([ask.create(t.at('m')), ask.check(t.at('none'))]));
      await heard(t, s, []);
    },
  },
  {
    id: 'multi',
    title: 'the operations of a multi fire one after the other, all before its reply',
    source: SOURCE.guide,
    async run(t) {
      const s = await t.session();
      await s.refused(ask.exists(t.at('a'), true), 'NONODE');
      await s.ok(ask.getData(t.root, true));
      await s.ok(ask.getChildren(t.root, true));
      await s.ok(
        ask.multi([ask.setData(t.root, 'w'), ask.create(t.at('a')), ask.create(t.at('b'))]),
      );
      equal(s.takeEvents().length, 3, 'number of events before the reply');
    },
  },
  {
    id: 'of-the-connection',
    title: 'watches go with their connection: a session that is resumed has none',
    source: SOURCE.watches,
    async run(t) {
      const old = await t.session();
      await old.ok(ask.getData(t.root, true));
      await old.ok(ask.addWatch(t.root, 0));
      const s = await t.session({ sessionId: old.id, password: old.password });
      await s.ok(ask.setData(t.root, 'w'));
      await heard(t, s, []);
    },
  },
  {
    id: 'end-of-session',
    title: "the end of a session tells others of its ephemeral nodes' deletion",
    source: SOURCE.guide,
    async run(t) {
      const [s, owner] = [await t.session(), await t.session()];
      await owner.make(t.at('e'), { flags: ask.FLAGS.ephemeral });
      await s.ok(ask.getData(t.at('e'), true));
      await s.ok(ask.getChildren(t.root, true));
      await owner.ok(ask.closeSession());
      await heard(t, s, ['NodeDeleted e', 'NodeChildrenChanged .']);
    },
  },
  {
    id: 'many-watches',
    title: 'a thousand watches of one session are all told',
    source: SOURCE.guide,
    async run(t) {
      const s = await t.session();
      const paths = Array.from({ length: 1000 }, (_, index) => t.at(`n${index}`));
      s.sendAll(paths.map((path) => ask.exists(path, true)));
      for (const _ of paths) (await s.reply()).refused('NONODE');
      await s.ok(ask.multi(paths.map((path) => ask.create(path))));
      const events = s.takeEvents().map(({ path }) => path);
      equal(events, paths, 'paths of the events');
      that(events.length === 1000, 'a thousand events', events.length);
    },
  },
];

/** One-shot watches. */
export const WATCH_CHECKS: readonly ServerCheck[] = area(
  'watch',
  'Clients would miss changes, or act on changes that never were.',
  [...FIRING_CHECKS, ...RULES],
);
