import { type Channel, channel } from 'node:diagnostics_channel';
import type { RequestError } from '../errors.ts';
import type { StateEvent } from '../session/index.ts';

/**
 * Channels of `node:diagnostics_channel`, for tracing from outside the code that uses the client.
 * Messages are for reading only. What a subscriber throws is an uncaught exception of the process,
 * as it is on every channel, and disturbs no client.
 */

/** One {@link RequestMessage} for each request that settles, before whoever awaits it goes on. */
export const REQUEST_CHANNEL = 'zkwire:request';

/** One {@link StateMessage} for each state event of a client. */
export const STATE_CHANNEL = 'zkwire:state';

/** Held here: Node forgets channels that nobody holds. */
export const requestChannel: Channel = channel(REQUEST_CHANNEL);
export const stateChannel: Channel = channel(STATE_CHANNEL);

/** A request settled, whatever its outcome. Those that were refused before they got an xid are not told. */
export interface RequestMessage {
  /** The ZooKeeperClient that it was made on. */
  readonly client: object;
  /** `getData`, `create2`, ... */
  readonly operation: string;
  /** As the caller named it, without the chroot; null when the operation has none. */
  readonly path: string | null;
  /** Names the request, with the session, in the server's transaction log. */
  readonly xid: number;
  /** `host:port` of the server; null when it waited for a connection and got none. */
  readonly host: string | null;
  /** As on the wire, with length prefix and header. */
  readonly requestBytes: number;
  /** The same of its reply; 0 without one. */
  readonly replyBytes: number;
  /** From the call to the answer, or to the failure. */
  readonly durationMs: number;
  /** Null: it was done. */
  readonly error: RequestError | null;
}

/** Something happened to the session of a client. */
export interface StateMessage {
  /** The ZooKeeperClient. */
  readonly client: object;
  /** What happened. */
  readonly event: StateEvent;
}
