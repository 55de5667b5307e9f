/// <reference types="node" preserve="true" />
/** `zkwire/session`: sessions that outlive their connections, and the parts they are made of. */
export { type AttemptOptions, attempt, type DialLink } from './attempt.ts';
export { type Clock, systemClock, type Timer } from './clock.ts';
export {
  type ConnectString,
  type Endpoint,
  PORT_DEFAULT,
  parseConnectString,
} from './connect-string.ts';
export { Connection, type ConnectionOptions } from './connection.ts';
export type { ConnectorOwner } from './connector.ts';
export { type Credential, digestCredential } from './credentials.ts';
export { type DigestMd5Options, digestMd5 } from './digest-md5.ts';
export { type HandOver, handshake, type SessionGrant, type SessionWish } from './handshake.ts';
export { KeepAlive, type KeepAliveTarget } from './keep-alive.ts';
export type { WaitOver } from './limited-waits.ts';
export type { RequestPort } from './request-port.ts';
export type { SaslAnswer, SaslContext, SaslExchange, SaslMechanism } from './sasl.ts';
export { type NextAttempt, ServerList } from './server-list.ts';
export { Session } from './session.ts';
export type { StateEvent, StateName } from './session-events.ts';
export type { Dialer, SessionOptions } from './session-options.ts';
export { SessionTicket, type SessionTicketFields } from './session-ticket.ts';
export { type SetWatchesBatch, writeSetWatches } from './set-watches.ts';
export type { WatchErrorHandler } from './watch-delivery.ts';
export type {
  EndedEvent,
  NodeEvent,
  NodeEventType,
  ResyncEvent,
  WatchEar,
  WatchEndReason,
  WatchEvent,
  WatchHearer,
  WatchKind,
  WatchListener,
} from './watch-event.ts';
export { WatchRegistry, type WatchSizes } from './watch-registry.ts';
export { type WireRecord, WireTap, type WireTapOptions } from './wire-tap.ts';
