import { ZkwireError } from '../errors.ts';
import { resolveOptions } from './config/resolve-options.ts';
import type { ServerOptions } from './config/server-options.ts';
import { EmbeddedServer } from './embedded-server.ts';
import { ServerCore } from './server-core.ts';
import { afterReads, SessionTracker } from './sessions/session-tracker.ts';
import { DataTree } from './tree/data-tree.ts';

/**
 * A whole ZooKeeper on one node, in this process, ready to be connected to. Without options it is
 * reached by `connect(server.connectString)` from this process only, and forgets everything at the end.
 *
 * Rejects with a ZkwireError `BAD_ARGUMENT` that names the option that makes no sense, with the
 * system's error when a port is not to be had, and with a StorageError when the data directory is
 * in use, or damaged.
 */
export async function createServer(options: ServerOptions = {}): Promise<EmbeddedServer> {
  const resolved = resolveOptions(options);
  const tree = new DataTree();
  tree.reset();
  let core: ServerCore | null = null;
  const sessions = new SessionTracker({
    ...resolved,
    afterReads,
    onExpired: (session) => core?.expire(session),
  });
  core = new ServerCore(resolved, tree, sessions, null, { onFault: warn });
  const server = new EmbeddedServer(core);
  try {
    await server.listen();
  } catch (cause) {
    await server.close();
    throw cause;
  }
  return server;
}

/** A mistake of ours is not kept to ourselves, and must not end somebody's tests. */
function warn(cause: unknown): void {
  const detail = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  process.emitWarning(new ZkwireError('INTERNAL', detail));
}
