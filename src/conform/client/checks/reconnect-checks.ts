import { OP, type OperationName } from '../../../codec/index.ts';
import { equal, that } from '../../expect.ts';
import { fail } from '../../failure.ts';
import type { HeardRequest } from '../../script/heard-frame.ts';
import type { ScriptConnection } from '../../script/script-connection.ts';
import { type ClientCheck, clientArea } from '../client-check.ts';
import type { ClientContext, OpenSession } from '../client-context.ts';
import { typedFailure } from '../driver.ts';
import { goodAnswer } from '../good-answer.ts';

/** Longest pause of a client before its next attempt that is borne. */
const NEXT_MS = 12_000;

const QUIET_MS = 500;

/** Attempts within the two seconds in which every one is turned away. */
const ATTEMPTS_MAX = 100;
const TURNED_AWAY_MS = 2_000;

/** Attempts after which both of two servers must have been tried: some clients draw lots. */
const ATTEMPTS_AT_TWO = 12;

/** About a megabyte of paths: more than one request may hold. */
const MANY_WATCHES = 1_150;
const LONG_NAME = 'w'.repeat(940);

const SET_WATCHES: readonly OperationName[] = ['setWatches', 'setWatches2'];

/** Ends the connection, and grants the session to the next one. */
async function again(t: ClientContext, { connection }: OpenSession): Promise<OpenSession> {
  connection.end();
  return t.admit({}, NEXT_MS);
}

/** Requests on a new connection up to the first of `until`, all of them answered. */
async function upTo(connection: ScriptConnection, until: OperationName): Promise<HeardRequest[]> {
  const requests: HeardRequest[] = [];
  for (;;) {
    const request = await connection.expectWhere(() => true, until, { withinMs: NEXT_MS });
    requests.push(request);
    connection.reply(request, goodAnswer(request), { zxid: 1n });
    if (request.op === OP[until]) return requests;
  }
}

/** What the client sends by itself on the connection behind this one, before a request that it is told to make. */
async function sentAgain(t: ClientContext, session: OpenSession): Promise<HeardRequest[]> {
  const next = await again(t, session);
  const asked = askPatiently(t);
  const requests = await upTo(next.connection, 'getACL');
  await asked;
  return requests.slice(0, -1);
}

