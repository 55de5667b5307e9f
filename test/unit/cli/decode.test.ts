import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CommandEntry } from '../../../src/cli/command.ts';
import { decode, decodeCommand } from '../../../src/cli/decode.ts';
import { LineOutput } from '../../../src/cli/line-output.ts';
import { runCli } from '../../../src/cli/run-cli.ts';
import { RECORDED_EXCHANGES } from '../codec/recorded-exchanges.ts';

let directory = '';

/** What Node looks at to tell the colours of a terminal: the run that tests may stand in a CI, in tmux, or without colours. */
const COLOUR_VARIABLES = ['NO_COLOR', 'FORCE_COLOR', 'NODE_DISABLE_COLORS', 'COLORTERM'].concat([
  'TERM_PROGRAM',
  'TMUX',
  'CI',
  'TEAMCITY_VERSION',
]);

beforeEach(async () => {
  for (const name of COLOUR_VARIABLES) vi.stubEnv(name, undefined);
  vi.stubEnv('TERM', 'xterm');
  directory = await mkdtemp(join(tmpdir(), 'zkwire-decode-'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
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
    const { out, err } = await run([file]);
    expect(out.lines[1]).toContain('FRAME_TOO_LARGE at byte 0');
    expect(err.lines.at(-1)).toBe(
      'zkwire decode: with --max-frame 1048576 a frame that is too large is one',
    );
    expect((await run([file, '--max-frame', '2000000'])).out.lines[1]).toContain(
      'UNKNOWN_OPCODE at byte 12',
    );
  });

  describe('colours', () => {
    const coloured = async (isTTY: boolean, env: Record<string, string> = {}): Promise<boolean> => {
      for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
      const out = new Sink();
      out.isTTY = isTTY;
      await run([await captureFile({ records: RECORDS.slice(0, 4) })], '', out);
      return out.text.includes('\x1b[');
    };

    it.each([
      ['a terminal', true, {}, true],
      ['a file or pipe', false, {}, false],
      ['a terminal, with NO_COLOR', true, { NO_COLOR: '1' }, false],
      ['a terminal, with an empty NO_COLOR', true, { NO_COLOR: '' }, true],
      ['a pipe, with an empty NO_COLOR', false, { NO_COLOR: '' }, false],
      ['a terminal that only takes text', true, { TERM: 'dumb' }, false],
      ['a pipe, with FORCE_COLOR', false, { FORCE_COLOR: '1' }, true],
      ['a terminal, with FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, false],
    ])('on %s', async (_, isTTY, env, expected) => {
      expect(await coloured(isTTY, env)).toBe(expected);
    });
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
