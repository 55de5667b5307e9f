import { type PerformanceEntry, PerformanceObserver, performance } from 'node:perf_hooks';
import v8 from 'node:v8';
import { median } from '../statistics.ts';
import { RECORDS } from './records.ts';

/** What a window should allocate: far more than a look, far less than lets the collector run in each. */
const WINDOW_BYTES = 256 * 1024;
const WINDOWS = 30;
/** Iterations of a window, at most: code that allocates nothing would have no end. */
const WINDOW_ITERATIONS_MAX = 200;

/** Both kinds of memory at one moment; external is what Buffers hold outside the heap. */
export interface MemoryLook {
  readonly atMs: number;
  readonly heapBytes: number;
  readonly externalBytes: number;
}

/** Between two looks. */
export interface Window {
  readonly from: MemoryLook;
  readonly to: MemoryLook;
  readonly records: number;
}

export interface Allocation {
  heapBytesPerRecord: number | null;
  externalBytesPerRecord: number | null;
}

/**
 * What a record allocates, by the growth of the heap and of external memory over iterations in which no
 * collection ran. To be called when the code is compiled, and outside of a time that is measured.
 */
export async function allocationPerRecord(iterate: () => number): Promise<Allocation> {
  const collectionsMs: number[] = [];
  const add = (entries: readonly PerformanceEntry[]): void => {
    for (const { startTime } of entries) collectionsMs.push(startTime);
  };
  const observer = new PerformanceObserver((list) => add(list.getEntries()));
  observer.observe({ entryTypes: ['gc'] });
  // A look allocates too. The same code, so that its price is the same.
  const empty = Array.from({ length: WINDOWS }, () => windowOf(() => 0, 1));
  let iterations = 1;
  while (iterations < WINDOW_ITERATIONS_MAX) {
    const { from, to } = windowOf(iterate, iterations);
    const bytes = to.heapBytes - from.heapBytes + (to.externalBytes - from.externalBytes);
    if (bytes >= WINDOW_BYTES) break;
    iterations = Math.min(WINDOW_ITERATIONS_MAX, iterations * 2);
  }
  const windows = Array.from({ length: WINDOWS }, () => windowOf(iterate, iterations));
  // Collections are told one turn of the loop later, and handed to observers one more turn later.
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  add(observer.takeRecords());
  observer.disconnect();
  return allocationOf(windows, empty, collectionsMs);
}

function windowOf(iterate: () => number, iterations: number): Window {
  const from = look();
  for (let nth = 0; nth < iterations; nth++) iterate();
  return { from, to: look(), records: iterations * RECORDS };
}

function look(): MemoryLook {
  const { used_heap_size: heapBytes, external_memory: externalBytes } = v8.getHeapStatistics();
  return { atMs: performance.now(), heapBytes, externalBytes };
}

/** Medians: what is swept in the background makes some windows too small. Null where a collection was in all of them. */
export function allocationOf(
  windows: readonly Window[],
  empty: readonly Window[],
  collectionsMs: readonly number[],
): Allocation {
  const clean = (all: readonly Window[]): Window[] =>
    all.filter(({ from, to }) => !collectionsMs.some((ms) => ms >= from.atMs && ms <= to.atMs));
  const measured = clean(windows);
  const looks = clean(empty);
  const perRecord = (kind: 'heapBytes' | 'externalBytes'): number | null => {
    const ofLook = median(looks.map(({ from, to }) => to[kind] - from[kind]));
    const bytes = measured.map(
      ({ from, to, records }) => (to[kind] - from[kind] - ofLook) / records,
    );
    const middle = median(bytes);
    // Nothing at all is a few bytes more or less than a look.
    return Number.isFinite(middle) ? Math.max(0, middle) : null;
  };
  return {
    heapBytesPerRecord: perRecord('heapBytes'),
    externalBytesPerRecord: perRecord('externalBytes'),
  };
}
