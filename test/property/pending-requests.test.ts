import { describe, expect, it } from 'vitest';
import { PendingRequests } from '../../src/codec/pending-requests.ts';
import { cpuMs } from './cpu-time.ts';

describe('requests that are never answered', () => {
  it('are forgotten without a search for the oldest', () => {
    const max = 200_000;
    const pending = new PendingRequests(max);
    const tookMs = cpuMs(() => {
      for (let xid = 1; xid <= 5 * max; xid++) pending.add(xid, 4);
    });
    // A million additions take about 0.2 s; one search each took minutes.
    expect(tookMs).toBeLessThan(10_000);
    expect(pending.take(1)).toBeUndefined();
    expect(pending.take(4 * max)).toBeUndefined();
    expect(pending.take(5 * max - max / 2 + 1)).toEqual({ op: 4, inOrder: false });
    expect(pending.take(5 * max)).toEqual({ op: 4, inOrder: false });
  });

  it('are answered oldest first when they share an xid, across generations', () => {
    const pending = new PendingRequests(4);
    for (const op of [1, 2, 3]) pending.add(7, op);
    expect([pending.take(7), pending.take(7), pending.take(7), pending.take(7)]).toEqual([
      { op: 1, inOrder: true },
      { op: 2, inOrder: true },
      { op: 3, inOrder: true },
      undefined,
    ]);
  });
});
