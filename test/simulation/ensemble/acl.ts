import { createHash } from 'node:crypto';
import type { ACL, Id } from '../../../src/codec/records.gen.ts';

export const PERMISSION = { read: 1, write: 2, create: 4, delete: 8, admin: 16 } as const;

/** Whether one of `ids` may do what `permission` says. */
export function allows(acl: readonly ACL[], permission: number, ids: readonly Id[]): boolean {
  return acl.some(
    ({ perms, id }) =>
      (perms & permission) !== 0 &&
      (id.scheme === 'world' || ids.some((own) => own.scheme === id.scheme && own.id === id.id)),
  );
}

/** The ACL as it is stored: `auth` stands for the creator's own ids. Null when it cannot be. */
export function storedAcl(acl: readonly ACL[] | null, ids: readonly Id[]): ACL[] | null {
  if (acl === null || acl.length === 0) return null;
  const stored: ACL[] = [];
  for (const { perms, id } of acl) {
    if (id.scheme === 'auth') {
      const own = ids.filter(({ scheme }) => scheme === 'digest' || scheme === 'sasl');
      if (own.length === 0) return null;
      for (const each of own) stored.push({ perms, id: each });
    } else if (isKnown(id)) {
      stored.push({ perms, id });
    } else {
      return null;
    }
  }
  return stored;
}

function isKnown({ scheme, id }: Id): boolean {
  if (scheme === 'world') return id === 'anyone';
  if (scheme === 'digest') return id?.split(':').length === 2;
  return scheme === 'ip' || scheme === 'sasl';
}

/** The id that a `user:password` gives, as servers store it. */
export function digestId(credential: string): Id {
  const user = credential.slice(0, Math.max(0, credential.indexOf(':')));
  const hash = createHash('sha1').update(credential).digest('base64');
  return { scheme: 'digest', id: `${user}:${hash}` };
}
