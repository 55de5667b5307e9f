import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serve, serveCommand } from '../../../src/cli/serve.ts';
import { parseServeRequest } from '../../../src/cli/serve-request.ts';
import { connect } from '../../../src/client/index.ts';
import { runHere } from './run-here.ts';

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'zkwire-serve-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

function options(...argv: string[]): object {
  return parseServeRequest(argv)?.options ?? {};
}

describe('the command line of zkwire serve', () => {
  it('needs nothing', () => {
    expect(options()).toEqual({ port: 2181 });
    expect(parseServeRequest(['--help'])).toBeNull();
  });

  it('has an option for what is often set', () => {
    const argv =
      '-p 0 --host ::1 -d data --data-log-dir log --no-fsync --tick-time 100 --min-session-timeout 1' +
      ' --max-session-timeout 2 --max-client-connections 0 --release 3.9 --words ruok,mntr' +
      ' --on-damaged-log truncate --read-only -Djute.maxbuffer=4194304 -D zookeeper.skipACL=yes';
    expect(options(...argv.split(' '))).toEqual({
      port: 0,
      host: '::1',
      secureHost: '::1',
      dataDir: 'data',
      dataLogDir: 'log',
      fsync: false,
      tickTimeMs: 100,
      minSessionTimeoutMs: 1,
      maxSessionTimeoutMs: 2,
      maxClientConnections: 0,
      release: '3.9',
      fourLetterWords: ['ruok', 'mntr'],
      onDamagedLog: 'truncate',
      readOnly: true,
      juteMaxBufferBytes: 4_194_304,
      skipAcl: true,
    });
    expect(options('--words', 'ruok,*')).toMatchObject({ fourLetterWords: '*' });
  });

  it('reads a zoo.cfg, named in either way, and wins over it', () => {
    const config = file('zoo.cfg', 'clientPort=2182\ndataDir=/d\nserver.1=a\nserver.2=b\n');
    expect(options(config)).toEqual({
      host: '*',
      secureHost: '*',
      tickTimeMs: 3_000,
      extendedTypesEnabled: false,
      port: 2182,
      dataDir: '/d',
    });
    expect(options('-c', config, '--port', '5', '--host', 'localhost')).toMatchObject({
      port: 5,
      host: 'localhost',
      secureHost: 'localhost',
    });
    const [note] = parseServeRequest([config])?.notes ?? [];
    expect(note).toMatch(/zoo\.cfg: line 3: server\.1, server\.2: this is one node/);
  });

  it('reads certificates', () => {
    const argv = ['--secure-port', '0', '--cert', file('c', 'CERT'), '--key', file('k', 'KEY')];
    expect(options(...argv)).toEqual({
      port: 2181,
      securePort: 0,
      tls: { cert: 'CERT', key: 'KEY', requestCert: false },
    });
    const ca = ['--ca', file('ca', 'CA')];
    const need = { ca: 'CA', requestCert: true, rejectUnauthorized: true };
    expect(options(...argv, ...ca)).toMatchObject({ tls: need });
    expect(options(...argv, ...ca, '--client-auth', 'want')).toMatchObject({
      tls: { requestCert: true, rejectUnauthorized: false },
    });
  });

  it.each([
    [['--port', 'x'], "--port must be a whole number, not 'x'"],
    [['--port', '-1'], "--port must be a whole number, not '-1'"],
    [['--tick-time', '-1'], "--tick-time must be a whole number, not '-1'"],
    [['-p', '-1'], "--port must be a whole number, not '-1'"],
    [['--nonsense'], /nonsense/],
    [['a', 'b'], 'one configuration file, not 2'],
    [['a', '-c', 'b'], 'the configuration file is named twice'],
    [['/nowhere/zoo.cfg'], 'cannot read /nowhere/zoo.cfg: no such file'],
    [['-D', '=x'], "-D needs NAME=VALUE, not '=x'"],
    [['--cert', 'c'], 'TLS needs --cert and --key'],
    [['--client-auth', 'need'], '--client-auth is of TLS, which needs --cert and --key'],
    [['--client-auth', 'x'], "--client-auth must be none, want or need, not 'x'"],
    [['--prot', '1'], "unknown option '--prot'. Did you mean '--port'?"],
    [['-Djute.maxbuffer'], '-D: jute.maxbuffer must be a whole number of 64 to 2147483647, not ""'],
  ])('refuses %j', (argv, message) => {
    expect(() => parseServeRequest(argv)).toThrow(message);
  });

  it('refuses what cannot be', () => {
    const [cert, key] = [file('c', 'CERT'), file('k', 'KEY')];
    expect(() => options('--cert', cert, '--key', key, '--client-auth', 'x')).toThrow(
      "--client-auth must be none, want or need, not 'x'",
    );
    expect(() => options(file('zoo.cfg', 'tickTime=x'))).toThrow(
      /\/zoo\.cfg: line 1: tickTime must be a whole number/,
    );
    expect(() => options(file('zoo.cfg', 'dataDir=/d'))).toThrow(
      /zoo\.cfg names neither clientPort nor secureClientPort; try --port 2181/,
    );
  });
});

interface Running {
  readonly line: string;
  readonly errors: () => string;
  stop(): Promise<void>;
}

