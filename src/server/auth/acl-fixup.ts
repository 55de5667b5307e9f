import { type ACL, type Id, SERVER_CODE } from '../../codec/index.ts';
import type { AuthScheme } from './auth-scheme.ts';

/**
 * Entries of one ACL once `auth` has become ids. A request has room for 87,000 that are written
 * out, so this bounds only what a few of them can be made to stand for.
 */
export const ACL_ENTRIES_MAX = 100_000;

const { INVALIDACL, MARSHALLINGERROR } = SERVER_CODE;

/** Above this many entries comparing each with each costs more than a set of them. */
const PAIRWISE_MAX = 16;

/** The scheme of a name, of those that the server has. */
export type SchemeByName = (name: string) => AuthScheme | undefined;

/**
 * What `acl`, as a client sent it, becomes in the tree: without repeated entries, and with the
 * client's ids in the place of `auth`. A number is the code of its refusal.
 */
export function fixedAcl(
  acl: readonly ACL[] | null,
  ids: readonly Id[],
  schemeOf: SchemeByName,
): readonly ACL[] | number {
  if (acl === null || acl.length === 0) return INVALIDACL;
  if (acl.length === 1 && isWorld(acl[0]!.id)) return acl;
  const entries = withoutRepeats(acl);
  if (entries === null) return MARSHALLINGERROR;
  const fixed: ACL[] = [];
  for (const entry of entries) {
    const code = isWorld(entry.id) ? fixed.push(entry) : addFixed(fixed, entry, ids, schemeOf);
    if (code < 0) return code;
    if (fixed.length > ACL_ENTRIES_MAX) return INVALIDACL;
  }
  return fixed;
}

/** Adds what one entry stands for. Below 0: the code of its refusal. */
function addFixed(fixed: ACL[], entry: ACL, ids: readonly Id[], schemeOf: SchemeByName): number {
  const { scheme, id } = entry.id;
  if (scheme === null) return INVALIDACL;
  if (scheme === 'auth') return addOwn(fixed, entry.perms, ids, schemeOf);
  // A real server stumbles over the missing name, and takes the request for undecodable.
  if (scheme === 'world' && id === null) return MARSHALLINGERROR;
  const known = schemeOf(scheme);
  if (known === undefined) return INVALIDACL;
  if (id === null) return MARSHALLINGERROR;
  return known.isValid(id) ? fixed.push(entry) : INVALIDACL;
}

/** The ids of the client that it has proved; there must be one. */
function addOwn(fixed: ACL[], perms: number, ids: readonly Id[], schemeOf: SchemeByName): number {
  const before = fixed.length;
  for (const id of ids) {
    if (schemeOf(id.scheme ?? '')?.authenticates === true) fixed.push({ perms, id });
  }
  return fixed.length > before ? 0 : INVALIDACL;
}

function isWorld(id: Id): boolean {
  return id.id === 'anyone' && id.scheme === 'world';
}

/** Each entry once, the first of them. Null where a real server stumbles: comparing what has no name. */
function withoutRepeats(acl: readonly ACL[]): readonly ACL[] | null {
  if (acl.length === 1) return acl;
  return acl.length > PAIRWISE_MAX ? uniqueBySet(acl) : uniqueByPairs(acl);
}

function uniqueByPairs(acl: readonly ACL[]): readonly ACL[] | null {
  const unique: ACL[] = [];
  for (const entry of acl) {
    let isRepeat = false;
    for (const earlier of unique) {
      if (entry.perms !== earlier.perms) continue;
      if (entry.id.scheme === null) return null;
      if (entry.id.scheme !== earlier.id.scheme) continue;
      if (entry.id.id === null) return null;
      isRepeat = entry.id.id === earlier.id.id;
      if (isRepeat) break;
    }
    if (!isRepeat) unique.push(entry);
  }
  return unique;
}

function uniqueBySet(acl: readonly ACL[]): readonly ACL[] | null {
  const unique: ACL[] = [];
  const seen = new Set<string>();
  for (const entry of acl) {
    const { perms, id } = entry;
    // One of these is what a real server compares with an earlier entry before it knows them to differ.
    const compared = [`${perms}`, JSON.stringify([perms, id.scheme])] as const;
    if (id.scheme === null && seen.has(compared[0])) return null;
    if (id.id === null && seen.has(compared[1])) return null;
    const whole = JSON.stringify([perms, id.scheme, id.id]);
    if (seen.has(whole)) continue;
    for (const key of compared) seen.add(key);
    seen.add(whole);
    unique.push(entry);
  }
  return unique;
}
