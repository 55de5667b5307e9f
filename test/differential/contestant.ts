import { createServer, type ServerRelease } from '../../src/server/index.ts';
import { digestId, startServer } from '../../tools/zookeeper/index.ts';
import { SUPER_PASSWORD } from './warden.ts';

/** A server that is compared with another. */
export interface Contestant extends AsyncDisposable {
  /** For reports. */
  readonly name: string;
  readonly port: number;
}

/** Starts one; again when the last is beyond repair. */
export type StartContestant = () => Promise<Contestant>;

/** What every contestant is set up with. Time-outs are long: no session may expire by itself. */
const SETUP = {
  tickTimeMs: 15_000,
  minSessionTimeoutMs: 30_000,
  maxSessionTimeoutMs: 1_000_000,
  superDigest: superDigest(),
  enforceQuota: true,
  fourLetterWords: ['srvr', 'ruok', 'isro', 'wchs'],
  /** Sweeps of containers and TTL nodes would come when they like. */
  containerCheckIntervalMs: 1_000_000_000,
} as const;

/** A real server, new and empty. */
export async function startReal(): Promise<Contestant> {
  const { tickTimeMs, minSessionTimeoutMs, maxSessionTimeoutMs } = SETUP;
  const server = await startServer({
    tickTimeMs,
    minSessionTimeoutMs,
    maxSessionTimeoutMs,
    superDigest: SETUP.superDigest,
    extendedTypesEnabled: true,
    enforceQuota: SETUP.enforceQuota,
    fourLetterWords: SETUP.fourLetterWords,
    configLines: ['forceSync=no'],
    fastStart: true,
    logLevel: 'ERROR',
    jvmFlags: [`-Dznode.container.checkIntervalMs=${SETUP.containerCheckIntervalMs}`],
  });
  return {
    name: `ZooKeeper ${server.version}`,
    port: server.port,
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

/** The embedded server, new and empty. */
export function startEmbedded(): Promise<Contestant> {
  return startRelease('3.8');
}

/** The same, as 3.9. */
export function startEmbedded39(): Promise<Contestant> {
  return startRelease('3.9');
}

async function startRelease(release: ServerRelease): Promise<Contestant> {
  const server = await createServer({ port: 0, maxClientConnections: 0, release, ...SETUP });
  return {
    name: `zkwire as ${release}`,
    port: Number(server.connectString.split(':').at(-1)),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

function superDigest(): string {
  const colon = SUPER_PASSWORD.indexOf(':');
  return digestId(SUPER_PASSWORD.slice(0, colon), SUPER_PASSWORD.slice(colon + 1));
}
