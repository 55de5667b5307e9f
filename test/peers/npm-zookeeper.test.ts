import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { PEERS_FOLDER, preparePeers } from '../../bench/peers.ts';
import { createServer } from '../../src/server/index.ts';
import { makeOwnedDirectory, removeOwnedDirectory } from '../../tools/zookeeper/owned-resources.ts';
import { runSuite } from './suite-process.ts';

const INSTALL_LIMIT_MS = 5 * 60_000;
const SUITE_LIMIT_MS = 10 * 60_000;
const TESTS = 14;
/** Where the test runner that the package uses is installed. */
const RUNNER_FOLDER = join(import.meta.dirname, 'ava');
const AVA = join(RUNNER_FOLDER, 'node_modules/ava');

const directory = makeOwnedDirectory();
afterAll(() => removeOwnedDirectory(directory));

/** Installs the test runner. Null when it is there, else the reason. */
async function installAva(): Promise<string | null> {
  if (existsSync(join(AVA, 'package.json'))) return null;
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const options = { cwd: RUNNER_FOLDER, env: {}, timeoutMs: INSTALL_LIMIT_MS };
  const { code, output } = await runSuite('npm', args, options);
  return code === 0 ? null : `npm ci in test/peers/ava ended with ${code}: ${output.slice(-500)}`;
}

/** A copy of the package where its test runner looks for tests, which is not in a node_modules. */
function copyPackage(): string {
  const installed = join(PEERS_FOLDER, 'node_modules');
  const copy = join(directory, 'zookeeper');
  for (const part of ['package.json', 'lib', 'tests', 'build/zookeeper.node', 'build/Release']) {
    cpSync(join(installed, 'zookeeper', part), join(copy, part), { recursive: true });
  }
  symlinkSync(installed, join(directory, 'node_modules'));
  mkdirSync(join(copy, 'node_modules'));
  symlinkSync(AVA, join(copy, 'node_modules/ava'));
  return copy;
}

it(
  "passes the integration tests of npm's zookeeper",
  async ({ skip }) => {
    const say = (line: string): void => console.log(line);
    const [peer] = await preparePeers(['zookeeper'], say);
    const missing = peer!.missing ?? (await installAva());
    if (missing !== null) process.stderr.write(`npm's zookeeper is not tested: ${missing}\n`);
    skip(missing !== null, missing ?? '');
    await using server = await createServer({ port: 0 });
    const { code, output } = await runSuite(
      process.execPath,
      [
        join(AVA, 'entrypoints/cli.mjs'),
        ...['./tests/integration/*.js', '--tap', '--', server.connectString],
      ],
      { cwd: copyPackage(), env: { CI: 'true' }, timeoutMs: SUITE_LIMIT_MS },
    );
    const ended = [...output.matchAll(/^(ok|not ok) \d+ - (.*)$/gm)].map(([, how, name]) => [
      name,
      how,
    ]);
    const passed = ended.filter(([, how]) => how === 'ok').length;
    console.log(`zookeeper ${peer!.version}: ${passed} of ${ended.length} passed`);
    expect(code, output).toBe(0);
    expect(ended.filter(([, how]) => how !== 'ok')).toEqual([]);
    expect(passed).toBe(TESTS);
  },
  2 * INSTALL_LIMIT_MS + SUITE_LIMIT_MS,
);
