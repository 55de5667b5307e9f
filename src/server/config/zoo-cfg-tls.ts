import { readFileSync } from 'node:fs';
import type { TlsOptions } from 'node:tls';
import { badOption } from './option-checks.ts';
import type { OptionsDraft, Setting } from './zoo-cfg-settings.ts';

type Take = (name: string) => Setting | undefined;

const PROTOCOLS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;

/** The `ssl.*` settings of the client port as options of `node:tls`, when there is a secure port. */
export function readTls(options: OptionsDraft, notes: string[], take: Take): void {
  for (const name of NAMES) take(`zookeeper.ssl.${name}`);
  if (options.securePort === undefined) return;
  const identity = readStore(take, 'keyStore');
  const trust = readStore(take, 'trustStore');
  const auth = take('zookeeper.ssl.clientAuth');
  const protocols = take('zookeeper.ssl.enabledProtocols') ?? take('zookeeper.ssl.protocol');
  if (identity === undefined) {
    throw badOption(
      'secureClientPort needs ssl.keyStore.location: a PEM file with key and certificate',
    );
  }
  const tls: TlsOptions = { ...identity.asIdentity(), ...clientAuth(auth), ...versions(protocols) };
  if (trust !== undefined) Object.assign(tls, trust.asTrust());
  if (trust === undefined && tls.requestCert === true) {
    notes.push(
      'ssl.trustStore.location is not set: certificates of clients are checked against those of Node.js',
    );
  }
  options.tls = tls;
}

/** Those that are looked at, and those about how Java does it: what they ask for is so here, or does not arise. */
const NAMES = [
  'keyStore.location',
  'keyStore.password',
  'keyStore.passwordPath',
  'keyStore.type',
  'trustStore.location',
  'trustStore.password',
  'trustStore.passwordPath',
  'trustStore.type',
  'clientAuth',
  'enabledProtocols',
  'protocol',
  'authProvider',
  'handshakeDetectionTimeoutMillis',
  'hostnameVerification',
  'clientHostnameVerification',
] as const;

interface Store {
  asIdentity(): TlsOptions;
  asTrust(): TlsOptions;
}

function readStore(take: Take, which: 'keyStore' | 'trustStore'): Store | undefined {
  const location = take(`zookeeper.ssl.${which}.location`);
  const type = take(`zookeeper.ssl.${which}.type`)?.value;
  const password = readPassword(take, which);
  if (location === undefined) return undefined;
  const kind = (type ?? extension(location.value)).toUpperCase();
  if (kind !== 'PEM' && kind !== 'PKCS12') {
    throw badOption(
      `${location.where}: ssl.${which}.location must be a PEM file (.pem) or PKCS12 (.p12), not ${kind}:` +
        ' Node.js cannot read others',
    );
  }
  const content = readStoreFile(location, which);
  const secret = password === undefined ? {} : { passphrase: password };
  if (kind === 'PKCS12') {
    if (which === 'trustStore') {
      throw badOption(`${location.where}: ssl.trustStore.location must be a PEM file (.pem)`);
    }
    return { asIdentity: () => ({ pfx: content, ...secret }), asTrust: () => ({}) };
  }
  // A PEM file of ZooKeeper holds the key and its certificates one behind the other.
  return {
    asIdentity: () => ({ key: content, cert: content, ...secret }),
    asTrust: () => ({ ca: content }),
  };
}

function extension(path: string): string {
  const name = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  return name === 'p12' || name === 'pfx' ? 'PKCS12' : name;
}

function readPassword(take: Take, which: string): string | undefined {
  const password = take(`zookeeper.ssl.${which}.password`)?.value;
  const path = take(`zookeeper.ssl.${which}.passwordPath`);
  if (path === undefined) return password;
  return readStoreFile(path, `${which}.passwordPath`)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}

function readStoreFile({ value, where }: Setting, which: string): Buffer {
  try {
    return readFileSync(value);
  } catch (error) {
    throw badOption(`${where}: cannot read what ssl.${which} names: ${(error as Error).message}`);
  }
}

function clientAuth(setting: Setting | undefined): TlsOptions {
  switch (setting?.value.toLowerCase() ?? 'need') {
    case 'none':
      return { requestCert: false };
    case 'want':
      return { requestCert: true, rejectUnauthorized: false };
    case 'need':
    case '':
      return { requestCert: true, rejectUnauthorized: true };
    default:
      throw badOption(`${setting?.where}: ssl.clientAuth must be none, want or need`);
  }
}

function versions(setting: Setting | undefined): TlsOptions {
  if (setting === undefined) return {};
  const named = setting.value.split(',').map((name) => name.trim());
  const known = PROTOCOLS.filter((protocol) => named.includes(protocol));
  const [lowest] = known;
  const highest = known.at(-1);
  if (lowest === undefined || highest === undefined || known.length !== named.length) {
    throw badOption(`${setting.where}: ${setting.name} must name some of ${PROTOCOLS.join(', ')}`);
  }
  return { minVersion: lowest, maxVersion: highest };
}
