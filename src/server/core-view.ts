import type { ResolvedServerOptions } from './config/resolve-options.ts';
import type { ServerConnection } from './connection.ts';
import type { ServerCore } from './server-core.ts';
import type {
  ConnectionView,
  ExpiringSessions,
  ServerView,
  TreeDigest,
  WatchView,
} from './words/server-view.ts';
import type { ServerStatistics } from './words/statistics.ts';

/** Bits of what a connection waits for, as Java's selector has them. */
const WAITS_FOR_REQUESTS = 1;
const WAITS_FOR_ROOM = 4;

/** What the four-letter words see of the core. */
export class CoreView implements ServerView {
  readonly #core: ServerCore;
  readonly #startedMs: number;

  constructor(core: ServerCore) {
    this.#core = core;
    this.#startedMs = core.options.clock.nowMs();
  }

  get options(): ResolvedServerOptions {
    return this.#core.options;
  }

  get port(): number | null {
    return this.#core.ports.port;
  }

  get securePort(): number | null {
    return this.#core.ports.securePort;
  }

  get uptimeMs(): number {
    return this.options.clock.nowMs() - this.#startedMs;
  }

  get statistics(): ServerStatistics {
    return this.#core.statistics;
  }

  /** Answers are made at once; what is outstanding waits for the disk, and is not counted a request each. */
  get outstandingRequests(): number {
    return this.#core.gate.appended - this.#core.gate.flushed;
  }

  get lastZxid(): bigint {
    return this.#core.tree.lastZxid;
  }

  get nodeCount(): number {
    return this.#core.tree.nodeCount;
  }

  get approximateDataBytes(): number {
    return this.#core.tree.dataBytes;
  }

  get ephemeralCount(): number {
    return this.#core.tree.ephemeralCount;
  }

  get sessionCount(): number {
    return this.#core.sessions.size;
  }

  get connections(): { readonly size: number } & Iterable<ConnectionView> {
    const core = this.#core;
    return {
      size: core.connections.size,
      *[Symbol.iterator]() {
        for (const connection of core.connections) yield viewOf(core, connection);
      },
    };
  }

  get watches(): WatchView {
    const { watches } = this.#core;
    return {
      count: watches.watchCount,
      summary: watches.summary,
      *bySession() {
        for (const [watcher, paths] of watches.byWatcher()) {
          yield [(watcher as ServerConnection).sessionId, paths] as const;
        }
      },
      *byPath() {
        for (const [path, watchers] of watches.byPath()) {
          yield [path, watchers.map((watcher) => (watcher as ServerConnection).sessionId)] as const;
        }
      },
    };
  }

  sessionBuckets(): Iterable<ExpiringSessions> {
    return this.#core.sessions.buckets();
  }

  *ephemerals(): Generator<readonly [bigint, Iterable<string>], void, undefined> {
    const { tree } = this.#core;
    for (const sessionId of tree.ephemeralSessions) {
      yield [sessionId, tree.ephemeralsOf(sessionId)];
    }
  }

  digests(): Iterable<TreeDigest> {
    return [];
  }
}

function viewOf(core: ServerCore, connection: ServerConnection): ConnectionView {
  const { clock } = core.options;
  const { session } = connection;
  const sessionTimeoutMs = session === null ? 0 : session.grantedMs;
  const reads = connection.paused ? 0 : WAITS_FOR_REQUESTS;
  return {
    name: connection.peer.name,
    interestOps: reads | (connection.output.queuedBytes > 0 ? WAITS_FOR_ROOM : 0),
    outstandingRequests: 0,
    sessionId: connection.sessionId,
    sessionTimeoutMs,
    sinceMs: Math.round(clock.wallMs() - clock.nowMs() + connection.sinceMs),
    expiresAtMs: clock.wallMs() + (sessionTimeoutMs || core.options.sessionlessTimeoutMs),
    statistics: connection.statistics,
  };
}
