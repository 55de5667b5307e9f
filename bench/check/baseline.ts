import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../environment.ts';
import { REPOSITORY } from '../repository.ts';
import type { BaselineRow } from './compare.ts';

export const BASELINE: string = join(REPOSITORY, 'bench', 'check', 'baseline.json');
const SCHEMA = 1;

export interface Baseline {
  readonly schema: typeof SCHEMA;
  readonly updatedAt: string;
  /** Why it was taken anew. */
  readonly reason: string;
  readonly environment: Environment;
  readonly rows: readonly BaselineRow[];
}

/** Null when none was ever taken. */
export function readBaseline(path: string = BASELINE): Baseline | null {
  if (!existsSync(path)) return null;
  const baseline = JSON.parse(readFileSync(path, 'utf8')) as Baseline;
  if (baseline.schema !== SCHEMA) {
    throw new Error(`${path} has schema ${baseline.schema}, this program reads ${SCHEMA}`);
  }
  return baseline;
}

export function writeBaseline(baseline: Omit<Baseline, 'schema'>, path: string = BASELINE): void {
  writeFileSync(path, `${JSON.stringify({ schema: SCHEMA, ...baseline }, null, 2)}\n`);
}

/** What was different when the baseline was taken: ratios carry over, but not everywhere. */
export function differencesOf(then: Environment, now: Environment): string[] {
  const major = ({ node }: Environment): string => node.split('.')[0] ?? node;
  const pairs: [string, string | number, string | number][] = [
    ['CPU', then.cpuModel, now.cpuModel],
    ['cores', then.cpuCount, now.cpuCount],
    ['architecture', then.architecture, now.architecture],
    ['Node', major(then), major(now)],
  ];
  return pairs.flatMap(([name, before, after]) =>
    before === after ? [] : [`${name} ${before} then, ${after} now`],
  );
}
