import { operationName } from '../../codec/index.ts';
import { APACHE, type AreaCheck, area, type ServerCheck } from '../check.ts';
import { equal } from '../expect.ts';
import { fail } from '../failure.ts';
import type { WireRequest } from '../requests.ts';
import * as ask from '../requests.ts';
import { connectAnswer, type HandshakeParts, shakeHands } from '../wire-session.ts';

const SOURCE = 'recorded from 3.8.0 (test/fixtures/sessions/java-readonly.json); seen on 3.9.5';

const READ_ONLY: HandshakeParts = { readOnly: true };

const WRITES: readonly WireRequest[] = [
  ask.create('/zkwire-conform'),
  ask.create2('/zkwire-conform'),
  ask.createContainer('/zkwire-conform'),
  ask.remove('/zkwire-conform'),
  ask.setData('/', 'w', 99),
  ask.setAcl('/', ask.OPEN, 99),
  ask.sync('/'),
  ask.multi([ask.check('/')]),
];

const WRITE_CHECKS = WRITES.map((request) => ({
  id: `no-${operationName(request.op)}`,
  title: `${operationName(request.op)} is refused (-119), and the connection goes on`,
  source: SOURCE,
  async run(t) {
    const s = await t.session(READ_ONLY);
    await s.refused(request, 'NOTREADONLY');
    await s.ok(ask.exists('/'));
  },
})) satisfies AreaCheck[];

const RULES: readonly AreaCheck[] = [
  {
    id: 'handshake',
    title: 'a client that can do with it gets a session, and is told that the server is read-only',
    source: SOURCE,
    async run(t) {
      const frame = await shakeHands(await t.connection(), READ_ONLY);
      const answer = connectAnswer(frame);
      equal('readOnly' in answer && answer.readOnly, true, 'readOnly');
      equal(frame?.length, 37, 'length of the answer');
    },
  },
  ...((
    [
      ['45-bytes', 'a connect request that wants a server that writes', false],
      ['44-bytes', 'a connect request without a readOnly byte', undefined],
    ] as const
  ).map(([id, what, readOnly]) => ({
    id,
    title: `${what} ends the connection without an answer`,
    source: SOURCE,
    async run(t) {
      const frame = await shakeHands(await t.connection(), { readOnly });
      if (frame !== null) fail(`expected the end of the connection, got ${frame.toString('hex')}`);
    },
  })) satisfies AreaCheck[]),
  {
    id: 'reads',
    title: 'reads, watches and pings are served',
    source: SOURCE,
    async run(t) {
      const s = await t.session(READ_ONLY);
      const reads = [
        ask.exists('/', true),
        ask.getData('/'),
        ask.getChildren('/'),
        ask.getChildren2('/'),
        ask.getAcl('/'),
        ask.multiRead([ask.getData('/')]),
        ask.addWatch('/zkwire-conform', 0),
        ask.ping(),
      ];
      for (const read of reads) await s.ok(read);
    },
  },
  {
    id: 'close',
    title: 'closeSession is answered',
    source: SOURCE,
    async run(t) {
      await (await t.session(READ_ONLY)).ok(ask.closeSession());
    },
  },
  {
    id: 'isro',
    title: 'isro is answered by ro',
    source: SOURCE,
    async run(t) {
      const answer = await t.word('isro');
      if (answer.includes('not executed')) t.excuse('the server does not answer isro');
      equal(answer, 'ro', 'answer');
    },
  },
];

/** A server that is cut off from its quorum and serves reads. */
export const READ_ONLY_CHECKS: readonly ServerCheck[] = area(
  'read-only',
  'Clients would write where nothing can be written, or not read where they could.',
  [...RULES, ...WRITE_CHECKS].map((check) => ({ profiles: APACHE, readOnly: true, ...check })),
);
