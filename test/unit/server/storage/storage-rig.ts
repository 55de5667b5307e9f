import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StorageError } from '../../../../src/errors.ts';
import { systemClock } from '../../../../src/server/config/server-clock.ts';
import type { RecoveryNotice } from '../../../../src/server/storage/recovery.ts';
import {
  openStorage,
  type Storage,
  type StorageOptions,
} from '../../../../src/server/storage/storage.ts';
import { DataTree } from '../../../../src/server/tree/data-tree.ts';
import type { Txn } from '../../../../src/server/tree/txn.ts';
import { stateOf, type TreeState } from './tree-state.ts';

/** A directory for a test, and its end. */
export function makeDirectory(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'zkwire-storage-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Names of the files of a data directory. */
export function filesIn(dataDir: string): string[] {
  return readdirSync(join(dataDir, 'version-2')).sort();
}

/** A data directory, opened as a server does, and what its owner hears. */
export class OpenedStorage {
  readonly tree: DataTree = new DataTree();
  readonly flushed: number[] = [];
  readonly failures: StorageError[] = [];
  readonly notices: RecoveryNotice[] = [];
  /** Everything that was committed. */
  readonly log: { readonly sessionId: bigint; readonly txn: Txn }[] = [];
  storage!: Storage;

  static async open(
    dataDir: string,
    options: Partial<StorageOptions> = {},
  ): Promise<OpenedStorage> {
    const opened = new OpenedStorage();
    opened.storage = await openStorage({
      dataDir,
      dataLogDir: dataDir,
      fsync: false,
      snapCount: 100_000,
      snapRetainCount: 3,
      purgeIntervalMs: 0,
      onDamagedLog: 'refuse',
      tree: opened.tree,
      clock: systemClock,
      random: () => 0.5,
      onFlushed: (flushed) => opened.flushed.push(flushed),
      onFailed: (error) => opened.failures.push(error),
      onNotice: (notice) => opened.notices.push(notice),
      ...options,
    });
    return opened;
  }

  get state(): TreeState {
    return stateOf(this.tree);
  }

  /** As the server commits: into the tree, then into the log. Returns its number. */
  commit(txn: Txn, sessionId = 1n): number {
    const zxid = this.tree.lastZxid + 1n;
    const header = { sessionId, cxid: Number(zxid), zxid, timeMs: Number(zxid) + 1_000 };
    this.log.push({ sessionId, txn });
    this.tree.apply(header, txn, null);
    return this.storage.append(header, txn);
  }

  /** Creates a child of the root. */
  create(name: string, data: string | null = null): number {
    const parentCversion = this.tree.node('/')!.cversion + 1;
    return this.commit({
      type: 1,
      path: `/${name}`,
      data: data === null ? null : Buffer.from(data),
      acl: [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }],
      ephemeral: false,
      parentCversion,
    });
  }

  close(): Promise<void> {
    return this.storage.close();
  }
}
