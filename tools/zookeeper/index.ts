export {
  type FindOptions,
  findZooKeeper,
  tryFindZooKeeper,
  type ZooKeeperInstallation,
  ZooKeeperNotFound,
} from './installation.ts';
export { type ServerMode, ServerStartError, startServer, type ZooKeeperServer } from './server.ts';
export { digestId } from './server-config.ts';
export type { ClientAuth, ServerOptions } from './server-options.ts';
export type { TlsFiles } from './tls-files.ts';
