import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runJuteGen } from '../../../../tools/jute-gen/command.ts';

const SCHEMA = '/** M. */ module m { /** A. */ class A { /** I. */ int i; } }';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'jute-gen-'));
  mkdirSync(join(root, 'schema'));
  writeFileSync(join(root, 'schema/client.jute'), SCHEMA);
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

function run(...args: string[]): { code: number; out: string; err: string } {
  let out = '';
  let err = '';
  const code = runJuteGen(args, {
    root,
    cwd: root,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

function edit(file: string, change: (text: string) => string): void {
  const path = join(root, file);
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

describe('generate', () => {
  it('writes two files, and the same again', () => {
    expect(run('generate')).toEqual({
      code: 0,
      out: 'src/codec/records.gen.ts: written\nsrc/codec/record-table.gen.ts: written\n',
      err: '',
    });
    expect(readFileSync(join(root, 'src/codec/records.gen.ts'), 'utf8')).toContain(
      'export const A_BYTES = 4;',
    );
    expect(run('generate').out).toBe(
      'src/codec/records.gen.ts: unchanged\nsrc/codec/record-table.gen.ts: unchanged\n',
    );
  });

  it('--check names what is missing or stale and writes nothing', () => {
    const missing = run('generate', '--check');
    expect(missing.code).toBe(1);
    expect(missing.err.split('\n')[0]).toBe(
      'src/codec/records.gen.ts is missing: run npm run generate',
    );
    run('generate');
    expect(run('generate', '--check')).toEqual({
      code: 0,
      out: '2 files are up to date with schema/client.jute\n',
      err: '',
    });
    edit('src/codec/record-table.gen.ts', (text) => text.replace('GENERATED', 'EDITED'));
    expect(run('generate', '--check')).toEqual({
      code: 1,
      out: '',
      err: 'src/codec/record-table.gen.ts is stale from line 1: run npm run generate\n',
    });
    expect(readFileSync(join(root, 'src/codec/record-table.gen.ts'), 'utf8')).toContain('EDITED');
  });

  it('--check notices a file that ends early and a schema that changed', () => {
    run('generate');
    edit('src/codec/records.gen.ts', (text) => text.slice(0, -2));
    expect(run('generate', '--check').err).toMatch(/^src\/codec\/records\.gen\.ts is stale from/);
    run('generate');
    edit('schema/client.jute', (text) => text.replace('int i', 'long i'));
    expect(run('generate', '--check').err.trim().split('\n')).toHaveLength(2);
  });

  it('writes nothing from a faulty schema', () => {
    edit('schema/client.jute', (text) => text.replace('int i', 'float i'));
    expect(run('generate')).toEqual({
      code: 2,
      out: '',
      err: 'schema/client.jute:1:58: float is not used by any client record\n',
    });
    edit('schema/client.jute', () => 'module m { class A { int ; } }');
    expect(run('generate', '--check')).toEqual({
      code: 2,
      out: '',
      err: "schema/client.jute:1:26: expected a field name, found ';'\n",
    });
    expect(() => readFileSync(join(root, 'src/codec/records.gen.ts'))).toThrow('ENOENT');
  });
});

describe('diff', () => {
  it('compares with another file: exit code 0 when equal, 1 when not', () => {
    writeFileSync(join(root, 'other.jute'), 'module m { class A { int i; } }');
    expect(run('diff', 'other.jute')).toEqual({
      code: 0,
      out: 'schema/client.jute and other.jute: no differences\n',
      err: '',
    });
    writeFileSync(join(root, 'other.jute'), 'module m { class A { long i; } }');
    expect(run('diff', 'other.jute')).toEqual({
      code: 1,
      out: 'm.A.i: int in schema/client.jute, long in other.jute\nschema/client.jute and other.jute: 1 difference\n',
      err: '',
    });
  });

  it('--json gives the differences as data', () => {
    writeFileSync(join(root, 'other.jute'), 'module m { class B { int i; } }');
    const { code, out } = run('diff', '--json', 'other.jute');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual({
      ours: 'schema/client.jute',
      theirs: 'other.jute',
      differences: [
        { kind: 'record-missing', side: 'theirs', module: 'm', record: 'A' },
        { kind: 'record-missing', side: 'ours', module: 'm', record: 'B' },
      ],
      modulesOnlyTheirs: [],
    });
  });

  it('names a fault in the other file', () => {
    writeFileSync(join(root, 'other.jute'), 'module m {\n  klass A');
    expect(run('diff', 'other.jute')).toEqual({
      code: 2,
      out: '',
      err: "other.jute:2:3: expected 'class', found 'klass'\n",
    });
    expect(run('diff', 'absent.jute')).toEqual({
      code: 2,
      out: '',
      err: 'absent.jute: no such file\n',
    });
    expect(run('diff', '.').err).toBe(`${root}: cannot be read (EISDIR)\n`);
  });
});

describe('usage', () => {
  it.each([
    [[]],
    [['compile']],
    [['generate', 'x']],
    [['generate', '--json']],
    [['diff']],
    [['diff', 'a', 'b']],
    [['diff', '--check', 'a']],
  ])('refuses %j', (args) => {
    expect(run(...args)).toEqual({
      code: 2,
      out: '',
      err: 'expected generate [--check] or diff [--json] OTHER.jute; see --help\n',
    });
  });

  it('refuses unknown options', () => {
    const { code, err } = run('generate', '--force');
    expect(code).toBe(2);
    expect(err).toContain("Unknown option '--force'");
  });

  it('explains itself', () => {
    const { code, out } = run('--help');
    expect(code).toBe(0);
    expect(out).toContain('generate --check    write nothing; fail when one of them is stale');
  });
});
