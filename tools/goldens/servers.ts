import { setTimeout as delay } from 'node:timers/promises';
import { digestId, type ServerOptions, startEnsemble, startServer } from '../zookeeper/index.ts';
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

function startSasl(): Promise<GoldenServer> {
  return startStandalone({ sasl: { users: { [SASL_USER.name]: SASL_USER.password } } });
}

async function startReconfigurable(): Promise<GoldenServer> {
  const [user, password] = SUPER_USER.split(':') as [string, string];
  const ensemble = await startEnsemble({
    ...SHARED,
    superDigest: digestId(user, password),
    reconfigEnabled: true,
  });
  // The drivers talk to the leader, so they can have any other server removed.
  const leader = await ensemble.waitForLeader();
  const leaving = leader === ensemble.servers[0] ? 1 : 0;
  const { connectString } = ensemble.servers[leaving]!;
  const driverArguments = [SUPER_USER, String(leaving + 1), connectString];
  return goldenServer(leader, () => ensemble.stop(), driverArguments);
}

const READ_ONLY_LIMIT_MS = 30_000;
const POLL_MS = 100;

async function startReadOnly(localSessions: boolean): Promise<GoldenServer> {
  const ensemble = await startEnsemble({
    ...SHARED,
    readOnlyMode: true,
    configLines: [`localSessionsEnabled=${localSessions}`],
  });
  const [alone, ...others] = ensemble.servers;
  for (const server of others) await server.kill();
  const deadline = performance.now() + READ_ONLY_LIMIT_MS;
  while ((await alone!.mode()) !== 'read-only') {
    if (performance.now() > deadline) throw new Error(`not read-only: ${alone!.logTail()}`);
    await delay(POLL_MS);
  }
  return goldenServer(alone!, () => ensemble.stop());
}

/** Starts a server of this kind; it serves when the promise resolves. */
export function startGoldenServer(kind: ServerKind): Promise<GoldenServer> {
  switch (kind) {
    case 'standalone':
      return startStandalone();
    case 'sasl':
      return startSasl();
    case 'ensemble':
      return startReconfigurable();
    case 'readonly':
      return startReadOnly(true);
    case 'readonly-refusing':
      return startReadOnly(false);
  }
}
