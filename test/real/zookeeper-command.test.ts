import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HELP, parseCommandLine } from '../../tools/zookeeper/command-line.ts';
import { freePorts } from '../../tools/zookeeper/free-ports.ts';
import {
  findZooKeeper,
  ServerStartError,
  tryFindZooKeeper,
  ZooKeeperNotFound,
} from '../../tools/zookeeper/index.ts';
import { retryOnTakenPort } from '../../tools/zookeeper/retry-on-taken-port.ts';
import { isZooKeeperMissing } from './support/real-zookeeper.ts';

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'zkwire-command-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

function put(path: string, mode: number = 0o644): string {
  const whole = join(directory, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, '', { mode });
  return whole;
}

describe('findZooKeeper', () => {
  it('says what it looked for and what to do when there is none', () => {
    const found = tryFindZooKeeper({ env: {}, debianDirectories: ['/nowhere/java'] });
    expect(found).toBeInstanceOf(ZooKeeperNotFound);
    expect((found as ZooKeeperNotFound).message.split('\n')).toEqual([
      'there is no Apache ZooKeeper on this machine',
      '  looked for: the environment variable ZOOKEEPER_HOME',
      '  looked for: /nowhere/java/zookeeper.jar',
      '  to fix it:  apt-get install --no-install-recommends libzookeeper-java default-jre-headless',
      '  to fix it:  or unpack a release of Apache ZooKeeper and set ZOOKEEPER_HOME to it',
    ]);
  });

  it('does not pass over a ZOOKEEPER_HOME without a ZooKeeper', () => {
    expect(() => findZooKeeper({ env: { ZOOKEEPER_HOME: directory } })).toThrow(
      `ZOOKEEPER_HOME is ${directory}, but there is no ZooKeeper in it`,
    );
  });

  it('says so when only Java is missing', () => {
    put('java/zookeeper.jar');
    const found = tryFindZooKeeper({
      env: { PATH: '/nowhere/bin' },
      debianDirectories: [join(directory, 'java')],
      javaDirectories: ['/nowhere/more'],
    });
    expect(found).toMatchObject({ lookedFor: ['/nowhere/bin/java', '/nowhere/more/java'] });
    expect((found as Error).message).toContain('no Java to run it');
    expect((found as Error).message).toContain('JAVA_HOME');
  });

  it.each([
    ['a release', 'lib/zookeeper-3.9.3.jar', '3.9.3'],
    ['an old release', 'zookeeper-3.4.14.jar', '3.4.14'],
  ])('reads the layout of %s', (_name, jar, version) => {
    const server = put(jar);
    const others = [put('lib/netty-common-4.1.jar'), put('lib/slf4j-api-1.7.jar')];
    put('lib/README.txt');
    const java = put('jre/bin/java', 0o755);
    const env = { ZOOKEEPER_HOME: directory, JAVA_HOME: join(directory, 'jre') };
    const found = findZooKeeper({ env });
    expect(found).toMatchObject({ source: 'ZOOKEEPER_HOME', version, java });
    expect(found.classPath).toEqual([server, ...others]);
  });

  it('reads the layout of Debian, with only the jars that are there', () => {
    const jars = ['zookeeper.jar', 'zookeeper-jute.jar', 'netty-codec.jar', 'log4j-1.2.jar'];
    const paths = jars.map((name) => put(`share/java/${name}`));
    put('share/java/zookeeper-3.8.0.jar');
    put('bin/java', 0o755);
    const debianDirectories = [join(directory, 'share/java')];
    const found = findZooKeeper({ env: { PATH: join(directory, 'bin') }, debianDirectories });
    expect(found).toMatchObject({ source: 'debian', version: '3.8.0' });
    expect(found.classPath).toEqual(paths);
    const env = { PATH: join(directory, 'bin'), ZOOKEEPER_HOME: directory };
    expect(findZooKeeper({ env }).classPath).toEqual(paths);
  });
});

describe('ports', () => {
  it('are all different', async () => {
    const ports = await freePorts(12);
    expect(new Set(ports).size).toBe(12);
  });

  it('are chosen again when one was taken, five times at most', async () => {
    let calls = 0;
    const taken = new ServerStartError('a port is taken', '', true);
    const third = (): Promise<number> => (++calls < 3 ? Promise.reject(taken) : Promise.resolve(7));
    expect([await retryOnTakenPort(third), calls]).toEqual([7, 3]);
    calls = -10;
    await expect(retryOnTakenPort(third)).rejects.toBe(taken);
    expect(calls).toBe(-5);
  });

  it('are not chosen again when something else went wrong', async () => {
    let calls = 0;
    const broken = new ServerStartError('it ended', '', false);
    const start = (): Promise<never> => Promise.reject([broken, ++calls][0]);
    await expect(retryOnTakenPort(start)).rejects.toBe(broken);
    expect(calls).toBe(1);
  });
});

