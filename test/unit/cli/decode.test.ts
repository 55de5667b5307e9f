import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommandEntry } from '../../../src/cli/command.ts';
import { decode, decodeCommand } from '../../../src/cli/decode.ts';
import { LineOutput } from '../../../src/cli/line-output.ts';
import { runCli } from '../../../src/cli/run-cli.ts';
import { RECORDED_EXCHANGES } from '../codec/recorded-exchanges.ts';

let directory = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'zkwire-decode-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

interface CaptureRecord {
  conn: number;
  dir: string;
  t_ms?: number;
  hex: string;
}

const RECORDS: CaptureRecord[] = RECORDED_EXCHANGES.flatMap(({ frames }) => frames).map(
  ({ dir, hex }, index) => ({ conn: 0, dir, t_ms: index + 0.25, hex }),
);

async function captureFile(content: unknown): Promise<string> {
  const file = join(directory, 'capture.json');
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

/** A stream that remembers what was written, and can break as a pipe does. */
class Sink extends Writable {
  text = '';
  isTTY = false;
  brokenAfterChars = Number.POSITIVE_INFINITY;

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    if (this.text.length >= this.brokenAfterChars) {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      return;
    }
    this.text += chunk.toString();
    done();
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }
}

interface Run {
  readonly code: number;
  readonly out: Sink;
  readonly err: Sink;
}

async function run(argv: string[], input = '', out: Sink = new Sink()): Promise<Run> {
  const err = new Sink();
  const code = await decode(argv, { stdin: Readable.from([input]), stdout: out, stderr: err });
  return { code, out, err };
}

describe('zkwire decode', () => {
  it('prints one line of text a frame, with its time', async () => {
    const { code, out, err } = await run([await captureFile({ records: RECORDS })]);
    expect([code, err.text]).toEqual([0, '']);
    expect(out.lines).toHaveLength(RECORDS.length);
    expect(out.lines[2]).toBe(
      '      2.3 c0 > #1 create path="/g" data=1B"v" acl=[world:anyone cdrwa] flags=0',
    );
    expect(out.text).not.toContain('df73922a');
  });

  it('prints no time when the capture has none', async () => {
    const records = RECORDS.map(({ conn, dir, hex }) => ({ conn, dir, hex }));
    const { out } = await run([await captureFile({ records })]);
    expect(out.lines[3]).toBe('c0 < #1 create zxid=0x2 ok path="/g"');
  });

  it('prints one JSON object a line', async () => {
    const { code, out } = await run([await captureFile({ records: RECORDS }), '--json']);
    expect(code).toBe(0);
    expect(out.lines).toHaveLength(RECORDS.length);
    expect(out.lines[1]).toContain('"passwd":"df73922a80e19eb455cf3f30c9ed6f4d"');
    expect(out.lines[3]).toBe(
      '{"conn":0,"dir":"s2c","kind":"resp","op":1,"bytes":22,"header":{"xid":1,"zxid":"2","err":0},"type":"CreateResponse","record":{"path":"/g"}}',
    );
  });

  it('reads standard input', async () => {
    const { code, out } = await run(['-', '--json'], JSON.stringify({ records: RECORDS }));
    expect(code).toBe(0);
    expect(out.lines).toHaveLength(RECORDS.length);
  });

  it('shows one connection when asked', async () => {
    const records = [0, 1, 0, 1, 2].map((conn) => ({ ...RECORDS[0]!, conn }));
    const file = await captureFile({ records });
    const { out } = await run([file, '--conn', '1']);
    expect(out.lines.map((line) => line.slice(10, 12))).toEqual(['c1', 'c1']);
    expect((await run([file, '--conn', '9'])).out.text).toBe('');
  });

  it('ends with 1 when a frame could not be decoded', async () => {
    const broken = { conn: 0, dir: 'c2s', hex: '000000080000000100000004' };
    const file = await captureFile({ records: [...RECORDS.slice(0, 2), broken] });
    const { code, out, err } = await run([file]);
    expect(code).toBe(1);
    expect(out.lines[2]).toBe('c0 > req 8B undecodable: TRUNCATED at byte 12');
    expect(err.text).toBe('zkwire decode: 1 of 3 frames could not be decoded\n');
  });

  it('ends with 0 when the capture stops inside a frame', async () => {
    const cut = { conn: 0, dir: 'c2s', hex: '0000' };
    const { code, out } = await run([await captureFile({ records: [cut] }), '--json']);
    expect(code).toBe(0);
    expect(out.lines).toEqual(['{"conn":0,"dir":"c2s","kind":"incomplete","rest":"0000"}']);
  });

  it('takes larger frames when asked', async () => {
    const length = (0x100000).toString(16).padStart(8, '0');
    const big = {
      conn: 0,
      dir: 'c2s',
      hex: `${length}00000001000003e7${'00'.repeat(0x100000 - 8)}`,
    };
    const file = await captureFile({ records: [RECORDS[0], big] });
    expect((await run([file])).out.lines[1]).toContain('FRAME_TOO_LARGE at byte 0');
    expect((await run([file, '--max-frame', '2000000'])).out.lines[1]).toContain(
      'UNKNOWN_OPCODE at byte 12',
    );
  });

  it('colours lines on a terminal only', async () => {
    const out = new Sink();
    out.isTTY = true;
    await run([await captureFile({ records: RECORDS.slice(0, 4) })], '', out);
    const escapes = out.lines.map((line) => line.includes('\x1b['));
    expect(escapes.some((coloured) => coloured)).toBe(true);
    expect((await run([await captureFile({ records: RECORDS })])).out.text).not.toContain('\x1b');
  });

  it('stops without a word when the reader of its output is gone', async () => {
    const out = new Sink();
    out.brokenAfterChars = 1;
    const records = Array.from({ length: 40 }, () => RECORDS).flat();
    const { code, err } = await run([await captureFile({ records }), '--json'], '', out);
    expect(err.text).toBe('');
    expect(code).toBeLessThan(2);
    expect(out.lines.length).toBeLessThan(records.length);
  });
});

