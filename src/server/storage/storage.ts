import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { OP } from '../../codec/index.ts';
import { StorageError } from '../../errors.ts';
import type { ServerClock, ServerTimer } from '../config/server-clock.ts';
import type { DataTree } from '../tree/data-tree.ts';
import type { Txn, TxnHeader } from '../tree/txn.ts';
import {
  listLogs,
  listSnapshots,
  makeDirectory,
  prepareDirectory,
  versionDirectory,
} from './data-files.ts';
import { DirectoryLock } from './directory-lock.ts';
import { purge } from './purge.ts';
import { type Recovered, type RecoveryNotice, recover } from './recovery.ts';
import type { SessionTimeouts } from './snapshot-reader.ts';
import { writeSnapshot } from './snapshot-writer.ts';
import { TxnLogWriter } from './txn-log-writer.ts';

/** As in ZooKeeper: recovery has to read it all again. */
const SNAP_BYTES: number = 4 * 1024 * 1024 * 1024;

/** Who hears what becomes of the data. None may throw. */
interface StorageEvents {
  /** All transactions up to this number, as `append` gave it, are durable. */
  onFlushed(flushed: number): void;
  /** The disk failed: nothing is flushed any more. Told once. */
  onFailed(error: StorageError): void;
  /** Something that loses nothing: damage that was got over, a snapshot or a purge that failed. */
  onNotice(notice: RecoveryNotice): void;
}

/** How data are kept. Names and defaults are those of the server's options. */
export interface StorageOptions extends StorageEvents {
  readonly dataDir: string;
  readonly dataLogDir: string;
  readonly fsync: boolean;
  readonly snapCount: number;
  /** Bytes of transactions after which a snapshot is due at the latest. Default 4 GiB, as ZooKeeper's `snapSizeLimitInKb`. */
  readonly snapBytes?: number | undefined;
  readonly snapRetainCount: number;
  readonly purgeIntervalMs: number;
  /**
   * What to do about a log that is damaged, with transactions behind the damage: `refuse` to
   * start, or `truncate`: go on with what is before it, and keep the files aside.
   */
  readonly onDamagedLog: 'refuse' | 'truncate';
  /** Is given the state of the directory; every transaction is applied to it before it is appended. */
  readonly tree: DataTree;
  readonly clock: ServerClock;
  readonly random: () => number;
}

/**
 * Opens a data directory, Apache's or our own, and brings back what is in it. Makes it when it is not there.
 *
 * @throws StorageError when it is in use, damaged or cannot be read; nothing stays open then.
 */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const { dataDir, dataLogDir, tree, fsync } = options;
  const locks: DirectoryLock[] = [];
  try {
    for (const root of [dataDir, dataLogDir]) makeDirectory(root, fsync);
    // One directory may have two names.
    const isApart = realpathSync(dataDir) !== realpathSync(dataLogDir);
    for (const root of isApart ? [dataDir, dataLogDir] : [dataDir]) {
      locks.push(await DirectoryLock.take(root));
      prepareDirectory(versionDirectory(root), fsync);
    }
    if (isApart) checkApart(versionDirectory(dataDir), versionDirectory(dataLogDir));
    const recovered = await recover({
      directory: versionDirectory(dataDir),
      logDirectory: versionDirectory(dataLogDir),
      asideDirectory: join(dataLogDir, `damaged-${options.clock.wallMs()}`),
      tree,
      truncate: options.onDamagedLog === 'truncate',
      fsync,
    });
    for (const notice of recovered.notices) options.onNotice(notice);
    const storage = new Storage(options, recovered, locks);
    // Without a snapshot, an empty one at least, Apache's servers do not start.
    if (recovered.needsSnapshot) await storage.snapshot();
    storage.startPurging();
    return storage;
  } catch (error) {
    for (const lock of locks) lock.release();
    if (error instanceof StorageError) throw error;
    throw new StorageError('DIRECTORY_UNUSABLE', dataDir, undefined, undefined, error);
  }
}

/** Files that are not where they are looked for would be transactions lost: somebody has set the directories otherwise before. */
function checkApart(directory: string, logDirectory: string): void {
  const [log] = listLogs(directory);
  const [snapshot] = listSnapshots(logDirectory);
  const misplaced = log ?? snapshot;
  if (misplaced === undefined) return;
  const detail =
    'logs and snapshots are to be in two directories, and here is one in the wrong one: are dataDir and dataLogDir those of before?';
  throw new StorageError('DIRECTORY_UNUSABLE', misplaced.path, undefined, detail);
}

/** The transaction log and the snapshots of one server. */
export class Storage {
  /** What the directory held. */
  readonly recovered: Recovered;
  readonly #options: StorageOptions;
  readonly #locks: readonly DirectoryLock[];
  readonly #log: TxnLogWriter;
  readonly #sessions: SessionTimeouts;
  readonly #ending = new AbortController();
  #zxid: bigint;
  /** Transactions, and bytes in the log, that a snapshot is due at. */
  #snapshotAt = 0;
  #snapshotAtBytes = 0;
  #sinceSnapshot = 0;
  #snapshot: Promise<void> | null = null;
  #purgeTimer: ServerTimer = null;

