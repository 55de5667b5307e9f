import type { AuthScheme } from './auth-scheme.ts';

/** Who has logged in with SASL. */
export const SASL_SCHEME: AuthScheme = {
  name: 'sasl',
  authenticates: true,
  // Kerberos names have at most one slash before their one @; names without @ can be anything.
  isValid: (aclId) => !aclId.includes('@') || /^[^/@]*(\/[^/@]*)?@[^/@]*$/.test(aclId),
  matches: (id, aclId) => id === aclId || id === 'super',
  userOf: (id) => id,
};
