import { readFileSync } from 'node:fs';

/** Reads and writes that this process has asked the kernel for. */
export interface IoCounts {
  reads: number;
  writes: number;
}

/**
 * From /proc/self/io: `read`, `write` and their like, of all threads, on sockets, pipes and files; no
 * `recv`, no `send`, and no waiting (`epoll_wait`). Null where the kernel does not count.
 */
export function ioCounts(): IoCounts | null {
  try {
    return parseIoCounts(readFileSync('/proc/self/io', 'latin1'));
  } catch {
    return null;
  }
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
