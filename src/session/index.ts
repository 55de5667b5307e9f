/** `zkwire/session`: handshake, keep-alive, deadlines and close of one connection. */
export { type Clock, systemClock, type Timer } from './clock.ts';
export { type Endpoint, PORT_DEFAULT, parseConnectString } from './connect-string.ts';
export { Connection, type ConnectionOptions, type Dialer } from './connection.ts';
export { type HandOver, handshake, type SessionGrant, type SessionWish } from './handshake.ts';
export { KeepAlive, type KeepAliveTarget } from './keep-alive.ts';
