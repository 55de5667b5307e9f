import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { conformCommand } from '../../../src/cli/conform.ts';
import { parseConformClientRequest } from '../../../src/cli/conform-client.ts';
import { CLIENT_CHECKS } from '../../../src/conform/index.ts';
import { ROOT } from '../package/run-node.ts';
import { type Ran, runHere } from './run-here.ts';

const DRIVER = join(ROOT, 'test/conformance-kit/drivers/zkwire.mjs');

let directory = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'zkwire-conform-client-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

const run = (...argv: string[]): Promise<Ran> => runHere(conformCommand, 'client', ...argv);

describe('the command line', () => {
  it('has defaults, and leaves what stands behind -- to the client', () => {
    expect(parseConformClientRequest(['--', 'node', 'x', '--report', 'json'])).toEqual({
      command: ['node', 'x', '--report', 'json'],
      profile: undefined,
      report: 'text',
      out: undefined,
      checks: CLIENT_CHECKS,
      excusesFile: undefined,
      quick: false,
      list: false,
      timeoutMs: 10_000,
      concurrency: 4,
    });
  });

  it.each([
    [[], 'COMMAND is missing behind --'],
    [['--'], 'COMMAND is missing behind --'],
    [['node', 'x'], "'node' is one argument too many: COMMAND goes behind --"],
    [['--profile', 'clickhouse-keeper', '--', 'x'], '--profile is one of 3.8, 3.9, not'],
    [['--filter', '^nothing$', '--', 'x'], "no check matches '^nothing$'; see --list"],
    [['--timeout', '0', '--', 'x'], '--timeout must be a number above 0 and up to 3600'],
  ])('%j is wrong', async (argv, message) => {
    const { code, out, err } = await run(...argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
    expect(err).toContain("Try 'zkwire conform client --help'.");
  });

  it('has help, and a list of the checks', async () => {
    expect(await run('--help')).toMatchObject({
      code: 0,
      out: expect.stringContaining('zkwire conform client [options] -- COMMAND'),
    });
    const { code, out } = await run('--list', '--filter', '^xid/counting$');
    expect([code, out.split('\n')[0]]).toEqual([0, 'xid/counting']);
  });
});

describe('a run', () => {
  const FEW = ['--filter', '^xid/'];
  const COMMAND = ['--', process.execPath, DRIVER, '{connect}'];

  it('prints the report and exits with 0 when all is well', async () => {
    const { code, out } = await run(...FEW, ...COMMAND);
    expect(out).toContain(`Conformance of ${COMMAND.slice(1).join(' ')} with the profile 3.9`);
    expect(out).toMatch(/2 checks: 2 passed, 0 failed, 0 excused \(\d+\.\d s\)\n$/);
    expect(code).toBe(0);
  });

  it('writes JUnit into a file, and excuses what is to be excused', async () => {
    const mutant = [process.execPath, join(DRIVER, '../mutant.mjs'), '{connect}', 'same-xid'];
    const [out, excuses] = [join(directory, 'report.xml'), join(directory, 'excuses')];
    await writeFile(excuses, 'xid/counting begins with 0\n');
    const asked = ['--filter', '^xid/counting', '--report', 'junit', '--out', out];
    const failing = await run(...asked, '--', ...mutant);
    expect(failing).toMatchObject({ code: 1, out: expect.stringContaining('1 failed') });
    const report = await readFile(out, 'utf8');
    expect(report).toContain('<testsuites name="zkwire conform client" tests="1" failures="1"');
    expect(report).toContain('<failure message="the client sent the xid 0 for getData">');
    const excused = await run(...asked, '--excuses', excuses, '--', ...mutant);
    expect(excused).toMatchObject({ code: 0, out: expect.stringContaining('1 excused') });
  });

  it.each([
    // Nobody waits an hour for the connection of a process that there is not.
    ['ends at once', [process.execPath, '-e', 'process.exit(3)'], /ended with code 3/, 3_600],
    [
      'cannot be started',
      ['/no/such/program'],
      /could not be started: there is no such program \(spawn .* ENOENT\)\n/,
      3_600,
    ],
    ['may not be executed', [ROOT], /could not be started: it may not be executed/, 3_600],
    [
      'says nothing',
      [process.execPath, '-e', 'process.stdin.resume()'],
      /expected a connection/,
      1.5,
    ],
  ])('exits with 2 when the command %s', async (_, command, why, timeout) => {
    const { code, out, err } = await run(...FEW, '--timeout', `${timeout}`, '--', ...command);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(why);
    expect(err).toMatch(/^zkwire conform: '.*' does not come to a session: /);
  });
});
