import { X509Certificate } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { ACL } from '../../../../src/codec/index.ts';
import { AccessControl, type AccessOptions } from '../../../../src/server/auth/access-control.ts';
import { ACL_ENTRIES_MAX } from '../../../../src/server/auth/acl-fixup.ts';
import { CONNECTION_IDS_MAX, ConnectionIds } from '../../../../src/server/auth/connection-ids.ts';
import { maskedAcl } from '../../../../src/server/auth/masked-acl.ts';
import { PERMISSION } from '../../../../src/server/auth/permissions.ts';
import { digestId } from '../../../../tools/zookeeper/index.ts';
import { entry, OPEN } from '../requests/write-requests.ts';
import { CERTIFICATE, SUBJECT } from './certificate.ts';

const { READ, WRITE, ADMIN } = PERMISSION;

function control(options: Partial<AccessOptions> = {}): AccessControl {
  return new AccessControl({
    release: '3.8',
    skipAcl: false,
    superDigest: digestId('super', 'admin'),
    digestAlgorithm: 'sha1',
    hasSasl: false,
    hasTls: false,
    ...options,
  });
}

function somebody(): ConnectionIds {
  return new ConnectionIds('127.0.0.1');
}

function shown({ list }: ConnectionIds): string[] {
  return list.map(({ scheme, id }) => `${scheme}:${id}`).sort();
}

describe('auth requests', () => {
  const access = control();

  it('take any user and password for what they are', () => {
    const ids = somebody();
    expect(access.authenticate('digest', Buffer.from('u:p'), ids)).toBe('accepted');
    expect(access.authenticate('digest', Buffer.from('u:p'), ids)).toBe('accepted');
    expect(access.authenticate('digest', Buffer.from('none'), ids)).toBe('accepted');
    expect(access.authenticate('digest', Buffer.from(''), ids)).toBe('accepted');
    expect(shown(ids)).toEqual([
      'digest::2jmj7l5rSw0yVb/vlWAYkK/YBwk=',
      'digest:none:cfjnl25MvEVhydYvsoPn94ggKss=',
      'digest:u:Jq7wMyA/w2Vd5WIDAKdu4OIIFEQ=',
      'ip:127.0.0.1',
    ]);
  });

  it('know the super user', () => {
    const ids = somebody();
    access.authenticate('digest', Buffer.from('super:wrong'), ids);
    expect(shown(ids)).toHaveLength(2);
    access.authenticate('digest', Buffer.from('super:admin'), ids);
    expect(shown(ids)).toContain('super:');
    const nobody = somebody();
    control({ superDigest: undefined }).authenticate('digest', Buffer.from('super:admin'), nobody);
    expect(shown(nobody)).not.toContain('super:');
  });

  it('hash as they are told', () => {
    const ids = somebody();
    control({ digestAlgorithm: 'sha256' }).authenticate('digest', Buffer.from('u:p'), ids);
    expect(shown(ids)[0]).toBe('digest:u:/Y8xRBngpX5duYn15uUqIRaIaCviy5TEwSk419hCwuA=');
  });

  it.each([
    ['digest', null, 'refused'],
    ['ip', null, 'accepted'],
    ['ip', '10.0.0.1', 'accepted'],
    ['world', 'anyone', 'refused'],
    ['auth', '', 'refused'],
    ['super', '', 'refused'],
    ['sasl', 'u', 'refused'],
    ['x509', 'CN=a', 'refused'],
    ['ensemble', 'a', 'refused'],
    ['', '', 'refused'],
    [null, null, 'refused'],
  ])('%s %j: %s', (scheme, auth, outcome) => {
    const ids = somebody();
    expect(access.authenticate(scheme, auth === null ? null : Buffer.from(auth), ids)).toBe(
      outcome,
    );
    expect(shown(ids)).toEqual(['ip:127.0.0.1']);
  });

  it('ask for the name of the ensemble', () => {
    const any = control({ ensembleNames: new Set() });
    const named = control({ ensembleNames: new Set(['one', 'two']) });
    expect(any.authenticate('ensemble', Buffer.from('x'), somebody())).toBe('accepted');
    expect(named.authenticate('ensemble', Buffer.from('two'), somebody())).toBe('accepted');
    expect(named.authenticate('ensemble', Buffer.from('three'), somebody())).toBe('closed');
    expect(named.authenticate('ensemble', Buffer.from(''), somebody())).toBe('accepted');
    expect(named.authenticate('ensemble', null, somebody())).toBe('accepted');
  });

  it('are refused when there are too many', () => {
    const ids = somebody();
    const outcomes = Array.from({ length: 2 * CONNECTION_IDS_MAX }, (_, n) =>
      access.authenticate('digest', Buffer.from(`u:${n}`), ids),
    );
    expect(outcomes.indexOf('refused')).toBe(CONNECTION_IDS_MAX - 1);
    expect(access.authenticate('digest', Buffer.from('super:admin'), ids)).toBe('refused');
  });

  it('leave no secret to be seen', () => {
    const ids = somebody();
    access.authenticate('digest', Buffer.from('user:password'), ids);
    expect(inspect([access, ids], { depth: 9, showHidden: true })).not.toMatch(/password|super:/);
  });
});

