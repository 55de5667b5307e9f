import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contentProblems } from '../../../../tools/package-check/check-content.ts';
import type { Manifest } from '../../../../tools/package-check/package-sizes.ts';

let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'zkwire-content-'));
  write('src/index.ts', '');
  write('src/part.ts', '');
  write('src/later.ts', '');
  write('src/main.ts', '');
  write('dist/index.js', "export { a } from './part.js';\nconst b = () => import('./later.js');\n");
  write('dist/index.d.ts', "export { a } from './part.ts';\n");
  write('dist/part.js', "import { connect } from 'node:net';\n");
  write('dist/part.d.ts', 'export declare const a: 1;\n');
  write('dist/later.js', '');
  write('dist/main.js', "import {\n  a,\n} from './index.js';\n");
});

afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const MANIFEST: Manifest = {
  name: 'built',
  exports: {
    '.': { types: './dist/index.d.ts', default: './dist/index.js' },
    './package.json': './package.json',
  },
  bin: { built: './dist/main.js' },
};

const FILES = [
  'package.json',
  ...['index.js', 'index.d.ts', 'part.js', 'part.d.ts', 'later.js', 'main.js'].map(
    (name) => `dist/${name}`,
  ),
];

const CONTENT = { 'package.json': 'npm reads it', dist: 'the program' };

const problems = (files: readonly string[], manifest: Manifest = MANIFEST): string[] => {
  const packed = files.map((path) => ({ path, bytes: 1 }));
  return contentProblems(root, manifest, packed, CONTENT);
};

describe('what is packed', () => {
  it('is well when all that can be imported is there, and nothing else', () => {
    expect(problems(FILES)).toEqual([]);
  });

  it('must be accounted for, and what is accounted for must be there', () => {
    expect(problems([...FILES, 'notes/a.md'])).toEqual([
      'notes is packed, and package-limits.ts does not say what for',
    ]);
    expect(problems(FILES.slice(1))).toEqual([
      'package.json is not packed, and package-limits.ts says that users need it',
    ]);
  });

  it.each([
    ['imported by an entry point', 'dist/part.js'],
    ['imported later', 'dist/later.js'],
    ['a command', 'dist/main.js'],
    ['a type', 'dist/part.d.ts'],
  ])('lacks nothing that is %s', (_, path) => {
    expect(problems(FILES.filter((file) => file !== path))).toEqual([
      `${path} is needed by an entry point or a command, and is not packed`,
    ]);
  });

  it('holds nothing of an earlier build', () => {
    expect(problems([...FILES, 'dist/gone.js', 'dist/gone.d.ts'])).toEqual([
      'dist/gone.js is left from an earlier build: npm run clean, and build again',
      'dist/gone.d.ts is left from an earlier build: npm run clean, and build again',
    ]);
  });

  it('is where the imports of package.json lead', () => {
    const imports = { '#part/*': './dist/*.js', '#cli/*': './dist/cli/*.js' };
    expect(problems(FILES, { ...MANIFEST, imports })).toEqual([
      '#cli/* leads to ./dist/cli/*.js, which is not there',
    ]);
  });
});