/** A request that is repeated while the client says that it has no connection yet. */
async function askPatiently(t: ClientContext): Promise<void> {
  const deadline = t.server.nowMs() + NEXT_MS;
  for (;;) {
    const answer = await t.driver.ask('getacl', '/last');
    if (answer.kind === 'ok') return;
    if (t.server.nowMs() > deadline) fail('expected a request to succeed on the next connection');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

type Lists = Readonly<Record<string, readonly string[]>>;

/** The paths of all setWatches, by kind. Fails when there are none. */
function watchLists(requests: readonly HeardRequest[]): Lists {
  const found = requests.filter(({ op }) => op === OP.setWatches || op === OP.setWatches2);
  if (found.length === 0) fail('expected setWatches on the next connection, got none');
  const lists: Record<string, string[]> = {};
  for (const { record } of found) {
    for (const [kind, paths] of Object.entries(record)) {
      if (!Array.isArray(paths)) continue;
      lists[kind] = [...(lists[kind] ?? []), ...(paths as string[])].sort();
    }
  }
  return lists;
}

async function missing(
  t: ClientContext,
  connection: ScriptConnection,
  ...words: string[]
): Promise<void> {
  const asked = t.driver.refused(-101, ...words);
  asked.catch(() => {});
  const request = await t.request(connection, ['exists', 'getData'], asked);
  connection.refuse(request, 'NONODE', { zxid: 1n });
  await asked;
}

const CHILDREN: readonly OperationName[] = ['getChildren', 'getChildren2'];

export const RECONNECT_CHECKS: readonly ClientCheck[] = clientArea(
  'reconnect',
  {
    source: 'docs/sessions.md and docs/watches.md; recorded from the Java, C and Go clients',
    meaning: 'The session, or what was watched in it, is lost although the servers still have it.',
  },
  [
    {
      id: 'resume',
      title: 'behind a lost connection the session is asked for with its id and password',
      async run(t) {
        const session = await t.open({ grant: { sessionId: -0x7eed_0000_0000_0001n } });
        const { sessionId, passwd } = session.granted;
        const { handshake } = await again(t, session);
        equal(handshake.sessionId, sessionId, 'session id');
        equal(handshake.passwd, Buffer.from(passwd), 'password');
      },
    },
    {
      id: 'resume-after-reset',
      title: 'a reset is a lost connection like another',
      async run(t) {
        const { connection, granted } = await t.open();
        connection.reset();
        const { handshake } = await t.admit({}, NEXT_MS);
        equal(handshake.sessionId, granted.sessionId, 'session id');
      },
    },
    {
      id: 'last-zxid',
      title: 'the greatest zxid of replies is sent, and not one of pings, credentials or events',
      source:
        'docs/sessions.md; events of 3.9 carry the zxid of a multi whose other events may be lost',
      meaning: 'Events are missed for good, or no server lets the client in.',
      slowMs: 10_000,
      async run(t) {
        const session = await t.open({ grant: { timeOutMs: 4_000 } });
        const { connection } = session;
        connection.pongZxid = 9_000n;
        const read = t.driver.ok('get', '/a', 'watch');
        read.catch(() => {});
        const request = await t.request(connection, 'getData', read);
        connection.reply(request, goodAnswer(request), { zxid: 500n });
        await read;
        const gone = t.driver.refused(-101, 'delete', '/b', -1);
        gone.catch(() => {});
        connection.refuse(await t.request(connection, 'delete', gone), 'NONODE', { zxid: 700n });
        await gone;
        // A ping goes by, with an answer from the future.
        while (connection.pings.length === 0) {
          await connection.expectSilence(200);
          if (t.server.nowMs() - connection.openedAtMs > 8_000) fail('expected a ping, got none');
        }
        connection.notify(3, '/a', 8_000n);
        await t.driver.event(0);
        const { handshake } = await again(t, session);
        equal(handshake.lastZxidSeen, 700n, 'lastZxidSeen');
      },
    },
    {
      id: 'credentials-first',
      title: 'credentials are sent again before every request',
      source: 'docs/sessions.md; ZOOKEEPER-204',
      meaning: 'Requests behind a reconnect are refused for want of permission.',
      async run(t) {
        const session = await t.open();
        await t.login(session.connection);
        const [first] = await sentAgain(t, session);
        if (first === undefined) fail('expected the credential on the next connection, got none');
        const { scheme, auth } = first.record as { scheme: string; auth: Buffer };
        equal([first.op, scheme, String(auth)], [OP.auth, 'digest', 'u:p'], 'first request');
      },
    },
    {
      id: 'credentials-before-watches',
      title: 'credentials are sent again before the watches are set',
      source: 'docs/sessions.md; ZOOKEEPER-204: servers check the permission to read',
      async run(t) {
        const session = await t.open();
        await t.login(session.connection);
        await t.exchange(session.connection, 'getData', 'get', '/a', 'watch');
        const ops = (await sentAgain(t, session)).map(({ op }) => op);
        that(ops.length > 1, 'a credential and watches', ops);
        equal(ops[0], OP.auth, 'operation of the first request');
      },
    },
    {
      id: 'watches',
      title: 'one-shot watches are set again, each by its kind, before the next request',
      async run(t) {
        const session = await t.open();
        const { connection } = session;
        await t.exchange(connection, 'getData', 'get', '/data', 'watch');
        await t.exchange(connection, 'exists', 'exists', '/there', 'watch');
        await t.exchange(connection, CHILDREN, 'children', '/child', 'watch');
        await missing(t, connection, 'exists', '/missing', 'watch');
        const lists = watchLists(await sentAgain(t, session));
        equal(
          [lists.dataWatches, lists.existWatches, lists.childWatches],
          [['/data', '/there'], ['/missing'], ['/child']],
          'paths of dataWatches, existWatches, childWatches',
        );
      },
    },
    {
      id: 'watches-that-fired',
      title: 'a watch that has fired, or that was refused, is not set again',
      meaning: 'Programs are told of changes that they did not ask for.',
      async run(t) {
        const session = await t.open();
        const { connection } = session;
        await t.exchange(connection, 'getData', 'get', '/kept', 'watch');
        await t.exchange(connection, 'getData', 'get', '/fired', 'watch');
        await missing(t, connection, 'get', '/refused', 'watch');
        connection.notify(3, '/fired', t.eventZxid(60n));
        await t.driver.event(0);
        const lists = watchLists(await sentAgain(t, session));
        equal(lists.dataWatches, ['/kept'], 'paths of dataWatches');
      },
    },
    {
      id: 'relative-zxid',
      title: 'watches are set again relative to the greatest zxid of replies',
      source: 'docs/watches.md: what has changed since then is told',
      async run(t) {
        const session = await t.open();
        const { connection } = session;
        const read = t.driver.ok('get', '/a', 'watch');
        read.catch(() => {});
        const request = await t.request(connection, 'getData', read);
        connection.reply(request, goodAnswer(request), { zxid: 0x7_0000_0009n });
        await read;
        connection.notify(3, '/nobody', t.eventZxid(0x7_0000_0010n));
        const requests = await sentAgain(t, session);
        watchLists(requests);
        const zxids = requests.flatMap(({ record }) =>
          'relativeZxid' in record ? [record.relativeZxid] : [],
        );
        equal(new Set(zxids), new Set([0x7_0000_0009n]), 'relativeZxid');
      },
    },
    {
      id: 'lasting-watches',
      title: 'persistent and recursive watches are set again, by setWatches2 or by addWatch',
      source: 'docs/watches.md; ZOOKEEPER-1416',
      async run(t) {
        const session = await t.open();
        const { connection } = session;
        await t.exchange(connection, 'addWatch', 'watch', '/p', 'persistent');
        await t.exchange(connection, 'addWatch', 'watch', '/r', 'recursive');
        const requests = await sentAgain(t, session);
        const found = requests.flatMap(({ op, record }) => {
          if (op === OP.addWatch) return [`${record.mode} ${record.path}`];
          const { persistentWatches = [], persistentRecursiveWatches = [] } = record as Lists;
          return [
            ...persistentWatches.map((path) => `0 ${path}`),
            ...persistentRecursiveWatches.map((path) => `1 ${path}`),
          ];
        });
        equal(found.sort(), ['0 /p', '1 /r'], 'modes and paths');
      },
    },
    {
      id: 'many-watches',
      title: 'a megabyte of watched paths is set again, in requests that a server takes',
      source: 'ZOOKEEPER-706: the server ends the connection, and the client comes again for ever',
      extraMs: 40_000,
      async run(t) {
        const session = await t.open();
        const { connection } = session;
        const paths = Array.from({ length: MANY_WATCHES }, (_, index) => `/${LONG_NAME}${index}`);
        const asked = paths.map((path) => t.driver.ok('get', path, 'watch'));
        for (const each of asked) each.catch(() => {});
        for (const _ of paths) {
          const request = await t.request(connection, 'getData', new Promise(() => {}));
          connection.reply(request, goodAnswer(request));
        }
        await Promise.all(asked);
        const requests = await sentAgain(t, session);
        const { dataWatches = [] } = watchLists(requests);
        equal(dataWatches.length, MANY_WATCHES, 'number of paths');
        equal(new Set(dataWatches), new Set(paths), 'paths');
      },
    },
    {
      id: 'lost-write',
      title: 'a write whose answer was lost fails, and is not sent again',
      source: "ZooKeeper Programmer's Guide: after a loss nobody knows whether it was done",
      meaning: 'Nodes are made or changed twice.',
      async run(t) {
        const { connection } = await t.open();
        const asked = t.driver.ask('create', '/a', '76', 2);
        asked.catch(() => {});
        await t.request(connection, ['create', 'create2'], asked);
        connection.reset();
        const next = await t.admit({}, NEXT_MS);
        typedFailure(await asked, 'the create that was under way');
        await notRepeated(next.connection);
      },
    },
    {
      id: 'expired',
      title: 'the word that the session has expired ends it: nothing asks for it again',
      source: 'docs/sessions.md; seen on 3.8.0 and 3.9.5',
      meaning: 'The client asks for ever, or believes that it still has its locks.',
      async run(t) {
        const { connection } = await t.open();
        const asked = t.driver.ask('delete', '/a', -1);
        asked.catch(() => {});
        await t.request(connection, 'delete', asked);
        connection.end();
        const next = await t.server.accept({ withinMs: NEXT_MS });
        next.expire(await next.expectHandshake());
        typedFailure(await asked, 'the request that was under way');
        // A client may go on with a new session, or be done.
        const after = await t.server.accept({ withinMs: QUIET_MS * 4 }).catch(() => null);
        if (after !== null) after.grant(await after.expectHandshake({ sessionId: 0n }));
        const later = t.driver.ask('getacl', '/a');
        later.catch(() => {});
        if (after !== null) {
          const request = after.expect('getACL', { withinMs: QUIET_MS * 4 }).catch(() => null);
          const came = await Promise.race([request, later.then(() => null)]);
          if (came !== null) after.reply(came, goodAnswer(came));
        }
        const answer = await later;
        if (answer.kind === 'error') typedFailure(answer, 'a request behind the expiry');
      },
    },
    {
      id: 'no-watches-for-a-new-session',
      title: 'a new session behind an expiry is not given the watches of the old one',
      source: 'docs/sessions.md; ZOOKEEPER-551',
      async run(t) {
        const { connection } = await t.open();
        await t.exchange(connection, 'getData', 'get', '/a', 'watch');
        connection.end();
        const next = await t.server.accept({ withinMs: NEXT_MS });
        next.expire(await next.expectHandshake());
        const after = await t.server.accept({ withinMs: QUIET_MS * 4 }).catch(() => null);
        if (after === null) return;
        after.grant(await after.expectHandshake());
        const ops = SET_WATCHES.map((name) => OP[name]) as number[];
        const frame = await after.next('anything', { withinMs: QUIET_MS }).catch(() => null);
        const op = frame?.packet.op;
        if (op !== undefined && ops.includes(op)) fail('expected no setWatches, got one');
      },
    },
    {
      id: 'behind',
      title: 'a server that is behind, and closes without a word, is left for the next one',
      source: 'docs/sessions.md: seen on 3.8.0 and 3.9.5',
      meaning: 'The client asks the same server until its session has expired.',
      servers: 2,
      async run(t) {
        const session = await t.open();
        session.connection.end();
        let refusing: number | null = null;
        for (let attempt = 0; attempt < ATTEMPTS_AT_TWO; attempt++) {
          const connection = await t.server.accept({ withinMs: NEXT_MS });
          const { sessionId } = await connection.expectHandshake();
          equal(sessionId, session.granted.sessionId, 'session id');
          refusing ??= connection.port;
          if (connection.port !== refusing) return;
          connection.end();
        }
        fail(`expected the other server within ${ATTEMPTS_AT_TWO} attempts`);
      },
    },
    {
      id: 'no-spin',
      title: `while every attempt is turned away there are at most ${ATTEMPTS_MAX} in two seconds`,
      source: 'docs/sessions.md: a fleet of clients must not keep its servers down',
      meaning: 'Servers that come back are overrun by those that wait for them.',
      async run(t) {
        const { connection } = await t.open();
        connection.end();
        const until = t.server.nowMs() + TURNED_AWAY_MS;
        let attempts = 0;
        while (t.server.nowMs() < until && attempts <= ATTEMPTS_MAX) {
          const withinMs = Math.max(1, until - t.server.nowMs());
          const next = await t.server.accept({ withinMs }).catch(() => null);
          if (next === null) break;
          await next.next('a connect request').catch(() => null);
          next.end();
          attempts++;
        }
        t.driver.mustLive();
        that(attempts <= ATTEMPTS_MAX, `at most ${ATTEMPTS_MAX} attempts`, attempts);
      },
    },
  ],
);

/** Nothing that changes nodes may come. */
async function notRepeated(connection: ScriptConnection): Promise<void> {
  const creates: readonly number[] = [OP.create, OP.create2];
  for (;;) {
    const frame = await connection.next('anything', { withinMs: QUIET_MS }).catch(() => null);
    if (frame === null) return;
    const { op } = frame.packet;
    if (op !== undefined && creates.includes(op)) fail('expected no second create, got one');
  }
}
