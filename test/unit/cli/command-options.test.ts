import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../../src/cli/command-options.ts';
import { CLIENT_USAGE } from '../../../src/cli/conform-client.ts';
import { runCli } from '../../../src/cli/run-cli.ts';
import { UsageError } from '../../../src/cli/usage-error.ts';
import { runHere } from './run-here.ts';

const OPTIONS = {
  port: { type: 'string', short: 'p' },
  out: { type: 'string' },
  define: { type: 'string', short: 'D', multiple: true },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function parse(args: readonly string[], allowPositionals = true): object {
  const config = { args: [...args], options: OPTIONS, allowPositionals, strict: true } as const;
  const { values, positionals } = parseOptions(config);
  return { ...values, words: positionals };
}

const plain = { json: false, help: false, words: [] };

describe('parseOptions', () => {
  it.each([
    [['-p', '1', '--json', 'a'], { port: '1', json: true, words: ['a'] }],
    [['--port=1', '-h'], { port: '1', help: true }],
    [['-p1', '-Da=b', '-D', 'c'], { port: '1', define: ['a=b', 'c'] }],
    // What says why it is wrong is the option itself.
    [['--port', '-1'], { port: '-1' }],
    [['-p', '-.5'], { port: '-.5' }],
    [['--out', '-'], { out: '-' }],
    [['--out=--json'], { out: '--json' }],
    [['--out='], { out: '' }],
    [['--', '--json', '-x'], { words: ['--json', '-x'] }],
  ])('%j', (args, found) => {
    expect(parse(args)).toEqual({ ...plain, ...found });
  });

  it.each([
    [['--port'], '--port needs a value'],
    [['a', '-p'], '-p needs a value'],
    [
      ['--out', '--json'],
      "--out needs a value, and '--json' looks like an option; if it is the value: --out=--json",
    ],
    [
      ['-D', '-x'],
      "-D needs a value, and '-x' looks like an option; if it is the value: --define=-x",
    ],
    [
      ['--out', '--'],
      "--out needs a value, and '--' looks like an option; if it is the value: --out=--",
    ],
    [['--json=yes'], "--json takes no value, and has 'yes'"],
    [['--prot', '1'], "unknown option '--prot'. Did you mean '--port'?"],
    [['--prot=1'], "unknown option '--prot'. Did you mean '--port'?"],
    [['-x'], "unknown option '-x'."],
    // -p with the value "ort", or -h, -e, -l and -p: nobody means that.
    [['-port', '1'], "unknown option '-port'. Did you mean '--port'?"],
    [['-port=1'], "unknown option '-port'. Did you mean '--port'?"],
    [['-help'], "unknown option '-help'. Did you mean '--help'?"],
    [['--toString'], "unknown option '--toString'."],
  ])('%j is wrong', (args, message) => {
    let thrown: unknown;
    try {
      parse(args);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(UsageError);
    expect((thrown as Error).message).toBe(message);
  });

  it('takes no words where there are none', () => {
    expect(() => parse(['--json', 'a'], false)).toThrow("'a' is one argument too many");
  });
});

/** Options of each command that take a value. */
const VALUED: readonly (readonly [command: string, options: string])[] = [
  [
    'serve',
    'port host data-dir data-log-dir config define tick-time min-session-timeout max-session-timeout max-client-connections secure-port cert key ca client-auth release words on-damaged-log',
  ],
  [
    'record',
    'listen to out ca cert key servername seconds connections max-bytes name client client-version server-version description',
  ],
  ['decode', 'conn max-frame'],
  ['replay', 'pace timeout ca cert key servername'],
  [
    'conform server',
    'profile report out filter excuses timeout concurrency ca cert key servername',
  ],
  ['conform client', 'profile report out filter excuses timeout concurrency'],
  ['bench', 'op size depth seconds connections'],
  ['shell', 'server timeout max-frame ca cert key servername'],
];

describe('an option whose value was forgotten', () => {
  const all = VALUED.flatMap(([command, options]) =>
    options.split(' ').map((option) => [command, `--${option}`] as const),
  );

  it.each(all)('zkwire %s %s --help', async (command, option) => {
    const argv = [...command.split(' '), option, '--help'];
    const { code, out, err } = await runHere({ usage: '', run: (words) => runCli(words) }, ...argv);
    const [name] = command.split(' ');
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(
      new RegExp(`^zkwire ${name}: .*${option}.*'--help'.*\n.*Try 'zkwire .*--help'`),
    );
    expect(err).not.toContain('ambiguous');
  });

  it.each(VALUED)('are all that the help of zkwire %s names', async (command, options) => {
    const usage = await usageOf(command);
    const named = [
      ...usage.matchAll(/--?([a-z][a-z-]+) [A-Z]{2,}/g),
      ...usage.matchAll(/(?<=\n {2})--([a-z-]+) N\b/g),
    ];
    const missing = named
      .map(([, option = '']) => option)
      .filter((option) => !options.split(' ').includes(option));
    expect(named.length).toBeGreaterThan(0);
    expect(missing).toEqual([]);
  });
});

async function usageOf(command: string): Promise<string> {
  if (command === 'conform client') return CLIENT_USAGE;
  let usage = '';
  const stdout = { write: (text: string) => (usage += text) };
  await runCli(['help', command.split(' ')[0]!], { stdout, stderr: stdout });
  return usage;
}
