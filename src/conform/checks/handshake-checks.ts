import { isConnectRefusal } from '../../codec/index.ts';
import { APACHE, type AreaCheck, area, type ServerCheck } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { equal, that } from '../expect.ts';
import { fail } from '../failure.ts';
import * as ask from '../requests.ts';
import { SOURCE } from '../sources.ts';
import { hexOf } from '../wire-connection.ts';
import { connectAnswer, type HandshakeParts, handshakeFrame, shakeHands } from '../wire-session.ts';

/** The answer "no such session": everything 0, a password of 16 zero bytes. */
const NO_SESSION: Buffer = Buffer.from(`${'00'.repeat(16)}00000010${'00'.repeat(17)}`, 'hex');

async function answerTo(t: CheckContext, parts: HandshakeParts): Promise<Buffer> {
  const frame = await shakeHands(await t.connection(), parts);
  if (frame === null) fail('expected an answer to the connect request, got the end');
  return frame;
}

/** The time-out that the server grants for one that is asked for. */
async function granted(t: CheckContext, timeoutMs: number): Promise<number> {
  const s = await t.session({ timeoutMs });
  return s.timeoutMs;
}

const ANSWERS: readonly AreaCheck[] = [
  {
    id: 'with-read-only-byte',
    title: 'a connect request of 45 bytes is answered with 37, the last byte 0',
    source: SOURCE.handshake,
    async run(t) {
      const frame = await answerTo(t, {});
      equal(frame.length, 37, 'length of the answer');
      equal(frame[36], 0, 'readOnly');
    },
  },
  {
    id: 'without-read-only-byte',
    title: 'a connect request of 44 bytes is answered with 36',
    source: SOURCE.handshake,
    async run(t) {
      const frame = await answerTo(t, { readOnly: undefined });
      equal(frame.length, 36, 'length of the answer');
    },
  },
  {
    id: 'read-only-wanted',
    title: 'a client that can do with a read-only server is told that this one is not',
    source: SOURCE.handshake,
    async run(t) {
      const answer = connectAnswer(await answerTo(t, { readOnly: true }));
      equal('readOnly' in answer && answer.readOnly, false, 'readOnly');
    },
  },
  {
    id: 'fields',
    title: 'a new session has protocol version 0, an id other than 0 and a password of 16 bytes',
    source: SOURCE.handshake,
    async run(t) {
      const answer = connectAnswer(await answerTo(t, {}));
      if (isConnectRefusal(answer)) fail(`expected a session, got the refusal ${answer.refused}`);
      equal(answer.protocolVersion, 0, 'protocolVersion');
      that(answer.sessionId !== 0n, 'a session id other than 0', answer.sessionId);
      equal(answer.passwd?.length, 16, 'length of the password');
      that(answer.passwd?.some((byte) => byte !== 0) === true, 'a password that is not all 0', '0');
    },
  },
  {
    id: 'unique',
    title: 'ids and passwords of sessions differ',
    source: SOURCE.handshake,
    async run(t) {
      const sessions = await Promise.all(Array.from({ length: 8 }, () => t.session()));
      equal(new Set(sessions.map(({ id }) => id)).size, 8, 'number of ids');
      equal(
        new Set(sessions.map((s) => s.password.toString('hex'))).size,
        8,
        'number of passwords',
      );
    },
  },
  {
    id: 'protocol-version-is-not-checked',
    title: 'another protocol version is taken',
    source: SOURCE.handshake,
    profiles: APACHE,
    async run(t) {
      await t.session({ protocolVersion: 7 });
    },
  },
  {
    id: 'empty-password',
    title: 'an empty password is taken for a new session',
    source: SOURCE.handshake,
    async run(t) {
      await t.session({ password: Buffer.alloc(0) });
    },
  },
  {
    id: 'pipelined',
    title: 'requests in one segment with the connect request are answered behind it, in order',
    source: SOURCE.handshake,
    async run(t) {
      const c = await t.connection();
      const requests = [
        ask.exists(t.root),
        ask.getChildren(t.root),
        ask.ping(),
        ask.closeSession(),
      ];
      const frames = requests.map((request, index) => ask.frameOf(index + 1, request));
      c.sendFrames([handshakeFrame(), ...frames]);
      equal((await c.next())?.length, 37, 'length of the connect answer');
      for (const xid of [1, 2, -2, 4])
        equal((await c.next())?.readInt32BE(0), xid, 'xid of the reply');
    },
  },
];

const BOUNDS: readonly AreaCheck[] = [
  {
    id: 'shortest',
    title: 'a time-out that is too short, 0 or negative becomes the shortest that is granted',
    source: SOURCE.handshake,
    async run(t) {
      const min = t.facts.sessionMinMs;
      for (const asked of [-5, 0, 1, min - 1, min]) equal(await granted(t, asked), min, 'time-out');
    },
  },
  {
    id: 'longest',
    title: 'a time-out that is too long becomes the longest that is granted',
    source: SOURCE.handshake,
    async run(t) {
      const max = t.facts.sessionMaxMs;
      for (const asked of [max, max + 1, 2 ** 31 - 1])
        equal(await granted(t, asked), max, 'time-out');
    },
  },
  {
    id: 'as-asked',
    title: 'a time-out in between is granted to the millisecond',
    source: SOURCE.handshake,
    async run(t) {
      const asked = t.facts.sessionMinMs + 1;
      if (asked >= t.facts.sessionMaxMs) t.excuse('the server grants one time-out only');
      equal(await granted(t, asked), asked, 'time-out');
    },
  },
];

