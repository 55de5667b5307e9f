import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shell } from '../../src/cli/shell/shell-command.ts';
import { findZooKeeper } from '../../tools/zookeeper/index.ts';
import { FakeTerminal } from '../unit/cli/shell/fake-terminal.ts';
import { FaultProxy } from './support/fault-proxy.ts';
import { type LineProgram, startZkCli } from './support/line-driver.ts';
import { RealClient } from './support/real-client.ts';
import { describeApache } from './support/real-zookeeper.ts';

/** A busy machine keeps two of these alive. */
const TICK_MS = 1_500;
/** The shortest that the server grants. */
const SESSION_TIMEOUT_MS = 2 * TICK_MS;

/** Everything that a stream gives. */
async function textOf(stream: LineProgram['stdout']): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += chunk;
  return text;
}

describeApache('zkwire shell on a real server', () => {
  const real = new RealClient({ tickTimeMs: TICK_MS });

  /** Runs lines, or one command when there are words. */
  async function ran(
    lines: readonly string[],
    ...words: readonly string[]
  ): Promise<{ code: number; out: string[]; err: string[] }> {
    const io = new FakeTerminal(false);
    const code = shell([real.server.connectString, ...words], io);
    io.stdin.end(lines.map((line) => `${line}\n`).join(''));
    const exit = await code;
    const [out, err] = [io.stdout, io.stderr].map(({ text }) => text.split('\n').slice(0, -1));
    return { code: exit, out: out!, err: err! };
  }

  describe('one command', () => {
    it.each(['ls /', 'stat /', 'get /nosuch', 'get', 'create -s nopath', 'nosuch'])(
      'prints the result of zkCli.sh and exits as it does: %s',
      async (line) => {
        const words = line.split(' ');
        const ours = await ran([], ...words);
        const cli = startZkCli(findZooKeeper(), ['-server', real.server.connectString, ...words]);
        cli.stdin.end();
        const out = await textOf(cli.stdout);
        expect(await cli.exitCode).toBe(ours.code);
        expect(out.replace(/\n(WATCHER::|WatchedEvent .*)\n/g, '')).toBe(
          [`Connecting to ${real.server.connectString}`, ...ours.out, ''].join('\n'),
        );
      },
    );

    it('ends its session, so that its ephemeral nodes go', async () => {
      const path = real.fresh();
      expect(await ran([], 'create', '-e', path)).toEqual({
        code: 0,
        out: [`Created ${path}`],
        err: [],
      });
      expect(await real.zk.exists(path)).toBeNull();
    });
  });

  describe('JSON', () => {
    it('is one object a line', async () => {
      const path = real.fresh();
      await real.zk.create(path, Buffer.from([0xff, 0xfe]));
      const lines = [`get -w ${path}`, `set ${path} text`, `get ${path}`, `get ${path}/x`, 'close'];
      const io = new FakeTerminal(false);
      const code = shell(['--json', real.server.connectString], io);
      io.stdin.end(lines.join('\n'));
      expect(await code).toBe(0);
      const told = io.stdout.text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      const event = { type: 'event', event: 'None', path: null };
      const result = (command: string): object =>
        expect.objectContaining({ type: 'result', command });
      expect(told).toEqual([
        { ...event, state: 'SyncConnected' },
        { ...(told[1] as object), path, data: '//4=', encoding: 'base64' },
        { type: 'event', event: 'NodeDataChanged', state: 'SyncConnected', path },
        result('set'),
        { ...(told[4] as object), path, data: 'text', encoding: 'utf8' },
        {
          type: 'error',
          command: 'get',
          code: 'NONODE',
          message: `Node does not exist: ${path}/x`,
          path: `${path}/x`,
          serverCode: -101,
        },
        { ...event, state: 'Closed' },
        { type: 'result', command: 'close' },
      ]);
      expect(told[4].stat).toMatchObject({ version: 1, czxid: expect.stringMatching(/^\d+$/) });
      expect(io.stderr.text).toBe('');
    });
  });

  it('writes and shows bytes, as 3.9 does', async () => {
    const path = real.fresh();
    await real.zk.create(path);
    const lines = [`set -b ${path} /wBB`, `get -b ${path}`, `get -x ${path}`, `set -b ${path} a`];
    const { code, out, err } = await ran(lines);
    expect(code).toBe(1);
    expect(out).toContain('/wBB');
    expect(out.some((line) => line.startsWith('|00000000| ff 00 41 '))).toBe(true);
    expect(err).toEqual(['with -b the data must be base64']);
  });

  it('tells of what makes zkCli.sh crash, and goes on', async () => {
    const { code, err } = await ran([
      'delete -v x /a',
      'set -v 1.5 /a b',
      'setAcl -v x /a world:anyone:r',
      'addWatch nopath',
      'redo x',
      'deleteall / ',
      'deleteall /a -b 0',
      'reconfig -remove x',
    ]);
    const version = '-v argument must be an int value, -1 (any) or more';
    expect([code, err]).toEqual([
      1,
      [
        version,
        version,
        version,
        'Path must start with / character',
        'Command index out of range',
        'Arguments are not valid : /',
        '-b argument must be an int value',
        'Arguments are not valid : ',
      ],
    ]);
  });

  it('tells each event once, however many watches hear it', async () => {
    const path = real.fresh();
    const { out } = await ran([
      `addWatch ${path}`,
      `addWatch ${path}`,
      `addWatch -m PERSISTENT ${path}`,
      `stat -w ${path}`,
      `create ${path} 1`,
      `removewatches ${path}`,
    ]);
    const events = out.filter((line) => line.endsWith(` path:${path}`));
    expect(events.map((line) => /type:(\w+)/.exec(line)?.[1])).toEqual([
      'NodeCreated',
      'PersistentWatchRemoved',
      'PersistentWatchRemoved',
    ]);
  });

  it('takes lasting watches away by their kind, on servers that cannot too', async () => {
    const path = real.fresh();
    const { out, err } = await ran([
      `addWatch ${path}`,
      `removewatches -p ${path}`,
      `removewatches -r ${path}`,
      `create ${path}`,
    ]);
    expect(err).toEqual([`KeeperErrorCode = No such watcher for ${path}`]);
    expect(out.filter((line) => line.endsWith(` path:${path}`))).toEqual([
      `WatchedEvent state:SyncConnected type:PersistentWatchRemoved path:${path}`,
    ]);
  });

  it('sends a credential, and tells of one that is refused', async () => {
    const { code, out, err } = await ran([
      'addauth digest bob:secret',
      'whoami',
      'addauth nosuch x',
      'ls /',
    ]);
    expect(out).toContain('digest: bob');
    expect(out).toContain('WatchedEvent state:AuthFailed type:None path:null');
    expect([code, err.length, err[1]]).toEqual([1, 2, 'Not connected']);
    expect(err.join()).not.toContain('secret');
  });

  describe('a large tree', () => {
    const NODES = 3_000;

    it('is listed in the order of zkCli.sh, and deleted in batches', async () => {
      const root = real.fresh();
      const names = Array.from({ length: NODES / 3 }, (_, at) => `${root}/n${at}`);
      await real.zk.create(root);
      const below = names.flatMap((name) => [`${name}/x`, `${name}/y`]);
      for (const paths of [names, below])
        await Promise.all(paths.map((path) => real.zk.create(path)));
      const { out } = await ran([], 'ls', '-R', root);
      const sorted = names.sort();
      expect(out).toEqual([
        root,
        ...sorted,
        ...sorted.flatMap((name) => [`${name}/x`, `${name}/y`]),
      ]);
      expect(await ran([], 'deleteall', root, '-b', '7')).toEqual({ code: 0, out: [], err: [] });
      expect(await real.zk.exists(root)).toBeNull();
    });

    it('is left when nobody reads on', async () => {
      const io = new FakeTerminal(false);
      io.stdout.broken = true;
      expect(await shell([real.server.connectString, 'ls', '-R', '/'], io)).toBe(0);
      expect(io.stderr.text).toBe('');
    });

    it('is left as it is where a node may not be deleted', async () => {
      const root = real.fresh();
      await real.zk.create(root);
      await real.zk.create(`${root}/a`);
      await real.zk.setAcl(root, [{ perms: 1 | 16, id: { scheme: 'world', id: 'anyone' } }]);
      expect(await ran([], 'deleteall', root)).toEqual({
        code: 1,
        out: [],
        err: ['Failed to delete some node(s) in the subtree!'],
      });
      await real.zk.setAcl(root, [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }]);
    });
  });

  describe('behind a network that fails', () => {
    let proxy: FaultProxy;
    let io: FakeTerminal;
    let code: Promise<number>;
    let shown = '';

    beforeEach(async () => {
      proxy = await FaultProxy.listen(real.server);
      io = new FakeTerminal(true);
      shown = '';
    });

    async function start(...options: string[]): Promise<void> {
      code = shell(['--no-history', ...options, proxy.connectString], io);
      await shows(/\(CONNECTED\) 0\] $/);
    }

    afterEach(async () => {
      io.stdin.end();
      await code;
      await proxy[Symbol.asyncDispose]();
    });

    /** Waits until what is on the screen since the last call ends so. */
    async function shows(end: RegExp): Promise<string> {
      const read = (): string => {
        shown += io.stdout.taken();
        return shown;
      };
      await expect.poll(read).toMatch(end);
      const all = shown;
      shown = '';
      return all;
    }

    it('tells of a lost connection while a line is typed, and keeps the line', async () => {
      await start();
      io.type('get /zoo');
      await shows(/get \/zoo$/);
      const before = io.stdout.raw.length;
      proxy.reset();
      expect(await shows(/\(CONNECTED\) 0\] get \/zoo$/)).toContain('state:Disconnected type:None');
      // The line is taken away before: to the left, erase all below.
      expect(io.stdout.raw.slice(before).startsWith('\x1b[1G\x1b[0J\nWATCHER::')).toBe(true);
      io.type('keeper\r');
      expect(await shows(/\(CONNECTED\) 1\] $/)).toMatch(/keeper\r\n\n\[zk/);
    });

    it('ends a command that waits by Ctrl-C, and goes on with the next', async () => {
      await start();
      await proxy.freeze();
      io.type('ls /zookeeper\r');
      await shows(/ls \/zookeeper\r\n$/);
      io.type('\x03');
      await shows(/ 1\] $/);
      expect(io.stderr.text).toBe('Interrupted\n');
      await proxy.thaw();
      io.type('ls /zookeeper\r');
      expect(await shows(/\(CONNECTED\) 2\] $/)).toContain('[config, quota]');
    });

    it('shows that the session has expired, and begins a new one when asked to', async () => {
      await start('-timeout', `${SESSION_TIMEOUT_MS}`);
      await proxy.freeze();
      await shows(/\(CONNECTING\) 0\] $/);
      await new Promise((resolve) => setTimeout(resolve, SESSION_TIMEOUT_MS + 4 * TICK_MS));
      await proxy.thaw();
      const told = await shows(/\(EXPIRED\) 0\] $/);
      expect(told).toContain('WatchedEvent state:Expired type:None path:null');
      io.type('ls /zookeeper\r');
      await shows(/\(EXPIRED\) 1\] $/);
      expect(io.stderr.text).toBe('Not connected\n');
      io.type('connect\r');
      await shows(/\(CONNECTED\) 2\] $/);
      io.type('ls /zookeeper\r');
      expect(await shows(/\(CONNECTED\) 3\] $/)).toContain('[config, quota]');
    });
  });

  describe('in a pseudo terminal', () => {
    const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
    const missing =
      spawnSync('script', ['--version']).status !== 0
        ? 'there is no script(1)'
        : existsSync(main)
          ? null
          : 'dist is not built';

    it('has a prompt, echo and completion, and ends by Ctrl-D', async ({ skip }) => {
      skip(missing !== null, missing ?? '');
      // By names: a path may have what a shell splits at.
      const line = `"$NODE" "$MAIN" shell --no-history ${real.server.connectString}`;
      const named = { NODE: process.execPath, MAIN: main, SHELL: '/bin/sh', TERM: 'xterm' };
      const child = spawn('script', ['-qefc', line, '/dev/null'], {
        env: { ...process.env, ...named },
      });
      let shown = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        shown += text;
      });
      const shows = (text: RegExp): Promise<void> => expect.poll(() => shown).toMatch(text);
      await shows(/\(CONNECTED\) 0\] /);
      child.stdin.write('ls /zook');
      child.stdin.write('\t');
      await shows(/ls \/zookeeper\//);
      child.stdin.write('q');
      child.stdin.write('\t');
      await shows(/ls \/zookeeper\/quota /);
      child.stdin.write('\r');
      await shows(/\[\]\r\n/);
      child.stdin.write('\x04');
      const code = await new Promise((resolve) => child.once('close', resolve));
      expect(code).toBe(0);
      expect(shown).toContain('WatchedEvent state:Closed type:None path:null');
    });
  });
});
