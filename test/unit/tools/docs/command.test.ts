import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runDocs } from '../../../../tools/docs/command.ts';
import { ROOT } from '../../package/run-node.ts';

/** A project that has the pages and what they are made from. */
let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'zkwire-docs-'));
  for (const part of ['schema', 'docs']) {
    cpSync(join(ROOT, part), join(root, part), { recursive: true });
  }
});

afterAll(() => rmSync(root, { recursive: true }));

function run(...args: string[]): { code: number; out: string; err: string } {
  const told = { out: '', err: '' };
  const code = runDocs(args, {
    root,
    out: (text) => {
      told.out += text;
    },
    err: (text) => {
      told.err += text;
    },
  });
  return { code, ...told };
}

// docs/api.md, which needs a fresh build, is looked at in test/unit/docs/api.test.ts.
it('finds the pages of the project up to date', () => {
  expect(run('errors', 'protocol', '--check')).toEqual({
    code: 0,
    out: 'docs/errors.md: up to date\ndocs/protocol.md: up to date\n',
    err: '',
  });
});

it('names a stale page, writes it when asked to, and leaves others alone', () => {
  const file = join(root, 'docs/protocol.md');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, 'edited');
  expect(run('errors', '--check').code).toBe(0);
  expect(run('protocol', '--check')).toEqual({
    code: 1,
    out: '',
    err: 'docs/protocol.md is stale: run npm run docs:protocol\n',
  });
  expect(readFileSync(file, 'utf8')).toBe('edited');
  expect(run('protocol')).toEqual({ code: 0, out: 'docs/protocol.md: written\n', err: '' });
  expect(readFileSync(file, 'utf8')).toBe(text);
});

it('says what is wrong with a command line', () => {
  expect(run('--help').out).toContain('api, errors, protocol');
  expect(run('wrong')).toEqual({
    code: 2,
    out: '',
    err: 'there is no page wrong: it is one of api, errors, protocol; see --help\n',
  });
  expect(run('--wrong').code).toBe(2);
});
