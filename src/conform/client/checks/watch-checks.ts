import { equal } from '../../expect.ts';
import type { ScriptConnection } from '../../script/script-connection.ts';
import { eventFrame, statWith } from '../../script/server-frames.ts';
import { type ClientCheck, clientArea } from '../client-check.ts';
import type { ClientContext } from '../client-context.ts';

/** Long enough for an event that must not come. */
const QUIET_MS = 300;

const CREATED = 1;
const DELETED = 2;
const CHANGED = 3;
const CHILDREN = 4;

async function watchMissing(
  t: ClientContext,
  connection: ScriptConnection,
  path: string,
): Promise<void> {
  const asked = t.driver.refused(-101, 'exists', path, 'watch');
  asked.catch(() => {});
  connection.refuse(await t.request(connection, 'exists', asked), 'NONODE');
  await asked;
}

/** What the client makes of one event of one watch. */
function told(
  id: string,
  command: 'get' | 'children' | 'exists',
  type: number,
  name: string,
): Omit<ClientCheck, 'source' | 'meaning'> {
  const ops = {
    get: 'getData',
    children: ['getChildren', 'getChildren2'],
    exists: 'exists',
  } as const;
  return {
    id,
    title: `a watch of ${command} is told '${name}'`,
    async run(t) {
      const { connection } = await t.open();
      await t.exchange(connection, ops[command], command, '/a', 'watch');
      connection.notify(type, '/a', t.eventZxid(50n));
      equal(await t.driver.event(0), { type: name, path: '/a' }, 'event');
    },
  };
}

export const WATCH_CHECKS: readonly ClientCheck[] = clientArea(
  'watch',
  {
    source: 'docs/watches.md; recorded from four clients',
    meaning: 'Programs miss a change, or are told of one that was not.',
  },
  [
    told('data-changed', 'get', CHANGED, 'changed'),
    told('data-deleted', 'get', DELETED, 'deleted'),
    told('exists-changed', 'exists', CHANGED, 'changed'),
    told('children-changed', 'children', CHILDREN, 'children'),
    told('children-deleted', 'children', DELETED, 'deleted'),
    {
      id: 'created',
      title: "a watch of exists on a node that is not there is told 'created'",
      async run(t) {
        const { connection } = await t.open();
        await watchMissing(t, connection, '/a');
        connection.notify(CREATED, '/a', t.eventZxid(50n));
        equal(await t.driver.event(0), { type: 'created', path: '/a' }, 'event');
      },
    },
    {
      id: 'once',
      title: 'a one-shot watch is told of one change',
      async run(t) {
        const { connection } = await t.open();
        await t.exchange(connection, 'getData', 'get', '/a', 'watch');
        connection.notify(CHANGED, '/a', t.eventZxid(50n));
        connection.notify(CHANGED, '/a', t.eventZxid(51n));
        await t.driver.event(0);
        await connection.expectSilence(QUIET_MS);
        await t.exchange(connection, 'getData', 'get', '/b');
        equal(t.driver.events.length, 1, 'events');
      },
    },
    {
      id: 'nobody',
      title: 'an event of a path that nobody watches is dropped',
      async run(t) {
        const { connection } = await t.open();
        connection.notify(CHANGED, '/nobody', t.eventZxid(50n));
        await t.exchange(connection, 'getData', 'get', '/a');
        equal(t.driver.events, [], 'events');
      },
    },
    {
      id: 'before-reply',
      title: 'an event that comes before a reply is told before it',
      source: "docs/watches.md; ZooKeeper Programmer's Guide: no new data before the event",
      meaning: 'Programs see the new state before they hear that the old one is over.',
      async run(t) {
        const { connection } = await t.open();
        await t.exchange(connection, 'getData', 'get', '/a', 'watch');
        const asked = t.driver.ok('get', '/a');
        asked.catch(() => {});
        const request = await t.request(connection, 'getData', asked);
        connection.send(
          eventFrame(CHANGED, '/a', t.eventZxid(50n)),
          connection.replyTo(request, { data: Buffer.from('new'), stat: statWith() }),
        );
        await asked;
        await t.driver.event(0);
        equal(
          t.driver.log.slice(-2).map((line) => line.replace(/^\d+ /, '')),
          ['event changed /a', 'ok'],
          'the last two lines of the driver',
        );
      },
    },
    {
      id: 'behind-reply',
      title: 'an event right behind the reply that set the watch is told',
      source: 'docs/watches.md: the watch stands as soon as the reply is read',
      async run(t) {
        const { connection } = await t.open();
        const asked = t.driver.ok('get', '/a', 'watch');
        asked.catch(() => {});
        const request = await t.request(connection, 'getData', asked);
        connection.send(
          connection.replyTo(request, { data: Buffer.from('old'), stat: statWith() }),
          eventFrame(CHANGED, '/a', t.eventZxid(50n)),
        );
        await asked;
        equal(await t.driver.event(0), { type: 'changed', path: '/a' }, 'event');
      },
    },
    {
      id: 'persistent',
      title: 'a persistent watch is told of every change, children and data',
      async run(t) {
        const { connection } = await t.open();
        await t.exchange(connection, 'addWatch', 'watch', '/p', 'persistent');
        connection.notify(CHANGED, '/p', t.eventZxid(50n));
        connection.notify(CHILDREN, '/p', t.eventZxid(51n));
        connection.notify(DELETED, '/p', t.eventZxid(52n));
        await t.driver.event(2);
        const types = t.driver.events.map(({ type, path }) => `${type} ${path}`);
        equal(types, ['changed /p', 'children /p', 'deleted /p'], 'events');
      },
    },
    {
      id: 'recursive',
      title: 'a recursive watch is told of nodes below it, and not of sets of children',
      source: 'ZOOKEEPER-4475; seen on 3.8.0 and 3.9.5: other watches make the server send them',
      async run(t) {
        const { connection } = await t.open();
        await t.exchange(connection, 'addWatch', 'watch', '/r', 'recursive');
        connection.notify(CREATED, '/r/x/y', t.eventZxid(50n));
        connection.notify(CHILDREN, '/r/x', t.eventZxid(50n));
        connection.notify(CHANGED, '/rest', t.eventZxid(51n));
        connection.notify(DELETED, '/r', t.eventZxid(52n));
        await t.driver.event(1);
        await t.exchange(connection, 'getData', 'get', '/a');
        const types = t.driver.events.map(({ type, path }) => `${type} ${path}`);
        equal(types, ['created /r/x/y', 'deleted /r'], 'events');
      },
    },
  ],
);
