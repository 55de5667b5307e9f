import { APACHE, type AreaCheck, area, type ServerCheck } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { equal } from '../expect.ts';
import * as ask from '../requests.ts';
import type { WireSession } from '../wire-session.ts';

const SOURCE = "ZooKeeper Administrator's Guide, quotas; seen on 3.8.0 and 3.9.5";

/** Sets a quota on the check's own znode, in the form that ZooKeeper's own shell writes. */
async function setQuota(t: CheckContext, s: WireSession, limits: string): Promise<void> {
  const quota = `/zookeeper/quota${t.root}`;
  // The quota tree has a node for each node above, too.
  const top = `/zookeeper/quota/${t.root.split('/')[1]}`;
  t.leaves([quota]);
  await s.call(ask.create(top, { data: null }));
  await s.ok(ask.create(quota, { data: null }));
  await s.ok(ask.create(`${quota}/zookeeper_limits`, { data: limits }));
  await s.ok(ask.create(`${quota}/zookeeper_stats`, { data: 'count=0,bytes=0' }));
}

async function stats(t: CheckContext, s: WireSession): Promise<string> {
  const path = `/zookeeper/quota${t.root}/zookeeper_stats`;
  return (await s.ok(ask.getData(path))).data().data?.toString() ?? '';
}

/** `count=2,bytes=7` of a text that may say more. */
function countAndBytes(text: string): string {
  const count = /count=(-?\d+)/.exec(text)?.[1];
  const bytes = /bytes=(-?\d+)/.exec(text)?.[1];
  return `count=${count},bytes=${bytes}`;
}

const CHECKS: readonly AreaCheck[] = [
  {
    id: 'usage',
    title: 'a node with a quota has its usage counted: itself, all below it, and their data',
    source: SOURCE,
    async run(t) {
      const s = await t.session();
      await setQuota(t, s, 'count=1000,bytes=-1');
      equal(countAndBytes(await stats(t, s)), 'count=1,bytes=0', 'usage at first');
      await s.make(t.at('a'), { data: 'four' });
      await s.make(t.at('a/b'), { data: 'two' });
      equal(countAndBytes(await stats(t, s)), 'count=3,bytes=7', 'usage after two creates');
      await s.ok(ask.setData(t.at('a'), ''));
      await s.ok(ask.remove(t.at('a/b')));
      equal(
        countAndBytes(await stats(t, s)),
        'count=2,bytes=0',
        'usage after a change and a delete',
      );
    },
  },
  {
    id: 'soft-limit',
    title: 'a soft limit is no limit: what exceeds it is done',
    source: SOURCE,
    async run(t) {
      const s = await t.session();
      await setQuota(t, s, 'count=1,bytes=1');
      await s.make(t.at('a'), { data: 'more than a byte' });
      await s.make(t.at('b'));
    },
  },
  {
    id: 'hard-limit',
    title: 'a hard limit refuses what exceeds it (-125) where quotas are enforced',
    source: SOURCE,
    async run(t) {
      const s = await t.session();
      await setQuota(t, s, 'count=-1,bytes=-1=;byteHardLimit=5;countHardLimit=2');
      await s.make(t.at('a'), { data: 'four' });
      const reply = await s.call(ask.create(t.at('b'), { data: '' }));
      if (reply.err === 0) t.excuse('quotas are not enforced on this server (enforceQuota)');
      reply.refused('QUOTAEXCEEDED');
      await s.refused(ask.setData(t.at('a'), 'too long for it'), 'QUOTAEXCEEDED');
      await s.ok(ask.setData(t.at('a'), 'five5'));
    },
  },
];

/** Limits on what a part of the tree may hold. */
export const QUOTA_CHECKS: readonly ServerCheck[] = area(
  'quota',
  'Operators would not see who fills the server, or could not stop them.',
  CHECKS.map((check) => ({ profiles: APACHE, ...check })),
);
