import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestId, type ServerOptions, startServer } from '../zookeeper/index.ts';
import type { ServerKind } from './sessions.ts';
import { SASL_USER, SUPER_USER } from './sessions.ts';

/** A throw-away server to record against. */
export interface GoldenServer {
  host: string;
  port: number;
  /** `host:port`. */
  address: string;
  /** What drivers that need more than addresses get after the topic. */
  driverArguments: string[];
  stop(): Promise<void>;
}

interface Startable {
  readonly host: string;
  readonly port: number;
  readonly connectString: string;
}

function goldenServer(
  { host, port, connectString }: Startable,
  stop: () => Promise<void>,
  driverArguments: string[] = [],
): GoldenServer {
  return { host, port, address: connectString, driverArguments, stop };
}

const SHARED: ServerOptions = { fastStart: true, extendedTypesEnabled: true };

async function startStandalone(options: ServerOptions = {}): Promise<GoldenServer> {
  const server = await startServer({ ...SHARED, ...options });
  return goldenServer(server, () => server.stop());
}

async function startSasl(): Promise<GoldenServer> {
  const directory = mkdtempSync(join(tmpdir(), 'zkwire-goldens-jaas-'));
  const file = join(directory, 'server.jaas');
  const login = 'org.apache.zookeeper.server.auth.DigestLoginModule required';
  writeFileSync(file, `Server { ${login} user_${SASL_USER.name}="${SASL_USER.password}"; };\n`);
  const provider = 'org.apache.zookeeper.server.auth.SASLAuthenticationProvider';
  const server = await startStandalone({
    configLines: [`authProvider.1=${provider}`],
    jvmFlags: [`-Djava.security.auth.login.config=${file}`],
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(directory, { recursive: true });
  };
  return { ...server, stop };
}

/** Starts a server of this kind; it serves when the promise resolves. */
export function startGoldenServer(kind: ServerKind): Promise<GoldenServer> {
  switch (kind) {
    case 'standalone':
      return startStandalone();
    case 'sasl':
      return startSasl();
    default:
      throw new Error(`${kind} ${SUPER_USER} ${digestId('a', 'b')}`);
  }
}
