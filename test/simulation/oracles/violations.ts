import type { Trace } from '../trace.ts';

/** One thing that must never happen, and did. */
export interface Violation {
  /** What was checked: O1 to O8 of the list of oracles, or a name. */
  readonly oracle: string;
  readonly text: string;
  readonly atMs: number;
}

/** Told of one seed; after so many the run is of no further use. */
const VIOLATIONS_MAX = 20;

/** Collects what went wrong. */
export class Violations {
  readonly list: Violation[] = [];
  readonly #trace: Trace;
  readonly #nowMs: () => number;

  constructor(trace: Trace, nowMs: () => number) {
    this.#trace = trace;
    this.#nowMs = nowMs;
  }

  add(oracle: string, text: string): void {
    if (this.list.length >= VIOLATIONS_MAX) return;
    const short = text.replace(/n{40,}/g, '[n..]');
    this.#trace.note('VIOLATION', oracle, short);
    this.list.push({ oracle, text: short, atMs: this.#nowMs() });
  }
}
