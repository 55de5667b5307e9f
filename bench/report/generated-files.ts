import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { injectSection } from '../readme.ts';
import { REPOSITORY } from '../repository.ts';
import { renderPage } from './page.ts';
import type { Published } from './published.ts';
import { readmeChart } from './readme-chart.ts';
import { CHART_PATH, PAGE_PATH, renderReadmeSection } from './readme-section.ts';

/** A file that comes from the results, as a whole or between its markers. */
export interface GeneratedFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

export function pageFile(published: Published): GeneratedFile {
  return { path: PAGE_PATH, text: renderPage(published) };
}

/** README.md with its section, and the chart that it shows. */
export function readmeFiles(published: Published): GeneratedFile[] {
  const chart = published.load === null ? null : readmeChart(published.load);
  const section = renderReadmeSection(published, chart);
  const readme = readFileSync(join(REPOSITORY, 'README.md'), 'utf8');
  return [
    { path: 'README.md', text: withSection(readme, section) },
    ...(chart === null ? [] : [{ path: CHART_PATH, text: chart.svg }]),
  ];
}

function withSection(readme: string, section: string): string {
  try {
    return injectSection(readme, section);
  } catch (cause) {
    throw new Error(`README.md: ${(cause as Error).message}`);
  }
}

export function isCurrent({ path, text }: GeneratedFile): boolean {
  const place = join(REPOSITORY, path);
  return existsSync(place) && readFileSync(place, 'utf8') === text;
}

export function writeGenerated({ path, text }: GeneratedFile): void {
  const place = join(REPOSITORY, path);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, text);
}
