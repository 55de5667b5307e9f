import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { JuteWriter } from '../../codec/index.ts';
import type { DataTree } from '../tree/data-tree.ts';
import { TreeWalk } from '../tree/tree-walk.ts';
import type { ZNode } from '../tree/znode.ts';
import { writeAclList } from './acl-list.ts';
import { ADLER_START, adler32 } from './adler32.ts';
import { snapshotPath, syncNames, unfinishedPath } from './data-files.ts';
import {
  FORMAT_VERSION,
  LOCKED_ACL,
  NODES_END,
  PERSISTED_STAT_BYTES,
  SNAPSHOT_MAGIC,
} from './file-format.ts';

/** Encoded without a pause: well below a millisecond of work. */
const SLICE_BYTES: number = 64 * 1024;
const SLICE_NODES = 512;
const SNAPSHOT_DATABASE = -1n;
/** Of a digest that says nothing, as a server writes it that has none. */
const DIGEST_VERSION = 2;

/** What goes into a snapshot. */
export interface SnapshotSource {
  /** May change while the snapshot is written. */
  readonly tree: DataTree;
  /** Everything up to here is in `tree`, `sessions` and, on the disk, in the log. */
  readonly zxid: bigint;
  /** Time-outs in ms by session. */
  readonly sessions: ReadonlyMap<bigint, number>;
}

/** Where and how a snapshot is written. */
export interface SnapshotTarget {
  readonly directory: string;
  /** The file is on the disk before it has its name. */
  readonly fsync: boolean;
  /** Resolves when every transaction of which the snapshot can have seen something is durable. */
  readonly logFlushed: () => Promise<void>;
  /** Gives up. */
  readonly signal: AbortSignal;
}

/**
 * Writes a snapshot that Apache's servers of 3.5 and later read, in slices: others run in between, and
 * the tree changes. As with Apache's own, what is in the file is therefore a mixture, which replaying
 * the log from `zxid` on makes right; znodes that came in between are left out. Returns the path.
 */
export async function writeSnapshot(
  source: SnapshotSource,
  target: SnapshotTarget,
): Promise<string> {
  const path = snapshotPath(target.directory, source.zxid);
  const unfinished = unfinishedPath(target.directory, basename(path));
  try {
    const file = await open(unfinished, 'w');
    try {
      const output = new SnapshotOutput(file);
      await writeAll(output, source, target.signal);
      if (target.fsync) await file.datasync();
    } finally {
      await file.close();
    }
    // A mixture is of no use without the transactions that make it right.
    await target.logFlushed();
    target.signal.throwIfAborted();
    await rename(unfinished, path);
    if (target.fsync) await syncNames(target.directory);
    return path;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

async function writeAll(
  output: SnapshotOutput,
  source: SnapshotSource,
  signal: AbortSignal,
): Promise<void> {
  const { writer } = output;
  writeHeader(writer);
  writeSessions(writer, source.sessions);
  const nodes = new NodeWriter(writer, source);
  const walk = new TreeWalk(source.tree);
  let nodesLeft = SLICE_NODES;
  while (walk.next()) {
    nodes.write(walk.path, walk.node);
    if (--nodesLeft > 0 && writer.offset < SLICE_BYTES) continue;
    signal.throwIfAborted();
    await output.flush();
    nodesLeft = SLICE_NODES;
  }
  writer.ustring(NODES_END);
  output.seal();
  writeNoDigest(writer);
  output.seal();
  writer.long(source.zxid);
  output.seal();
  await output.flush();
}

function writeHeader(writer: JuteWriter): void {
  writer.int(SNAPSHOT_MAGIC);
  writer.int(FORMAT_VERSION);
  writer.long(SNAPSHOT_DATABASE);
}

function writeSessions(writer: JuteWriter, sessions: ReadonlyMap<bigint, number>): void {
  writer.int(sessions.size);
  for (const [sessionId, timeoutMs] of sessions) {
    writer.long(sessionId);
    writer.int(timeoutMs);
  }
}

/** Without it servers from 3.6 on warn that the snapshot is old. */
function writeNoDigest(writer: JuteWriter): void {
  writer.long(0n);
  writer.int(DIGEST_VERSION);
  writer.long(0n);
}

/** Znodes of one snapshot. */
class NodeWriter {
  readonly #writer: JuteWriter;
  readonly #source: SnapshotSource;
  /** Higher numbers are of ACLs that came after the table was written. */
  readonly #lastAclId: number;

  /** Writes the table of ACLs. */
  constructor(writer: JuteWriter, source: SnapshotSource) {
    this.#writer = writer;
    this.#source = source;
    const acls = source.tree.acls.entries();
    this.#lastAclId = acls.reduce((last, [id]) => Math.max(last, id), 0);
    writer.int(acls.length + 1);
    for (const [id, acl] of acls) {
      writer.long(BigInt(id));
      writeAclList(writer, acl);
    }
    writer.long(BigInt(this.#lockedAclId));
    writeAclList(writer, LOCKED_ACL);
  }

  write(path: string, node: ZNode): void {
    // The log has it, and whatever becomes of it.
    if (node.czxid > this.#source.zxid) return;
    const writer = this.#writer;
    writer.ustring(path);
    writer.buffer(node.data);
    writer.long(BigInt(this.#aclIdOf(node)));
    const at = writer.reserve(PERSISTED_STAT_BYTES);
    const { view } = writer;
    view.setBigInt64(at, node.czxid);
    view.setBigInt64(at + 8, node.mzxid);
    view.setBigInt64(at + 16, BigInt(node.ctimeMs));
    view.setBigInt64(at + 24, BigInt(node.mtimeMs));
    view.setInt32(at + 32, node.version);
    view.setInt32(at + 36, node.cversion);
    view.setInt32(at + 40, node.aversion);
    view.setBigInt64(at + 44, node.ephemeralOwner);
    view.setBigInt64(at + 52, node.pzxid);
  }

  get #lockedAclId(): number {
    return this.#lastAclId + 1;
  }

  #aclIdOf(node: ZNode): number {
    return Math.min(this.#source.tree.acls.idOf(node.acl), this.#lockedAclId);
  }
}

/** What has been encoded and not been written, and the checksum of all before. */
class SnapshotOutput {
  readonly writer: JuteWriter = JuteWriter.standalone(2 * SLICE_BYTES);
  readonly #file: FileHandle;
  #sum = ADLER_START;
  #summed = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** The checksum so far, and the end mark. */
  seal(): void {
    this.writer.long(BigInt(this.#checksum()));
    this.writer.ustring(NODES_END);
  }

  async flush(): Promise<void> {
    this.#checksum();
    const { bytes, offset } = this.writer;
    for (let at = 0; at < offset; ) {
      at += (await this.#file.write(bytes, at, offset - at)).bytesWritten;
    }
    this.writer.offset = 0;
    this.#summed = 0;
  }

  #checksum(): number {
    this.#sum = adler32(this.writer.bytes, this.#summed, this.writer.offset, this.#sum);
    this.#summed = this.writer.offset;
    return this.#sum;
  }
}
