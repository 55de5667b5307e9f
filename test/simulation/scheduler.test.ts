import { describe, expect, it } from 'vitest';
import { EventLoop } from './event-loop.ts';
import { Random } from './random.ts';
import { runSteps } from './run-steps.ts';
import { RANK, Scheduler } from './scheduler.ts';

function schedulerOf(seed: number): Scheduler {
  return new Scheduler(new Random(seed));
}

function runAll(scheduler: Scheduler): void {
  while (scheduler.step());
}

describe('Scheduler', () => {
  it('runs events in order of time, of one time in order of rank', () => {
    const scheduler = schedulerOf(1);
    const seen: string[] = [];
    scheduler.at(5, () => seen.push('io'), RANK.io);
    scheduler.at(5, () => seen.push('poll'), RANK.afterPoll);
    scheduler.at(5, () => seen.push('timer'), RANK.timer);
    scheduler.at(2, () => seen.push(`early at ${scheduler.nowMs}`));
    runAll(scheduler);
    expect(seen).toEqual(['early at 2', 'timer', 'io', 'poll']);
    expect(scheduler.nowMs).toBe(5);
  });

  it('shuffles events of one time and rank, the same way for the same seed', () => {
    const orderOf = (seed: number): string => {
      const scheduler = schedulerOf(seed);
      const seen: number[] = [];
      for (let event = 0; event < 8; event++) scheduler.at(1, () => seen.push(event));
      runAll(scheduler);
      return seen.join();
    };
    expect(orderOf(3)).toBe(orderOf(3));
    expect(new Set([1, 2, 3, 4, 5].map(orderOf)).size).toBeGreaterThan(1);
  });

  it('never goes back, and forgets what is cancelled', () => {
    const scheduler = schedulerOf(1);
    const seen: number[] = [];
    const cancelled = scheduler.at(3, () => seen.push(3));
    scheduler.at(4, () => {
      scheduler.at(1, () => seen.push(scheduler.nowMs));
    });
    expect(scheduler.pending).toBe(2);
    scheduler.cancel(cancelled);
    scheduler.cancel(cancelled);
    expect(scheduler.pending).toBe(1);
    runAll(scheduler);
    expect(seen).toEqual([4]);
    expect(scheduler.nextMs).toBe(Number.POSITIVE_INFINITY);
  });

  it('keeps the order of many events', () => {
    const scheduler = schedulerOf(9);
    const random = new Random(9);
    const times: number[] = [];
    for (let event = 0; event < 2_000; event++) {
      scheduler.at(random.int(0, 500), () => times.push(scheduler.nowMs));
    }
    runAll(scheduler);
    expect(times).toHaveLength(2_000);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });
});

describe('EventLoop', () => {
  it('runs what waited for a blocked process when that goes on: timers, sockets, then the rest', () => {
    const scheduler = schedulerOf(1);
    const loop = new EventLoop(scheduler, 1_000);
    const seen: string[] = [];
    loop.io(20, () => seen.push(`io ${scheduler.nowMs}`));
    loop.setTimer(() => {
      seen.push(`timer ${loop.nowMs()}`);
      loop.afterPoll(() => seen.push(`poll ${scheduler.nowMs}`));
    }, 30);
    loop.io(5, () => loop.block(100));
    runAll(scheduler);
    expect(seen).toEqual(['timer 1105', 'io 105', 'poll 105']);
  });

  it('counts the timers that are set', () => {
    const scheduler = schedulerOf(1);
    const loop = new EventLoop(scheduler, 0);
    const timer = loop.setTimer(() => {}, 10);
    loop.setTimer(() => {}, 10);
    expect(loop.timers).toBe(2);
    loop.clearTimer(timer);
    loop.clearTimer(timer);
    expect(loop.timers).toBe(1);
    runAll(scheduler);
    expect(loop.timers).toBe(0);
  });
});

describe('runSteps', () => {
  it('lets every promise job and tick run before the next step', async () => {
    const seen: string[] = [];
    let step = 0;
    await runSteps(() => {
      step++;
      seen.push(`step ${step}`);
      void Promise.resolve().then(() => {
        process.nextTick(() => void Promise.resolve().then(() => seen.push(`job ${step}`)));
      });
      return step < 200;
    });
    expect(seen.slice(0, 4)).toEqual(['step 1', 'job 1', 'step 2', 'job 2']);
    expect(seen).toHaveLength(399);
  });

  it('rejects with what a step throws', async () => {
    await expect(
      runSteps(() => {
        throw new Error('in a step');
      }),
    ).rejects.toThrow('in a step');
  });
});
