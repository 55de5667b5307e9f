import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/session/clock.ts';

describe('systemClock', () => {
  it('runs a timer after its delay, unless it was cleared', async () => {
    const startMs = systemClock.nowMs();
    const cleared = systemClock.setTimer(() => expect.unreachable(), 5);
    systemClock.clearTimer(cleared);
    await new Promise<void>((resolve) => systemClock.setTimer(resolve, 20));
    expect(systemClock.nowMs() - startMs).toBeGreaterThan(18);
  });

  it('does not follow the wall clock, which is set now and then', () => {
    const { now } = Date;
    const beforeMs = systemClock.nowMs();
    try {
      Date.now = () => 0;
      expect(systemClock.nowMs() - beforeMs).toBeGreaterThanOrEqual(0);
    } finally {
      Date.now = now;
    }
  });

  it('calls back after the sockets were read', async () => {
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      setTimeout(() => {
        systemClock.afterPoll(() => {
          order.push('after poll');
          resolve();
        });
        process.nextTick(() => order.push('tick'));
      }, 0);
    });
    expect(order).toEqual(['tick', 'after poll']);
  });
});
