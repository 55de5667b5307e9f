import type { AuthScheme } from './auth-scheme.ts';
import { isDistinguishedName } from './distinguished-name.ts';

/** Who has shown a TLS certificate: its subject. */
export class X509Scheme implements AuthScheme {
  readonly name = 'x509';
  readonly authenticates = true;
  /** Subject who may do everything; undefined: nobody. */
  readonly superUser: string | undefined;

  constructor(superUser: string | undefined) {
    this.superUser = superUser;
  }

  isValid(aclId: string): boolean {
    return isDistinguishedName(aclId);
  }

  matches(id: string, aclId: string): boolean {
    return id === aclId || id === this.superUser;
  }

  userOf(id: string): string {
    return id;
  }
}
