import { APACHE, type AreaCheck, area, type ServerCheck } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { equal, that } from '../expect.ts';
import { fail } from '../failure.ts';
import * as ask from '../requests.ts';
import { SOURCE } from '../sources.ts';
import { heard } from '../watch-expectations.ts';
import { handshakeFrame, shakeHands, type WireSession } from '../wire-session.ts';

const { ephemeral } = ask.FLAGS;

/** A server and this process are not in step: what comes later by this part of the wait for a frame is in time. */
const SLACK_SHARE = 0.3;

/** Long enough for a busy machine to keep a session alive, where the server grants it. */
const ALIVE_MS = 4_000;

/** Longest that a check here waits: shorter than the longest session of most servers. */
const SLOW_MS = 30_000;

/** Sends pings until `untilMs`, so that a session that waits for something does not expire. */
async function pingUntil(t: CheckContext, s: WireSession, untilMs: number): Promise<void> {
  while (performance.now() < untilMs) {
    await s.ok(ask.ping());
    await t.pause(Math.min(s.timeoutMs / 4, Math.max(1, untilMs - performance.now())));
  }
}

/** Time-out of a session that is to stay alive. */
function aliveMs(t: CheckContext): number {
  const { sessionMinMs, sessionMaxMs } = t.facts;
  if (sessionMinMs > SLOW_MS / 4) t.excuse(`sessions here last ${sessionMinMs} ms or more`);
  return Math.min(Math.max(sessionMinMs, ALIVE_MS), sessionMaxMs);
}

const ENDS: readonly AreaCheck[] = [
  {
    id: 'close',
    title: 'closeSession is answered without a body, then the connection ends',
    source: SOURCE.recorded,
    async run(t) {
      const s = await t.session();
      (await s.ok(ask.closeSession())).empty();
      await s.connection.expectEnd('the session was closed');
    },
  },
  {
    id: 'close-takes-ephemerals',
    title: 'closeSession deletes the ephemeral nodes of the session, and only those',
    source: SOURCE.guide,
    async run(t) {
      const [s, other] = [await t.session(), await t.session()];
      await s.make(t.at('mine'), { flags: ephemeral });
      await s.make(t.at('stays'));
      await other.make(t.at('others'), { flags: ephemeral });
      await s.ok(ask.closeSession());
      await other.ok(ask.sync(t.root));
      const names = (await other.ok(ask.getChildren(t.root))).children().sort();
      equal(names, ['others', 'stays'], 'children');
    },
  },
  {
    id: 'closed-is-gone',
    title: 'a session that was closed cannot be resumed',
    source: SOURCE.sessions,
    async run(t) {
      const old = await t.session();
      await old.ok(ask.closeSession());
      const c = await t.connection();
      const frame = await shakeHands(c, { sessionId: old.id, password: old.password });
      equal(frame?.readInt32BE(4), 0, 'time-out of the answer');
      await c.expectEnd('the session is gone');
    },
  },
  {
    id: 'drop-keeps-ephemerals',
    title: 'a connection that drops does not end the session: its ephemeral nodes stay',
    source: SOURCE.guide,
    async run(t) {
      const [old, other] = [await t.session(), await t.session()];
      await old.make(t.at('e'), { flags: ephemeral });
      old.connection.destroy();
      equal((await other.stat(t.at('e'))).ephemeralOwner, old.id, 'ephemeralOwner');
      const s = await t.session({ sessionId: old.id, password: old.password });
      equal((await s.ok(ask.getEphemerals('/'))).texts(), [t.at('e')], 'ephemerals');
    },
  },
  {
    id: 'ephemerals-of-a-resumed-session',
    title: 'closing a resumed session deletes what was made before it was resumed',
    source: SOURCE.guide,
    async run(t) {
      const [old, other] = [await t.session(), await t.session()];
      await old.make(t.at('e'), { flags: ephemeral });
      const s = await t.session({ sessionId: old.id, password: old.password });
      await s.ok(ask.closeSession());
      await other.ok(ask.sync(t.root));
      await other.refused(ask.exists(t.at('e')), 'NONODE');
    },
  },
  {
    id: 'second-handshake',
    title: 'a second connect request on a connection is no connect request any more',
    source: SOURCE.seen,
    profiles: APACHE,
    async run(t) {
      const s = await t.session();
      s.connection.sendFrame(handshakeFrame({ timeoutMs: 30_000 }));
      const frame = await s.connection.next();
      // xid 0 and type 0 by its first bytes: a notification, which is no request.
      equal(frame?.toString('hex'), '00000000fffffffffffffffffffffffa', 'answer');
      await s.connection.expectEnd('this was no request');
    },
  },
];

