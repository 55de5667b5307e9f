import { callGuarded } from '../callback-failures.ts';
import { type ResolvedServerOptions, resolveOptions } from './config/resolve-options.ts';
import type { ServerOptions } from './config/server-options.ts';
import { EmbeddedServer } from './embedded-server.ts';
import { ServerCore } from './server-core.ts';
import { afterReads } from './sessions/after-reads.ts';
import { SessionTracker } from './sessions/session-tracker.ts';
import type { RecoveryNotice } from './storage/recovery.ts';
import type { Storage } from './storage/storage.ts';
import { DataTree } from './tree/data-tree.ts';

/**
 * A whole ZooKeeper on one node, in this process, ready to be connected to. Without options it is
 * reached by `connect(server.connectString)` from this process only, and forgets everything at the end.
 *
 * Rejects with a ZkwireError `BAD_ARGUMENT` that names the option that makes no sense, with the
 * system's error when a port is not to be had, and with a StorageError when the data directory is
 * in use, damaged or cannot be read.
 */
export async function createServer(options: ServerOptions = {}): Promise<EmbeddedServer> {
  const resolved = resolveOptions(options);
  const { dataDir } = resolved;
  const parts: Parts = { core: null, server: null, failure: null };
  const tree = new DataTree();
  const sessions = new SessionTracker({
    ...resolved,
    // A server that stands still expires nobody; when it goes on, everybody's bytes are read first. Nor does one
    // whose disk stands still: it does not read from those whose answers wait, or from nobody.
    afterReads: (run) => {
      const { core } = parts;
      if (core === null) return run();
      const read = (): void => afterReads(run, () => core.accepted);
      core.whenThawed(() => core.gate.whenFlushed(core.gate.appended, read));
    },
    onExpired: (session) => parts.core?.expire(session),
  });
  const storage = dataDir === undefined ? null : await opened(resolved, dataDir, tree, parts);
  for (const [id, timeoutMs] of storage?.recovered.sessions ?? []) sessions.add(id, timeoutMs);
  parts.core = new ServerCore(resolved, tree, sessions, storage, { onFault: warn });
  parts.server = new EmbeddedServer(parts.core);
  try {
    await parts.server.listen();
    if (parts.failure !== null) throw parts.failure;
  } catch (cause) {
    await parts.server.close();
    throw cause;
  }
  return parts.server;
}

/** What is made after the storage, and hears of it. */
interface Parts {
  core: ServerCore | null;
  server: EmbeddedServer | null;
  /** Of the disk, before there was a server to end. */
  failure: Error | null;
}

async function opened(
  options: ResolvedServerOptions,
  dataDir: string,
  tree: DataTree,
  parts: Parts,
): Promise<Storage> {
  // Most servers keep nothing: they do not wait for code that reads and writes files.
  const { openStorage } = await import('./storage/storage.ts');
  return await openStorage({
    ...options,
    dataDir,
    dataLogDir: options.dataLogDir ?? dataDir,
    tree,
    // Of a server that stands still nobody hears, though its disk does not.
    onFlushed: (flushed) => parts.core?.whenThawed(() => parts.core?.flushed(flushed)),
    onFailed: (error) => {
      parts.failure = error;
      parts.server?.fail(error);
    },
    onNotice: guarded(options.onNotice ?? warnOf),
  });
}

/** A listener that throws, async or not, must not end the recovery that it hears of. */
function guarded(onNotice: (notice: RecoveryNotice) => void): (notice: RecoveryNotice) => void {
  return (notice) => callGuarded(() => onNotice(notice), warn);
}

function warnOf({ file, offset, unusedBytes, message }: RecoveryNotice): void {
  const where = offset === undefined ? file : `${file}, byte ${offset}`;
  const unused = unusedBytes === 0 ? '' : ` (${unusedBytes} bytes not used)`;
  process.emitWarning(`${where}: ${message}${unused}`, 'ZkwireStorageWarning');
}

/** A mistake of ours is not kept to ourselves, and must not end somebody's tests. */
function warn(cause: unknown): void {
  const detail = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  process.emitWarning(`zkwire server, please report: ${detail}`, 'ZkwireServerWarning');
}