describe('certificates and SASL', () => {
  const certificate = new X509Certificate(CERTIFICATE);

  it('make ids', () => {
    const access = control({ hasTls: true, hasSasl: true });
    const ids = somebody();
    expect(access.addCertificate(certificate, ids)).toBe(true);
    expect(access.addSaslUser('bob', ids)).toBe(true);
    expect(shown(ids)).toEqual(['ip:127.0.0.1', 'sasl:bob', `x509:${SUBJECT}`]);
    expect(access.authenticate('x509', null, ids)).toBe('accepted');
    expect(access.fixed([entry(1, 'auth', '')], ids.list)).toHaveLength(2);
    expect(access.allows([entry(31, 'x509', SUBJECT)], READ, ids.list)).toBe(true);
    expect(access.allows([entry(31, 'x509', 'CN=other')], READ, ids.list)).toBe(false);
    expect(access.allows([entry(31, 'sasl', 'bob')], READ, ids.list)).toBe(true);
    expect(access.allows([entry(31, 'sasl', 'eve')], READ, ids.list)).toBe(false);
    const infos = access.clientInfos(ids.list).map(({ authScheme, user }) => [authScheme, user]);
    expect(infos).toContainEqual(['sasl', 'bob']);
    expect(infos).toContainEqual(['x509', SUBJECT]);
  });

  it('need a subject', () => {
    const access = control({ hasTls: true });
    const ids = somebody();
    const broken = { raw: Buffer.alloc(10) } as X509Certificate;
    expect(access.addCertificate(broken, ids)).toBe(false);
    expect(shown(ids)).toEqual(['ip:127.0.0.1']);
  });

  it('make super users', () => {
    const access = control({
      hasTls: true,
      hasSasl: true,
      x509SuperUser: SUBJECT,
      saslSuperUser: 'root',
    });
    const [byTls, bySasl, other] = [somebody(), somebody(), somebody()];
    access.addCertificate(certificate, byTls);
    access.addSaslUser('root', bySasl);
    access.addSaslUser('other', other);
    const nobody = [entry(31, 'digest', 'a:b')];
    expect([byTls, bySasl, other].map((ids) => access.allows(nobody, READ, ids.list))).toEqual([
      true,
      true,
      false,
    ]);
    expect(shown(byTls)).toContain(`super:${SUBJECT}`);
    expect(shown(bySasl)).toContain('super:');
  });

  it('are names in ACLs where there is TLS or SASL', () => {
    const both = control({ hasTls: true, hasSasl: true });
    const [x509, sasl] = [[entry(31, 'x509', 'CN=a, O=b')], [entry(31, 'sasl', 'u/h@R')]];
    expect(both.fixed(x509, [])).toEqual(x509);
    expect(both.fixed(sasl, [])).toEqual(sasl);
    expect(both.fixed([entry(31, 'x509', 'nobody')], [])).toBe(-114);
    expect(both.fixed([entry(31, 'sasl', 'a@b@c')], [])).toBe(-114);
    expect(control().fixed(x509, [])).toBe(-114);
    expect(control().fixed(sasl, [])).toBe(-114);
  });

  it('a SASL user of the name super is meant by every ACL for SASL', () => {
    const access = control({ hasSasl: true });
    expect(access.allows([entry(31, 'sasl', 'bob')], READ, [{ scheme: 'sasl', id: 'super' }])).toBe(
      true,
    );
  });
});

