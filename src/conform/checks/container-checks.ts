import { APACHE, type AreaCheck, area, type ServerCheck } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { equal, statHas } from '../expect.ts';
import { fail } from '../failure.ts';
import * as ask from '../requests.ts';
import { SOURCE } from '../sources.ts';
import type { WireSession } from '../wire-session.ts';

/** Servers look for empty containers and old TTL nodes once a minute by default. */
const SWEEP_MS = 60_000;

/** A sweep, one before it that came too early, and what a slow machine adds. */
const SLOW_MS = 2 * SWEEP_MS + 10_000;

/** Longest TTL, in ms: 40 bits. */
const TTL_MAX = 2n ** 40n - 1n;

/** Waits until a node is gone; the session is kept alive by the questions. */
async function untilGone(t: CheckContext, s: WireSession, path: string): Promise<void> {
  const deadline = performance.now() + SLOW_MS;
  while (performance.now() < deadline) {
    if ((await s.call(ask.exists(path))).err !== 0) return;
    await t.pause(Math.min(250, s.timeoutMs / 4));
  }
  fail(`expected ${path} to be removed within ${SLOW_MS} ms, it is still there`);
}

const CONTAINERS: readonly AreaCheck[] = [
  {
    id: 'reply',
    title: 'createContainer is answered with path and Stat, whose ephemeralOwner is 0',
    source: SOURCE.recorded,
    async run(t) {
      const s = await t.session();
      const reply = await s.ok(ask.createContainer(t.at('c')));
      const { path, stat } = reply.created();
      equal(path, t.at('c'), 'path');
      statHas(stat, { czxid: reply.zxid, ephemeralOwner: 0n, version: 0 }, 'the container');
      equal(await s.stat(t.at('c')), stat, 'Stat of exists');
    },
  },
  {
    id: 'has-children',
    title: 'a container can have children, and cannot be deleted while it has',
    source: SOURCE.guide,
    async run(t) {
      const s = await t.session();
      await s.ok(ask.createContainer(t.at('c')));
      await s.make(t.at('c/a'));
      await s.refused(ask.remove(t.at('c')), 'NOTEMPTY');
    },
  },
  {
    id: 'flag-is-not-needed',
    title: 'createContainer with the flag 0 is answered as with its own',
    source: SOURCE.seen,
    async run(t) {
      const s = await t.session();
      const { stat } = (await s.ok(ask.createContainer(t.at('c'), { flags: 0 }))).created();
      equal(stat.ephemeralOwner, 0n, 'ephemeralOwner');
    },
  },
  {
    id: 'node-exists',
    title: 'createContainer of a node that is there is refused (-110)',
    source: SOURCE.guide,
    async run(t) {
      await (await t.session()).refused(ask.createContainer(t.root), 'NODEEXISTS');
    },
  },
  {
    id: 'swept',
    title:
      'a container goes when its last child has gone; one that never had any stays, a plain node too',
    source: SOURCE.seen,
    slowMs: SLOW_MS,
    async run(t) {
      const s = await t.session({ timeoutMs: t.facts.sessionMaxMs });
      await s.ok(ask.createContainer(t.at('used')));
      await s.ok(ask.createContainer(t.at('unflagged'), { flags: 0 }));
      await s.ok(ask.createContainer(t.at('unused')));
      await s.make(t.at('plain'), { flags: ask.FLAGS.container });
      for (const name of ['used', 'unflagged', 'plain']) {
        await s.make(t.at(`${name}/child`));
        await s.ok(ask.remove(t.at(`${name}/child`)));
      }
      await untilGone(t, s, t.at('used'));
      await untilGone(t, s, t.at('unflagged'));
      const names = (await s.ok(ask.getChildren(t.root))).children().sort();
      equal(names, ['plain', 'unused'], 'children');
    },
  },
  {
    id: 'sweep-is-told',
    title: 'the removal of a container is told to those who watch it and its parent',
    source: SOURCE.watches,
    slowMs: SLOW_MS,
    async run(t) {
      const s = await t.session({ timeoutMs: t.facts.sessionMaxMs });
      await s.ok(ask.createContainer(t.at('c')));
      await s.make(t.at('c/child'));
      await s.ok(ask.getData(t.at('c'), true));
      await s.ok(ask.remove(t.at('c/child')));
      await untilGone(t, s, t.at('c'));
      const events = s.takeEvents();
      equal(
        events.map(({ path }) => path),
        [t.at('c')],
        'paths of the events',
      );
    },
  },
];

