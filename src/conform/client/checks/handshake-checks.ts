import { equal } from '../../expect.ts';
import { fail } from '../../failure.ts';
import { FrameMask } from '../../script/frame-mask.ts';
import { acceptanceFrame } from '../../script/server-frames.ts';
import { hexOf } from '../../wire-connection.ts';
import { type ClientCheck, clientArea } from '../client-check.ts';
import type { ClientContext } from '../client-context.ts';

/** Longest that an attempt may hang on a server that does not answer. */
const ATTEMPT_MS = 12_000;

const SILENCE_MS = 300;

const READ_ONLY_ASKED_BYTES = 45;

/** Time-out whose bytes are no others' in the frame. */
const ASKED_MS = 0x7531;

async function works(t: ClientContext, grant: Parameters<ClientContext['open']>[0]): Promise<void> {
  const { connection } = await t.open(grant);
  await t.exchange(connection, 'getData', 'get', '/a');
}

export const HANDSHAKE_CHECKS: readonly ClientCheck[] = clientArea(
  'handshake',
  {
    source:
      'docs/protocol.md, ConnectRequest and ConnectResponse; seen on clients of four languages',
    meaning: 'There is no session, or not with every server.',
  },
  [
    {
      id: 'new-session',
      title:
        'a new session is asked for with 44 or 45 bytes: id 0, no zxid, 16 zero bytes, the time-out',
      source: 'recorded from the Java, C, Go and Python clients (test/fixtures)',
      async run(t) {
        const connected = t.connect({ timeoutMs: ASKED_MS });
        const connection = await t.accept(connected);
        const handshake = await connection.expectHandshake();
        // A client before 3.4 has no last byte, and some send no password where there is none yet.
        const start = '00000000 0000000000000000 00007531 0000000000000000';
        const wanted = ['', '00'].flatMap((last) => [
          `${start} 00000010 ${'00'.repeat(16)} ${last}`,
          `${start} 00000000 ${last}`,
        ]);
        if (!wanted.some((mask) => new FrameMask(mask).difference(handshake.body) === null)) {
          fail(`expected ${wanted[2]}, or 44 bytes, got ${hexOf(handshake.body)}`);
        }
        connection.grant(handshake);
        await connected;
      },
    },
    {
      id: 'waits-for-answer',
      title: 'nothing is sent before the server has answered the handshake',
      source: 'docs/protocol.md; Java waits too: an answer that says "expired" is lost in a reset',
      meaning: 'The word that a session has expired can be lost, and the client asks for ever.',
      async run(t) {
        const connected = t.connect();
        const connection = await t.accept(connected);
        const handshake = await connection.expectHandshake();
        await connection.expectSilence(SILENCE_MS);
        connection.grant(handshake);
        await connected;
      },
    },
    {
      id: 'read-only-wish',
      title: 'a client that bears a read-only server says so in the 45th byte',
      meaning: 'Without a quorum the client has nothing at all.',
      async run(t) {
        const connected = t.connect({ readOnly: true });
        const connection = await t.accept(connected);
        const handshake = await connection.expectHandshake({ readOnly: true });
        equal(handshake.body.length, READ_ONLY_ASKED_BYTES, 'bytes of the connect request');
        connection.grant(handshake);
        await connected;
      },
    },
    {
      id: 'answer-of-36-bytes',
      title: 'an answer without the last byte grants a session',
      meaning: 'Servers before 3.4 cannot be used.',
      run: (t) => works(t, { grant: { readOnly: undefined } }),
    },
    {
      id: 'answer-of-37-bytes',
      title: 'an answer with the last byte grants a session, whatever was asked',
      run: (t) => works(t, { grant: { readOnly: false } }),
    },
    {
      id: 'answer-in-pieces',
      title: 'an answer that comes byte by byte grants a session',
      source: 'what TCP may do to any frame',
      async run(t) {
        const connected = t.connect();
        const connection = await t.accept(connected);
        const handshake = await connection.expectHandshake();
        await connection.drip(acceptanceFrame(connection.grantFor(handshake)), { pauseMs: 2 });
        await connected;
        await t.exchange(connection, 'getData', 'get', '/a');
      },
    },
    {
      id: 'closed',
      title: 'a server that closes without an answer is left, and another attempt made',
      source: 'docs/sessions.md: servers that are electing, full or behind close without a word',
      async run(t) {
        const connected = t.connect();
        const first = await t.accept(connected);
        await first.expectHandshake({ sessionId: 0n });
        first.end();
        await t.admit({}, ATTEMPT_MS);
        await connected;
      },
    },
    {
      id: 'silent',
      title: 'an attempt at a server that never answers is given up within 12 s',
      source: 'docs/sessions.md; a process that is stopped still has its kernel accept',
      meaning: 'One server that hangs keeps the client from all others.',
      slowMs: ATTEMPT_MS * 2,
      async run(t) {
        const connected = t.connect({ timeoutMs: 4_000 });
        const first = await t.accept(connected);
        await first.expectHandshake();
        await t.admit({}, ATTEMPT_MS);
        await connected.catch(() => undefined);
      },
    },
    {
      id: 'read-only-refusal',
      title: 'the 16 bytes of a read-only server without local sessions are no session',
      source: 'docs/protocol.md; seen on 3.8.0 and 3.9.5',
      meaning: 'The client reads a session id out of the bytes of an error, or ends.',
      slowMs: ATTEMPT_MS,
      async run(t) {
        const connected = t.connect();
        const first = await t.accept(connected);
        await first.expectHandshake();
        first.refuseHandshake('NOTREADONLY');
        await first.expectEnd({ withinMs: ATTEMPT_MS });
        const { handshake } = await t.admit({}, ATTEMPT_MS);
        equal(handshake.sessionId, 0n, 'session id that is asked for next');
        await connected;
      },
    },
  ],
);
