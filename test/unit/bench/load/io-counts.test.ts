import { writeSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ioCallsPerOperation, ioCounts, parseIoCounts } from '../../../../bench/load/io-counts.ts';

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
