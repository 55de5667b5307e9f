import { allCases } from '../../../bench/cases.ts';
import type { CaseResult } from '../../../bench/results.ts';

/** What became of the case of this name, with the values of its turns. */
export function caseResult(
  name: string,
  subject: string,
  values: readonly Readonly<Record<string, number>>[],
): CaseResult {
  const found = allCases().find((benchCase) => benchCase.name === name);
  if (found === undefined) throw new Error(name);
  const turns = values.map((each, turn) => ({ turn, values: each }));
  return { case: found, subject, version: '1.2.3', turns, failures: [] };
}
