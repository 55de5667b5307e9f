import { inspect } from 'node:util';
import { CREDENTIALS_MAX } from '../limits.ts';
import { badArgument, checkBytes, checkText } from './auth-arguments.ts';

/** An identity for the session: what op 100 sends. */
export interface Credential {
  /** Authentication scheme that the server knows: `digest`, `ensemble`, or one of its own. */
  readonly scheme: string;
  /** In the terms of the scheme, `user:password` for `digest`. A string is sent as UTF-8. */
  readonly auth: Uint8Array | string;
}

/** Longest name of a scheme; those in use have about ten characters. */
const SCHEME_CHARS_MAX = 255;

/**
 * Credential of scheme `digest`, known to ACLs as `user:base64(sha1(user:password))`. Servers take any
 * user with any password; what that opens, the ACLs say. The password crosses the wire in clear: use
 * TLS where others can listen. Logs and inspection do not show it.
 *
 * Throws a ZkwireError with code `BAD_ARGUMENT`.
 */
export function digestCredential(user: string, password: string): Credential {
  checkText('user', user);
  if (user === '') throw badArgument('user must not be empty');
  if (user.includes(':'))
    throw badArgument('user must not have a colon: there the password begins');
  checkText('password', password);
  return new CheckedCredential({ scheme: 'digest', auth: `${user}:${password}` });
}

/** Checked, copied, and its secret where no log, inspection or JSON finds it. */
export class CheckedCredential implements Credential {
  readonly scheme: string;
  readonly #auth: Buffer;

  /** Throws a ZkwireError with code `BAD_ARGUMENT`. */
  constructor(credential: Credential) {
    const { scheme, auth } = credential;
    checkText('scheme', scheme);
    if (scheme === '' || scheme.length > SCHEME_CHARS_MAX) {
      throw badArgument(`scheme must have 1 to ${SCHEME_CHARS_MAX} characters`);
    }
    if (auth instanceof Uint8Array) checkBytes('auth', auth.length);
    else checkText('auth', auth);
    this.scheme = scheme;
    this.#auth = Buffer.from(auth as Uint8Array);
  }

  /** As it is sent. Lent: not to be changed. */
  get auth(): Uint8Array {
    return this.#auth;
  }

  equals(other: CheckedCredential): boolean {
    return this.scheme === other.scheme && this.#auth.equals(other.#auth);
  }
}

// What `console.log` shows. Asked to, Node would call the getter of the secret.
Object.defineProperty(CheckedCredential.prototype, inspect.custom, {
  value(this: CheckedCredential): string {
    return `Credential ${inspect({ ...this })}`;
  },
});

/**
 * The credentials of a session, in the order in which they were added. All of them go out on every
 * new connection, before the watches; servers know no way to take one back.
 */
export class Credentials implements Iterable<CheckedCredential> {
  readonly #list: CheckedCredential[] = [];

  /** Throws a ZkwireError with code `BAD_ARGUMENT`. */
  constructor(credentials: Iterable<Credential> = []) {
    for (const credential of credentials) this.add(credential);
  }

  /**
   * Keeps a credential and gives it as it is to be sent. One that is kept already keeps its place and
   * is given again. Throws a ZkwireError with code `BAD_ARGUMENT`, also when there are 64 already.
   */
  add(credential: Credential): CheckedCredential {
    const checked = new CheckedCredential(credential);
    const same = this.#list.find((kept) => kept.equals(checked));
    if (same !== undefined) return same;
    if (this.#list.length >= CREDENTIALS_MAX) {
      throw badArgument(`a session keeps ${CREDENTIALS_MAX} credentials at most`);
    }
    this.#list.push(checked);
    return checked;
  }

  /** In order; those that are added meanwhile are not among them. */
  [Symbol.iterator](): Iterator<CheckedCredential> {
    return [...this.#list].values();
  }
}
