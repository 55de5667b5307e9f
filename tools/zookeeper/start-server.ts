import { join } from 'node:path';
import { freePorts } from './free-ports.ts';
import { LocalServer } from './local-server.ts';
import { makeOwnedDirectory, removeOwnedDirectory } from './owned-resources.ts';
import { retryOnTakenPort } from './retry-on-taken-port.ts';
import { defaultInstallation, type ServerInstallation } from './server-installation.ts';
import type { ServerOptions } from './server-options.ts';
import { tlsConfigLines, wantedClientAuth, writeTlsFiles } from './tls-files.ts';
import type { ZooKeeperServer } from './zookeeper-server.ts';

/**
 * Starts a standalone server and waits until it serves.
 *
 * @throws ZooKeeperNotFound when there is none on this machine.
 * @throws ServerStartError when it ends, or does not serve in `startTimeoutMs`.
 */
export function startServer(options: ServerOptions = {}): Promise<ZooKeeperServer> {
  const installation = options.installation ?? defaultInstallation();
  const start = (): Promise<LocalServer> => startOnce(installation, options);
  return options.port === undefined ? retryOnTakenPort(start) : start();
}

async function startOnce(
  installation: ServerInstallation,
  options: ServerOptions,
): Promise<LocalServer> {
  const [freePort, securePort] = (await freePorts(2)) as [number, number];
  const directory = makeOwnedDirectory();
  const removeFiles = (): void => removeOwnedDirectory(directory);
  try {
    const tls = options.tls ? writeTlsFiles(join(directory, 'tls')) : undefined;
    const port = options.port ?? freePort;
    const common = { installation, options, directory, port, ensembleLines: [] };
    const tlsLines = tls ? tlsConfigLines(tls, securePort, wantedClientAuth(options.tls)) : [];
    const spec = tls ? { ...common, securePort, tlsLines } : { ...common, tlsLines };
    const server = new LocalServer(spec, tls, removeFiles);
    await server.startOrStop();
    return server;
  } catch (error) {
    removeFiles();
    throw error;
  }
}
