import { APACHE, type AreaCheck, area, type ServerCheck } from '../check.ts';
import { equal } from '../expect.ts';
import * as ask from '../requests.ts';
import { SOURCE } from '../sources.ts';

/** Operations that no server of these releases has. */
const UNKNOWN: readonly number[] = [0, 10, 23, 99, 108, 500, 999, -2, -12, 2 ** 31 - 1, -(2 ** 31)];

/** Header of the answer to an operation that there is not. */
function unknownAnswer(xid: number): string {
  const word = Buffer.alloc(4);
  word.writeInt32BE(xid);
  return `${word.toString('hex')}fffffffffffffffffffffffa`;
}

const UNKNOWN_CHECKS = UNKNOWN.map((op) => ({
  id: `unknown-${op}`,
  title: `operation ${op}, which there is not, is answered with -6 and zxid -1, then the connection ends`,
  source: SOURCE.seen,
  profiles: APACHE,
  async run(t) {
    const s = await t.session();
    s.connection.sendFrame(ask.frameOf(9, ask.raw(op, Buffer.alloc(8))));
    equal((await s.connection.next())?.toString('hex'), unknownAnswer(9), 'answer');
    await s.connection.expectEnd('the operation is not known');
    // The session itself goes on.
    await t.session({ sessionId: s.id, password: s.password });
  },
})) satisfies AreaCheck[];

const INTERNAL: readonly AreaCheck[] = [
  {
    id: 'create-session',
    title:
      'createSession (-10), which servers use among themselves, is an error of the request (-5)',
    source: SOURCE.seen,
    profiles: APACHE,
    async run(t) {
      t.needGlobalSessions();
      await (await t.session()).refused(ask.raw(-10), 'MARSHALLINGERROR');
    },
  },
  {
    id: 'delete-container',
    title: 'deleteContainer (20), which servers use among themselves, is refused (-8) to clients',
    source: 'seen on 3.8.0; 3.9.5 does it, without a look at the ACL',
    profiles: ['3.8'],
    async run(t) {
      const s = await t.session();
      await s.make(t.at('a'));
      const body = ask.encoded((w) => w.ustring(t.at('a')));
      await s.refused(ask.raw(20, body), 'BADARGUMENTS');
      await s.ok(ask.exists(t.at('a')));
    },
  },
];

/** Operations that are not for clients. */
export const OPCODE_CHECKS: readonly ServerCheck[] = area(
  'opcode',
  'Clients find out what a server can do by what it refuses, and how.',
  [...UNKNOWN_CHECKS, ...INTERNAL],
);
