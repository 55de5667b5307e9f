import { readFileSync } from 'node:fs';
import process from 'node:process';

/** Reads and writes that this process has asked the kernel for. */
export interface IoCounts {
  reads: number;
  writes: number;
}

/** Names the file in which a preloaded library counts `recv` and `send` (bench/drivers/socket-calls). */
export const SOCKET_CALLS_FILE = 'ZKWIRE_SOCKET_CALLS';
/** Whether it is at work, receives, sends: 64 bits each. */
export const SOCKET_CALLS_BYTES = 24;

/**
 * From /proc/self/io: `read`, `write` and their like, of all threads, on sockets, pipes and files; no
 * waiting (`epoll_wait`), and `recv` and `send` only where a library counts them. Null where the kernel
 * does not count.
 */
export function ioCounts(): IoCounts | null {
  try {
    const counts = parseIoCounts(readFileSync('/proc/self/io', 'latin1'));
    const sockets = socketCalls();
    if (counts === null || sockets === null) return counts;
    return { reads: counts.reads + sockets.reads, writes: counts.writes + sockets.writes };
  } catch {
    return null;
  }
}

/** Of the library in this process; null when it is not there. */
export function socketCalls(): IoCounts | null {
  const path = process.env[SOCKET_CALLS_FILE];
  if (path === undefined) return null;
  const counts = readFileSync(path);
  if (counts.length < SOCKET_CALLS_BYTES || counts.readUInt8() !== 1) return null;
  return { reads: Number(counts.readBigUInt64LE(8)), writes: Number(counts.readBigUInt64LE(16)) };
}

export function parseIoCounts(text: string): IoCounts | null {
  const reads = /^syscr: (\d+)$/m.exec(text)?.[1];
  const writes = /^syscw: (\d+)$/m.exec(text)?.[1];
  if (reads === undefined || writes === undefined) return null;
  return { reads: Number(reads), writes: Number(writes) };
}

export interface IoCallsPerOperation {
  readSyscallsPerOp: number | null;
  writeSyscallsPerOp: number | null;
}

export function ioCallsPerOperation(
  from: IoCounts | null,
  to: IoCounts | null,
  operations: number,
): IoCallsPerOperation {
  if (from === null || to === null) return { readSyscallsPerOp: null, writeSyscallsPerOp: null };
  return {
    readSyscallsPerOp: (to.reads - from.reads) / operations,
    writeSyscallsPerOp: (to.writes - from.writes) / operations,
  };
}
