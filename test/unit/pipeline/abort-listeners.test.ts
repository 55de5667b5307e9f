import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { AbortListeners } from '../../../src/pipeline/abort-listeners.ts';

function recording(): { aborts: AbortListeners; calls: [number, unknown][] } {
  const calls: [number, unknown][] = [];
  const aborts = new AbortListeners((sequence, reason) => calls.push([sequence, reason]));
  return { aborts, calls };
}

describe('AbortListeners', () => {
  it('listens once however many requests share a signal', () => {
    const { aborts, calls } = recording();
    const { signal } = new AbortController();
    for (let sequence = 0; sequence < 1000; sequence++) aborts.add(signal, sequence);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    expect([aborts.size, calls.length]).toEqual([1, 0]);
  });

  it('stops listening when the last request of a signal is settled', () => {
    const { aborts } = recording();
    const { signal } = new AbortController();
    aborts.add(signal, 1);
    aborts.add(signal, 2);
    aborts.remove(signal, 1);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    aborts.remove(signal, 2);
    expect([getEventListeners(signal, 'abort').length, aborts.size]).toEqual([0, 0]);
  });

  it('tells the requests that are left, oldest first, with the reason', () => {
    const { aborts, calls } = recording();
    const controller = new AbortController();
    for (const sequence of [7, 8, 9]) aborts.add(controller.signal, sequence);
    aborts.remove(controller.signal, 8);
    controller.abort('enough');
    expect(calls).toEqual([
      [7, 'enough'],
      [9, 'enough'],
    ]);
    expect(aborts.size).toBe(0);
  });

  it('keeps signals apart and ignores one that it does not know', () => {
    const { aborts, calls } = recording();
    const one = new AbortController();
    const other = new AbortController();
    aborts.add(one.signal, 1);
    aborts.add(other.signal, 2);
    aborts.remove(new AbortController().signal, 1);
    one.abort();
    expect(calls.map(([sequence]) => sequence)).toEqual([1]);
    expect(aborts.size).toBe(1);
  });
});
