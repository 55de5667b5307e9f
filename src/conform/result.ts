import { ZkwireError } from '../errors.ts';
import type { CheckDescription, Profile } from './check.ts';
import { ConformanceFailure, ExcusedCheck } from './failure.ts';
import type { ServerFacts } from './server-facts.ts';

/**
 * - `pass`: the server, or client, did what the check says.
 * - `fail`: it did not.
 * - `excused`: it did not and that was excused, or the check cannot be made on it; `reason` says why.
 */
export type CheckOutcome = 'pass' | 'fail' | 'excused';

/** What became of one check. */
export interface CheckResult {
  /** Which. */
  readonly check: CheckDescription;
  /** The verdict. */
  readonly outcome: CheckOutcome;
  /** How long it took, its znode made and removed. */
  readonly durationMs: number;
  /** What was expected and what came instead; for a failure, excused or not. */
  readonly failure?: string;
  /** What was said on the wire before the failure, as lines of text without secrets. */
  readonly transcript?: readonly string[];
  /** Why it is excused. */
  readonly reason?: string;
}

/** How the run of one check ended. */
interface CheckEnd {
  readonly durationMs: number;
  /** What was thrown; undefined when nothing was. */
  readonly error: unknown;
  readonly transcript: readonly string[];
}

/** What became of a check that ended so; `excuse` is why it may fail. */
export function checkResult(
  check: CheckDescription,
  { durationMs, error, transcript }: CheckEnd,
  excuse: string | undefined,
): CheckResult {
  if (error === undefined) return { check, outcome: 'pass', durationMs };
  if (error instanceof ExcusedCheck) {
    return { check, outcome: 'excused', durationMs, reason: error.message };
  }
  const failure = failureText(error);
  return excuse === undefined
    ? { check, outcome: 'fail', durationMs, failure, transcript }
    : { check, outcome: 'excused', durationMs, failure, transcript, reason: excuse };
}

/** A fault of the check itself shows where it comes from; what the server did needs no stack. */
export function failureText(error: unknown): string {
  if (error instanceof ConformanceFailure || ZkwireError.is(error)) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** What became of a run. */
export interface ConformanceReport {
  /** What was judged. */
  readonly subject: 'server' | 'client';
  /** `host:port` of the server, or the command that starts the client. */
  readonly name: string;
  /** As `srvr` says it; empty when it does not. */
  readonly version: string;
  /** `standalone`, `leader`, ...; empty when the server does not say. */
  readonly mode: string;
  /** What it was taken for. */
  readonly profile: Profile;
  /** In the order of the list of checks. */
  readonly results: readonly CheckResult[];
  /** Checks that were not made, by reason. */
  readonly leftOut: readonly { readonly count: number; readonly why: string }[];
  /** Excuses that nothing needed: the check passed, or there is none of that id. */
  readonly needlessExcuses: readonly { readonly id: string; readonly why: string }[];
  /** Znodes that could not be removed. */
  readonly leftBehind: readonly string[];
  /** When the run began. */
  readonly startedAt: Date;
  /** How long all of it took. */
  readonly durationMs: number;
}

/** How many checks came to each outcome. */
export function counts(report: ConformanceReport): Record<CheckOutcome, number> {
  const found = { pass: 0, fail: 0, excused: 0 };
  for (const { outcome } of report.results) found[outcome]++;
  return found;
}

/** What the report says of the server beside its name. */
export function serverLine(facts: Pick<ServerFacts, 'version' | 'mode'>): string {
  const version = facts.version === '' ? 'version not told' : facts.version;
  return facts.mode === '' ? version : `${version}, ${facts.mode}`;
}

/** Part of an id before the slash. */
export function areaOf(check: CheckDescription): string {
  return check.id.slice(0, check.id.indexOf('/'));
}
