import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../../', import.meta.url);
const text = readFileSync(new URL('docs/architecture.md', root), 'utf8');

/** `folder/file.ts` of everything in src but the entry points. */
const sources = readdirSync(new URL('src', root))
  .filter((name) => statSync(new URL(`src/${name}`, root)).isDirectory())
  .flatMap((folder) =>
    readdirSync(new URL(`src/${folder}`, root)).map((file) => `${folder}/${file}`),
  )
  .filter((path) => path.endsWith('.ts') && !path.endsWith('/index.ts'));

describe('docs/architecture.md', () => {
  it.each(sources)('has src/%s in its file map', (path) => {
    expect(text).toContain(`\`${path.split('/')[1]}\``);
  });

  it('names no file that is not there', () => {
    const named = [...text.matchAll(/`(?:src\/(\w+)\/)?([\w.-]+\.ts)`/g)];
    const known = new Set([
      ...sources.map((path) => path.split('/')[1]),
      'errors.ts',
      'limits.ts',
      'index.ts',
    ]);
    expect(named.map((match) => match[2]).filter((file) => !known.has(file))).toEqual([]);
  });
});
