/// <reference types="node" preserve="true" />
/** `zkwire/server`: a ZooKeeper of one node, for tests and development. */
export type { ServerClock, ServerTimer } from './config/server-clock.ts';
export type { ServerOptions, ServerSaslOptions } from './config/server-options.ts';
export { createServer } from './create-server.ts';
export type { EmbeddedServer } from './embedded-server.ts';
export type {
  Fault,
  FaultMatch,
  InjectedFault,
  ServerFaults,
} from './faults/server-faults.ts';
export type { ServerRelease } from './server-release.ts';
export type { RecoveryNotice } from './storage/recovery.ts';
export type { FourLetterWord } from './words/word-names.ts';
