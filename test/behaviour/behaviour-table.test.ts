import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../unit/package/run-node.ts';

interface Row {
  readonly id: string;
  readonly tests: readonly string[];
  readonly demos: readonly string[];
}

const text = readFileSync(join(ROOT, 'docs/behaviour.md'), 'utf8');
const rows: Row[] = [...text.matchAll(/^\| ([\d.]+|[BFZ]\d+) \| .* \| (.*) \| (.*) \|$/gm)].map(
  ([, id = '', tests = '', demos = '']) => ({ id, tests: files(tests), demos: files(demos) }),
);

function files(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file);
}

const count = (prefix: string, from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => `${prefix}${from + at}`);

/** Every row that there is. */
const ALL: readonly string[] = [
  ...count('000.', 1, 9),
  ...count('B', 1, 7),
  ...count('001.', 1, 16),
  ...count('003.', 1, 7),
  ...count('004.', 1, 15),
  ...count('004.', 20, 24),
  ...count('004.', 30, 32),
  ...count('Z', 1, 44),
  ...count('F', 1, 11),
];

/** Whether a file names a row: as a word of its own, in a comment or a title, or within `001.1 to 001.10`. */
function names(file: string, id: string): boolean {
  const content = readFileSync(join(ROOT, file), 'utf8');
  if (new RegExp(`(?<![\\w.])${id.replace('.', '\\.')}(?![\\w.]*\\d)`).test(content)) return true;
  const [group = '', number = ''] = id.split('.');
  return [...content.matchAll(/(\d{3})\.(\d+) to (\d{3})\.(\d+)/g)].some(
    ([, from, least, to, most]) =>
      from === group &&
      to === group &&
      Number(number) >= Number(least) &&
      Number(number) <= Number(most),
  );
}

describe('docs/behaviour.md', () => {
  it('has every row once, in order', () => {
    expect(rows.map(({ id }) => id)).toEqual(ALL);
  });

  it.each(rows)('row $id is shown by files that name it', ({ id, tests, demos }) => {
    expect(tests.length).toBeGreaterThan(0);
    for (const file of tests) {
      expect(file).toMatch(/^test\/.*\.test\.ts$/);
      expect(names(file, id), `${file} names ${id}`).toBe(true);
    }
    for (const demo of demos) {
      expect(existsSync(join(ROOT, demo)), demo).toBe(true);
      // A demo is run by a test that reads what it prints.
      const name = demo.replace('examples/', '');
      const runs = tests.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('');
      if (tests.includes('test/behaviour/demos.test.ts')) expect(runs).toContain(`'${name}'`);
    }
  });
});
