import type { ConnectionOptions as TlsOptions } from 'node:tls';
import type {
  Clock,
  Credential,
  Dialer,
  SaslMechanism,
  SessionTicket,
  StateEvent,
  WireRecord,
} from '../session/index.ts';

/** Options of `connect`. Times are in milliseconds. */
export interface ConnectOptions {
  /** Session time-out to ask for; the server clamps it, 2 to 20 of its ticks by default. Default 30,000. */
  readonly sessionTimeoutMs?: number | undefined;
  /**
   * Limit for dial plus handshake of one server. Default 10,000; less when several servers have to
   * be tried in the last third of a session.
   */
  readonly connectTimeoutMs?: number | undefined;
  /** How many times all servers are tried before `connect` gives up. Default 1; Infinity: never, until `signal` fires. */
  readonly connectRounds?: number | undefined;
  /** Limit for the wait of every request that names none; not in the callback API. Default: none. */
  readonly requestTimeoutMs?: number | undefined;
  /** Requests in flight at most. Default 65,536. */
  readonly inflightMax?: number | undefined;
  /** Encoded bytes in flight at most. Default 64 MiB. */
  readonly inflightBytesMax?: number | undefined;
  /** Largest body of a request; set it with the server's `jute.maxbuffer`. Replies may be 64 KiB longer. Default 1,048,575. */
  readonly frameBytesMax?: number | undefined;
  /** TLS with these options of `node:tls`; absent: plain TCP. */
  readonly tls?: TlsOptions | undefined;
  /** Ends the attempt to connect. Once there is a session it does nothing. */
  readonly signal?: AbortSignal | undefined;
  /** A server in read-only mode will do while no other is found. Default false. */
  readonly readOnly?: boolean | undefined;
  /**
   * When the session has expired: go on with a new one (default), with all watches ended and all
   * waiting requests failed, or `end` the client. Told as state `expired` either way.
   */
  readonly afterExpiry?: 'new-session' | 'end' | undefined;
  /**
   * Requests made while there is no connection wait for the next one (default), as many as
   * `inflightMax` allows, until the session is lost, or, after an expiry, until no server has given a
   * new one for `sessionTimeoutMs`; or they `fail` at once with `NOT_CONNECTED`.
   */
  readonly whileDisconnected?: 'wait' | 'fail' | undefined;
  /** A session of before, from `detach()`. When it has expired meanwhile, `afterExpiry` says what follows. */
  readonly resume?: SessionTicket | undefined;
  /** Identities, sent in this order on every connection before everything else. */
  readonly auth?: readonly Credential[] | undefined;
  /** Authenticates each connection before anything else is sent on it, such as `digestMd5(...)`. */
  readonly sasl?: SaslMechanism | undefined;
  /** Told of every state, in order, from the first attempt on. The same as `zk.on('state', ...)`, only earlier. */
  readonly onState?: ((event: StateEvent) => void) | undefined;
  /** A callback of yours threw. An async one does by its promise. Default: a process warning; nothing else is disturbed either way. */
  readonly onCallbackError?: ((error: unknown, where: string) => void) | undefined;
  /**
   * Given one line of text for each frame, sent or received, on any connection:
   * `12.3ms zk1:2181 c0 > #1 getData path="/a" watch=false`. Secrets of the protocol are not shown; of
   * node data the first 16 bytes are. Costs nothing when absent, and a lot when present: for looking at problems.
   */
  readonly wireTap?: ((line: string) => void) | undefined;
  /** Given all bytes, **secrets too**, as records of a session capture, which `zkwire decode` reads. */
  readonly wireCapture?: ((record: WireRecord) => void) | undefined;
  /** Makes the links, instead of TCP or TLS: tunnels, tests, simulations. `tls` is not looked at then. */
  readonly dialer?: Dialer | undefined;
  /** Time, instead of the system's. */
  readonly clock?: Clock | undefined;
  /** Chance, instead of `Math.random`: the order of servers and the jitter of pauses. */
  readonly random?: (() => number) | undefined;
}
