import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runReleaseCheck } from '../../../../tools/release-check/command.ts';
import {
  type ReleaseFacts,
  releaseProblems,
} from '../../../../tools/release-check/release-problems.ts';

const REPOSITORY = { url: 'git+https://example.org/zkwire.git' };
const CHANGELOG = '# Changelog\n\n## 1.2.3 (2027-01-31)\n\n- A.\n\n## 1.2.2 (2027-01-01)\n\n- B.\n';
const GOOD: ReleaseFacts = {
  manifest: { version: '1.2.3', repository: REPOSITORY },
  lockedVersion: '1.2.3',
  changelog: CHANGELOG,
  tag: 'v1.2.3',
};

const problems = (facts: Partial<ReleaseFacts>): string[] => releaseProblems({ ...GOOD, ...facts });

describe('what stands in the way of a release', () => {
  it('is nothing when all of it agrees, with a tag and before it', () => {
    expect(problems({})).toEqual([]);
    expect(problems({ tag: null })).toEqual([]);
  });

  it('is another tag', () => {
    const text = 'the tag is v1.2.4, and the version 1.2.3: the tag must be v1.2.3';
    expect(problems({ tag: 'v1.2.4' })).toEqual([text]);
    expect(problems({ tag: '1.2.3' })).toHaveLength(1);
  });

  it('is a version elsewhere, none, or a package that may not go out', () => {
    expect(problems({ lockedVersion: '1.2.2' })).toEqual([
      'package-lock.json has version 1.2.2, not 1.2.3: run npm install',
    ]);
    const odd = { version: '1.2', repository: REPOSITORY };
    expect(problems({ manifest: odd })).toContain("package.json: '1.2' is no version");
    expect(problems({ manifest: { ...GOOD.manifest, private: true } })).toEqual([
      'package.json: the package is private',
    ]);
  });

  it('is a repository that nobody can compare the provenance with', () => {
    const text =
      'package.json: repository is missing; npm compares it with where the provenance comes from';
    expect(problems({ manifest: { version: '1.2.3' } })).toEqual([text]);
    expect(problems({ manifest: { version: '1.2.3', repository: {} } })).toEqual([text]);
  });

  it('is a changelog without a dated section of the version at its head, or with nothing in it', () => {
    const wanted = "the first section must be '## 1.2.3 (date as 2027-01-31)', and is";
    expect(problems({ changelog: '# C\n\n## Unreleased (1.2.3)\n\n- A.\n' })).toEqual([
      `CHANGELOG.md: ${wanted} '## Unreleased (1.2.3)'`,
    ]);
    expect(problems({ changelog: '# C\n' })).toEqual([`CHANGELOG.md: ${wanted} '## '`]);
    expect(
      problems({ changelog: '## 1.2.3 (2027-01-31)\n\n## 1.2.2 (2027-01-01)\n\n- B\n' }),
    ).toEqual(['CHANGELOG.md: the section of 1.2.3 is empty']);
  });
});

describe('npm run release:check', () => {
  const root = mkdtempSync(join(tmpdir(), 'zkwire-release-'));
  afterAll(() => rmSync(root, { recursive: true }));

  function run(...args: string[]): { code: number; out: string; err: string } {
    const texts = { out: '', err: '' };
    const code = runReleaseCheck(args, {
      root,
      out: (text) => {
        texts.out += text;
      },
      err: (text) => {
        texts.err += text;
      },
    });
    return { code, ...texts };
  }

  it('reads the files, and says what it found by its exit code', () => {
    writeFileSync(join(root, 'package.json'), JSON.stringify(GOOD.manifest));
    writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ version: '1.2.3' }));
    writeFileSync(join(root, 'CHANGELOG.md'), CHANGELOG);
    expect(run('--tag', 'v1.2.3')).toEqual({ code: 0, out: '1.2.3 can be published\n', err: '' });
    const { code, err } = run('--tag', 'v2');
    expect({ code, err }).toEqual({
      code: 1,
      err: 'release: the tag is v2, and the version 1.2.3: the tag must be v1.2.3\n',
    });
    expect(run('--tags', 'v2').code).toBe(2);
    expect(run('--help').code).toBe(0);
  });
});
