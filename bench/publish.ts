import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { injectSection } from './readme.ts';
import { renderReadmeSection } from './report-text.ts';
import { REPOSITORY } from './repository.ts';
import type { BenchResults } from './results.ts';

export const LATEST_RESULTS: string = join(REPOSITORY, 'bench', 'results', 'latest.json');
export const LOCAL_RESULTS: string = join(REPOSITORY, 'bench', 'results', 'local');
const README = join(REPOSITORY, 'README.md');

export function writeResults(path: string, results: BenchResults): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`);
}

/** Writes the tables of these results into README.md. True when that changed it. */
export function updateReadme(results: BenchResults): boolean {
  const before = readFileSync(README, 'utf8');
  const after = readmeWith(before, results);
  if (after !== before) writeFileSync(README, after);
  return after !== before;
}

/** Do the tables in README.md come from these results? */
export function readmeIsCurrent(results: BenchResults): boolean {
  const readme = readFileSync(README, 'utf8');
  return readmeWith(readme, results) === readme;
}

function readmeWith(readme: string, results: BenchResults): string {
  try {
    return injectSection(readme, renderReadmeSection(results));
  } catch (cause) {
    throw new Error(`README.md: ${(cause as Error).message}`);
  }
}
