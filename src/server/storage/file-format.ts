import type { ACL } from '../../codec/index.ts';

/** What Apache's log and snapshot files are made of, in bytes. */

/** `ZKLG`: begins a log. */
export const LOG_MAGIC = 0x5a4b4c47;
/** `ZKSN`: begins a snapshot. */
export const SNAPSHOT_MAGIC = 0x5a4b534e;
/** The only version there is of both. */
export const FORMAT_VERSION = 2;
/** Magic (int), version (int), database (long): 0 in logs, -1 in snapshots. */
export const FILE_HEADER_BYTES = 16;

/** Checksum (long) and length (int) before each transaction. */
export const ENTRY_HEADER_BYTES = 12;
/** The byte behind each transaction. */
export const ENTRY_END = 0x42;
/** Session, cxid, zxid, time, type. */
export const TXN_HEADER_BYTES = 32;
/** Longest transaction that is read; what is longer is garbage. `jute.maxbuffer` is 1 MiB, but can be raised. */
export const ENTRY_BYTES_MAX: number = 1024 * 1024 * 1024;

/** In the place of a path, behind the last znode of a snapshot; also the second half of each seal. */
export const NODES_END = '/';
/** What a snapshot holds of a znode behind its data and the number of its ACL. */
export const PERSISTED_STAT_BYTES = 60;
/**
 * The ACL of a znode whose real one is not in the table of its snapshot: it was set while that was written,
 * and the log sets it again. Nobody may do anything, in case somebody throws the log away.
 */
export const LOCKED_ACL: readonly ACL[] = [{ perms: 0, id: { scheme: 'world', id: 'anyone' } }];
