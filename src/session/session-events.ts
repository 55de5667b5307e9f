import type { ConnectError, ZkwireError } from '../errors.ts';

/**
 * What happened to the session, in order. Of one attempt: `connecting`, `connected` (TCP or TLS is up),
 * then `session`, or `disconnected` when it led to none. Every `connected` is followed by a
 * `disconnected` once that connection is over.
 */
export type StateEvent =
  | {
      /** An attempt begins; one for each server tried. */
      readonly state: 'connecting';
      /** `host:port` as in the connect string. */
      readonly host: string;
    }
  | {
      /** TCP or TLS is up, there is no session on it yet. */
      readonly state: 'connected';
      readonly host: string;
    }
  | {
      /** Requests flow. */
      readonly state: 'session';
      readonly host: string;
      readonly sessionId: bigint;
      /** What the server granted. */
      readonly sessionTimeoutMs: number;
      /** True: the session of before, with its ephemeral nodes and watches. False: a new one. */
      readonly resumed: boolean;
      /** The server is in read-only mode: cut off from its ensemble, it serves reads that may be old. */
      readonly readOnly: boolean;
    }
  | {
      /** The connection is over. The session may live on: whether it does, only a server can say. */
      readonly state: 'disconnected';
      readonly host: string;
      readonly reason: ZkwireError;
    }
  | {
      /** Every server was tried in turn and none gave a session. Once a round; trying goes on. */
      readonly state: 'refused';
      /** Failed rounds since the last session. */
      readonly rounds: number;
      /** Why, server by server, of this round. */
      readonly failures: readonly ConnectError[];
    }
  | {
      /**
       * Nothing was heard for the session time-out: the servers may expire the session from now on, so
       * whoever holds a lock steps down. It may still come back with `session`.
       */
      readonly state: 'lost';
      readonly sessionId: bigint;
      readonly silentMs: number;
    }
  | {
      /** A server said so: the session, its ephemeral nodes and its watches are gone. */
      readonly state: 'expired';
      readonly host: string;
      readonly sessionId: bigint;
    }
  | {
      /** The server refused a credential. The client is done. */
      readonly state: 'auth-failed';
      readonly host: string;
      readonly error: ZkwireError;
    }
  | {
      /** `detach()`: the session lives on for whoever resumes it. The client is done. */
      readonly state: 'detached';
      readonly sessionId: bigint;
    }
  | {
      /** The client is done. `reason` is null when it was asked to close. */
      readonly state: 'closed';
      readonly reason: ZkwireError | null;
    };

/** Name of a {@link StateEvent}. */
export type StateName = StateEvent['state'];
