import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shell } from '../../../../src/cli/shell/shell-command.ts';
import { connect } from '../../../../src/client/index.ts';
import { createServer, type EmbeddedServer } from '../../../../src/server/index.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { TerminalGrid } from './terminal-grid.ts';

let server: EmbeddedServer;
let address = '';
let state = '';
let io: FakeTerminal;
let code: Promise<number>;

beforeEach(async () => {
  server = await createServer({ port: 0 });
  address = server.connectString;
  state = mkdtempSync(join(tmpdir(), 'zkwire-state-'));
});

afterEach(async () => {
  io.stdin.end();
  await code;
  await server.close();
  rmSync(state, { recursive: true });
});

function start(columns: number, term: string): void {
  io = new FakeTerminal(true);
  io.env.XDG_STATE_HOME = state;
  io.env.TERM = term;
  io.stdout.columns = columns;
  code = shell([address], io);
}

/** Waits until that is to be seen, from the top of the screen. */
async function sees(...lines: string[]): Promise<void> {
  const shown = (): string[] => new TerminalGrid(io.stdout.columns).feed(io.stdout.raw).lines;
  // Below the last line, there may be rows that were used before.
  const used = (): string[] => shown().join('\n').trimEnd().split('\n');
  await expect.poll(used).toEqual(lines);
}

const event = (type: string, path: string): string[] => [
  '',
  'WATCHER::',
  '',
  `WatchedEvent state:SyncConnected type:${type} path:${path}`,
];

describe.each([20, 40, 60, 200])('on a terminal of %s columns', (columns) => {
  it('keeps the line that is typed, in as many rows as it has, below what is printed', async () => {
    start(columns, 'xterm');
    const begun = [`Connecting to ${address}`, 'Welcome to ZooKeeper!', ...event('None', 'null')];
    const prompt = (number: number): string => `[zk: ${address}(CONNECTED) ${number}]`;
    await sees(...begun, prompt(0));
    io.type('ls -w /\r');
    const listed = [...begun, `${prompt(0)} ls -w /`, '[zookeeper]'];
    await sees(...listed, prompt(1));
    io.type('create /typed "some words that go on for a while"');
    const typed = `${prompt(1)} create /typed "some words that go on for a while"`;
    await sees(...listed, typed);
    await using zk = await connect(address);
    await zk.create('/b');
    const told = [...listed, ...event('NodeChildrenChanged', '/')];
    await sees(...told, typed);
    // From the first column, with rows below the cursor.
    io.type('\x01');
    io.type('x');
    await sees(...told, typed.replace('create', 'xcreate'));
  });

  it('leaves what Ctrl-C took away to be read, and says how to leave', async () => {
    start(columns, 'xterm');
    const begun = [`Connecting to ${address}`, 'Welcome to ZooKeeper!', ...event('None', 'null')];
    const prompt = `[zk: ${address}(CONNECTED) 0]`;
    await sees(...begun, prompt);
    io.type('create /typed "some words that go on for a while"');
    // In the middle of it.
    io.type('\x1b[D\x1b[D\x1b[D\x1b[D');
    io.type('\x03');
    const taken = `${prompt} create /typed "some words that go on for a while"^C`;
    await sees(...begun, taken, prompt);
    io.type('\x03');
    const hint = "(to leave: 'quit' or Ctrl-D)";
    await sees(...begun, taken, `${prompt} ^C`, hint, prompt);
    io.type('ls /\r');
    const listed = [`${prompt} ls /`, '[zookeeper]', prompt.replace('0', '1')];
    await expect.poll(() => io.stdout.raw).toContain('[zookeeper]');
    await sees(
      ...begun,
      taken,
      `${prompt} ^C`,
      hint,
      listed[0]!,
      listed[1]!,
      `[zk: ${address}(CONNECTED) 1]`,
    );
  });
});

it('shows control characters of nodes: they command no terminal, and reach a pipe as they are', async () => {
  const data = 'a\x1b[2Jb\x9b\r\nc\td\re';
  await using zk = await connect(address);
  await zk.create('/c', data);
  start(80, 'xterm');
  io.type('get /c\r');
  await expect.poll(() => io.stdout.raw).toContain('\na\\x1b[2Jb\\x9b\r\nc\td\\x0de\n');
  io.stdin.end();
  await code;
  io = new FakeTerminal(false);
  code = shell([address, 'get', '/c'], io);
  expect(await code).toBe(0);
  expect(io.stdout.raw).toBe(`${data}\n`);
});

describe('on a terminal that only takes text', () => {
  const prompt = (number: number): string => `[zk: ${address}(CONNECTED) ${number}] `;

  it('has a prompt, and no codes that move the cursor', async () => {
    start(80, 'dumb');
    await expect.poll(() => io.stdout.raw).toContain(prompt(0));
    io.type('ls -w /\n');
    await expect.poll(() => io.stdout.raw).toContain(`[zookeeper]\n${prompt(1)}`);
    await using zk = await connect(address);
    await zk.create('/b');
    await expect
      .poll(() => io.stdout.raw)
      .toContain(`${prompt(1)}\n${event('NodeChildrenChanged', '/').join('\n')}\n${prompt(1)}`);
    io.stdin.end();
    expect(await code).toBe(0);
    expect(io.stdout.raw + io.stderr.raw).not.toContain('\x1b');
  });

  it('takes Ctrl-C as a signal: it ends a command, and the shell goes on', async () => {
    start(80, 'dumb');
    await expect.poll(() => io.stdout.raw).toContain(prompt(0));
    io.signal('SIGINT');
    await expect
      .poll(() => io.stdout.raw)
      .toContain(`${prompt(0)}\n(to leave: 'quit' or Ctrl-D)\n${prompt(0)}`);
    await server.close();
    await expect.poll(() => io.stdout.raw).toContain('state:Disconnected');
    io.type('connect 127.0.0.1:1\n');
    io.type('version\nquit\n');
    expect(await code).toBe(0);
    expect(io.stdout.raw).toContain('zkwire shell version');
    expect(io.listeners).toBe(0);
  });

  it('ends by SIGTERM', async () => {
    start(80, 'dumb');
    await expect.poll(() => io.stdout.raw).toContain(prompt(0));
    io.signal('SIGTERM');
    expect(await code).toBe(130);
    expect(io.listeners).toBe(0);
  });
});
