import { createHash } from 'node:crypto';
import type { AuthScheme } from './auth-scheme.ts';

/** Users with passwords; nobody keeps a list of them. An id is the user and a hash of both. */
export class DigestScheme implements AuthScheme {
  readonly name = 'digest';
  readonly authenticates = true;
  readonly #algorithm: string;

  /** `algorithm`: as `node:crypto` names it. */
  constructor(algorithm: string) {
    this.#algorithm = algorithm;
  }

  /** The id of who shows `credential`, which is `user:password`. */
  idOf(credential: string): string {
    const colon = credential.indexOf(':');
    const user = colon < 0 ? credential : credential.slice(0, colon);
    return `${user}:${createHash(this.#algorithm).update(credential).digest('base64')}`;
  }

  /** Two parts; as Java splits, colons at the end do not count. */
  isValid(aclId: string): boolean {
    const colon = aclId.indexOf(':');
    return colon >= 0 && /^[^:]+:*$/.test(aclId.slice(colon + 1));
  }

  matches(id: string, aclId: string): boolean {
    return id === aclId;
  }

  userOf(id: string): string {
    return id.slice(0, id.indexOf(':'));
  }
}