describe('permissions', () => {
  const access = control();
  const { list } = somebody();

  it('are not needed where ACLs are not looked at', () => {
    const closed = [entry(31, 'digest', 'a:b')];
    expect(access.allows(closed, READ, list)).toBe(false);
    expect(control({ skipAcl: true }).allows(closed, READ, list)).toBe(true);
    expect(control({ skipAcl: true }).fixed([], list)).toBe(-114);
  });

  it('are one bit of those asked for', () => {
    expect(access.allows([entry(ADMIN, 'world', 'anyone')], READ | ADMIN, list)).toBe(true);
    expect(access.allows([entry(WRITE, 'world', 'anyone')], READ | ADMIN, list)).toBe(false);
    expect(access.allows([entry(WRITE, 'world', 'anyone'), ...OPEN], READ, list)).toBe(true);
    expect(access.allows([], READ, list)).toBe(true);
    expect(access.allows([entry(WRITE, 'ip', '127.0.0.1')], READ, list)).toBe(false);
    expect(access.allows([entry(READ, 'ip', '127.0.0.1')], READ, list)).toBe(true);
  });

  it('of schemes that are not there nobody has', () => {
    expect(access.allows([entry(31, 'foo', 'x')], READ, [{ scheme: 'foo', id: 'x' }])).toBe(false);
    expect(access.allows([entry(31, 'world', 'x')], READ, list)).toBe(false);
  });
});

describe('ACLs', () => {
  const access = control();

  it('are kept as they are where they are open', () => {
    expect(access.fixed(OPEN, [])).toBe(OPEN);
  });

  it('lose what is repeated, in long lists too', () => {
    const long: ACL[] = Array.from({ length: 1_000 }, (_, n) =>
      entry(n % 31, 'digest', `u:${n % 2}`),
    );
    expect(access.fixed(long, [])).toHaveLength(62);
    expect(access.fixed(long.slice(0, 10), [])).toHaveLength(10);
  });

  it('cannot be made to grow without end', () => {
    const ids = somebody();
    for (let n = 0; n < 50; n++) ids.add({ scheme: 'digest', id: `u:${n}` });
    const own: ACL[] = Array.from({ length: 3_000 }, (_, n) => entry(n, 'auth', ''));
    expect(access.fixed(own.slice(0, ACL_ENTRIES_MAX / 50), ids.list)).toHaveLength(
      ACL_ENTRIES_MAX,
    );
    expect(access.fixed(own, ids.list)).toBe(-114);
  });

  it('are shown without their digests, from each colon to the end of the line', () => {
    const acl = [
      entry(31, 'digest', 'u:hash'),
      entry(1, 'x509', 'CN=a:b'),
      entry(1, 'digest', 'a:b\nc:d'),
    ];
    expect(maskedAcl(acl)).toEqual([
      entry(31, 'digest', 'u:x'),
      acl[1],
      entry(1, 'digest', 'a:x\nc:x'),
    ]);
    expect(maskedAcl(OPEN)).toBe(OPEN);
    expect(acl[0]!.id.id).toBe('u:hash');
  });
});
