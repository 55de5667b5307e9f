import type { CheckDescription, Profile } from './check.ts';
import type { CheckResult } from './result.ts';

/** Why a check may fail, by its id. */
export type Excuses = ReadonlyMap<string, string>;

/** An excuse file, longest. */
const EXCUSE_LINES_MAX = 10_000;

/** A line of an excuse file that is none. */
export class ExcuseError extends Error {
  /** Tells it from other errors. */
  override readonly name = 'ExcuseError';
}

/**
 * Reads an excuse file: `id reason` a line, empty lines and those that start with # left out.
 * Throws an ExcuseError that names the line when one has no reason, or an id stands twice.
 */
export function parseExcuses(text: string): Excuses {
  const excuses = new Map<string, string>();
  const lines = text.split('\n');
  if (lines.length > EXCUSE_LINES_MAX) throw new ExcuseError(`over ${EXCUSE_LINES_MAX} lines`);
  for (const [index, line] of lines.entries()) {
    const content = line.trim();
    if (content === '' || content.startsWith('#')) continue;
    const match = /^(\S+)\s+(.+)$/.exec(content);
    if (match === null) throw new ExcuseError(`line ${index + 1}: an id needs a reason behind it`);
    const [, id, reason] = match as unknown as [string, string, string];
    if (excuses.has(id)) throw new ExcuseError(`line ${index + 1}: ${id} stands twice`);
    excuses.set(id, reason);
  }
  return excuses;
}

/** Ids that start so, and why the server of the profile does otherwise on purpose. */
const KNOWN_DEVIATIONS: Readonly<Record<Profile, readonly (readonly [RegExp, string])[]>> = {
  '3.8': [],
  '3.9': [],
  'clickhouse-keeper': [
    [
      /^(watch-persistent|watch-recursive|watch-remove)\//,
      'ClickHouse Keeper came late to addWatch and removeWatches',
    ],
    [/^session\/(expiry|timeout)/, 'ClickHouse Keeper has session limits of its own'],
    [
      /^(ttl|container|four-letter|golden|child-order)\//,
      'ClickHouse Keeper has no such nodes, words or order',
    ],
    [/^opcode\//, 'ClickHouse Keeper ends the connection where ZooKeeper answers'],
    [/^(hostile|limit|path)\//, 'ClickHouse Keeper has limits and path rules of its own'],
  ],
};

/** Why the profile's server is known to fail the check; undefined when it is not. */
export function knownDeviation(profile: Profile, id: string): string | undefined {
  return KNOWN_DEVIATIONS[profile].find(([pattern]) => pattern.test(id))?.[1];
}

/** Excuses that nothing needed. */
export function needlessExcuses(
  excuses: Excuses | undefined,
  checks: readonly CheckDescription[],
  results: ReadonlyMap<string, CheckResult>,
): { id: string; why: string }[] {
  const found: { id: string; why: string }[] = [];
  for (const id of excuses?.keys() ?? []) {
    if (!checks.some((check) => check.id === id)) found.push({ id, why: 'there is no such check' });
    else if (results.get(id)?.outcome === 'pass') found.push({ id, why: 'the check passed' });
  }
  return found;
}
