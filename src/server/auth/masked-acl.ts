import type { ACL } from '../../codec/index.ts';

/** `acl` without its digests, for those who may read a node and not administer it (CVE-2019-0201). */
export function maskedAcl(acl: readonly ACL[]): readonly ACL[] {
  if (!acl.some(({ id }) => id.scheme === 'digest')) return acl;
  return acl.map((entry) =>
    entry.id.scheme === 'digest' ? { perms: entry.perms, id: masked(entry.id.id) } : entry,
  );
}

/** From a colon to the end of the line, as Java's regular expressions know lines. */
function masked(id: string | null): ACL['id'] {
  return { scheme: 'digest', id: (id ?? '').replace(/:[^\n\r\u0085\u2028\u2029]*/g, ':x') };
}
