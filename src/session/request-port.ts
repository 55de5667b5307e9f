import type { Pipeline, WaitLimits } from '../pipeline/index.ts';
import type { WaitOver } from './limited-waits.ts';
import type { WatchRegistry } from './watch-registry.ts';

/** What operations need of a session. */
export interface RequestPort {
  /** Where the next request goes: the connection's pipeline, or one that parks requests until there is a connection. Read it anew for every request, never keep it. */
  readonly pipeline: Pipeline;
  /** Prefix of every path on the server: '' or '/a/b'. */
  readonly chroot: string;
  /** Watches of the session, by path on the server. */
  readonly watches: WatchRegistry;
  /** Limits of one request's wait; undefined when it has none. */
  waitLimits(
    timeoutMs: number | undefined,
    signal: AbortSignal | undefined,
  ): WaitLimits | undefined;
  /**
   * For a wait that is not a single request's: tells `onOver` when the limits end it, unless the
   * function that this gives was called before.
   */
  wait(limits: WaitLimits, onOver: WaitOver): () => void;
}
