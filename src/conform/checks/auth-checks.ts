import { OP, SERVER_CODE } from '../../codec/index.ts';
import { APACHE, area, type ServerCheck } from '../check.ts';
import { equal, that } from '../expect.ts';
import type { Reply } from '../reply.ts';
import * as ask from '../requests.ts';
import { SOURCE } from '../sources.ts';

/** `scheme:user` of whoAmI, in order of their names: the server's order is not fixed. */
function identities(reply: Reply): string[] {
  return reply
    .identities()
    .map(({ scheme, user }) => `${scheme}:${user}`)
    .sort();
}

/** auth, sasl, whoAmI. */
export const AUTH_CHECKS: readonly ServerCheck[] = area(
  'auth',
  'Clients could not say who they are, or would be taken for others.',
  [
    {
      id: 'reply',
      title: 'auth is answered with its xid, zxid 0 and no body',
      source: SOURCE.recorded,
      async run(t) {
        const s = await t.session();
        const reply = (await s.ok(ask.auth('digest', 'bob:secret'))).empty();
        equal(reply.zxid, 0n, 'zxid');
      },
    },
    {
      id: 'any-xid',
      title: 'the xid of an auth packet is echoed, whatever it is',
      source: SOURCE.seen,
      async run(t) {
        const s = await t.session();
        s.send(ask.auth('digest', 'bob:secret'), 555);
        (await s.reply()).empty();
      },
    },
    {
      id: 'unknown-scheme',
      title: 'an unknown scheme is refused (-115), then the connection ends',
      source: SOURCE.recorded,
      async run(t) {
        const s = await t.session();
        const reply = await s.refused(ask.auth('nonsense', 'x'), 'AUTHFAILED');
        equal(reply.zxid, 0n, 'zxid');
        await s.connection.expectEnd('authentication failed');
      },
    },
    {
      id: 'digest-without-colon',
      title: 'a digest credential without a colon is taken',
      source: SOURCE.seen,
      profiles: APACHE,
      async run(t) {
        await (await t.session()).ok(ask.auth('digest', 'bob'));
      },
    },
    {
      id: 'who-am-i',
      title: 'whoAmI names the address, and the users that were added since, without passwords',
      source: SOURCE.recorded,
      async run(t) {
        const s = await t.session();
        const alone = identities(await s.ok(ask.whoAmI()));
        that(
          alone.some((each) => each.startsWith('ip:')),
          'the address among them',
          alone,
        );
        await s.ok(ask.auth('digest', 'bob:secret'));
        await s.ok(ask.auth('digest', 'ann:secret'));
        const expected = [...alone, 'digest:bob', 'digest:ann'].sort();
        equal(identities(await s.ok(ask.whoAmI())), expected, 'identities');
      },
    },
    {
      id: 'twice',
      title: 'the same credential twice is one identity',
      source: SOURCE.seen,
      async run(t) {
        const s = await t.user('bob:secret');
        await s.ok(ask.auth('digest', 'bob:secret'));
        const count = t.facts.schemes.length + 1;
        equal(identities(await s.ok(ask.whoAmI())).length, count, 'number of identities');
      },
    },
    {
      id: 'of-the-connection',
      title: 'identities belong to the connection: a session that is resumed has none',
      source: SOURCE.sessions,
      async run(t) {
        const old = await t.user('bob:secret');
        const s = await t.session({ sessionId: old.id, password: old.password });
        const count = t.facts.schemes.length;
        equal(identities(await s.ok(ask.whoAmI())).length, count, 'number of identities');
      },
    },
    {
      id: 'no-sasl',
      title: 'a server without SASL answers a token with success and null',
      source: SOURCE.seen,
      async run(t) {
        const s = await t.session();
        const reply = await s.call(ask.sasl(Buffer.alloc(0)));
        if (reply.err !== 0 || reply.body.readInt32BE(0) !== -1) t.excuse('this server knows SASL');
        reply.bodyIs(Buffer.from('ffffffff', 'hex'));
        await s.ok(ask.exists(t.root));
      },
    },
    {
      id: 'reconfig-disabled',
      title: 'reconfig is refused (-123) where it is switched off',
      source: SOURCE.recorded,
      profiles: APACHE,
      async run(t) {
        const s = await t.session();
        const reply = await s.call(ask.reconfig(null));
        if (reply.err !== SERVER_CODE.RECONFIGDISABLED) t.excuse('reconfig is switched on here');
        reply.refused('RECONFIGDISABLED');
        await s.ok(ask.raw(OP.getData, ask.getData(t.root).body));
      },
    },
  ],
);