async function running(argv: string[]): Promise<Running> {
  const stopper = new AbortController();
  let errors = '';
  let ended: Promise<void> = Promise.resolve();
  const line = await new Promise<string>((resolve, reject) => {
    const request = parseServeRequest(argv);
    ended = serve(request!, {
      out: resolve,
      err: (text) => {
        errors += text;
      },
      stopSignal: stopper.signal,
    });
    ended.catch(reject);
  });
  return {
    line,
    errors: () => errors,
    stop: () => {
      stopper.abort();
      return ended;
    },
  };
}

describe('zkwire serve', () => {
  it('says in one line where it serves, and what it is', async () => {
    const server = await running(['--port', '0']);
    expect(server.line).toMatch(
      /^zkwire: serving on 127\.0\.0\.1:\d+, data in memory only; one node, for tests and development\n$/,
    );
    const zk = await connect(/on (\S+),/.exec(server.line)![1]!);
    expect(await zk.create('/a', Buffer.from('x'))).toBe('/a');
    await zk.close();
    await server.stop();
    expect(server.errors()).toBe('');
  });

  it('keeps its data over a restart', async () => {
    const argv = ['--port', '0', '-d', directory, '--no-fsync'];
    const first = await running(argv);
    expect(first.line).toContain(`, data in ${directory}, fsync off; one node`);
    const zk = await connect(/on (\S+),/.exec(first.line)![1]!);
    await zk.create('/kept', Buffer.from('x'));
    await zk.close();
    await first.stop();
    const second = await running(argv);
    const again = await connect(/on (\S+),/.exec(second.line)![1]!);
    expect(Buffer.from((await again.get('/kept')).data ?? []).toString()).toBe('x');
    await again.close();
    await second.stop();
  });

  it('tells the notes on its configuration', async () => {
    const config = file('zoo.cfg', 'clientPort=2181\nbogus=1\n4lw.commands.whitelist=*\n');
    const server = await running([config, '--port', '0', '--read-only']);
    expect(server.line).toMatch(/^zkwire: serving on \*:\d+, data in memory only, read-only; /);
    expect(server.errors()).toBe(`zkwire serve: ${config}: line 2: bogus is not understood\n`);
    await server.stop();
  });

  it('ends at once when it is to end before it has begun', async () => {
    const lines: string[] = [];
    await serve(parseServeRequest(['--port', '0'])!, {
      out: (text) => lines.push(text),
      err: (text) => lines.push(text),
      stopSignal: AbortSignal.abort(),
    });
    expect(lines).toHaveLength(1);
  });
});

describe('the exit code', () => {
  async function run(...argv: string[]): Promise<[code: number, out: string, err: string]> {
    const { code, out, err } = await runHere(serveCommand, ...argv);
    return [code, out, err];
  }

  it('is 0 for help, which names every option', async () => {
    const [code, out] = await run('--help');
    expect(code).toBe(0);
    expect(out).toBe(`${serveCommand.usage}\n`);
    for (const name of ['port', 'host', 'data-dir', 'data-log-dir', 'no-fsync', 'config']) {
      expect(out).toContain(`--${name}`);
    }
  });

  it('is 2 for a wrong command line or file', async () => {
    expect(await run('--port', 'x')).toEqual([
      2,
      '',
      "zkwire serve: --port must be a whole number, not 'x'\nTry 'zkwire serve --help'.\n",
    ]);
  });

  it.each([
    ['--release 3.7', '--release must be one of 3.8, 3.9, not "3.7"'],
    ['--port 99999', '--port must be a whole number of 0 to 65535, not 99999'],
    ['--tick-time 0', '--tick-time must be a whole number of 1 to '],
    ['--words foo', '--words must be one of conf, '],
    [
      '--min-session-timeout 9 --max-session-timeout 5',
      '--min-session-timeout, 9, must not be above --max-session-timeout, 5 (where not given they are 2 and 20 times --tick-time)',
    ],
    ['--data-log-dir log', '--data-log-dir needs --data-dir'],
  ])('is 2, and options are called as they were typed: %s', async (argv, message) => {
    const [code, out, err] = await run('--port', '0', ...argv.split(' '));
    expect([code, out]).toEqual([2, '']);
    expect(err.startsWith(`zkwire serve: ${message}`)).toBe(true);
  });

  it('is 1 when the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    try {
      expect(await run('--port', String(port))).toEqual([
        1,
        '',
        `zkwire serve: something else listens on 127.0.0.1:${port} already\n`,
      ]);
    } finally {
      other.close();
    }
  });

  it('is 1 when another server has the directory, which is named', async () => {
    const server = await running(['--port', '0', '-d', directory]);
    const [code, , err] = await run('--port', '0', '-d', directory);
    await server.stop();
    expect(code).toBe(1);
    expect(err).toMatch(/^zkwire serve: DIRECTORY_IN_USE: /);
    expect(err).toContain(directory);
  });

  it('is 1 when the certificate is none', async () => {
    const [cert, key] = [file('c', 'CERT'), file('k', 'KEY')];
    const [code, , err] = await run('-p', '0', '--secure-port', '0', '--cert', cert, '--key', key);
    expect(code).toBe(1);
    expect(err).toMatch(/^zkwire serve: the key or certificate cannot be used: /);
  });

  it('is 0 behind a signal', async () => {
    const before = process.listenerCount('SIGTERM');
    const done = run('--port', '0');
    await expect.poll(() => process.listenerCount('SIGTERM')).toBe(before + 1);
    process.emit('SIGTERM');
    expect((await done)[0]).toBe(0);
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });
});
