import { createHash } from 'node:crypto';
import type { ACL } from '../../codec/index.ts';
import { APACHE, type AreaCheck, area, type ServerCheck } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { equal, statHas } from '../expect.ts';
import { OWNER_CREDENTIAL } from '../janitor.ts';
import type { AclEntry, WireRequest } from '../requests.ts';
import * as ask from '../requests.ts';
import { SOURCE } from '../sources.ts';

const { read, write, create, delete: del, admin, all } = ask.PERMS;

/** `user:base64(sha1(user:password))`, as digest ids are. */
function digestId(credential: string): string {
  const hash = createHash('sha1').update(credential).digest('base64');
  return `${credential.slice(0, credential.indexOf(':'))}:${hash}`;
}

/** The janitor may do everything, so that nothing stays behind. */
const OWNER: AclEntry = ask.entry(all, 'digest', digestId(OWNER_CREDENTIAL));

/** An ACL under which the world has these permissions. */
const world = (perms: number): readonly AclEntry[] => [ask.entry(perms, 'world', 'anyone'), OWNER];

const asWire = (acl: readonly AclEntry[]): ACL[] =>
  acl.map(({ perms, scheme, id }) => ({ perms, id: { scheme, id } }));

/** What needs which permission on the node `n`, which has the child `n/c`. */
const NEEDS: readonly (readonly [
  name: string,
  perms: number,
  request: (n: string) => WireRequest,
])[] = [
  ['getData', read, (n) => ask.getData(n)],
  ['getChildren', read, (n) => ask.getChildren(n)],
  ['getChildren2', read, (n) => ask.getChildren2(n)],
  ['getAllChildrenNumber', read, (n) => ask.getAllChildrenNumber(n)],
  ['setData', write, (n) => ask.setData(n, 'w')],
  ['create', create, (n) => ask.create(`${n}/new`)],
  ['create2', create, (n) => ask.create2(`${n}/new`)],
  ['createContainer', create, (n) => ask.createContainer(`${n}/new`)],
  ['delete', del, (n) => ask.remove(`${n}/c`)],
  ['setACL', admin, (n) => ask.setAcl(n, world(all))],
];

async function nodeWith(t: CheckContext, perms: number): Promise<string> {
  const owner = await t.user(OWNER_CREDENTIAL);
  const path = t.at('n');
  await owner.make(path, { acl: world(perms) });
  await owner.make(`${path}/c`);
  return path;
}

const PERMISSION_CHECKS = NEEDS.flatMap(([name, perms, request]) => [
  {
    id: `${name}-refused`,
    title: `${name} is refused (-102) to who has every permission but the one that it needs`,
    source: SOURCE.guide,
    async run(t) {
      const path = await nodeWith(t, all & ~perms);
      await (await t.session()).refused(request(path), 'NOAUTH');
    },
  },
  {
    id: `${name}-allowed`,
    title: `${name} is done for who has just the permission that it needs`,
    source: SOURCE.guide,
    async run(t) {
      const path = await nodeWith(t, perms);
      await (await t.session()).ok(request(path));
    },
  },
]) satisfies AreaCheck[];

const SPECIAL_PERMISSIONS: readonly AreaCheck[] = [
  {
    id: 'getACL-by-read-or-admin',
    title: 'getACL needs READ or ADMIN',
    source: SOURCE.seen,
    async run(t) {
      const path = await nodeWith(t, all & ~(read | admin));
      const s = await t.session();
      await s.refused(ask.getAcl(path), 'NOAUTH');
      const owner = await t.user(OWNER_CREDENTIAL);
      for (const perms of [read, admin]) {
        await owner.ok(ask.setAcl(path, world(perms)));
        await s.ok(ask.getAcl(path));
      }
    },
  },
  {
    id: 'exists-by-release',
    title: 'exists needs READ as the release has it: from 3.8.4 and 3.9.2 on',
    source: 'seen on 3.8.0 and 3.9.5',
    profiles: APACHE,
    async run(t) {
      const path = await nodeWith(t, all & ~read);
      const reply = await (await t.session()).call(ask.exists(path));
      if (t.rules.readGuardsExists) reply.refused('NOAUTH');
      else reply.stat();
    },
  },
  {
    id: 'delete-by-parent',
    title: 'delete needs nothing of the node itself, only DELETE on its parent',
    source: SOURCE.guide,
    async run(t) {
      const owner = await t.user(OWNER_CREDENTIAL);
      await owner.make(t.at('n'), { acl: [OWNER] });
      await (await t.session()).ok(ask.remove(t.at('n')));
    },
  },
  {
    id: 'not-inherited',
    title: 'children do not have the ACL of their parent',
    source: SOURCE.guide,
    async run(t) {
      const path = await nodeWith(t, 0);
      const s = await t.session();
      await s.refused(ask.getData(path), 'NOAUTH');
      await s.ok(ask.getData(`${path}/c`));
    },
  },
  {
    id: 'sync-needs-nothing',
    title: 'sync needs no permission',
    source: SOURCE.seen,
    async run(t) {
      await (await t.session()).ok(ask.sync(await nodeWith(t, 0)));
    },
  },
  {
    id: 'refused-watch',
    title: 'a read that is refused leaves no watch',
    source: SOURCE.seen,
    async run(t) {
      const path = await nodeWith(t, 0);
      const s = await t.session();
      await s.refused(ask.getData(path, true), 'NOAUTH');
      await s.refused(ask.getChildren(path, true), 'NOAUTH');
      const owner = await t.user(OWNER_CREDENTIAL);
      await owner.ok(ask.setAcl(path, world(all)));
      await owner.ok(ask.setData(path, 'w'));
      await owner.make(`${path}/new`);
      equal(await s.allEvents(), [], 'events');
    },
  },
  {
    id: 'events-by-release',
    title:
      'who may not READ a node hears nothing of it, or at most what servers without the fix told',
    source: 'CVE-2024-23944: fixed in 3.8.4 and 3.9.2, and in 3.8.0 of Debian',
    profiles: APACHE,
    async run(t) {
      const path = await nodeWith(t, all & ~read);
      const s = await t.session();
      await s.ok(ask.addWatch(path, 0));
      await (await t.user(OWNER_CREDENTIAL)).ok(ask.setData(path, 'w'));
      const events = await s.allEvents();
      // The version does not tell whether a distribution has mended an older release.
      if (t.rules.readGuardsExists || events.length > 1) equal(events, [], 'events');
    },
  },
];

