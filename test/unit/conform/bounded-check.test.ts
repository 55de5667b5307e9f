import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { boundedCheck } from '../../../src/conform/bounded-check.ts';

describe('boundedCheck', () => {
  const gaveUp: string[] = [];
  beforeEach(() => {
    gaveUp.length = 0;
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const giveUp = (): void => void gaveUp.push('gave up');

  it('leaves a check alone that is done in time, or fails', async () => {
    await boundedCheck(async () => undefined, 10, giveUp);
    const failure = new Error('mine');
    await expect(boundedCheck(() => Promise.reject(failure), 10, giveUp)).rejects.toBe(failure);
    expect([gaveUp, vi.getTimerCount()]).toEqual([[], 0]);
  });

  it('fails a check that takes longer, and ends what it waits for', async () => {
    const failed = expect(
      boundedCheck(() => new Promise(() => undefined), 10, giveUp),
    ).rejects.toMatchObject({
      name: 'ConformanceFailure',
      message: 'the check was not done within 10 ms',
    });
    vi.advanceTimersByTime(9);
    expect(gaveUp).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(gaveUp).toEqual(['gave up']);
    await failed;
  });
});
