import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseShellArguments } from '../../../../src/cli/shell/shell-arguments.ts';
import { shell, shellCommand } from '../../../../src/cli/shell/shell-command.ts';
import { FakeTerminal } from './fake-terminal.ts';

/** Takes connections and says nothing. */
let server: Server;
let address = '';

beforeEach(async () => {
  server = createServer((socket) => socket.on('error', () => {}));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => server.close());

/** Nobody listens there. */
async function deadAddress(): Promise<string> {
  server.close();
  await once(server, 'close');
  return address;
}

describe('the command line of zkwire shell', () => {
  it('is that of zkCli.sh, and more', () => {
    const { words, ...defaults } = parseShellArguments([])!;
    expect(words).toEqual([]);
    expect(defaults).toEqual({
      connectString: '127.0.0.1:2181',
      sessionTimeoutMs: 30_000,
      frameBytesMax: undefined,
      readOnly: false,
      tls: undefined,
      json: false,
      history: true,
      isServerNamed: false,
    });
    const argv = '-server a:1,b:2/c -timeout 5000 -r -waitforconnection --json --no-history';
    expect(parseShellArguments([...argv.split(' '), 'create', '-e', '/a', '--json'])).toEqual({
      ...defaults,
      connectString: 'a:1,b:2/c',
      sessionTimeoutMs: 5_000,
      readOnly: true,
      json: true,
      history: false,
      isServerNamed: true,
      words: ['create', '-e', '/a', '--json'],
    });
  });

  it.each([
    ['localhost ls /', 'localhost', ['ls', '/']],
    ['zk1:2181 ls /', 'zk1:2181', ['ls', '/']],
    ['zk1.example.org/app', 'zk1.example.org/app', []],
    ['ls /', '127.0.0.1:2181', ['ls', '/']],
    ['-server zk1 a:1', 'zk1', ['a:1']],
    ['zk1 ls', '127.0.0.1:2181', ['zk1', 'ls']],
  ])('%s', (argv, connectString, words) => {
    expect(parseShellArguments(argv.split(' '))).toMatchObject({ connectString, words });
  });

  it('knows TLS', () => {
    expect(parseShellArguments(['--tls'])?.tls).toEqual({});
    expect(parseShellArguments(['--servername', 'zk'])?.tls).toEqual({ servername: 'zk' });
    const file = fileURLToPath(import.meta.url);
    expect(parseShellArguments(['--ca', file])?.tls).toEqual({ ca: readFileSync(file) });
  });

  it.each([
    ['-foo', "unknown option '-foo'.\n"],
    ['--jsn', "unknown option '--jsn'. Did you mean 'json'?"],
    ['-client-configuration file', "unknown option '-client-configuration'"],
    ['-timeout', 'no argument found for option -timeout'],
    ['-server --json', "no argument found for option -server: '--json' is an option, too"],
    ['--json=yes', "-json takes no value: '--json=yes'"],
    ['-timeout -1', "-timeout must be a whole number from 1 to 2147483647, not '-1'"],
    ['-timeout 0', "-timeout must be a whole number from 1 to 2147483647, not '0'"],
    ['--max-frame x', "-max-frame must be a whole number from 1 to 2147483647, not 'x'"],
    ['--key /nosuch/key', '--key /nosuch/key: no such file'],
    ['a:b:c ls', 'connect string: "a:b:c" is not host, host:port, [ipv6]'],
  ])('exits with 2: %s', async (argv, message) => {
    const io = new FakeTerminal(false);
    expect(await shell(argv.split(' '), io)).toBe(2);
    expect(io.stderr.text).toContain(`zkwire shell: `);
    expect(io.stderr.text).toContain(message);
    expect(io.stderr.text).toContain("Try 'zkwire shell --help'.\n");
  });

  it('shows its help', async () => {
    const io = new FakeTerminal(false);
    expect(await shell(['--help'], io)).toBe(0);
    expect(io.stdout.text).toBe(`${shellCommand.usage}\n`);
  });
});

describe('one command', () => {
  it('tells that no server can be reached, and why', async () => {
    const io = new FakeTerminal(false);
    const at = await deadAddress();
    expect(await shell([at, 'ls', '/'], io)).toBe(1);
    expect(io.stdout.text).toBe('');
    expect(io.stderr.text).toBe(
      `CONNECT_FAILED: the socket reported an error: connect ECONNREFUSED ${at} [${at}]\n` +
        'KeeperErrorCode = ConnectionLoss for /\n',
    );
    expect(io.listeners).toBe(0);
  });

  it('is unknown: 127, without waiting for a server', async () => {
    const io = new FakeTerminal(false);
    expect(await shell([address, 'frobnicate'], io)).toBe(127);
    expect(io.stderr.text).toBe("Command not found: frobnicate (try 'help')\n");
  });

  it.each([
    [['gett', '/'], "Command not found: gett. Did you mean 'get'?"],
    [['help', 'creat'], "Command not found: creat. Did you mean 'create'?"],
    [['help', 'frobnicate'], "Command not found: frobnicate (try 'help')"],
  ])('is unknown, and the nearest is told: %j', async (words, told) => {
    const io = new FakeTerminal(false);
    expect(await shell([address, ...words], io)).toBe(127);
    expect(io.stderr.text).toBe(`${told}\n`);
  });

  it('is ended by SIGINT while it waits', async () => {
    const io = new FakeTerminal(false);
    const code = shell([address, 'ls', '/'], io);
    await new Promise((resolve) => server.once('connection', resolve));
    io.signal('SIGINT');
    expect(await code).toBe(130);
    expect(io.stderr.text).toBe('Interrupted\n');
  });

  it('prints JSON', async () => {
    const io = new FakeTerminal(false);
    expect(await shell(['--json', address, 'get'], io)).toBe(1);
    expect(io.stderr.text).toBe('');
    expect(JSON.parse(io.stdout.text)).toEqual({
      type: 'error',
      command: 'get',
      code: 'USAGE',
      message: 'get [-s] [-w] [-b] [-x] path',
      path: null,
      serverCode: null,
    });
  });

  it.each([
    ['redo x', 'Command index out of range'],
    ['redo -1', 'Command index out of range'],
    ['redo 0x0', 'Command index out of range'],
    ['redo 0', 'Command index out of range'],
    ['redo', 'redo cmdno'],
    ['printwatches maybe', 'printwatches on|off'],
    ['version now', 'version '],
  ])('is refused here: %s', async (line, message) => {
    const io = new FakeTerminal(false);
    expect(await shell([address, ...line.split(' ')], io)).toBe(1);
    expect(io.stderr.text).toBe(`${message}\n`);
  });

  it('fails when its output cannot be written', async () => {
    const io = new FakeTerminal(false);
    io.stdout.broken = true;
    io.stdout.brokenCode = 'ENOSPC';
    expect(await shell([address, 'version'], io)).toBe(1);
    expect(io.stderr.text).toBe('write ENOSPC\n');
  });

  it('explains commands', async () => {
    const io = new FakeTerminal(false);
    expect(await shell([address, 'help', 'stat'], io)).toBe(0);
    expect(io.stdout.text.split('\n')).toEqual([
      'stat [-w] path',
      '  print the Stat of a node',
      '    -w  leave a watch: told once when the node is made, set or deleted',
      '',
    ]);
  });
});

describe('lines from a pipe', () => {
  it('run in order, and the exit code is that of the last', async () => {
    const io = new FakeTerminal(false);
    const code = shell([address], io);
    io.type(
      'printwatches\n\n   \nprintwatches off\nprintwatches\nhistory\nget "/a\nredo 0\nredo 5\n',
    );
    io.stdin.end('nosuch');
    expect(await code).toBe(127);
    expect(io.stdout.text.split('\n')).toEqual([
      `Connecting to ${address}`,
      'Welcome to ZooKeeper!',
      'printwatches is on',
      'printwatches is off',
      '0 - printwatches',
      '1 - printwatches off',
      '2 - printwatches',
      '3 - history',
      'printwatches is off',
      'printwatches is off',
      '',
    ]);
    expect(io.stderr.text.split('\n')).toEqual([
      'the quote " is not closed',
      "Command not found: nosuch (try 'help')",
      '',
    ]);
  });

  it('end with quit, and the exit code is that of the line before', async () => {
    const io = new FakeTerminal(false);
    const code = shell([address], io);
    io.type('nosuch\nquit\nprintwatches\n');
    expect(await code).toBe(127);
    expect(io.stdout.text).not.toContain('printwatches is');
  });

  it('do not repeat a repetition', async () => {
    const io = new FakeTerminal(false);
    const code = shell([address], io);
    io.stdin.end('printwatches\nredo 0\nredo 1\nredo 9\nredo 3\n');
    expect(await code).toBe(1);
    // Line 1 stands for what it has repeated.
    expect(io.stdout.text.match(/printwatches is on/g)).toHaveLength(3);
    expect(io.stderr.text).toBe('Command index out of range\nNo redoing redos\n');
  });

  it('end when nobody reads the output any more', async () => {
    const io = new FakeTerminal(false);
    io.stdout.broken = true;
    const code = shell([address], io);
    io.type('printwatches\n'.repeat(1_000));
    expect(await code).toBe(0);
  });

  it('are not connected after close, and close and connect say what they do', async () => {
    const io = new FakeTerminal(false);
    const code = shell([address], io);
    io.stdin.end('close\nclose\nls /\nhistory\nconnect a:b:c\nls /\nquit\n');
    expect(await code).toBe(1);
    expect(io.stdout.text).toContain(
      '\nWATCHER::\n\nWatchedEvent state:Closed type:None path:null\n0 - close\n',
    );
    expect(io.stderr.text.split('\n')).toEqual([
      'Not connected',
      'Not connected',
      expect.stringContaining('"a:b:c" is not host'),
      'Not connected',
      '',
    ]);
  });
});

describe('at a terminal', () => {
  let io: FakeTerminal;
  let code: Promise<number>;
  let state = '';

  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), 'zkwire-state-'));
    io = new FakeTerminal(true);
    io.env.XDG_STATE_HOME = state;
    code = shell([address], io);
  });

  afterEach(async () => {
    io.stdin.end();
    await code;
    rmSync(state, { recursive: true });
  });

  /** What is on the screen once it ends so. */
  async function screen(end: string): Promise<string> {
    let shown = '';
    await expect
      .poll(() => {
        shown += io.stdout.taken();
        return shown;
      })
      .toMatch(new RegExp(`${end.replace(/[[\]().*+?^$|\\]/g, '\\$&')}$`));
    return shown;
  }

  const prompt = (number: number): string => `[zk: ${address}(CONNECTING) ${number}] `;

  it('shows a prompt with the state and the number of the line', async () => {
    expect(await screen(prompt(0))).toBe(
      `Connecting to ${address}\nWelcome to ZooKeeper!\n${prompt(0)}`,
    );
    io.type('printwatches\r');
    expect(await screen(prompt(1))).toBe(`printwatches\r\nprintwatches is on\n${prompt(1)}`);
  });

  it('takes a line away by Ctrl-C, and says how to leave', async () => {
    await screen(prompt(0));
    io.type('create /a');
    await screen('create /a');
    io.type('\x03');
    expect(await screen(prompt(0))).toMatch(/^\^C\n/);
    io.type('\x03');
    expect(await screen(prompt(0))).toContain("(to leave: 'quit' or Ctrl-D)");
    io.type('version\r');
    expect(await screen(prompt(1))).toContain('\r\nzkwire shell version');
  });

  it('ends a command that waits by Ctrl-C, and what is typed ahead with it', async () => {
    await screen(prompt(0));
    io.type('ls /\rnosuch\r');
    await screen('nosuch\r\n');
    io.type('\x03');
    await screen(prompt(1));
    expect(io.stderr.text).toBe('Interrupted\n');
  });

  it('completes by Tab', async () => {
    await screen(prompt(0));
    io.type('printw');
    io.type('\t');
    await screen('printwatches ');
    io.type('of');
    io.type('\t');
    await screen('off ');
    io.type('\r');
    await screen(prompt(1));
  });

  it('ends by Ctrl-D', async () => {
    await screen(prompt(0));
    io.type('\x04');
    expect(await code).toBe(0);
    expect(io.stdout.taken()).toContain('WatchedEvent state:Closed type:None path:null\n');
  });

  it('keeps lines for the next time, but no secrets', async () => {
    await screen(prompt(0));
    io.type('printwatches\r');
    await screen(prompt(1));
    io.type('addauth digest bob:canary\r');
    io.type('\x03');
    await screen(prompt(2));
    io.type('\x04');
    await code;
    expect(readFileSync(join(state, 'zkwire/history'), 'utf8')).toBe('printwatches\n');
    io = new FakeTerminal(true);
    io.env.XDG_STATE_HOME = state;
    code = shell([address], io);
    await screen(prompt(0));
    io.type('\x1b[A');
    await screen('printwatches');
  });

  it('ends on SIGTERM', async () => {
    await screen(prompt(0));
    io.signal('SIGTERM');
    expect(await code).toBe(130);
    expect(io.listeners).toBe(0);
  });
});
