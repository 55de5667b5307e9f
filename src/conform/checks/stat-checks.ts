import type { Stat } from '../../codec/index.ts';
import { area, type ServerCheck } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { equal, statHas, that } from '../expect.ts';
import type { Reply } from '../reply.ts';
import * as ask from '../requests.ts';
import { SOURCE } from '../sources.ts';
import type { WireSession } from '../wire-session.ts';

interface Change {
  readonly before: Stat;
  readonly after: Stat;
  readonly reply: Reply;
}

/** The Stat of `node` before and after something. */
async function around(s: WireSession, node: string, act: () => Promise<Reply>): Promise<Change> {
  const before = await s.stat(node);
  const reply = await act();
  return { before, after: await s.stat(node), reply };
}

/** Fails unless exactly these fields have changed, to these values. */
function changed({ before, after }: Change, fields: Partial<Stat>): void {
  equal(after, { ...before, ...fields }, 'Stat afterwards');
}

async function parentWithChild(t: CheckContext): Promise<WireSession> {
  const s = await t.session();
  await s.make(t.at('p'));
  await s.make(t.at('p/a'));
  return s;
}

/** The fields of a Stat, and what moves them. */
export const STAT_CHECKS: readonly ServerCheck[] = area(
  'stat',
  'Caches and conditional writes go by these numbers.',
  [
    {
      id: 'child-created',
      title:
        'a new child counts cversion and numChildren up and is the pzxid; nothing else of the parent moves',
      source: SOURCE.seen,
      async run(t) {
        const s = await parentWithChild(t);
        const change = await around(s, t.at('p'), () => s.ok(ask.create(t.at('p/b'))));
        changed(change, { cversion: 2, numChildren: 2, pzxid: change.reply.zxid });
      },
    },
    {
      id: 'child-deleted',
      title: 'a deleted child counts cversion up, numChildren down, and is the pzxid',
      source: SOURCE.seen,
      async run(t) {
        const s = await parentWithChild(t);
        const change = await around(s, t.at('p'), () => s.ok(ask.remove(t.at('p/a'))));
        changed(change, { cversion: 2, numChildren: 0, pzxid: change.reply.zxid });
      },
    },
    {
      id: 'child-changed',
      title: 'a change of a child moves nothing of its parent',
      source: SOURCE.seen,
      async run(t) {
        const s = await parentWithChild(t);
        changed(await around(s, t.at('p'), () => s.ok(ask.setData(t.at('p/a'), 'w'))), {});
      },
    },
    {
      id: 'grandchild-created',
      title: 'a grandchild moves nothing',
      source: SOURCE.seen,
      async run(t) {
        const s = await parentWithChild(t);
        changed(await around(s, t.at('p'), () => s.ok(ask.create(t.at('p/a/b')))), {});
      },
    },
    {
      id: 'acl-set',
      title: 'setACL counts aversion up and moves nothing else',
      source: SOURCE.seen,
      async run(t) {
        const s = await parentWithChild(t);
        const change = await around(s, t.at('p'), () => s.ok(ask.setAcl(t.at('p'), ask.OPEN)));
        changed(change, { aversion: 1 });
        equal(change.reply.stat(), change.after, 'Stat of the reply');
      },
    },
    {
      id: 'reads-move-nothing',
      title: 'reads move nothing',
      source: SOURCE.guide,
      async run(t) {
        const s = await parentWithChild(t);
        const change = await around(s, t.at('p'), async () => {
          await s.ok(ask.getChildren(t.at('p'), true));
          await s.ok(ask.getAcl(t.at('p')));
          return s.ok(ask.getData(t.at('p'), true));
        });
        changed(change, {});
      },
    },
    {
      id: 'refused-writes-move-nothing',
      title: 'refused writes move nothing',
      source: SOURCE.guide,
      async run(t) {
        const s = await parentWithChild(t);
        const change = await around(s, t.at('p'), async () => {
          await s.refused(ask.create(t.at('p/a')), 'NODEEXISTS');
          await s.refused(ask.setData(t.at('p'), 'w', 9), 'BADVERSION');
          await s.refused(ask.setAcl(t.at('p'), ask.OPEN, 9), 'BADVERSION');
          return s.refused(ask.remove(t.at('p')), 'NOTEMPTY');
        });
        changed(change, {});
      },
    },
    {
      id: 'sequential-child',
      title: 'a sequential child moves its parent as any other',
      source: SOURCE.seen,
      async run(t) {
        const s = await parentWithChild(t);
        const change = await around(s, t.at('p'), () =>
          s.ok(ask.create(t.at('p/n-'), { flags: ask.FLAGS.sequential })),
        );
        changed(change, { cversion: 2, numChildren: 2, pzxid: change.reply.zxid });
      },
    },
    {
      id: 'cversion-of-many',
      title: 'cversion is the number of creations and deletions of children',
      source: SOURCE.seen,
      async run(t) {
        const s = await t.session();
        for (const name of ['a', 'b', 'c']) await s.make(t.at(name));
        for (const name of ['a', 'c']) await s.ok(ask.remove(t.at(name)));
        await s.make(t.at('a'));
        statHas(await s.stat(t.root), { cversion: 6, numChildren: 2 }, 'the parent');
      },
    },
    {
      id: 'data-length',
      title: 'dataLength counts bytes of data, 0 for null',
      source: SOURCE.records,
      async run(t) {
        const s = await t.session();
        for (const [index, data] of [null, '', 'ä', Buffer.alloc(1000)].entries()) {
          const { stat } = (await s.ok(ask.create2(t.at(`n${index}`), { data }))).created();
          equal(stat.dataLength, [0, 0, 2, 1000][index], 'dataLength');
        }
      },
    },
    {
      id: 'times',
      title: 'ctime stays, mtime moves with the data, both in ms since 1970',
      source: SOURCE.records,
      async run(t) {
        const s = await t.session();
        const created = (await s.ok(ask.create2(t.at('a')))).created().stat;
        equal(created.mtime, created.ctime, 'mtime of a new node');
        const aDayMs = 86_400_000n;
        const now = BigInt(Date.now());
        that(
          created.ctime > now - aDayMs && created.ctime < now + aDayMs,
          `a ctime within a day of ours, ${now}`,
          created.ctime,
        );
        const set = (await s.ok(ask.setData(t.at('a'), 'w'))).stat();
        equal(set.ctime, created.ctime, 'ctime after setData');
        that(set.mtime >= created.mtime, `an mtime of at least ${created.mtime}`, set.mtime);
      },
    },
    {
      id: 'deleted-and-made-again',
      title: 'a node that is made again has nothing of the old one',
      source: SOURCE.guide,
      async run(t) {
        const s = await parentWithChild(t);
        await s.ok(ask.setAcl(t.at('p/a'), ask.OPEN));
        await s.ok(ask.remove(t.at('p/a')));
        const { zxid } = await s.ok(ask.create(t.at('p/a')));
        const fresh = {
          czxid: zxid,
          mzxid: zxid,
          pzxid: zxid,
          version: 0,
          aversion: 0,
          cversion: 0,
        };
        statHas(await s.stat(t.at('p/a')), fresh, 'the node');
      },
    },
  ],
);
