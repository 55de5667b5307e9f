import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { guardGlobals } from './guards.ts';

describe('guardGlobals', () => {
  it('is in the place of clocks, timers and chance until it is taken away', () => {
    const misused: string[] = [];
    const set: unknown[] = [];
    const virtual = {
      wallMs: () => 77,
      uuid: () => 'a uuid',
      setTimer: (_run: () => void, delayMs: number) => delayMs,
      clearTimer: (timer: number | undefined) => set.push(timer),
    };
    const guards = guardGlobals(virtual, (what) => misused.push(what));
    try {
      expect(Date.now()).toBe(77);
      expect(randomUUID()).toBe('a uuid');
      expect(setTimeout(() => {}, 12)).toBe(12);
      clearTimeout(12);
      clearTimeout(undefined);
      Math.random();
    } finally {
      guards.restore();
    }
    expect(set).toEqual([12, undefined]);
    expect(misused).toEqual(['Math.random']);
    expect(Date.now()).toBeGreaterThan(77);
    expect(randomUUID()).toMatch(/^[0-9a-f-]{36}$/);
  });
});
