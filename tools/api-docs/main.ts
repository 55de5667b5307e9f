/** Writes docs/api.md: `npm run docs:api`; with `--check`, fails when it is stale. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { apiPage } from './api-page.ts';
import { entryPoints } from './public-api.ts';

// Built to build/tools/api-docs/main.js.
const root = resolve(import.meta.dirname, '../../..');
const file = join(root, 'docs/api.md');
const text = apiPage(entryPoints(root));

if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
} else if (readFileSync(file, 'utf8') !== text) {
  process.stderr.write('docs/api.md is stale: run npm run docs:api\n');
  process.exitCode = 1;
}
