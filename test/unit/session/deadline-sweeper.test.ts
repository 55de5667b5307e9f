import { describe, expect, it } from 'vitest';
import { DEADLINE_SWEEP_MS } from '../../../src/limits.ts';
import { DeadlineSweeper } from '../../../src/session/deadline-sweeper.ts';
import { ManualClock } from './manual-clock.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** A target that notes when each deadline was found to have passed. */
function bench() {
  const clock = new ManualClock();
  const startMs = clock.nowMs();
  const found: [deadline: number, at: number][] = [];
  const target = {
    deadlines: [] as number[],
    sweeps: 0,
    get nextDeadlineMs(): number {
      return Math.min(NEVER, ...this.deadlines);
    },
    sweep(nowMs: number): void {
      this.sweeps++;
      const passed = this.deadlines.filter((deadline) => deadline <= nowMs);
      this.deadlines = this.deadlines.filter((deadline) => deadline > nowMs);
      for (const deadline of passed) found.push([deadline - startMs, nowMs - startMs]);
    },
  };
  const sweeper = new DeadlineSweeper(target, clock);
  const wait = (timeoutMs: number): void =>
    void target.deadlines.push(sweeper.deadlineIn(timeoutMs));
  return { clock, found, target, sweeper, wait };
}

describe('DeadlineSweeper', () => {
  it('sets no timer while nothing has a deadline', () => {
    const { clock, wait, target } = bench();
    expect(clock.timers).toBe(0);
    wait(20);
    expect(clock.timers).toBe(1);
    clock.advance(30);
    expect([clock.timers, target.sweeps]).toEqual([0, 1]);
  });

  it('gives the deadline on its clock', () => {
    const { clock, sweeper } = bench();
    expect(sweeper.deadlineIn(250)).toBe(clock.nowMs() + 250);
  });

  it('is late by at most its interval, whatever order deadlines come in', () => {
    const { clock, wait, found } = bench();
    wait(10_000);
    clock.advance(7);
    wait(500);
    clock.advance(1);
    wait(20);
    clock.advance(3);
    wait(1);
    clock.advance(20_000);
    expect(found.map(([deadline]) => deadline)).toEqual([28, 12, 507, 10_000]);
    for (const [deadline, at] of found) {
      expect(at - deadline).toBeGreaterThanOrEqual(0);
      expect(at - deadline).toBeLessThanOrEqual(DEADLINE_SWEEP_MS);
    }
    expect(clock.timers).toBe(0);
  });

  it('looks every 50 ms, as docs/client.md has it, and when a deadline comes before that', () => {
    const { clock, wait, found } = bench();
    wait(10_000);
    clock.advance(7);
    wait(20);
    clock.advance(50);
    wait(73);
    clock.advance(80);
    expect(found).toEqual([
      [27, 50],
      [130, 130],
    ]);
  });

  it('has one timer, however many deadlines', () => {
    const { clock, wait } = bench();
    for (let timeoutMs = 1; timeoutMs < 500; timeoutMs++) wait(timeoutMs);
    expect(clock.timers).toBe(1);
    clock.advance(1000);
    expect(clock.timers).toBe(0);
  });

  it('rests when what had a deadline is done before it', () => {
    const { clock, wait, target } = bench();
    wait(60_000);
    target.deadlines = [];
    clock.advance(DEADLINE_SWEEP_MS);
    expect(clock.timers).toBe(0);
    wait(60_000);
    expect(clock.timers).toBe(1);
  });

  it('never waits for an infinite time-out', () => {
    const { clock, wait, sweeper } = bench();
    wait(NEVER);
    expect(sweeper.deadlineIn(NEVER)).toBe(NEVER);
    clock.advance(1000);
    expect(clock.timers).toBe(0);
  });

  it.each([
    [0, -NEVER],
    [-5, -NEVER],
    [-NEVER, -NEVER],
    [Number.NaN, Number.NaN],
    ['100' as unknown as number, Number.NaN],
  ])('gives %s no time and sets no timer for it', (timeoutMs, deadlineMs) => {
    const { clock, sweeper } = bench();
    expect(sweeper.deadlineIn(timeoutMs)).toBe(deadlineMs);
    expect(clock.timers).toBe(0);
  });

  it('looks after the sockets were read: an answer may lie there when the event loop was blocked', () => {
    const { clock, wait, found, target } = bench();
    wait(20);
    wait(30);
    clock.block(500);
    expect(found).toEqual([]);
    // One of the two is answered.
    target.deadlines.shift();
    clock.poll();
    expect(found).toEqual([[30, 500]]);
    expect(clock.timers).toBe(0);
  });

  it('tells nothing any more when it is stopped while the sockets are read', () => {
    const { clock, wait, found, sweeper } = bench();
    wait(20);
    clock.block(20);
    sweeper.stop();
    clock.poll();
    expect([found, clock.timers]).toEqual([[], 0]);
  });

  it('stops for good, even when it is stopped by what it tells', () => {
    const { clock, wait, sweeper, target } = bench();
    wait(30);
    wait(60_000);
    const { sweep } = target;
    target.sweep = (nowMs) => {
      sweep.call(target, nowMs);
      sweeper.stop();
    };
    clock.advance(DEADLINE_SWEEP_MS);
    expect([clock.timers, target.nextDeadlineMs]).toEqual([0, clock.nowMs() - 50 + 60_000]);
    wait(10);
    expect(clock.timers).toBe(0);
  });

  it('leaves no timer behind when it is stopped', () => {
    const { clock, wait, sweeper } = bench();
    wait(30);
    sweeper.stop();
    expect(clock.timers).toBe(0);
  });
});