const RESUMING: readonly AreaCheck[] = [
  {
    id: 'resume',
    title: 'a session is resumed with its id and password',
    source: SOURCE.sessions,
    async run(t) {
      const old = await t.session();
      old.connection.destroy();
      const s = await t.session({ sessionId: old.id, password: old.password });
      equal(s.id, old.id, 'session id');
      equal(s.password.toString('hex'), old.password.toString('hex'), 'password');
      await s.ok(ask.exists(t.root));
    },
  },
  {
    id: 'take-over',
    title: 'a session that is resumed loses its old connection',
    source: SOURCE.sessions,
    async run(t) {
      const old = await t.session();
      const s = await t.session({ sessionId: old.id, password: old.password });
      await old.connection.expectEnd('its session has moved');
      await s.ok(ask.exists(t.root));
    },
  },
  {
    id: 'wrong-password',
    title: 'a wrong password is answered as a session that is gone, then the connection ends',
    source: SOURCE.sessions,
    async run(t) {
      const old = await t.session();
      old.connection.destroy();
      const c = await t.connection();
      const password = Buffer.from(old.password);
      password[0] = password[0]! ^ 1;
      const frame = await shakeHands(c, { sessionId: old.id, password });
      equal(frame?.toString('hex'), NO_SESSION.toString('hex'), 'answer');
      await c.expectEnd('the session was refused');
      // The session itself goes on.
      await t.session({ sessionId: old.id, password: old.password });
    },
  },
  {
    id: 'short-password',
    title: 'an empty password does not open a session that is there',
    source: SOURCE.sessions,
    async run(t) {
      const old = await t.session();
      old.connection.destroy();
      const c = await t.connection();
      const frame = await shakeHands(c, { sessionId: old.id, password: Buffer.alloc(0) });
      equal(frame?.toString('hex'), NO_SESSION.toString('hex'), 'answer');
    },
  },
  {
    id: 'unknown-session',
    title: 'a session that is not known is answered with zeros, then the connection ends',
    source: SOURCE.sessions,
    async run(t) {
      for (const sessionId of [0x1234_5678_9abcn, -5n]) {
        const c = await t.connection();
        const frame = await shakeHands(c, { sessionId, password: Buffer.alloc(16, 7) });
        equal(frame?.toString('hex'), NO_SESSION.toString('hex'), 'answer');
        await c.expectEnd('the session was refused');
      }
    },
  },
  {
    id: 'refusal-of-44-bytes',
    title: 'a refusal is as long as the request was: 36 bytes for 44',
    source: SOURCE.sessions,
    async run(t) {
      const parts = { sessionId: 0x1234n, password: Buffer.alloc(16, 7), readOnly: undefined };
      const frame = await answerTo(t, parts);
      equal(frame.toString('hex'), NO_SESSION.subarray(0, 36).toString('hex'), 'answer');
    },
  },
  {
    id: 'zxid-ahead',
    title: 'a client that has seen more than the server gets no answer, only the end',
    source: SOURCE.sessions,
    async run(t) {
      const c = await t.connection();
      const frame = await shakeHands(c, { lastZxidSeen: 2n ** 62n });
      if (frame !== null) fail(`expected the end of the connection, got ${hexOf(frame)}`);
    },
  },
  {
    id: 'zxid-equal',
    title: 'a client that has seen as much as the server is served',
    source: SOURCE.sessions,
    async run(t) {
      const s = await t.session();
      const { zxid } = await s.ok(ask.ping());
      await t.session({ lastZxidSeen: zxid });
    },
  },
  {
    id: 'resume-asks-anew',
    title: 'who resumes a session may ask for another time-out',
    source: SOURCE.seen,
    profiles: APACHE,
    async run(t) {
      const { sessionMinMs, sessionMaxMs } = t.facts;
      const old = await t.session({ timeoutMs: sessionMaxMs });
      const again = { sessionId: old.id, password: old.password, timeoutMs: sessionMinMs };
      equal((await t.session(again)).timeoutMs, sessionMinMs, 'time-out');
    },
  },
];

/** First frames that are none, and end the connection without a byte. */
const FIRST_BYTES: readonly (readonly [id: string, what: string, bytes: Buffer])[] = [
  ['request', 'a request instead of a connect request', framed(ask.frameOf(1, ask.exists('/')))],
  ['zero-length', 'an empty frame', Buffer.alloc(4)],
  ['negative-length', 'a negative length', Buffer.from('ffffffff', 'hex')],
  ['huge-length', 'a length of 2^31-1', Buffer.from('7fffffff', 'hex')],
  ['http', 'an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n')],
  ['tls', 'the start of TLS', Buffer.from('16030102000100010001fc0303', 'hex')],
  ['short', 'a connect request that is cut short', framed(handshakeFrame().subarray(0, 20))],
  ['no-such-word', 'a four-letter word that there is not', Buffer.from('nope')],
];

function framed(body: Buffer): Buffer {
  const prefix = Buffer.alloc(4);
  prefix.writeInt32BE(body.length);
  return Buffer.concat([prefix, body]);
}

const FIRST_BYTES_CHECKS = FIRST_BYTES.map(([id, what, bytes]) => ({
  id: `first-${id}`,
  title: `${what} as the first bytes ends the connection without an answer`,
  source: SOURCE.handshake,
  async run(t) {
    const c = await t.connection();
    c.sendBytes(bytes);
    if (id === 'zero-length' && t.facts.mayBeNetty) await c.expectNoFrame(what);
    else await c.expectEnd(what);
  },
})) satisfies AreaCheck[];

/** The first frames of a connection. */
export const HANDSHAKE_CHECKS: readonly ServerCheck[] = area(
  'handshake',
  'Clients would not get a session, lose the one they have, or take that of another.',
  [...ANSWERS, ...BOUNDS, ...RESUMING, ...FIRST_BYTES_CHECKS],
);