const INVALID: readonly (readonly [id: string, what: string, acl: readonly AclEntry[] | null])[] = [
  ['null', 'null', null],
  ['empty', 'an empty list', []],
  ['unknown-scheme', 'an unknown scheme', [ask.entry(all, 'nonsense', 'x')]],
  ['null-scheme', 'a null scheme', [ask.entry(all, null, 'x')]],
  ['world-nobody', 'world with another id than anyone', [ask.entry(all, 'world', 'nobody')]],
  ['digest-without-colon', 'a digest id without a colon', [ask.entry(all, 'digest', 'bob')]],
  ['ip-text', 'an ip id that is no address', [ask.entry(all, 'ip', 'bob')]],
  ['ip-bits', 'an ip id with too many bits', [ask.entry(all, 'ip', '127.0.0.1/33')]],
  ['auth-nobody', 'auth from a session without identities', [ask.entry(all, 'auth', '')]],
  ['one-of-two', 'one bad entry behind a good one', [...ask.OPEN, ask.entry(all, 'nonsense', 'x')]],
];

const INVALID_CHECKS = INVALID.map(([id, what, acl]) => ({
  id: `invalid-${id}`,
  title: `an ACL that is refused (-114): ${what}`,
  source: SOURCE.seen,
  profiles: APACHE,
  async run(t) {
    if (id === 'auth-nobody') t.needNobody();
    const s = await t.session();
    await s.refused(ask.create(t.at('a'), { acl }), 'INVALIDACL');
    await s.refused(ask.setAcl(t.root, acl), 'INVALIDACL');
    equal((await s.stat(t.root)).aversion, 0, 'aversion');
  },
})) satisfies AreaCheck[];