describe('files that are no captures', () => {
  it.each([
    ['not JSON', '{"records": [', /capture\.json: not JSON: /],
    ['no object', '[]', /not a capture: not a JSON object/],
    ['null', 'null', /not a capture: not a JSON object/],
    ['no records', '{}', /it has no list "records"/],
    ['records of another kind', '{"records":{}}', /it has no list "records"/],
    ['a record of another kind', '{"records":[null]}', /records\[0\] is not an object/],
    ['no conn', [{ dir: 'c2s', hex: '' }], /records\[1\]\.conn must be an integer from 0/],
    ['a negative conn', [{ conn: -1, dir: 'c2s', hex: '' }], /records\[1\]\.conn/],
    ['a wrong dir', [{ conn: 0, dir: 'up', hex: '' }], /records\[1\]\.dir must be "c2s" or "s2c"/],
    ['no hex', [{ conn: 0, dir: 'c2s' }], /records\[1\]\.hex must be an even number of hex digits/],
    ['half a byte', [{ conn: 0, dir: 'c2s', hex: '0' }], /records\[1\]\.hex/],
    ['no hex digits', [{ conn: 0, dir: 'c2s', hex: '0x' }], /records\[1\]\.hex/],
    ['a time in words', [{ conn: 0, dir: 'c2s', hex: '', t_ms: 'now' }], /records\[1\]\.t_ms/],
  ])('says so for %s', async (_name, content, message) => {
    const capture = Array.isArray(content) ? { records: [RECORDS[0], ...content] } : content;
    const { code, err } = await run([await captureFile(capture)]);
    expect(code).toBe(2);
    expect(err.text).toMatch(/^zkwire decode: /);
    expect(err.text).toMatch(message);
  });

  it('prints what came before the wrong record', async () => {
    const { out } = await run([await captureFile({ records: [RECORDS[0], {}] })]);
    expect(out.lines).toHaveLength(1);
  });

  it('says so for a file that is missing, and for a directory', async () => {
    const missing = await run([join(directory, 'missing.json')]);
    expect(missing.code).toBe(2);
    expect(missing.err.text).toMatch(/missing\.json: no such file\n$/);
    const folder = await run([directory]);
    expect(folder.code).toBe(2);
    expect(folder.err.text).toMatch(/is a directory\n$/);
  });

  it('names standard input', async () => {
    const { code, err } = await run(['-'], 'nonsense');
    expect(code).toBe(2);
    expect(err.text).toMatch(/^zkwire decode: standard input: not JSON/);
  });
});

