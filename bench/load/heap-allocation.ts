import { PerformanceObserver, performance } from 'node:perf_hooks';
import v8 from 'node:v8';

/** How often the heap is looked at. */
const LOOK_EVERY_MS = 1;
/** Less than this between two looks, and the looks themselves would be a good part of what they see. */
const OPERATIONS_MIN = 32;

/** The heap at one moment. */
export interface HeapLook {
  atMs: number;
  usedBytes: number;
  operations: number;
}

/**
 * Bytes that an operation allocates on the JavaScript heap: the growth of the heap from one look to the
 * next, where no collection was between them. Memory outside the heap, such as that of large Buffers and
 * of native code, is not in it. Not for a time that is measured: looking takes time and memory.
 *
 * @param operations how many are complete by now
 * @returns null when there was a collection between any two looks
 */
export async function heapBytesPerOperation(
  operations: () => number,
  durationMs: number,
): Promise<number | null> {
  const collectionsMs: number[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const { startTime } of list.getEntries()) collectionsMs.push(startTime);
  });
  observer.observe({ entryTypes: ['gc'] });
  const looks: HeapLook[] = [lookAt(operations())];
  await new Promise<void>((resolve) => {
    const endMs = performance.now() + durationMs;
    const timer = setInterval(() => {
      const done = operations();
      const last = looks.at(-1) as HeapLook;
      if (done - last.operations >= OPERATIONS_MIN) looks.push(lookAt(done));
      if (performance.now() < endMs) return;
      clearInterval(timer);
      resolve();
    }, LOOK_EVERY_MS);
  });
  // Collections are told a little later.
  await new Promise((resolve) => setImmediate(resolve));
  observer.disconnect();
  return growthPerOperation(looks, collectionsMs, bytesOfALook());
}

function lookAt(operations: number): HeapLook {
  const usedBytes = v8.getHeapStatistics().used_heap_size;
  return { atMs: performance.now(), usedBytes, operations };
}

/** What looking itself allocates: the least of a few, because a collection may come between. */
function bytesOfALook(): number {
  let least = Number.POSITIVE_INFINITY;
  for (let nth = 0; nth < 5; nth++) {
    const grown = -lookAt(0).usedBytes + lookAt(0).usedBytes;
    if (grown >= 0) least = Math.min(least, grown);
  }
  return Number.isFinite(least) ? least : 0;
}

export function growthPerOperation(
  looks: readonly HeapLook[],
  collectionsMs: readonly number[],
  bytesOfALook: number,
): number | null {
  let bytes = 0;
  let operations = 0;
  for (let nth = 1; nth < looks.length; nth++) {
    const from = looks[nth - 1] as HeapLook;
    const to = looks[nth] as HeapLook;
    const grown = to.usedBytes - from.usedBytes - bytesOfALook;
    // What is swept in the background shrinks the heap without a collection that is told of.
    if (grown < 0) continue;
    if (collectionsMs.some((atMs) => atMs >= from.atMs && atMs <= to.atMs)) continue;
    bytes += grown;
    operations += to.operations - from.operations;
  }
  return operations === 0 ? null : bytes / operations;
}
