import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { SERVER_CHECKS } from '../../../src/conform/index.ts';

it('docs/conformance.md has every area, and no other', () => {
  const text = readFileSync(new URL('../../../docs/conformance.md', import.meta.url), 'utf8');
  const table = /## Areas\n\n([\s\S]*?)\n\n/.exec(text)?.[1] ?? '';
  const cells = table
    .split('\n')
    .slice(2)
    .map((line) => line.split('|')[1] ?? '');
  const named = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
  const areas = [...new Set(SERVER_CHECKS.map(({ id }) => id.split('/')[0]))];
  expect(named.sort()).toEqual(areas.sort());
});