function ttlBound(id: string, ttlMs: bigint, isTaken: boolean): AreaCheck {
  return {
    id,
    title: `a TTL of ${ttlMs} ms is ${isTaken ? 'taken' : 'refused (-8)'}`,
    source: 'docs/protocol.md, CreateTTLRequest; seen on 3.8.0 and 3.9.5',
    async run(t: CheckContext) {
      t.needTtl();
      const s = await t.session();
      const reply = await s.call(ask.createTtl(t.at('n'), ttlMs));
      if (isTaken) equal(reply.created().path, t.at('n'), 'path');
      else reply.refused('BADARGUMENTS');
    },
  };
}

const TTLS: readonly AreaCheck[] = [
  {
    id: 'reply',
    title: 'createTTL is answered with path and Stat, whose ephemeralOwner is 0',
    source: SOURCE.recorded,
    async run(t) {
      t.needTtl();
      const s = await t.session();
      const reply = await s.ok(ask.createTtl(t.at('n'), 600_000n));
      const { path, stat } = reply.created();
      equal(path, t.at('n'), 'path');
      statHas(stat, { czxid: reply.zxid, ephemeralOwner: 0n, version: 0 }, 'the node');
    },
  },
  {
    id: 'sequential',
    title: 'a sequential TTL node gets the next number of its parent',
    source: SOURCE.recorded,
    async run(t) {
      t.needTtl();
      const s = await t.session();
      await s.make(t.at('a'));
      const reply = await s.ok(ask.createTtl(t.at('n-'), 600_000n, { flags: 6 }));
      equal(reply.created().path, t.at('n-0000000001'), 'path');
    },
  },
  ttlBound('shortest', 1n, true),
  ttlBound('longest', TTL_MAX, true),
  ttlBound('zero', 0n, false),
  ttlBound('negative', -1n, false),
  ttlBound('too-long', TTL_MAX + 1n, false),
  {
    id: 'switched-off',
    title: 'a server without TTL nodes refuses them (-6), and the connection goes on',
    source: SOURCE.seen,
    async run(t) {
      if (t.facts.hasTtl) t.excuse('TTL nodes are switched on here (extendedTypesEnabled)');
      const s = await t.session();
      await s.refused(ask.createTtl(t.at('n'), 600_000n), 'UNIMPLEMENTED');
      await s.ok(ask.exists(t.root));
    },
  },
  {
    id: 'swept',
    title: 'a TTL node goes when nothing was changed for its time; one with children stays',
    source: SOURCE.seen,
    slowMs: SLOW_MS,
    async run(t) {
      t.needTtl();
      const s = await t.session({ timeoutMs: t.facts.sessionMaxMs });
      for (const name of ['old', 'parent']) await s.ok(ask.createTtl(t.at(name), 400n));
      await s.make(t.at('parent/child'));
      await s.ok(ask.createTtl(t.at('young'), 3_600_000n));
      await untilGone(t, s, t.at('old'));
      const names = (await s.ok(ask.getChildren(t.root))).children().sort();
      equal(names, ['parent', 'young'], 'children');
    },
  },
];

/** Nodes that go by themselves. */
export const CONTAINER_CHECKS: readonly ServerCheck[] = [
  ...area(
    'container',
    'Recipes count on empty containers to go, and on all others to stay.',
    CONTAINERS.map((check) => ({ profiles: APACHE, ...check })),
  ),
  ...area(
    'ttl',
    'Nodes would stay for ever, or go too early.',
    TTLS.map((check) => ({ profiles: APACHE, ...check })),
  ),
];
