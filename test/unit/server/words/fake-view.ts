import { resolveOptions } from '../../../../src/server/config/resolve-options.ts';
import type { ServerOptions } from '../../../../src/server/config/server-options.ts';
import type { ConnectionView, ServerView } from '../../../../src/server/words/server-view.ts';
import { ConnectionStatistics, ServerStatistics } from '../../../../src/server/words/statistics.ts';

/** A view of nothing, with what a test wants to see in it. */
export function viewOf(
  more: Partial<ServerView> = {},
  options: ServerOptions = { fourLetterWords: '*' },
): ServerView {
  return {
    options: resolveOptions(options),
    port: null,
    securePort: null,
    uptimeMs: 0,
    statistics: new ServerStatistics(),
    outstandingRequests: 0,
    lastZxid: 0n,
    nodeCount: 5,
    approximateDataBytes: 44,
    ephemeralCount: 0,
    sessionCount: 0,
    connections: new Set(),
    watches: {
      count: 0,
      summary: { connections: 0, paths: 0, watches: 0 },
      bySession: () => [],
      byPath: () => [],
    },
    sessionBuckets: () => [],
    ephemerals: () => [],
    digests: () => [],
    ...more,
  };
}

/** A connection without a session, with what a test wants of it. */
export function connectionOf(more: Partial<ConnectionView> = {}): ConnectionView {
  return {
    name: '127.0.0.1:1',
    interestOps: 1,
    outstandingRequests: 0,
    sessionId: 0n,
    sessionTimeoutMs: 0,
    sinceMs: 0,
    expiresAtMs: 0,
    statistics: new ConnectionStatistics(),
    ...more,
  };
}