const KEEPING: readonly AreaCheck[] = [
  {
    id: 'get-what-was-set',
    title: 'getACL gives entries, their order and the Stat of the node',
    source: SOURCE.recorded,
    async run(t) {
      const s = await t.session();
      const acl = [
        ask.entry(read, 'ip', '127.0.0.1/8'),
        ask.entry(read | write, 'digest', digestId('bob:secret')),
        ask.entry(all, 'world', 'anyone'),
      ];
      await s.make(t.at('n'), { acl });
      const got = (await s.ok(ask.getAcl(t.at('n')))).acl();
      equal(got.acl, asWire(acl), 'ACL');
      equal(got.stat, await s.stat(t.at('n')), 'Stat');
    },
  },
  {
    id: 'duplicates',
    title: 'entries that are equal are kept once',
    source: 'ZOOKEEPER-1877; seen on 3.8.0 and 3.9.5',
    profiles: APACHE,
    async run(t) {
      const s = await t.session();
      await s.ok(ask.setAcl(t.root, [...ask.OPEN, ...ask.OPEN]));
      equal((await s.ok(ask.getAcl(t.root))).acl().acl, asWire(ask.OPEN), 'ACL');
    },
  },
  {
    id: 'auth-is-fixed-up',
    title: 'auth stands for the identities of the session that sets it, its address not among them',
    source: SOURCE.recorded,
    async run(t) {
      t.needNobody();
      const s = await t.user(OWNER_CREDENTIAL);
      await s.ok(ask.auth('digest', 'bob:secret'));
      await s.make(t.at('n'), { acl: [ask.entry(read | admin, 'auth', '')] });
      const { acl } = (await s.ok(ask.getAcl(t.at('n')))).acl();
      const expected = [OWNER_CREDENTIAL, 'bob:secret'].map((credential) =>
        ask.entry(read | admin, 'digest', digestId(credential)),
      );
      const byId = (one: ACL, other: ACL): number => (`${one.id.id}` < `${other.id.id}` ? -1 : 1);
      equal(acl.sort(byId), asWire(expected).sort(byId), 'ACL');
    },
  },
  {
    id: 'hashes-are-masked',
    title: 'who has no ADMIN sees digest ids as user:x',
    source: SOURCE.recorded,
    async run(t) {
      const path = await nodeWith(t, read);
      const { acl } = (await (await t.session()).ok(ask.getAcl(path))).acl();
      const user = OWNER_CREDENTIAL.slice(0, OWNER_CREDENTIAL.indexOf(':'));
      const masked = [ask.entry(read, 'world', 'anyone'), ask.entry(all, 'digest', `${user}:x`)];
      equal(acl, asWire(masked), 'ACL');
    },
  },
  {
    id: 'aversion',
    title: 'setACL of another aversion is refused (-103); every change counts it up',
    source: SOURCE.guide,
    async run(t) {
      const s = await t.session();
      await s.refused(ask.setAcl(t.root, ask.OPEN, 1), 'BADVERSION');
      statHas(
        (await s.ok(ask.setAcl(t.root, ask.OPEN, 0))).stat(),
        { aversion: 1, version: 0 },
        'it',
      );
      await s.refused(ask.setAcl(t.root, ask.OPEN, 0), 'BADVERSION');
      statHas((await s.ok(ask.setAcl(t.root, ask.OPEN, -1))).stat(), { aversion: 2 }, 'the node');
    },
  },
  {
    id: 'set-no-node',
    title: 'setACL of a node that is not there is refused (-101)',
    source: SOURCE.guide,
    async run(t) {
      await (await t.session()).refused(ask.setAcl(t.at('none'), ask.OPEN), 'NONODE');
    },
  },
];

const IDENTITIES: readonly AreaCheck[] = [
  {
    id: 'digest',
    title: 'the right password opens a node, a wrong one or none does not',
    source: SOURCE.guide,
    async run(t) {
      const owner = await t.user(OWNER_CREDENTIAL);
      const bob = ask.entry(read, 'digest', digestId('bob:secret'));
      await owner.make(t.at('n'), { acl: [bob, OWNER] });
      await (await t.user('bob:secret')).ok(ask.getData(t.at('n')));
      await (await t.user('bob:wrong')).refused(ask.getData(t.at('n')), 'NOAUTH');
      await (await t.session()).refused(ask.getData(t.at('n')), 'NOAUTH');
    },
  },
  {
    id: 'identities-add-up',
    title: 'a session may do what any of its identities may',
    source: SOURCE.guide,
    async run(t) {
      const owner = await t.user(OWNER_CREDENTIAL);
      const entries = ['bob:1', 'ann:2'].map((each) => ask.entry(read, 'digest', digestId(each)));
      await owner.make(t.at('b'), { acl: [entries[0]!, OWNER] });
      await owner.make(t.at('a'), { acl: [entries[1]!, OWNER] });
      const both = await t.user('bob:1');
      await both.ok(ask.auth('digest', 'ann:2'));
      await both.ok(ask.getData(t.at('b')));
      await both.ok(ask.getData(t.at('a')));
    },
  },
  {
    id: 'ip',
    title: 'an ip entry is for sessions from that address only',
    source: SOURCE.guide,
    async run(t) {
      const owner = await t.user(OWNER_CREDENTIAL);
      const clients = (await owner.ok(ask.whoAmI())).identities();
      const address = clients.find(({ scheme }) => scheme === 'ip')?.user ?? '';
      if (!/^\d+\.\d+\.\d+\.\d+$/.test(address)) t.excuse('the connection is not over IPv4');
      const other = address === '192.0.2.1' ? '192.0.2.2' : '192.0.2.1';
      const s = await t.session();
      const cases = [
        [address, true],
        [`${address}/24`, true],
        [other, false],
        [`${other}/32`, false],
      ] as const;
      for (const [index, [id, isAllowed]] of cases.entries()) {
        await owner.make(t.at(`n${index}`), { acl: [ask.entry(read, 'ip', id), OWNER] });
        const reply = await s.call(ask.getData(t.at(`n${index}`)));
        if (isAllowed) reply.ok();
        else reply.refused('NOAUTH');
      }
    },
  },
];

/** Permissions, and who has them. */
export const ACL_CHECKS: readonly ServerCheck[] = [
  ...area(
    'permission',
    'Nodes would be open to those they are closed to, or closed to their owners.',
    [...PERMISSION_CHECKS, ...SPECIAL_PERMISSIONS],
  ),
  ...area('acl', 'Access control lists would not be what their owners have set.', [
    ...INVALID_CHECKS,
    ...KEEPING,
    ...IDENTITIES,
  ]),
];
