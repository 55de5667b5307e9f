import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { injectSection } from './readme.ts';
import { REPOSITORY } from './repository.ts';

export const LATEST_RESULTS: string = join(REPOSITORY, 'bench', 'results', 'latest.json');
export const LOCAL_RESULTS: string = join(REPOSITORY, 'bench', 'results', 'local');
const README = join(REPOSITORY, 'README.md');

/** A part of README.md that is generated. */
export interface ReadmePart {
  /** Of its markers. */
  readonly name: 'bench' | 'reconnect' | 'server';
  readonly text: string;
}

export function writeResults(path: string, results: object): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`);
}

/** Writes that part into README.md. True when that changed it. */
export function updateReadme(part: ReadmePart): boolean {
  const before = readFileSync(README, 'utf8');
  const after = readmeWith(before, part);
  if (after !== before) writeFileSync(README, after);
  return after !== before;
}

/** Does README.md have that part as it is? */
export function readmeIsCurrent(part: ReadmePart): boolean {
  const readme = readFileSync(README, 'utf8');
  return readmeWith(readme, part) === readme;
}

function readmeWith(readme: string, { name, text }: ReadmePart): string {
  try {
    return injectSection(readme, text, name);
  } catch (cause) {
    throw new Error(`README.md: ${(cause as Error).message}`);
  }
}
