import type { RequestObserver, ScheduleFlush } from '../pipeline/index.ts';
import type { ByteLink } from '../transport/byte-link.ts';
import type { Clock } from './clock.ts';
import type { Endpoint } from './connect-string.ts';
import type { Credential } from './credentials.ts';
import type { SaslMechanism } from './sasl.ts';
import type { StateEvent } from './session-events.ts';
import type { SessionTicket } from './session-ticket.ts';

/** Makes a byte link to a server, or rejects. `signal` ends the attempt. Names are resolved at each call. */
export type Dialer = (endpoint: Endpoint, signal: AbortSignal) => Promise<ByteLink>;

/** What a session needs. Times in ms. Everything from outside, so that it runs in a simulation as on sockets. */
export interface SessionOptions {
  /** Tried in random order, then in turn. */
  readonly servers: readonly Endpoint[];
  /** Prefix of every path: '' or `/a/b`. */
  readonly chroot: string;
  /** Makes the links. */
  readonly dialer: Dialer;
  /** Time. */
  readonly clock: Clock;
  /** Numbers from 0 up to, not including, 1. */
  readonly random: () => number;
  /** When encoded frames leave. Default `process.nextTick`. */
  readonly schedule?: ScheduleFlush | undefined;
  /** Session time-out to ask for. */
  readonly sessionTimeoutMs: number;
  /** Limit of one attempt, dial and handshake together; shorter when many servers share the last third of a session. */
  readonly connectTimeoutMs: number;
  /** Requests in flight at most. Default 65,536. */
  readonly inflightMax?: number | undefined;
  /** Encoded bytes in flight at most. Default 64 MiB. */
  readonly inflightBytesMax?: number | undefined;
  /** Largest body of a request. Default 1,048,575. */
  readonly frameBytesMax?: number | undefined;
  /** A server in read-only mode will do while no other is found. */
  readonly readOnly: boolean;
  /** After an expiry: a new session, or the end of the client. */
  readonly afterExpiry: 'new-session' | 'end';
  /** Requests made without a connection wait for the next one, or fail at once. */
  readonly whileDisconnected: 'wait' | 'fail';
  /** A session of before, to be resumed. */
  readonly resume?: SessionTicket | undefined;
  /** Sent on every connection, in order, before everything else. */
  readonly credentials: readonly Credential[];
  /** Authenticates each connection before anything else is sent on it. */
  readonly sasl?: SaslMechanism | undefined;
  /** Told of every request that settles. Default: nobody. */
  readonly observer?: RequestObserver | null | undefined;
  /** Told of every ping's answer; null when its time was not taken. */
  readonly onPing?: ((roundTripMs: number | null) => void) | undefined;
  /** Told of every state, in order. */
  readonly onState: (event: StateEvent) => void;
  /** Code of the user's threw; `where` names it. */
  readonly onCallbackError: (error: unknown, where: string) => void;
}
