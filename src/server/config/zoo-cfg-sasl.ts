import { readFileSync } from 'node:fs';
import { type JaasLogin, parseJaas } from './jaas-file.ts';
import { badOption } from './option-checks.ts';
import type { OptionsDraft, Setting } from './zoo-cfg-settings.ts';

const DIGEST_LOGIN = 'org.apache.zookeeper.server.auth.DigestLoginModule';

/** Providers that are always there, and the one that the users of a JAAS file make. */
const KNOWN_PROVIDERS = /\.(SASL|Digest|IP|X509)AuthenticationProvider$/;

/** Users of SASL from the JAAS file, and what happens to those who are none of them. */
export function readSasl(
  options: OptionsDraft,
  notes: string[],
  take: (name: string) => Setting | undefined,
): void {
  const required = isTrue(take('zookeeper.sessionRequireClientSASLAuth'));
  const allowFailedClients = isTrue(take('zookeeper.allowSaslFailedClients'));
  const section = take('zookeeper.sasl.serverconfig')?.value ?? 'Server';
  const file = take('java.security.auth.login.config');
  const logins = file === undefined ? undefined : readJaasFile(file).get(section);
  const digest = logins?.find(({ module }) => module === DIGEST_LOGIN);
  for (const { module } of logins ?? []) {
    if (module !== DIGEST_LOGIN) {
      notes.push(`${file?.where}: ${section}: SASL is DIGEST-MD5 only, not ${module}`);
    }
  }
  // Without users there is nobody who could meet the requirement, as in ZooKeeper.
  if (digest === undefined && !required) return;
  options.sasl = { users: usersOf(digest), required, allowFailedClients };
}

/** Notes the classes among `authProvider.*` that do nothing here. */
export function noteProvider({ value, where }: Setting, notes: string[]): void {
  if (KNOWN_PROVIDERS.test(value)) return;
  notes.push(`${where}: there is no authentication by ${value}; known are digest, ip, sasl, x509`);
}

function isTrue(setting: Setting | undefined): boolean {
  return setting?.value.toLowerCase() === 'true';
}

function readJaasFile({ name, value, where }: Setting): ReadonlyMap<string, readonly JaasLogin[]> {
  let content: string;
  try {
    content = readFileSync(value, 'utf8');
  } catch (error) {
    throw badOption(`${where}: ${name}: cannot read it: ${(error as Error).message}`);
  }
  return parseJaas(content);
}

function usersOf(login: JaasLogin | undefined): Record<string, string> {
  const users: [string, string][] = [];
  for (const [option, value] of login?.options ?? []) {
    if (option.startsWith('user_')) users.push([option.slice('user_'.length), value]);
  }
  // A user may be called __proto__.
  return Object.fromEntries(users);
}
