/// <reference types="node" preserve="true" />
/** `zkwire`: the client, its types and errors. */
export { type GetDataResponse, pathFault, type Stat } from '../codec/index.ts';
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
  type DigestMd5Options,
  digestCredential,
  digestMd5,
  type EndedEvent,
  type NodeEvent,
  type NodeEventType,
  type ResyncEvent,
  type SaslMechanism,
  SessionTicket,
  type StateEvent,
  type StateName,
  type WatchEndReason,
  type WatchEvent,
  type WatchListener,
  type WireRecord,
} from '../session/index.ts';
export { type AclBuilder, acl, digestId, PERMS } from './acl.ts';
export { ZooKeeperClient } from './client.ts';
export type { ClientEvents } from './client-events.ts';
export { connect } from './connect.ts';
export type { ConnectOptions } from './connect-options.ts';
export {
  REQUEST_CHANNEL,
  type RequestMessage,
  STATE_CHANNEL,
  type StateMessage,
} from './diagnostics.ts';
export type { LatencySummary } from './latency-histogram.ts';
export { LendingClient } from './lending-client.ts';
export type { Metrics, MetricsSnapshot, OperationMetrics } from './metrics.ts';
export type { ReadResult, ReadResults } from './multi-read.ts';
export type { Operations } from './operations.ts';
export type { ProtectedCreateOptions } from './protected-create.ts';
export { type RetryPolicy, retry } from './retry.ts';
export type { ClientStats } from './session-stats.ts';
export { TransactionError } from './transaction.ts';
export type { Transaction } from './transaction-builder.ts';
export type {
  ACL,
  AclOptions,
  AclResult,
  CallOptions,
  ChildrenResult,
  CreateKind,
  CreateOptions,
  CreateResult,
  GetResult,
  Id,
  Identity,
  NodeData,
  PlainCreateKind,
  PlainCreateMode,
  ReadOptions,
  ReadStep,
  ReconfigChange,
  ReconfigOptions,
  SetAclOptions,
  TransactionResult,
  TransactionResultOf,
  TransactionResults,
  TransactionStep,
  TtlCreateKind,
  TtlCreateMode,
  VersionOptions,
} from './types.ts';
export type { WalkEntry, WalkOptions } from './walk.ts';
export { type AddWatchOptions, Watch } from './watch.ts';
export type { LastingKind } from './watch-modes.ts';
export { WatchQueue, type WatchQueueOptions, type WatchTarget } from './watch-queue.ts';
export type { WatchSelection } from './watches.ts';
