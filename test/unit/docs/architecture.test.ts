import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = new URL('../../../', import.meta.url);
const text = readFileSync(new URL('docs/architecture.md', root), 'utf8');

/** One row of the map stands for all of these. */
const TOGETHER = /^conform\/(client\/)?checks\//;

/** `folder/file.ts` of everything in src but the entry points and what is a folder's own file. */
const sources = readdirSync(new URL('src', root), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.includes('/') && path.endsWith('.ts') && !path.endsWith('/index.ts'))
  .sort();

describe('docs/architecture.md', () => {
  it.each(sources.filter((path) => !TOGETHER.test(path)))('has src/%s in its file map', (path) => {
    expect(text).toContain(`\`${basename(path)}\``);
  });

  it('names no file that is not there', () => {
    const named = [...text.matchAll(/`(?:[\w./-]+\/)?([\w.-]+\.ts)`/g)];
    const known = new Set([
      ...sources.map((path) => basename(path)),
      'callback-failures.ts',
      'error-mark.ts',
      'errors.ts',
      'limits.ts',
      'nearest-name.ts',
      'reset-socket.ts',
      'index.ts',
    ]);
    expect(named.map((match) => match[1] ?? '').filter((file) => !known.has(file))).toEqual([]);
  });
});
