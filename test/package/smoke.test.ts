import { execFile } from 'node:child_process';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createServer } from '../../src/server/index.ts';
import { ROOT, runNode } from '../unit/package/run-node.ts';
import { installPackage } from './installed-package.ts';

const execute = promisify(execFile);

const STEPS = [
  'made /greeting',
  'heard NodeDataChanged /greeting',
  'read hello again bigint',
  'failed true NONODE rejected',
  'found 10.0.0.1',
  'linked true',
  'encoded 000000022f6100',
  'known true true',
  'near zookeeper',
  'done',
];

/** The package as a user has it: packed, installed by npm, run by the Node that runs the tests. */
describe(`the installed package, on Node ${process.versions.node}`, () => {
  let user = '';

  beforeAll(() => {
    user = installPackage();
    cpSync(join(import.meta.dirname, 'consumer'), user, { recursive: true });
  });

  afterAll(() => rmSync(user, { recursive: true, force: true }));

  it.each([
    ['import', 'program.mjs'],
    ['require', 'program.cjs'],
  ])('works from every entry point, by %s', async (_, program) => {
    expect(await runNode([join(user, program)], user)).toEqual(STEPS);
  });

  it('warns of nothing', async () => {
    const { stderr } = await execute(process.execPath, ['program.mjs'], { cwd: user });
    expect(stderr).toBe('');
  });

  it('has the command, of its version', async () => {
    const command = join(user, 'node_modules/.bin/zkwire');
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect((await execute(command, ['--version'])).stdout).toContain(version);
    await using server = await createServer({ port: 0 });
    const { stdout } = await execute(command, [
      'shell',
      '-server',
      server.connectString,
      'ls',
      '/',
    ]);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('[zookeeper]');
  });

  it('brings no other package, and no script that runs at its installation', () => {
    const lock = readFileSync(join(user, 'package-lock.json'), 'utf8');
    const { packages } = JSON.parse(lock) as { packages: Record<string, object> };
    expect(Object.keys(packages)).toEqual(['', 'node_modules/zkwire']);
    expect(packages['node_modules/zkwire']).not.toHaveProperty('hasInstallScript');
  });
});
