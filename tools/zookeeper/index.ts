export {
  type FindOptions,
  findZooKeeper,
  tryFindZooKeeper,
  type ZooKeeperInstallation,
  ZooKeeperNotFound,
} from './installation.ts';
export { digestId } from './server-config.ts';
export {
  type EmbeddedInstallation,
  embeddedInstallation,
  type ServerInstallation,
  testServerKind,
} from './server-installation.ts';
export type { ClientAuth, SaslLogin, SaslUsers, ServerOptions } from './server-options.ts';
export { type EnsembleOptions, startEnsemble, type ZooKeeperEnsemble } from './start-ensemble.ts';
export { startServer } from './start-server.ts';
export type { TlsFiles } from './tls-files.ts';
export { type ServerMode, ServerStartError, type ZooKeeperServer } from './zookeeper-server.ts';
