import { area, type ServerCheck } from '../check.ts';
import { equal } from '../expect.ts';
import * as ask from '../requests.ts';
import { SOURCE } from '../sources.ts';
import type { WireSession } from '../wire-session.ts';

const { sequential, ephemeralSequential } = ask.FLAGS;

/** Makes a sequential node and gives what the server added to its path. */
async function next(s: WireSession, path: string, flags: number = sequential): Promise<string> {
  return (await s.make(path, { flags })).slice(path.length);
}

const digits = (number: number): string => String(number).padStart(10, '0');

/** Numbers of sequential nodes. */
export const SEQUENCE_CHECKS: readonly ServerCheck[] = area(
  'sequence',
  'Locks, queues and elections order themselves by these numbers.',
  [
    {
      id: 'ten-digits',
      title: 'numbers have ten digits and start with 0',
      source: SOURCE.guide,
      async run(t) {
        equal(await next(await t.session(), t.at('n-')), digits(0), 'number');
      },
    },
    {
      id: 'counts-creates',
      title:
        'the number is how many children the parent has had: plain and ephemeral ones count too',
      source: SOURCE.recorded,
      async run(t) {
        const s = await t.session();
        await s.make(t.at('plain'));
        equal(await next(s, t.at('n-')), digits(1), 'number behind a plain child');
        await s.make(t.at('e'), { flags: ask.FLAGS.ephemeral });
        equal(await next(s, t.at('other-'), ephemeralSequential), digits(3), 'number');
      },
    },
    {
      id: 'deletes-do-not-count',
      title: 'deletions do not move the counter, and no number comes twice',
      source: SOURCE.guide,
      async run(t) {
        const s = await t.session();
        equal(await next(s, t.at('n-')), digits(0), 'first number');
        await s.ok(ask.remove(t.at(`n-${digits(0)}`)));
        equal(await next(s, t.at('n-')), digits(1), 'number after the deletion');
      },
    },
    {
      id: 'failures-do-not-count',
      title: 'refused creates do not move the counter',
      source: SOURCE.seen,
      async run(t) {
        const s = await t.session();
        await s.make(t.at('a'));
        await s.refused(ask.create(t.at('a')), 'NODEEXISTS');
        await s.refused(ask.create(t.at('b'), { acl: [] }), 'INVALIDACL');
        equal(await next(s, t.at('n-')), digits(1), 'number');
      },
    },
    {
      id: 'failed-multi-does-not-count',
      title: 'a transaction that fails gives its numbers back',
      source: SOURCE.seen,
      async run(t) {
        const s = await t.session();
        const failing = [ask.create(t.at('n-'), { flags: sequential }), ask.check(t.at('none'), 0)];
        await s.ok(ask.multi(failing));
        equal(await next(s, t.at('n-')), digits(0), 'number');
      },
    },
    {
      id: 'shared-by-sessions',
      title: 'sessions draw from one counter',
      source: SOURCE.guide,
      async run(t) {
        const [a, b] = [await t.session(), await t.session()];
        const drawn = [
          await next(a, t.at('n-')),
          await next(b, t.at('n-')),
          await next(a, t.at('m-')),
        ];
        equal(drawn, [digits(0), digits(1), digits(2)], 'numbers');
      },
    },
    {
      id: 'own-counter-of-a-parent',
      title: 'every parent has a counter of its own',
      source: SOURCE.guide,
      async run(t) {
        const s = await t.session();
        await s.make(t.at('a'));
        await s.make(t.at('b'));
        equal(await next(s, t.at('a/n-')), digits(0), 'number below a');
        equal(await next(s, t.at('b/n-')), digits(0), 'number below b');
      },
    },
    {
      id: 'number-alone',
      title: 'a sequential path may end with a slash: the number is the whole name',
      source: SOURCE.seen,
      async run(t) {
        const s = await t.session();
        await s.make(t.at('before'));
        equal(await s.make(`${t.root}/`, { flags: sequential }), t.at(digits(1)), 'path');
      },
    },
    {
      id: 'behind-dots',
      title: 'a sequential path may end with dots: the number makes them part of a name',
      source: SOURCE.seen,
      async run(t) {
        const s = await t.session();
        equal(await s.make(t.at('.'), { flags: sequential }), t.at(`.${digits(0)}`), 'path');
        equal(await s.make(t.at('..'), { flags: sequential }), t.at(`..${digits(1)}`), 'path');
      },
    },
    {
      id: 'in-multi',
      title: 'creates of one transaction get one number after the other',
      source: SOURCE.recorded,
      async run(t) {
        const s = await t.session();
        const step = ask.create(t.at('n-'), { flags: sequential });
        const results = (await s.ok(ask.multi([step, step]))).results();
        const paths = results.map((result) => ('path' in result ? result.path : null));
        equal(paths, [t.at(`n-${digits(0)}`), t.at(`n-${digits(1)}`)], 'paths');
      },
    },
    {
      id: 'in-create2',
      title: 'create2 gives the number too, in path and node',
      source: SOURCE.recorded,
      async run(t) {
        const s = await t.session();
        const reply = await s.ok(ask.create2(t.at('n-'), { flags: ephemeralSequential }));
        const { path, stat } = reply.created();
        equal(path, t.at(`n-${digits(0)}`), 'path');
        equal(await s.stat(t.at(`n-${digits(0)}`)), stat, 'Stat');
      },
    },
    {
      id: 'survives-without-children',
      title: 'the counter goes on when the parent has lost all its children',
      source: SOURCE.guide,
      async run(t) {
        const s = await t.session();
        for (let number = 0; number < 3; number++) {
          equal(await next(s, t.at('n-')), digits(number), 'number');
          await s.ok(ask.remove(t.at(`n-${digits(number)}`)));
        }
      },
    },
  ],
);
