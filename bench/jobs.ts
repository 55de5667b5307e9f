import type { BenchCase, LoadCase } from './cases.ts';

/** What a forked child is told to do, as JSON in its first argument. */
export type Job =
  | { kind: 'case'; case: BenchCase; connectString: string; warmupMs: number; measureMs: number }
  /** Makes the node that a load case against a real server reads or writes. */
  | { kind: 'prepare'; case: LoadCase; connectString: string };

export type JobPhase = 'measuring' | 'measured';

/** What it sends back. */
export type JobMessage<Result = JobResult> =
  | { type: 'phase'; phase: JobPhase }
  | { type: 'result'; result: Result }
  | { type: 'failed'; reason: string };

export interface JobResult {
  subject: string;
  version: string;
  values: Record<string, number | null>;
}

/** The node of a load case, one for each payload size. */
export function nodePath(payloadBytes: number): string {
  return `/zkwire-bench-${payloadBytes}`;
}
