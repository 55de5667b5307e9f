import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientAuth, ServerOptions } from './server-options.ts';

/** Paths of throw-away certificates, all PEM. They go with the server. */
export interface TlsFiles {
  /** Certificate of the authority that signed the server's and the client's certificate. */
  readonly ca: string;
  /** A client's certificate. */
  readonly cert: string;
  /** Its private key (PKCS#8, no pass phrase). */
  readonly key: string;
  /** Key and certificate in one file: what Java's client takes as `ssl.keyStore.location`. */
  readonly keyStore: string;
  /** The same of the server, valid for `localhost`, `127.0.0.1` and `::1`. */
  readonly serverKeyStore: string;
}

/** What the option asks of clients; `need` unless it says otherwise. */
export function wantedClientAuth(tls: ServerOptions['tls']): ClientAuth {
  return (typeof tls === 'object' ? tls.clientAuth : undefined) ?? 'need';
}

/** `zoo.cfg` lines that open a TLS port. */
export function tlsConfigLines(files: TlsFiles, port: number, clientAuth: ClientAuth): string[] {
  return [
    `secureClientPort=${port}`,
    'secureClientPortAddress=127.0.0.1',
    // Only the Netty factory speaks TLS; it serves the plain port as well.
    'serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory',
    `ssl.keyStore.location=${files.serverKeyStore}`,
    'ssl.keyStore.type=PEM',
    `ssl.trustStore.location=${files.ca}`,
    'ssl.trustStore.type=PEM',
    `ssl.clientAuth=${clientAuth}`,
  ];
}

/**
 * Makes an authority, a server certificate and a client certificate with `openssl`, which Debian's
 * Java brings along. Takes about a tenth of a second; `keytool` would start a JVM for each step.
 *
 * @throws Error when `openssl` is missing or fails.
 */
export function writeTlsFiles(directory: string): TlsFiles {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = (name: string): string => join(directory, name);
  const authority = { key: path('ca.key'), cert: path('ca.pem') };
  openssl([
    ...newKey(authority.key),
    '-x509',
    '-days',
    '2',
    '-out',
    authority.cert,
    '-subj',
    '/CN=zkwire throw-away authority',
  ]);
  for (const name of ['server', 'client']) sign(authority, path(name), `zkwire ${name}`);
  return {
    ca: authority.cert,
    cert: path('client.pem'),
    key: path('client.key'),
    keyStore: path('client-keystore.pem'),
    serverKeyStore: path('server-keystore.pem'),
  };
}

function newKey(path: string): string[] {
  return ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', path];
}

function sign(authority: { key: string; cert: string }, base: string, commonName: string): void {
  const [key, request, cert] = [`${base}.key`, `${base}.csr`, `${base}.pem`];
  openssl([...newKey(key), '-subj', `/CN=${commonName}`, '-out', request]);
  writeFileSync(`${base}.ext`, 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\n');
  openssl([
    'x509',
    '-req',
    '-in',
    request,
    '-CA',
    authority.cert,
    '-CAkey',
    authority.key,
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    `${base}.ext`,
    '-out',
    cert,
  ]);
  writeFileSync(`${base}-keystore.pem`, readFileSync(key, 'utf8') + readFileSync(cert, 'utf8'), {
    mode: 0o600,
  });
}

function openssl(args: readonly string[]): void {
  const result = spawnSync('openssl', args, { encoding: 'utf8', timeout: 20_000 });
  if (result.error) throw new Error(`cannot make certificates: ${result.error.message}`);
  if (result.status !== 0) throw new Error(`openssl ${args[0]} failed: ${result.stderr}`);
}
