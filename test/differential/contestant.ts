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
  fourLetterWords: ['srvr', 'ruok', 'isro', 'wchs'],
  /** Sweeps of containers and TTL nodes would come when they like. */
  containerCheckIntervalMs: 1_000_000_000,
} as const;

/** What can be done, or not, depending on the configuration. */
interface Profile {
  readonly name: string;
  readonly extendedTypesEnabled: boolean;
  readonly enforceQuota: boolean;
  readonly reconfigEnabled: boolean;
  /** ACLs are not looked at. */
  readonly skipAcl?: true;
  /** Nobody is served who has not shown a credential of these. */
  readonly enforcedAuthSchemes?: readonly string[];
}

const RICH: Profile = {
  name: '',
  extendedTypesEnabled: true,
  enforceQuota: true,
  reconfigEnabled: false,
};

const PLAIN: Profile = {
  name: ', plain',
  extendedTypesEnabled: false,
  enforceQuota: false,
  reconfigEnabled: true,
};

const LAX: Profile = { ...RICH, name: ', lax', skipAcl: true, enforceQuota: false };

const GUARDED: Profile = { ...RICH, name: ', guarded', enforcedAuthSchemes: ['digest'] };

/** Everybody who can take part, by the name that the command line has for them. */
export const CONTESTANTS: Readonly<Record<string, StartContestant>> = {
  real: () => startReal(RICH),
  'real-plain': () => startReal(PLAIN),
  'real-lax': () => startReal(LAX),
  'real-guarded': () => startReal(GUARDED),
  embedded: () => startEmbedded(RICH, '3.8'),
  'embedded-plain': () => startEmbedded(PLAIN, '3.8'),
  'embedded-lax': () => startEmbedded(LAX, '3.8'),
  'embedded-guarded': () => startEmbedded(GUARDED, '3.8'),
  'embedded-3.9': () => startEmbedded(RICH, '3.9'),
  'embedded-3.9-plain': () => startEmbedded(PLAIN, '3.9'),
};

/** A real server, new and empty. */
async function startReal(profile: Profile): Promise<Contestant> {
  const { containerCheckIntervalMs, ...setup } = SETUP;
  const { enforcedAuthSchemes, skipAcl, ...features } = profile;
  const server = await startServer({
    ...setup,
    ...features,
    ...(enforcedAuthSchemes === undefined ? {} : { enforceAuthSchemes: enforcedAuthSchemes }),
    configLines: ['forceSync=no', ...(skipAcl ? ['skipACL=yes'] : [])],
    fastStart: true,
    logLevel: 'ERROR',
    jvmFlags: [`-Dznode.container.checkIntervalMs=${containerCheckIntervalMs}`],
  });
  return {
    name: `ZooKeeper ${server.version}${profile.name}`,
    port: server.port,
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

/** The embedded server, new and empty. */
async function startEmbedded(
  { name, ...profile }: Profile,
  release: ServerRelease,
): Promise<Contestant> {
  const options = { ...SETUP, ...profile, port: 0, maxClientConnections: 0, release };
  const server = await createServer(options);
  return {
    name: `zkwire as ${release}${name}`,
    port: Number(server.connectString.split(':').at(-1)),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

function superDigest(): string {
  const colon = SUPER_PASSWORD.indexOf(':');
  return digestId(SUPER_PASSWORD.slice(0, colon), SUPER_PASSWORD.slice(colon + 1));
}
