import { type ACL, ACL_MIN_BYTES } from '../../codec/index.ts';
import { StorageError } from '../../errors.ts';
import { OPEN_ACL_ID, OPEN_ACL_UNSAFE } from '../tree/acl-table.ts';
import type { DataTree } from '../tree/data-tree.ts';
import { ZNode } from '../tree/znode.ts';
import {
  FORMAT_VERSION,
  LOCKED_ACL,
  NODES_END,
  PERSISTED_STAT_BYTES,
  SNAPSHOT_MAGIC,
} from './file-format.ts';
import { SnapshotInput } from './snapshot-input.ts';

/** What a snapshot holds besides znodes: time-outs in ms by session. */
export type SessionTimeouts = Map<bigint, number>;

/** Znodes between two chances for others to run. */
const SLICE_NODES = 256;
/** Digests of this version and later are longs, those before are text. */
const DIGEST_VERSION_OF_LONGS = 2;
/** The last zxid, and its seal: a checksum (long) and a text of one byte. */
const ZXID_BYTES = 21;

/**
 * Reads a snapshot of any Apache server into `tree` and `sessions`, with a pause now and then. When it throws, both
 * hold what is of no use.
 *
 * @throws StorageError when a server would not have written what is there.
 */
export function* readSnapshot(
  path: string,
  zxid: bigint,
  tree: DataTree,
  sessions: SessionTimeouts,
): Generator<void> {
  const input = new SnapshotInput(path);
  try {
    readHeader(input, path);
    readSessions(input, sessions);
    tree.beginRestore();
    yield* readNodes(input, path, tree);
    checkSeal(input, path);
    checkExtras(input, path);
    if (!tree.endRestore(zxid)) throw badRecord(path, input, 'there is no root');
  } catch (error) {
    throw isOfFile(error) ? badRecord(path, input, undefined, error) : error;
  } finally {
    input.close();
  }
}

/**
 * Whether an error tells of damage in a file. What else a system refuses (room, memory, files that are open) is no
 * reason to take the file for broken and go on with an older one.
 */
export function isOfFile(error: unknown): boolean {
  if (error instanceof StorageError) return false;
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall === undefined || (syscall === 'read' && code === 'EIO');
}

function readHeader(input: SnapshotInput, path: string): void {
  const isSnapshot =
    input.remaining >= 16 && input.int() === SNAPSHOT_MAGIC && input.int() === FORMAT_VERSION;
  if (!isSnapshot) throw new StorageError('BAD_HEADER', path, 0);
  // The number of the database: the same in all.
  input.long();
}

function readSessions(input: SnapshotInput, sessions: SessionTimeouts): void {
  sessions.clear();
  for (let left = input.int(); left > 0; left--) sessions.set(input.long(), input.int());
}

function* readNodes(input: SnapshotInput, file: string, tree: DataTree): Generator<void> {
  const acls = readAcls(input);
  for (let count = 1; ; count++) {
    const path = input.ustring();
    if (path === NODES_END) return;
    const node = readNode(input, acls);
    if (path === null || !tree.restore(path, node)) {
      throw badRecord(file, input, `a znode has no parent, or is there twice`);
    }
    if (count % SLICE_NODES === 0) yield;
  }
}

function readAcls(input: SnapshotInput): Map<bigint, readonly ACL[]> {
  const acls = new Map<bigint, readonly ACL[]>([[BigInt(OPEN_ACL_ID), OPEN_ACL_UNSAFE]]);
  for (let left = input.int(); left > 0; left--) {
    const id = input.long();
    const count = input.int();
    if (count * ACL_MIN_BYTES > input.remaining) throw new Error(`${count} ACLs do not fit`);
    const list: ACL[] = [];
    while (list.length < count) {
      const perms = input.int();
      list.push({ perms, id: { scheme: input.ustring(), id: input.ustring() } });
    }
    acls.set(id, list);
  }
  return acls;
}

function readNode(input: SnapshotInput, acls: Map<bigint, readonly ACL[]>): ZNode {
  const bytes = input.buffer();
  const data = bytes === null ? null : Buffer.from(bytes);
  const aclId = input.long();
  const stat = input.record(PERSISTED_STAT_BYTES);
  const czxid = stat.long();
  const mzxid = stat.long();
  const ctimeMs = Number(stat.long());
  const mtimeMs = Number(stat.long());
  const version = stat.int();
  const cversion = stat.int();
  const aversion = stat.int();
  const owner = stat.long();
  // An ACL that is not in the table came while the snapshot was written: its transaction is in the log.
  const node = new ZNode(data, acls.get(aclId) ?? LOCKED_ACL, czxid, ctimeMs, owner);
  node.mzxid = mzxid;
  node.mtimeMs = mtimeMs;
  node.version = version;
  node.cversion = cversion;
  node.aversion = aversion;
  node.pzxid = stat.long();
  return node;
}

function checkSeal(input: SnapshotInput, path: string): void {
  const sum = BigInt(input.checksum());
  const { offset } = input;
  if (input.long() !== sum || input.ustring() !== NODES_END) {
    throw new StorageError('BAD_CHECKSUM', path, offset);
  }
}

/**
 * Since 3.6 a digest with a seal of its own, since 3.9 the last zxid with another; both can be switched off. Neither
 * is of use here.
 */
function checkExtras(input: SnapshotInput, path: string): void {
  if (input.remaining > ZXID_BYTES) {
    input.long();
    if (input.int() < DIGEST_VERSION_OF_LONGS) input.ustring();
    else input.long();
    checkSeal(input, path);
  }
  if (input.remaining === 0) return;
  input.long();
  checkSeal(input, path);
}

function badRecord(
  path: string,
  input: SnapshotInput,
  detail: string | undefined,
  cause?: unknown,
): StorageError {
  return new StorageError('BAD_RECORD', path, input.offset, detail, cause);
}
