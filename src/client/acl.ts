import { createHash } from 'node:crypto';
import { ZkwireError } from '../errors.ts';
import type { ACL, Id } from './types.ts';

/** What an ACL entry can allow; add up what is wanted: `PERMS.READ | PERMS.WRITE`. */
export const PERMS = {
  /** Data and names of the children. */
  READ: 1,
  /** Set the data. */
  WRITE: 2,
  /** Create a child. */
  CREATE: 4,
  /** Delete a child (not the node itself). */
  DELETE: 8,
  /** Set the ACL, and see the hashes in it. */
  ADMIN: 16,
  ALL: 31,
} as const;

const ANYONE: Id = Object.freeze({ scheme: 'world', id: 'anyone' });
/** The server puts in the identities of the session that creates the node. */
const CREATOR: Id = Object.freeze({ scheme: 'auth', id: '' });

/** ACLs and their entries; see {@link acl}. */
export interface AclBuilder {
  /** Everybody may do everything: the ACL of a node when the caller names none. */
  readonly open: readonly ACL[];
  /** Everybody may read, nobody may do anything else. */
  readonly readOnly: readonly ACL[];
  /**
   * Who creates the node may do everything, nobody else anything. The session needs an identity
   * (`addAuth`, SASL), or it is refused with `INVALIDACL`.
   */
  readonly creatorAll: readonly ACL[];
  /** Everybody. Permissions have to be named. */
  world(perms: number): ACL;
  /** The identities of the session that writes the ACL. */
  auth(perms?: number): ACL;
  /** Whoever shows this password. Only its hash is sent. */
  digest(user: string, password: string, perms?: number): ACL;
  /** `10.0.0.7`, or a network as `10.0.0.0/8`. */
  ip(address: string, perms?: number): ACL;
  /** Name that SASL gave. */
  sasl(user: string, perms?: number): ACL;
  /** Subject of a TLS client certificate, as `CN=client,O=example`. */
  x509(subject: string, perms?: number): ACL;
}

/**
 * ACLs, and single entries to put together: `[...acl.readOnly, acl.digest('user', 'password')]`.
 * Permissions are all unless they are named. What makes no sense is a ZkwireError `BAD_ARGUMENT`.
 */
export const acl: AclBuilder = {
  open: Object.freeze([entry(PERMS.ALL, ANYONE)]),
  readOnly: Object.freeze([entry(PERMS.READ, ANYONE)]),
  creatorAll: Object.freeze([entry(PERMS.ALL, CREATOR)]),
  world: (perms) => entry(perms, ANYONE),
  auth: (perms = PERMS.ALL) => entry(perms, CREATOR),
  digest: (user, password, perms = PERMS.ALL) => entry(perms, digestId(user, password)),
  ip: (address, perms = PERMS.ALL) => entry(perms, named('ip', address)),
  sasl: (user, perms = PERMS.ALL) => entry(perms, named('sasl', user)),
  x509: (subject, perms = PERMS.ALL) => entry(perms, named('x509', subject)),
};

/** How ACLs name a user of scheme `digest`: `user:base64(sha1(user:password))`. */
export function digestId(user: string, password: string): Id {
  if (typeof user !== 'string' || user === '' || user.includes(':')) {
    throw bad('the user of a digest must be a string, not empty, without a colon');
  }
  if (typeof password !== 'string') throw bad('the password of a digest must be a string');
  const hash = createHash('sha1').update(`${user}:${password}`).digest('base64');
  return { scheme: 'digest', id: `${user}:${hash}` };
}

function named(scheme: string, id: string): Id {
  if (typeof id !== 'string' || id === '') throw bad(`scheme ${scheme} needs a name`);
  return { scheme, id };
}

function entry(perms: number, id: Id): ACL {
  if (!Number.isInteger(perms) || perms < 0 || perms > PERMS.ALL) {
    throw bad(`permissions ${perms} are no sum of PERMS`);
  }
  return Object.freeze({ perms, id });
}

function bad(detail: string): ZkwireError {
  return new ZkwireError('BAD_ARGUMENT', detail);
}