describe('the command line', () => {
  it('reads commands and options', () => {
    expect(parseCommandLine(['find'])).toEqual({ kind: 'find' });
    expect(parseCommandLine(['start', '--help'])).toEqual({ kind: 'help' });
    expect(parseCommandLine(['start'])).toMatchObject({ ensembleSize: undefined, server: {} });
    expect(parseCommandLine(['start', '--ensemble', '--tls', '--seconds', '3'])).toEqual({
      kind: 'start',
      isEmbedded: false,
      ensembleSize: 3,
      runForMs: 3_000,
      server: { configLines: [], tls: { clientAuth: 'need' } },
    });
    expect(parseCommandLine(['start', '--embedded'])).toMatchObject({ isEmbedded: true });
    const sasl = ['--sasl', 'bob:p:w', '--sasl', 'eve:', '--require-sasl'];
    expect(parseCommandLine(['start', ...sasl])).toMatchObject({
      server: { sasl: { users: { bob: 'p:w', eve: '' }, login: 'required' } },
    });
    const words = '--port 2181 --tick-time 200 --heap 64 --data-dir /d --config a.b=1 --config c=2';
    expect(parseCommandLine(['start', ...words.split(' ')])).toMatchObject({
      server: {
        port: 2181,
        tickTimeMs: 200,
        heapMiB: 64,
        dataDir: '/d',
        configLines: ['a.b=1', 'c=2'],
      },
    });
  });

  it.each([
    [[], 'no command given'],
    [['stop'], 'unknown command stop'],
    [['find', 'it'], 'unexpected argument it'],
    [['find', '--tls'], 'find takes no option --tls'],
    [['start', '--port', 'x'], '--port wants a whole number from 1 to 65535, not x'],
    [['start', '--port', '70000'], '--port wants a whole number from 1 to 65535, not 70000'],
    [['start', '--port', '1', '--ensemble'], '--port is for one server only'],
    [['start', '--embedded', '--ensemble'], '--embedded is for one server only'],
    [['start', '--client-auth', 'maybe'], '--client-auth wants need, want or none, not maybe'],
    [['start', '--config', 'snapCount'], '--config wants name=value, not snapCount'],
    [['start', '--require-sasl'], '--require-sasl needs users: --sasl USER:PASS'],
    [['start', '--sasl', 'secret'], '--sasl wants USER:PASS'],
    [['start', '--bogus'], "Unknown option '--bogus'"],
  ])('refuses %j', (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(message);
  });
});

// The built program, as `npm run zookeeper` runs it: `npm test` builds it first.
const PROGRAM = join(import.meta.dirname, '../../build/tools/zookeeper/main.js');

interface Run {
  readonly pid: number;
  readonly firstLine: Promise<string>;
  readonly output: () => string;
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

function run(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Run {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { ...env, TMPDIR: directory },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const firstLine = new Promise<string>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (output.includes('\n')) resolve(output.slice(0, output.indexOf('\n')));
      });
    }
  });
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal);
  return { pid: child.pid!, firstLine, output: () => output, ended };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

describe.skipIf(!existsSync(PROGRAM))('the command', () => {
  it.each([
    [['--help'], 0, HELP.split('\n')[0]],
    [['start', '--port', '0'], 2, 'zookeeper: --port wants a whole number from 1 to 65535, not 0'],
  ])('%j ends with code %i', async (args, code, line) => {
    const { firstLine, ended } = run(args);
    expect(await ended).toBe(code);
    expect(await firstLine).toBe(line);
  });

  it('ends with code 1 when there is no ZooKeeper', async () => {
    const { firstLine, ended } = run(['find'], { ZOOKEEPER_HOME: '/nowhere' });
    expect(await ended).toBe(1);
    expect(await firstLine).toBe(
      'zookeeper: ZOOKEEPER_HOME is /nowhere, but there is no ZooKeeper in it',
    );
  });
});

if (!existsSync(PROGRAM)) {
  process.stderr.write(`tests of the built command are skipped: ${PROGRAM} is not built\n`);
}

describe.skipIf(isZooKeeperMissing || !existsSync(PROGRAM))(
  'the command, when it runs a server',
  () => {
    async function startedPort(started: Run): Promise<number> {
      const line = await started.firstLine;
      expect(line).toMatch(/^connectString=127\.0\.0\.1:\d+$/);
      return Number(line.slice(line.lastIndexOf(':') + 1));
    }

    it('stops it on SIGINT and leaves nothing behind', async () => {
      const started = run(['start', '--tls']);
      const port = await startedPort(started);
      expect(await accepts(port)).toBe(true);
      await expect.poll(started.output).toMatch(/^ca=.*\ncert=.*\nkey=.*\n$/m);
      process.kill(started.pid, 'SIGINT');
      expect(await started.ended).toBe(0);
      expect(await accepts(port)).toBe(false);
      expect(readdirSync(directory)).toEqual([]);
    });

    it('stops it after the given time', async () => {
      const started = run(['start', '--seconds', '1']);
      const port = await startedPort(started);
      expect(await started.ended).toBe(0);
      expect(await accepts(port)).toBe(false);
    });

    // Nothing of ours runs after SIGKILL: here the kernel ends the server, on Linux only.
    if (process.platform !== 'linux') {
      process.stderr.write('what becomes of a server after SIGKILL is tried on Linux only\n');
    }
    it.runIf(process.platform === 'linux')('does not outlive it even after SIGKILL', async () => {
      const started = run(['start']);
      const port = await startedPort(started);
      process.kill(started.pid, 'SIGKILL');
      expect(await started.ended).toBe('SIGKILL');
      await expect.poll(() => accepts(port)).toBe(false);
    });
  },
);
