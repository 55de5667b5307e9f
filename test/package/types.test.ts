import { execFile, execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../unit/package/run-node.ts';
import { installPackage } from './installed-package.ts';

const COMPILERS_FOLDER = join(import.meta.dirname, 'typescript');
const OTHERS = join(COMPILERS_FOLDER, 'node_modules');
const OWN = join(ROOT, 'node_modules');
/** Seconds where a core is free; a busy machine may take long. */
const COMPILE_LIMIT_MS = 280_000;

/** The compiler of the project, the two majors before it, and the oldest that the types are written for. */
const COMPILERS = {
  '5.4': join(OTHERS, 'typescript-5-4'),
  '5.9': join(OTHERS, 'typescript-5'),
  '6.0': join(OTHERS, 'typescript-6'),
  '7.0': join(OWN, 'typescript'),
} as const;

/** Types of the oldest Node that zkwire runs on, up to those of the newest. */
const NODE_TYPES = {
  20: join(OWN, '@types/node'),
  22: join(OTHERS, 'types-node-22'),
  24: join(OTHERS, 'types-node-24'),
  26: join(OTHERS, 'types-node-26'),
} as const;

/** How imports are found. */
const RESOLUTIONS = {
  nodenext: { module: 'nodenext' },
  node16: { module: 'node16' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
} as const;

/** As strict as it goes; types of the package are checked themselves, not only their use. */
const STRICT = {
  target: 'es2022',
  lib: ['es2022'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  skipLibCheck: false,
  types: ['node'],
  noEmit: true,
};

/** TypeScript 6 and 7 take no types by themselves; those of Node then come with ours. */
const WITHOUT_NODE = { ...STRICT, types: [] };

/** As lax as it goes. */
const LAX = {
  ...STRICT,
  strict: false,
  strictNullChecks: true,
  exactOptionalPropertyTypes: false,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
};

const HOW: ReadonlyMap<object, string> = new Map<object, string>([
  [STRICT, 'strict, libraries too'],
  [WITHOUT_NODE, 'strict, no types named'],
  [LAX, 'lax'],
]);

interface Setting {
  readonly compiler: keyof typeof COMPILERS;
  readonly resolution: keyof typeof RESOLUTIONS;
  readonly node: keyof typeof NODE_TYPES;
  readonly options: object;
  readonly name: string;
}

const SETTINGS: readonly Setting[] = [
  // Every compiler with every way to find imports, the oldest types and the newest.
  ...settings(['5.9', '6.0', '7.0'], ['nodenext', 'node16', 'bundler'], [20]),
  ...settings(['5.9', '6.0', '7.0'], ['nodenext'], [26]),
  ...settings(['7.0'], ['nodenext'], [22, 24]),
  ...settings(['5.4'], ['nodenext'], [20]),
  ...settings(['6.0', '7.0'], ['nodenext'], [20], WITHOUT_NODE),
  ...settings(['5.9'], ['bundler'], [20], LAX),
];

function settings(
  compilers: readonly Setting['compiler'][],
  resolutions: readonly Setting['resolution'][],
  nodes: readonly Setting['node'][],
  options: object = STRICT,
): Setting[] {
  const how = HOW.get(options);
  return compilers.flatMap((compiler) =>
    resolutions.flatMap((resolution) =>
      nodes.map((node) => {
        const name = `TypeScript ${compiler}, ${resolution}, @types/node ${node}, ${how}`;
        return { compiler, resolution, node, options, name };
      }),
    ),
  );
}

/** Installs the other compilers. Null when they are there, else the reason. */
function installCompilers(): string | null {
  if (existsSync(join(OTHERS, 'typescript-5-4', 'package.json'))) return null;
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  try {
    execFileSync('npm', args, { cwd: COMPILERS_FOLDER, stdio: 'pipe' });
    return null;
  } catch (error) {
    return `the other compilers cannot be installed: ${(error as Error).message}`;
  }
}

/** What a compiler says of the consumer in a folder of its own; '' when all is well. */
function compile(user: string, { compiler, resolution, node, options }: Setting): Promise<string> {
  const folder = mkdtempSync(join(user, 'project-'));
  const types = join(folder, 'node_modules/@types');
  mkdirSync(types, { recursive: true });
  symlinkSync(NODE_TYPES[node], join(types, 'node'));
  copyFileSync(join(import.meta.dirname, 'consumer/types.ts'), join(folder, 'types.ts'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  const compilerOptions = { ...options, ...RESOLUTIONS[resolution] };
  const config = { compilerOptions, files: ['types.ts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const args = [join(COMPILERS[compiler], 'bin/tsc'), '-p', folder, '--pretty', 'false'];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: COMPILE_LIMIT_MS }, (error, stdout, stderr) =>
      resolve(error === null ? stdout : `${stdout}${stderr}${error.code}`),
    );
  });
}

describe('the types of the package, for its users', () => {
  let user = '';
  let missing: string | null = null;

  beforeAll(() => {
    missing = installCompilers();
    if (missing !== null) process.stderr.write(`types are not tested: ${missing}\n`);
    user = installPackage();
  });

  afterAll(() => rmSync(user, { recursive: true, force: true }));

  for (const setting of SETTINGS) {
    it(setting.name, async ({ skip }) => {
      skip(missing !== null, missing ?? '');
      expect(await compile(user, setting)).toBe('');
    });
  }

  it('bring the types of Node with every entry point that needs them', () => {
    const entries = readdirSync(join(user, 'node_modules/zkwire/dist'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'cli')
      .map(({ name }) => join(user, 'node_modules/zkwire/dist', name, 'index.d.ts'));
    expect(entries.length).toBe(8);
    for (const entry of entries) {
      expect(readFileSync(entry, 'utf8')).toMatch(
        /^\/\/\/ <reference types="node" preserve="true" \/>/,
      );
    }
  });

  it('are tried with the compiler that the project is built with, and the majors that are named', ({
    skip,
  }) => {
    skip(missing !== null, missing ?? '');
    for (const [version, folder] of Object.entries(COMPILERS)) {
      const args = [join(folder, 'bin/tsc'), '--version'];
      expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toContain(
        `Version ${version}.`,
      );
    }
    expect(dirname(COMPILERS['7.0'])).toBe(OWN);
  });
});
