import type { BenchCase, LoadCase } from './cases.ts';

/** One turn of a case. */
export interface CaseJob {
  kind: 'case';
  case: BenchCase;
  connectString: string;
  warmupMs: number;
  measureMs: number;
}

/** What a forked child is told to do, as JSON in its first argument. */
export type Job =
  | CaseJob
  /** Makes what a load case against a real server needs, and takes away what one has created. */
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

/** The path that a load case is about: the node it reads or writes, or the parent of what it makes or lists. */
export function workloadPath({ operation, payloadBytes, childCount = 0 }: LoadCase): string {
  if (operation === 'create') return `/zkwire-bench-create-${payloadBytes}`;
  if (operation === 'getChildren') return `/zkwire-bench-children-${childCount}`;
  return nodePath(payloadBytes);
}
