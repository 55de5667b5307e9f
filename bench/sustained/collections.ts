import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';

/** Kinds of collections that V8 tells of: of young objects, of all, steps of marking, and weak callbacks. */
export const COLLECTION_KINDS = ['minor', 'major', 'incremental', 'weak'] as const;
export type CollectionKind = (typeof COLLECTION_KINDS)[number];

const KIND_OF: ReadonlyMap<number, CollectionKind> = new Map([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weak'],
]);

/** An entry of the type 'gc', whose detail Node's types leave out. */
interface CollectionEntry extends PerformanceEntry {
  readonly detail?: { readonly kind?: number };
}

/** Collections of garbage of this process: how many, how long together, and the longest, by kind. */
export class Collections {
  readonly #sums: Record<CollectionKind, { count: number; totalMs: number; longestMs: number }> = {
    minor: { count: 0, totalMs: 0, longestMs: 0 },
    major: { count: 0, totalMs: 0, longestMs: 0 },
    incremental: { count: 0, totalMs: 0, longestMs: 0 },
    weak: { count: 0, totalMs: 0, longestMs: 0 },
  };
  readonly #observer = new PerformanceObserver((list) => this.#addAll(list.getEntries()));

  start(): void {
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  stop(): void {
    this.#addAll(this.#observer.takeRecords());
    this.#observer.disconnect();
  }

  add(kindNumber: number, durationMs: number): void {
    const kind = KIND_OF.get(kindNumber);
    if (kind === undefined) return;
    const sum = this.#sums[kind];
    sum.count++;
    sum.totalMs += durationMs;
    sum.longestMs = Math.max(sum.longestMs, durationMs);
  }

  /** Flat, for a turn's values: `gc.minor.count` and so on, and `gc.longestMs` of all kinds. */
  values(): Record<string, number> {
    const values: Record<string, number> = {};
    for (const kind of COLLECTION_KINDS) {
      const { count, totalMs, longestMs } = this.#sums[kind];
      values[`gc.${kind}.count`] = count;
      values[`gc.${kind}.totalMs`] = totalMs;
      values[`gc.${kind}.longestMs`] = longestMs;
    }
    const longest = COLLECTION_KINDS.map((kind) => this.#sums[kind].longestMs);
    return { ...values, 'gc.longestMs': Math.max(...longest) };
  }

  #addAll(entries: readonly CollectionEntry[]): void {
    for (const { detail, duration } of entries) this.add(detail?.kind ?? 0, duration);
  }
}
