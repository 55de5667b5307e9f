import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SaslUsers } from './server-options.ts';

/** What Java's reader of JAAS files takes as the name of an option. */
const USER = /^[\p{L}_$*-][\p{L}\p{N}_$*.-]*$/u;

/** `zoo.cfg` lines that let clients log in with SASL. */
export function saslConfigLines({ login = 'optional' }: SaslUsers): string[] {
  const lines = ['authProvider.sasl=org.apache.zookeeper.server.auth.SASLAuthenticationProvider'];
  if (login === 'required') lines.push('sessionRequireClientSASLAuth=true');
  if (login === 'forgiving') lines.push('allowSaslFailedClients=true');
  return lines;
}

/**
 * Writes the users into a JAAS file that goes with the server, and gives the flags that name it.
 *
 * @throws Error for a user or password that such a file cannot hold.
 */
export function saslJvmFlags({ users }: SaslUsers, directory: string): string[] {
  const options = Object.entries(users).map(([user, password]) => jaasOption(user, password));
  const login = 'org.apache.zookeeper.server.auth.DigestLoginModule required';
  const path = join(directory, 'server.jaas');
  // A restart writes it again.
  writeFileSync(path, `Server { ${[login, ...options].join(' ')}; };\n`, { mode: 0o600 });
  return [`-Djava.security.auth.login.config=${path}`];
}

function jaasOption(user: string, password: string): string {
  if (!USER.test(user)) throw new Error(`a JAAS file cannot hold the user ${JSON.stringify(user)}`);
  // Java puts in system properties for ${...}, and ends a text at the end of its line.
  if (/\$\{|[\r\n]/.test(password)) throw new Error(`a JAAS file cannot hold ${user}'s password`);
  return `user_${user}="${password.replace(/["\\]/g, '\\$&')}"`;
}
