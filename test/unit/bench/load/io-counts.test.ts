import { mkdtempSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  ioCallsPerOperation,
  ioCounts,
  parseIoCounts,
  SOCKET_CALLS_BYTES,
  SOCKET_CALLS_FILE,
  socketCalls,
} from '../../../../bench/load/io-counts.ts';

describe('parseIoCounts', () => {
  it('reads what Linux writes', () => {
    const text = 'rchar: 6976\nwchar: 0\nsyscr: 10\nsyscw: 7\nread_bytes: 0\n';
    expect(parseIoCounts(text)).toEqual({ reads: 10, writes: 7 });
    expect(parseIoCounts('rchar: 6976\n')).toBeNull();
  });
});

describe('ioCounts', () => {
  it.skipIf(process.platform !== 'linux')('counts the calls of this process', () => {
    const from = ioCounts();
    for (let nth = 0; nth < 50; nth++) writeSync(2, '');
    const to = ioCounts();
    // Other threads of the process may write, too.
    expect((to?.writes ?? 0) - (from?.writes ?? 0)).toBeGreaterThanOrEqual(50);
    expect(to?.reads).toBeGreaterThan(from?.reads ?? Number.NaN);
  });
});

describe('socketCalls', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'zkwire-io-counts-'));
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  function counted(atWork: bigint): void {
    const bytes = Buffer.alloc(SOCKET_CALLS_BYTES);
    [atWork, 5_000_000n, 7_000_000n].forEach((value, nth) => {
      bytes.writeBigUInt64LE(value, nth * 8);
    });
    writeFileSync(join(folder, 'counts'), bytes);
    vi.stubEnv(SOCKET_CALLS_FILE, join(folder, 'counts'));
  }

  it('reads what the library has counted, and adds it to what the kernel has', () => {
    expect(socketCalls()).toBeNull();
    counted(1n);
    expect(socketCalls()).toEqual({ reads: 5_000_000, writes: 7_000_000 });
    if (process.platform !== 'linux') return;
    expect(ioCounts()?.reads).toBeGreaterThan(5_000_000);
    expect(ioCounts()?.writes).toBeGreaterThanOrEqual(7_000_000);
  });

  it('does not take a library that was not loaded for one that saw nothing', () => {
    counted(0n);
    expect(socketCalls()).toBeNull();
  });
});

describe('ioCallsPerOperation', () => {
  it('divides, and is null where nobody counts', () => {
    const from = { reads: 10, writes: 20 };
    const to = { reads: 15, writes: 60 };
    expect(ioCallsPerOperation(from, to, 10)).toEqual({
      readSyscallsPerOp: 0.5,
      writeSyscallsPerOp: 4,
    });
    const none = { readSyscallsPerOp: null, writeSyscallsPerOp: null };
    expect(ioCallsPerOperation(null, to, 10)).toEqual(none);
    expect(ioCallsPerOperation(from, null, 10)).toEqual(none);
  });
});
