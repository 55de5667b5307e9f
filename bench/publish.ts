import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { REPOSITORY } from './repository.ts';

export const LATEST_RESULTS: string = join(REPOSITORY, 'bench', 'results', 'latest.json');
export const LOCAL_RESULTS: string = join(REPOSITORY, 'bench', 'results', 'local');

export function writeResults(path: string, results: object): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`);
}

/** Writes results to where README and report take them from, and brings these up to date. */
export async function publishResults(path: string, results: object): Promise<void> {
  writeResults(path, results);
  // Loaded for those who publish only: it draws charts.
  const { refreshReport } = await import('./report/refresh.ts');
  const changed = refreshReport();
  process.stdout.write(`published: ${[path, ...changed].join(', ')}\n`);
}
