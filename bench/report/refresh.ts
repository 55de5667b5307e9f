import { isCurrent, pageFile, readmeFiles, writeGenerated } from './generated-files.ts';
import { readPublished } from './published.ts';

/** Brings page, chart and README.md up to what is published. Gives the paths that changed. */
export function refreshReport(): string[] {
  const published = readPublished();
  const stale = [pageFile(published), ...readmeFiles(published)].filter((file) => !isCurrent(file));
  for (const file of stale) writeGenerated(file);
  return stale.map(({ path }) => path);
}
