import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { LimitedWaits } from '../../../src/session/limited-waits.ts';

const NEVER = Number.POSITIVE_INFINITY;

describe('LimitedWaits', () => {
  it('end at their deadline, each once, and know the next one', () => {
    const waits = new LimitedWaits();
    const over: string[] = [];
    expect(waits.nextDeadlineMs).toBe(NEVER);
    for (const deadlineMs of [300, 100, 200]) {
      waits.begin({ deadlineMs }, (code) => void over.push(`${deadlineMs} ${code}`));
    }
    waits.begin({}, () => expect.unreachable());
    expect(waits.nextDeadlineMs).toBe(100);
    waits.sweep(99);
    expect(over).toEqual([]);
    waits.sweep(100);
    expect([over, waits.nextDeadlineMs]).toEqual([['100 REQUEST_TIMEOUT'], 200]);
    waits.sweep(1000);
    waits.sweep(2000);
    expect(over.slice(1)).toEqual(['300 REQUEST_TIMEOUT', '200 REQUEST_TIMEOUT']);
    expect(waits.nextDeadlineMs).toBe(NEVER);
  });

  it('end with their signal, and leave no listener on it', () => {
    const waits = new LimitedWaits();
    const { signal } = new AbortController();
    const ending = new AbortController();
    const over: unknown[] = [];
    waits.begin({ signal: ending.signal, deadlineMs: 100 }, (...told) => void over.push(told));
    ending.abort('stop');
    waits.sweep(100);
    expect(over).toEqual([['ABORTED', 'stop']]);
    waits.begin({ signal, deadlineMs: 100 }, (...told) => void over.push(told));
    waits.sweep(100);
    expect(over.slice(1)).toEqual([['REQUEST_TIMEOUT', undefined]]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('are ended without a word by who began them', () => {
    const waits = new LimitedWaits();
    const ending = new AbortController();
    const limits = { signal: ending.signal, deadlineMs: 100 };
    const end = waits.begin(limits, () => expect.unreachable());
    end();
    end();
    expect(waits.nextDeadlineMs).toBe(NEVER);
    expect(getEventListeners(ending.signal, 'abort')).toEqual([]);
    ending.abort();
    waits.sweep(1000);
  });
});
