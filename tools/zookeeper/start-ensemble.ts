import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from './free-ports.ts';
import { findZooKeeper, type ZooKeeperInstallation } from './installation.ts';
import { LocalServer } from './local-server.ts';
import { makeOwnedDirectory, removeOwnedDirectory } from './owned-resources.ts';
import { retryOnTakenPort } from './retry-on-taken-port.ts';
import type { ServerSpec } from './server-config.ts';
import type { ServerOptions } from './server-options.ts';
import { type TlsFiles, tlsConfigLines, wantedClientAuth, writeTlsFiles } from './tls-files.ts';
import type { ZooKeeperServer } from './zookeeper-server.ts';

/** How to run an ensemble: what holds for each server, and how many there are. */
export interface EnsembleOptions extends Omit<ServerOptions, 'port'> {
  /** Number of voting servers. Default 3. */
  readonly size?: number;
}

/** Servers on 127.0.0.1 that this process started and that form one ensemble. */
export interface ZooKeeperEnsemble extends AsyncDisposable {
  /** The servers in the order of their numbers; each can be killed, paused and restarted. */
  readonly servers: readonly ZooKeeperServer[];
  /** `host:port,host:port,...` without TLS. */
  readonly connectString: string;
  /** The same for the TLS ports, when they were asked for. */
  readonly secureConnectString: string | undefined;
  /** Certificates and keys for clients of the TLS ports. */
  readonly tls: TlsFiles | undefined;
  /** The leader now; undefined during an election or without a quorum. */
  leader(): Promise<ZooKeeperServer | undefined>;
  /** Waits until a leader serves with a majority of the servers. Default `timeoutMs` 120 000. */
  waitForLeader(options?: { readonly timeoutMs?: number }): Promise<ZooKeeperServer>;
  /** Stops every server and removes their throw-away directories. */
  stop(): Promise<void>;
}

/**
 * Starts an ensemble and waits until every server serves. With `dataDir`, server N keeps its data in
 * `dataDir/server-N`.
 *
 * Always of Apache's: the embedded server is one node, whatever `ZKWIRE_TEST_SERVER` says.
 *
 * @throws ZooKeeperNotFound when there is none on this machine.
 * @throws ServerStartError when a server ends, or does not serve in `startTimeoutMs`.
 */
export function startEnsemble(options: EnsembleOptions = {}): Promise<ZooKeeperEnsemble> {
  const installation = options.installation ?? findZooKeeper();
  if (installation.source === 'embedded') throw new Error('embedded servers form no ensembles');
  return retryOnTakenPort(() => startOnce(installation, options));
}

async function startOnce(
  installation: ZooKeeperInstallation,
  options: EnsembleOptions,
): Promise<ZooKeeperEnsemble> {
  const ports = await memberPorts(options.size ?? 3);
  const directory = makeOwnedDirectory();
  const removeFiles = (): void => removeOwnedDirectory(directory);
  try {
    const tls = options.tls ? writeTlsFiles(join(directory, 'tls')) : undefined;
    const specs = ports.map((_, index) =>
      memberSpec(installation, options, directory, ports, index),
    );
    const servers = specs.map((spec, index) => {
      const withTls = tls ? { ...spec, ...tlsPart(tls, ports[index]!.secure, options) } : spec;
      return new LocalServer(withTls, tls, () => removeOwnedDirectory(spec.directory));
    });
    await launchAll(servers);
    return new LocalEnsemble(servers, tls, removeFiles);
  } catch (error) {
    removeFiles();
    throw error;
  }
}

interface MemberPorts {
  readonly client: number;
  readonly secure: number;
  readonly quorum: number;
  readonly election: number;
}

async function memberPorts(size: number): Promise<MemberPorts[]> {
  const ports = await freePorts(size * 4);
  return Array.from({ length: size }, (_, index) => {
    const [client, secure, quorum, election] = ports.slice(index * 4, index * 4 + 4);
    return { client: client!, secure: secure!, quorum: quorum!, election: election! };
  });
}

function memberSpec(
  installation: ZooKeeperInstallation,
  options: EnsembleOptions,
  parent: string,
  ports: readonly MemberPorts[],
  index: number,
): ServerSpec {
  const name = `server-${index + 1}`;
  const { dataDir } = options;
  return {
    installation,
    options: dataDir === undefined ? options : { ...options, dataDir: join(dataDir, name) },
    directory: join(parent, name),
    port: ports[index]!.client,
    myId: index + 1,
    tlsLines: [],
    ensembleLines: [
      `initLimit=${initLimitTicks(options.tickTimeMs ?? 2_000)}`,
      'syncLimit=5',
      ...ports.map((each, i) => `server.${i + 1}=127.0.0.1:${each.quorum}:${each.election}`),
    ],
  };
}

/** Ten, and of short ticks as many as a busy machine may need to synchronize: servers that are late begin again. */
function initLimitTicks(tickTimeMs: number): number {
  return Math.max(10, Math.ceil(20_000 / tickTimeMs));
}

function tlsPart(
  tls: TlsFiles,
  securePort: number,
  options: EnsembleOptions,
): Pick<ServerSpec, 'tlsLines'> & { readonly securePort: number } {
  const tlsLines = tlsConfigLines(tls, securePort, wantedClientAuth(options.tls));
  return { securePort, tlsLines };
}

async function launchAll(servers: readonly LocalServer[]): Promise<void> {
  try {
    for (const server of servers) server.launch();
    await Promise.all(servers.map((server) => server.waitUntilServing()));
  } catch (error) {
    await Promise.all(servers.map((server) => server.stop()));
    throw error;
  }
}

/** An election on an idle machine takes less than a second. */
const LEADER_TIMEOUT_MS = 120_000;
const POLL_MS = 50;

class LocalEnsemble implements ZooKeeperEnsemble {
  readonly servers: readonly ZooKeeperServer[];
  readonly tls: TlsFiles | undefined;
  readonly #removeFiles: () => void;

  constructor(
    servers: readonly ZooKeeperServer[],
    tls: TlsFiles | undefined,
    removeFiles: () => void,
  ) {
    this.servers = servers;
    this.tls = tls;
    this.#removeFiles = removeFiles;
  }

  get connectString(): string {
    return this.servers.map((server) => server.connectString).join(',');
  }

  get secureConnectString(): string | undefined {
    if (this.tls === undefined) return undefined;
    return this.servers.map((server) => server.secureConnectString).join(',');
  }

  async leader(): Promise<ZooKeeperServer | undefined> {
    return (await this.#survey()).leader;
  }

  async waitForLeader(options: { readonly timeoutMs?: number } = {}): Promise<ZooKeeperServer> {
    const timeoutMs = options.timeoutMs ?? LEADER_TIMEOUT_MS;
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const { leader, serving } = await this.#survey();
      if (leader !== undefined && serving > this.servers.length / 2) return leader;
      if (performance.now() > deadline) {
        throw new Error(`no leader with a quorum after ${timeoutMs} ms`);
      }
      await delay(POLL_MS);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
    this.#removeFiles();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #survey(): Promise<{ leader: ZooKeeperServer | undefined; serving: number }> {
    const modes = await Promise.all(this.servers.map((server) => server.mode()));
    const voting = modes.filter((mode) => mode === 'leader' || mode === 'follower');
    return { leader: this.servers[modes.indexOf('leader')], serving: voting.length };
  }
}