  /** For `openStorage`. */
  constructor(options: StorageOptions, recovered: Recovered, locks: readonly DirectoryLock[]) {
    this.#options = options;
    this.recovered = recovered;
    this.#locks = locks;
    this.#sessions = new Map(recovered.sessions);
    this.#zxid = recovered.zxid;
    this.#log = new TxnLogWriter({
      directory: versionDirectory(options.dataLogDir),
      fsync: options.fsync,
      onFlushed: (flushed) => options.onFlushed(flushed),
      onFailed: (error) => options.onFailed(error),
    });
    this.#planSnapshot();
    this.#sinceSnapshot = recovered.replayed;
  }

  /** Transactions that were appended since the directory was opened. */
  get appended(): number {
    return this.#log.appended;
  }

  /** Of those, the ones that are durable. */
  get flushed(): number {
    return this.#log.flushed;
  }

  /** Bytes that were appended and are not durable: above a limit nothing more should be asked for. */
  get pendingBytes(): number {
    return this.#log.pendingBytes;
  }

  /**
   * Writes a transaction down that has just been applied to the tree; it is on its way to the disk at the end of the turn.
   * Returns its number, which `onFlushed` names when it is durable.
   */
  append(header: TxnHeader, txn: Txn): number {
    const number = this.#log.append(header, txn);
    this.#zxid = header.zxid;
    if (txn.type === OP.createSession) this.#sessions.set(header.sessionId, txn.timeoutMs);
    else if (txn.type === OP.closeSession) this.#sessions.delete(header.sessionId);
    this.#sinceSnapshot++;
    if (this.#snapshot === null && this.#isSnapshotDue) {
      this.snapshot().catch((error: unknown) => this.#snapshotFailed(error));
    }
    return number;
  }

  /** Resolves when everything that has been appended is durable; rejects with the StorageError of a disk that failed. */
  flush(): Promise<void> {
    return this.#log.flush();
  }

  /**
   * Takes a snapshot of what is there now, beside everything else, and begins a new log. While one is being
   * taken, that is waited for instead. Rejects with what the file system says, or when the storage is closed; nothing
   * is lost then.
   */
  snapshot(): Promise<void> {
    this.#snapshot ??= this.#takeSnapshot().finally(() => {
      this.#snapshot = null;
    });
    return this.#snapshot;
  }

  /** Removes what is not needed any more, at once and then every `purgeIntervalMs`. */
  startPurging(): void {
    const { purgeIntervalMs, clock } = this.#options;
    if (purgeIntervalMs <= 0 || this.#ending.signal.aborted) return;
    this.purge();
    this.#purgeTimer = clock.setTimer(() => this.startPurging(), purgeIntervalMs);
  }

  /** Removes old snapshots and the logs that no other one needs. Returns the paths that are gone. */
  purge(): readonly string[] {
    const { dataDir, dataLogDir, snapRetainCount } = this.#options;
    try {
      return purge(versionDirectory(dataDir), versionDirectory(dataLogDir), snapRetainCount);
    } catch (error) {
      this.#notice(dataDir, `old files could not be removed: ${messageOf(error)}`);
      return [];
    }
  }

  /** Makes everything durable and lets go of the directory. Rejects with the StorageError of a disk that failed. */
  async close(): Promise<void> {
    this.#ending.abort();
    this.#options.clock.clearTimer(this.#purgeTimer);
    try {
      await this.#snapshot?.catch(() => {});
      await this.#log.close();
    } finally {
      for (const lock of this.#locks) lock.release();
    }
  }

  async #takeSnapshot(): Promise<void> {
    const { dataDir, fsync, tree } = this.#options;
    const directory = versionDirectory(dataDir);
    this.#planSnapshot();
    this.#log.roll();
    await writeSnapshot(
      { tree, zxid: this.#zxid, sessions: this.#sessions },
      { directory, fsync, logFlushed: () => this.flush(), signal: this.#ending.signal },
    );
  }

  /** The log goes on growing, and the next snapshot may succeed. */
  #snapshotFailed(error: unknown): void {
    if (this.#ending.signal.aborted) return;
    this.#notice(this.#options.dataDir, `no snapshot could be taken: ${messageOf(error)}`);
  }

  #notice(file: string, message: string): void {
    this.#options.onNotice({ file, offset: undefined, unusedBytes: 0, message });
  }

  get #isSnapshotDue(): boolean {
    return (
      this.#sinceSnapshot >= this.#snapshotAt || this.#log.appendedBytes >= this.#snapshotAtBytes
    );
  }

  /** Between half and all of what is allowed, as a real server does: not all servers of a machine at once. */
  #planSnapshot(): void {
    const { snapCount, snapBytes = SNAP_BYTES, random } = this.#options;
    const part = 0.5 + random() / 2;
    this.#sinceSnapshot = 0;
    this.#snapshotAt = Math.max(1, Math.floor(snapCount * part));
    this.#snapshotAtBytes = this.#log.appendedBytes + snapBytes * part;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