describe('the command line', () => {
  it.each([
    [[], /FILE is needed/],
    [['a', 'b'], /one FILE at a time/],
    [['a', '--nonsense'], /nonsense/],
    [['a', '--conn', 'x'], /--conn must be an integer from 0/],
    [['a', '--conn', '1.5'], /--conn must be/],
    [['a', '--max-frame', '0'], /--max-frame must be an integer from 1/],
    [['a', '--max-frame', '9999999999'], /--max-frame/],
  ])('%j is refused', async (argv, message) => {
    const { code, err } = await run(argv);
    expect(code).toBe(2);
    expect(err.text).toMatch(message);
    expect(err.text).toContain("Try 'zkwire decode --help'.");
  });

  it('has a help that says what JSON shows', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    expect(out.text).toBe(`${decodeCommand.usage}\n`);
    expect(out.text).toMatch(/JSON is a faithful copy: it shows them/);
  });
});

describe('zkwire', () => {
  const calls: string[][] = [];
  const loaded: string[] = [];
  const commands: CommandEntry[] = ['decode', 'record'].map((name) => ({
    name,
    summary: `does ${name}`,
    load: async () => {
      loaded.push(name);
      return {
        usage: `zkwire ${name} ...`,
        run: async (argv) => {
          calls.push([name, ...argv]);
          return 7;
        },
      };
    },
  }));

  async function cli(...argv: string[]): Promise<[number, string, string]> {
    const stdout = new Sink();
    const stderr = new Sink();
    const code = await runCli(argv, { stdout, stderr }, commands);
    return [code, stdout.text, stderr.text];
  }

  it('runs a command with its arguments and gives its exit code', async () => {
    expect(await cli('record', '--to', 'x')).toEqual([7, '', '']);
    expect(calls).toEqual([['record', '--to', 'x']]);
    expect(loaded).toEqual(['record']);
  });

  it.each(['--help', '-h', 'help'])('lists the commands for %s', async (argument) => {
    const [code, out] = await cli(argument);
    expect(code).toBe(0);
    expect(out).toMatch(/^ {2}decode {2}does decode\n {2}record {2}does record$/m);
  });

  it('lists them as an error when nothing is asked', async () => {
    const [code, out, err] = await cli();
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('does decode');
  });

  it('knows its own commands', async () => {
    for (const name of ['record', 'decode']) {
      const stdout = new Sink();
      const code = await runCli(['help', name], { stdout, stderr: new Sink() });
      expect([code, stdout.text.split(' ').slice(0, 2)]).toEqual([0, ['zkwire', name]]);
    }
  });

  it('prints its version', async () => {
    const [code, out] = await cli('--version');
    expect(code).toBe(0);
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('prints the help of one command', async () => {
    expect(await cli('help', 'decode')).toEqual([0, 'zkwire decode ...\n', '']);
  });

  it.each([
    ['decod', 'command', " Did you mean 'decode'?"],
    ['dec', 'command', " Did you mean 'decode'?"],
    ['recrod', 'command', " Did you mean 'record'?"],
    ['--decode', 'option', " Did you mean 'decode'?"],
    ['xyz', 'command', ''],
    ['', 'command', ''],
  ])('refuses %j', async (name, what, hint) => {
    const message = `zkwire: unknown ${what} '${name}'.${hint}\nTry 'zkwire --help'.\n`;
    expect(await cli(name)).toEqual([2, '', message]);
    if (name !== '') expect(await cli('help', name)).toEqual([2, '', message]);
  });
});

describe('LineOutput', () => {
  it('writes lines in large pieces', async () => {
    const sink = new Sink();
    const output = new LineOutput(sink);
    output.add('a');
    await output.room();
    expect(sink.text).toBe('');
    output.add('b'.repeat(70_000));
    await output.room();
    expect(sink.lines).toEqual(['a', 'b'.repeat(70_000)]);
    expect(sink.listenerCount('error')).toBe(0);
  });

  it('rejects for errors that are no broken pipe', async () => {
    const sink = new Sink();
    sink._write = (_chunk, _encoding, done) => done(new Error('disk full'));
    const output = new LineOutput(sink);
    output.add('a');
    await expect(output.flush()).rejects.toThrow('disk full');
    expect(output.closed).toBe(false);
  });
});
