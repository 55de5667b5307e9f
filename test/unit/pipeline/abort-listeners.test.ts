import { describe, expect, it } from 'vitest';
import { AbortListeners } from '../../../src/pipeline/abort-listeners.ts';
import { listeners } from './pipelines.ts';

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
    expect(listeners(signal)).toBe(0);
    aborts.update();
    expect([listeners(signal), calls.length]).toEqual([1, 0]);
  });

  it('stops listening when the last request of a signal is settled', () => {
    const { aborts } = recording();
    const { signal } = new AbortController();
    aborts.add(signal, 1);
    aborts.add(signal, 2);
    aborts.update();
    aborts.remove(signal, 1);
    aborts.update();
    expect(listeners(signal)).toBe(1);
    aborts.remove(signal, 2);
    aborts.update();
    expect(listeners(signal)).toBe(0);
  });

  it('tells the requests that are left, oldest first, with the reason', () => {
    const { aborts, calls } = recording();
    const controller = new AbortController();
    for (const sequence of [7, 8, 9]) aborts.add(controller.signal, sequence);
    aborts.update();
    aborts.remove(controller.signal, 8);
    controller.abort('enough');
    expect(calls).toEqual([
      [7, 'enough'],
      [9, 'enough'],
    ]);
    expect([...aborts.fired()]).toEqual([]);
  });

  it('keeps signals apart and ignores one that it does not know', () => {
    const { aborts, calls } = recording();
    const one = new AbortController();
    const other = new AbortController();
    aborts.add(one.signal, 1);
    aborts.add(other.signal, 2);
    aborts.remove(new AbortController().signal, 1);
    aborts.update();
    one.abort();
    expect(calls.map(([sequence]) => sequence)).toEqual([1]);
    expect([listeners(one.signal), listeners(other.signal)]).toEqual([0, 1]);
  });

  it('never begins to listen when the request has settled before it was due', () => {
    const { aborts } = recording();
    const { signal } = new AbortController();
    aborts.add(signal, 1);
    aborts.remove(signal, 1);
    aborts.update();
    expect(listeners(signal)).toBe(0);
    aborts.add(signal, 2);
    aborts.update();
    expect(listeners(signal)).toBe(1);
  });

  it('goes on listening when a new request comes before it was due to end', () => {
    const { aborts, calls } = recording();
    const controller = new AbortController();
    aborts.add(controller.signal, 1);
    aborts.update();
    aborts.remove(controller.signal, 1);
    aborts.add(controller.signal, 2);
    aborts.update();
    controller.abort('enough');
    expect(calls).toEqual([[2, 'enough']]);
  });

  it('tells at once of a signal that has fired before it was listened to', () => {
    const { aborts, calls } = recording();
    const signal = AbortSignal.abort('before');
    aborts.add(signal, 1);
    aborts.update();
    expect(calls).toEqual([[1, 'before']]);
    expect(listeners(signal)).toBe(0);
  });

  it('knows which signals have fired, those among them whose requests are being told', () => {
    const controller = new AbortController();
    const waiting = new AbortController();
    const seen: unknown[] = [];
    const aborts = new AbortListeners(() => seen.push([...aborts.fired()]));
    aborts.add(controller.signal, 1);
    aborts.add(waiting.signal, 2);
    aborts.update();
    expect([...aborts.fired()]).toEqual([]);
    controller.abort('enough');
    expect(seen).toEqual([[[controller.signal, 'enough']]]);
    expect([...aborts.fired()]).toEqual([]);
  });
});
