/** `zkwire`: the client, its types and errors. */
export { type ACL, type GetDataResponse, type Id, pathFault, type Stat } from '../codec/index.ts';
export {
  AuthError,
  ConnectError,
  LinkError,
  type Outcome,
  RequestError,
  WireError,
  ZkwireError,
} from '../errors.ts';
export type { PipelineCounters, ReplyCallback } from '../pipeline/index.ts';
export {
  type Credential,
  type Dialer,
  digestCredential,
  digestMd5,
  type SaslMechanism,
  SessionTicket,
  type StateEvent,
} from '../session/index.ts';
export { ZooKeeperClient } from './client.ts';
export { connect } from './connect.ts';
export type { ConnectOptions } from './connect-options.ts';
export { LendingClient } from './lending-client.ts';
export { OPEN_ACL } from './requests.ts';
export { TransactionError } from './transaction.ts';
export type {
  CallOptions,
  ChildrenResult,
  CreateKind,
  CreateOptions,
  CreateResult,
  GetResult,
  NodeData,
  PlainCreateKind,
  PlainCreateMode,
  TransactionResult,
  TransactionStep,
  TtlCreateKind,
  TtlCreateMode,
  VersionOptions,
} from './types.ts';
