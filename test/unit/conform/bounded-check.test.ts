import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { boundedCheck } from '../../../src/conform/bounded-check.ts';

const NEVER = { signal: undefined };

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
    await boundedCheck(async () => undefined, { ...NEVER, limitMs: 10, giveUp });
    const failure = new Error('mine');
    await expect(
      boundedCheck(() => Promise.reject(failure), { ...NEVER, limitMs: 10, giveUp }),
    ).rejects.toBe(failure);
    expect([gaveUp, vi.getTimerCount()]).toEqual([[], 0]);
  });

  it('fails a check that takes longer, and ends what it waits for', async () => {
    const failed = expect(
      boundedCheck(() => new Promise(() => undefined), { ...NEVER, limitMs: 10, giveUp }),
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

  it('ends with the run, and does not begin behind it', async () => {
    const stopper = new AbortController();
    const bounds = { limitMs: 10, signal: stopper.signal, giveUp };
    const ended = expect(
      boundedCheck(() => new Promise(() => undefined), bounds),
    ).rejects.toMatchObject({ name: 'InterruptedCheck' });
    stopper.abort();
    await ended;
    expect([gaveUp, vi.getTimerCount()]).toEqual([['gave up'], 0]);
    let began = false;
    const begin = async (): Promise<void> => {
      began = true;
    };
    await expect(boundedCheck(begin, bounds)).rejects.toMatchObject({ name: 'InterruptedCheck' });
    expect(began).toBe(false);
  });
});
