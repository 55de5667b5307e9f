import { describe, expect, it } from 'vitest';
import * as limits from '../../src/limits.ts';

describe('limits', () => {
  it('are positive integers, each with its unit in its name', () => {
    for (const [name, value] of Object.entries(limits)) {
      expect(name).toMatch(
        /(^|_)(BYTES|CHARS|REQUESTS|SLABS|MS|CREDENTIALS|ROUNDS|SERVERS|EVENTS|NODES)(_|$)/,
      );
      expect(Number.isSafeInteger(value) && value > 0).toBe(true);
    }
  });

  it('keep the frame limit of ZooKeeper', () => {
    expect(limits.FRAME_BODY_BYTES_MAX).toBe(1_048_575);
    expect(limits.FRAME_BODY_BYTES_CEILING).toBe(2_147_483_647);
  });

  it('fit each other', () => {
    // One read fills a slab at most, and a batch leaves before its slab is full.
    expect(limits.SLAB_BYTES).toBe(65_536);
    expect(limits.FLUSH_BYTES).toBeLessThan(limits.SLAB_BYTES);
    expect(limits.READ_ROOM_BYTES_MIN).toBeLessThan(limits.SLAB_BYTES);
    // What is kept for an owned value is at most four times the value.
    expect(limits.OWNED_COPY_BYTES_MAX * 4).toBe(limits.SLAB_BYTES);
    // One request of the largest frame always finds room.
    expect(limits.INFLIGHT_BYTES_MAX).toBeGreaterThan(limits.FRAME_BODY_BYTES_MAX + 4);
    expect(limits.LINK_HIGH_WATER_BYTES).toBeGreaterThan(limits.FLUSH_BYTES);
    // A connection gives up before the session that it serves runs out.
    expect(limits.CONNECT_TIMEOUT_MS).toBeLessThan(limits.SESSION_TIMEOUT_MS);
    expect(limits.CLOSE_TIMEOUT_MS).toBeLessThan(limits.CONNECT_TIMEOUT_MS);
  });
});