const PINGS: readonly AreaCheck[] = [
  {
    id: 'ping',
    title: 'a ping is answered with xid -2 and no body',
    source: SOURCE.recorded,
    async run(t) {
      const s = await t.session();
      const reply = (await s.ok(ask.ping())).empty();
      equal(reply.xid, -2, 'xid');
    },
  },
  {
    id: 'ping-xid',
    title: 'a ping with another xid is answered with -2 all the same',
    source: SOURCE.seen,
    async run(t) {
      const s = await t.session();
      s.send(ask.ping(), 77);
      equal((await s.reply()).xid, -2, 'xid');
    },
  },
  {
    id: 'ping-zxid',
    title: 'the answer to a ping has the last zxid of the server',
    source: SOURCE.recorded,
    async run(t) {
      const s = await t.session();
      const { zxid } = await s.ok(ask.create(t.at('a')));
      const pong = await s.ok(ask.ping());
      that(pong.zxid >= zxid, `a zxid of at least ${zxid}`, pong.zxid);
    },
  },
];

const TIME: readonly AreaCheck[] = [
  {
    id: 'expiry',
    title: 'a silent session expires after its time-out, and within a tick of it',
    source: SOURCE.sessions,
    meaning: 'Locks would be held by the dead, or taken from the living.',
    slowMs: SLOW_MS,
    async run(t) {
      const { sessionMinMs, tickMs } = t.facts;
      if (sessionMinMs + tickMs > SLOW_MS / 2)
        t.excuse(`sessions here last ${sessionMinMs} ms or more`);
      const watcher = await t.session({ timeoutMs: t.facts.sessionMaxMs });
      const s = await t.session({ timeoutMs: sessionMinMs });
      await s.make(t.at('e'), { flags: ephemeral });
      await watcher.ok(ask.exists(t.at('e'), true));
      const sentAt = performance.now();
      await s.ok(ask.ping());
      const heardAt = performance.now();
      await pingUntil(t, watcher, sentAt + sessionMinMs);
      equal(watcher.takeEvents(), [], 'events before the time-out');
      const latestMs = heardAt + sessionMinMs + tickMs + t.timeoutMs * SLACK_SHARE;
      let events = 0;
      while (events === 0 && performance.now() < latestMs) {
        events = (await watcher.allEvents()).length;
        await t.pause(25);
      }
      if (events === 0) fail(`expected the session to expire within ${tickMs} ms of its time-out`);
    },
  },
  {
    id: 'expiry-ends-connection',
    title: 'a session that expires loses its connection, and cannot be resumed',
    source: SOURCE.sessions,
    slowMs: SLOW_MS,
    async run(t) {
      const { sessionMinMs, tickMs } = t.facts;
      if (sessionMinMs + tickMs > SLOW_MS / 2)
        t.excuse(`sessions here last ${sessionMinMs} ms or more`);
      const s = await t.session({ timeoutMs: sessionMinMs });
      await s.connection.expectEnd(
        'the session has expired',
        sessionMinMs + tickMs + t.timeoutMs * SLACK_SHARE,
      );
      const c = await t.connection();
      const frame = await shakeHands(c, { sessionId: s.id, password: s.password });
      equal(frame?.readInt32BE(4), 0, 'time-out of the answer');
    },
  },
  ...((
    [
      ['ping', 'pings', () => ask.ping()],
      ['read', 'reads', (root: string) => ask.exists(root)],
    ] as const
  ).map(([id, what, request]) => ({
    id: `timeout-${id}`,
    title: `${what} keep a session alive beyond its time-out`,
    source: SOURCE.sessions,
    slowMs: SLOW_MS,
    async run(t) {
      const timeoutMs = aliveMs(t);
      const s = await t.session({ timeoutMs });
      const untilMs = performance.now() + 1.5 * timeoutMs + 2 * t.facts.tickMs;
      while (performance.now() < untilMs) {
        await s.ok(request(t.root));
        await t.pause(timeoutMs / 4);
      }
      await s.ok(ask.exists(t.root));
    },
  })) satisfies AreaCheck[]),
  {
    id: 'resume-in-time',
    title: 'a session that is resumed within its time-out begins it anew',
    source: SOURCE.sessions,
    slowMs: SLOW_MS,
    async run(t) {
      const timeoutMs = aliveMs(t);
      let s = await t.session({ timeoutMs });
      await s.make(t.at('e'), { flags: ephemeral });
      for (let round = 0; round < 4; round++) {
        s.connection.destroy();
        await t.pause(timeoutMs / 2);
        s = await t.session({ sessionId: s.id, password: s.password, timeoutMs });
      }
      await s.ok(ask.exists(t.at('e'), true));
      await heard(t, s, []);
    },
  },
];

/** Sessions: their end, and their time. */
export const SESSION_CHECKS: readonly ServerCheck[] = area(
  'session',
  'Ephemeral nodes would outlive their owners, or go before them.',
  [...ENDS, ...PINGS, ...TIME],
);
