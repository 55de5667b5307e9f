import { type HeapProfiler, Session } from 'node:inspector';

/** Bytes between samples on average: small enough that a megabyte is known to within some percent. */
const SAMPLING_BYTES = 1024;

/** What a call took in memory, garbage included. */
export interface Allocated<T> {
  readonly value: T;
  /** On the JavaScript heap: an estimate from samples, whether collected since or not. */
  readonly heapBytes: number;
  /** Outside of it: ArrayBuffers and long strings that are still there. */
  readonly externalBytes: number;
}

/**
 * Runs `call` and gives the bytes that it allocated. Unlike a difference of heap sizes it does not
 * depend on when the garbage collector ran.
 */
export function allocatedBytes<T>(call: () => T): Allocated<T> {
  const session = new Session();
  session.connect();
  try {
    // The typings do not know the two newer parameters.
    const parameters = {
      samplingInterval: SAMPLING_BYTES,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    };
    session.post('HeapProfiler.startSampling', parameters);
    const before = process.memoryUsage().external;
    const value = call();
    const externalBytes = Math.max(0, process.memoryUsage().external - before);
    let heapBytes = 0;
    session.post('HeapProfiler.stopSampling', (error, { profile }) => {
      if (error !== null) throw error;
      heapBytes = selfAndBelow(profile.head);
    });
    return { value, heapBytes, externalBytes };
  } finally {
    session.disconnect();
  }
}

function selfAndBelow(node: HeapProfiler.SamplingHeapProfileNode): number {
  return node.children.reduce((sum, child) => sum + selfAndBelow(child), node.selfSize);
}
