import { describe, expect, it } from 'vitest';
import { acl, digestId, PERMS } from '../../../src/client/index.ts';
import { ZkwireError } from '../../../src/errors.ts';

const anything = (value: unknown): never => value as never;

describe('acl', () => {
  it('has the usual lists, which nobody can change', () => {
    const world = { scheme: 'world', id: 'anyone' };
    expect(acl.open).toEqual([{ perms: 31, id: world }]);
    expect(acl.readOnly).toEqual([{ perms: 1, id: world }]);
    expect(acl.creatorAll).toEqual([{ perms: 31, id: { scheme: 'auth', id: '' } }]);
    for (const list of [acl.open, acl.readOnly, acl.creatorAll]) {
      expect([list, list[0], list[0]?.id].map(Object.isFrozen)).toEqual([true, true, true]);
    }
  });

  it('builds entries', () => {
    expect(acl.world(PERMS.READ | PERMS.CREATE)).toEqual({
      perms: 5,
      id: { scheme: 'world', id: 'anyone' },
    });
    expect(acl.auth()).toEqual({ perms: 31, id: { scheme: 'auth', id: '' } });
    expect(acl.ip('10.0.0.0/8', PERMS.DELETE)).toEqual({
      perms: 8,
      id: { scheme: 'ip', id: '10.0.0.0/8' },
    });
    expect(acl.sasl('me', PERMS.WRITE)).toEqual({ perms: 2, id: { scheme: 'sasl', id: 'me' } });
    expect(acl.x509('CN=me', PERMS.ADMIN)).toEqual({
      perms: 16,
      id: { scheme: 'x509', id: 'CN=me' },
    });
  });

  it('hashes digests as servers do', () => {
    expect(digestId('u', 'p')).toEqual({ scheme: 'digest', id: 'u:Jq7wMyA/w2Vd5WIDAKdu4OIIFEQ=' });
    expect(acl.digest('u', 'p', 3)).toEqual({ perms: 3, id: digestId('u', 'p') });
    expect(digestId('u', '').id).toMatch(/^u:.{28}$/);
    expect(digestId('ü', 'pä:ss').id).toMatch(/^ü:.{28}$/);
  });

  it.each([
    () => acl.world(32),
    () => acl.world(-1),
    () => acl.world(1.5),
    () => acl.world(anything(undefined)),
    () => acl.ip(''),
    () => acl.sasl(anything(null)),
    () => acl.digest('', 'secret'),
    () => acl.digest('a:b', 'secret'),
    () => acl.digest(anything(7), 'secret'),
    () => digestId('u', anything(undefined)),
  ])('refuses what makes no sense, and tells no password (%#)', (build) => {
    try {
      build();
    } catch (error) {
      expect(ZkwireError.is(error)).toBe(true);
      expect((error as ZkwireError).code).toBe('BAD_ARGUMENT');
      expect(String(error)).not.toContain('secret');
      return;
    }
    expect.unreachable('it was built');
  });
});
