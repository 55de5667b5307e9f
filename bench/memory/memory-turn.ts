import type { MemoryCase } from '../cases.ts';
import type { JobResult } from '../jobs.ts';

/** Runs one memory case. Its process needs `--expose-gc`. */
export async function runMemoryTurn(
  { subject }: MemoryCase,
  { connectString }: { connectString: string },
): Promise<JobResult> {
  switch (subject) {
    case 'in-flight-heap': {
      const { measureInFlightHeap } = await import('./in-flight-heap.ts');
      return measureInFlightHeap(connectString);
    }
    case 'rss-growth': {
      const { measureRssGrowth } = await import('./rss-growth.ts');
      return measureRssGrowth(connectString);
    }
    case 'bytes-copied': {
      const { measureBytesCopied } = await import('./bytes-copied.ts');
      return measureBytesCopied();
    }
  }
}
