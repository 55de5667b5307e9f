import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { conform, conformCommand, parseConformRequest } from '../../../src/cli/conform.ts';
import { ProgressLine } from '../../../src/cli/progress-line.ts';
import { connect } from '../../../src/client/index.ts';
import { SERVER_CHECKS } from '../../../src/conform/index.ts';
import { createServer, type EmbeddedServer } from '../../../src/server/index.ts';
import { FreezingProxy } from './freezing-proxy.ts';
import { type Ran, runHere } from './run-here.ts';

let server: EmbeddedServer;
let directory = '';

beforeAll(async () => {
  server = await createServer({ port: 0, tickTimeMs: 200, extendedTypesEnabled: false });
});

afterAll(() => server.close());

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'zkwire-conform-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

const run = (...argv: string[]): Promise<Ran> => runHere(conformCommand, ...argv);

/** Timers that would keep this process. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

/** Progress on a terminal. */
const terminal = (write: (text: string) => void): ProgressLine =>
  new ProgressLine({ write, isTTY: true }, { env: {} });

const file = (name: string): string => join(directory, name);

describe('the command line', () => {
  it('has defaults', () => {
    expect(parseConformRequest(['server', '[::1]:2181'])).toMatchObject({
      host: '::1',
      port: 2181,
      profile: undefined,
      report: 'text',
      timeoutMs: 5_000,
      concurrency: 6,
      quick: false,
      tls: undefined,
    });
    expect(parseConformRequest(['server', 'a:1'])?.checks).toBe(SERVER_CHECKS);
  });

  it.each([
    [['peer'], "say what to check: 'conform server HOST:PORT' or 'conform client'"],
    [['server'], "the server's HOST:PORT is missing"],
    [['server', 'a'], "the server's HOST:PORT is not 'a'"],
    [['server', 'a:0'], "the server's HOST:PORT is not 'a:0'"],
    [['server', 'a:1', 'b'], "'b' is one argument too many"],
    [
      ['server', 'a:1', '--profile', '3.7'],
      "--profile is one of 3.8, 3.9, clickhouse-keeper, not '3.7'",
    ],
    [['server', 'a:1', '--report', 'xml'], "--report is one of text, json, junit, not 'xml'"],
    [['server', 'a:1', '--filter', '('], '--filter: Invalid regular expression'],
    [['server', 'a:1', '--filter', '^nothing$'], "no check matches '^nothing$'; see --list"],
    [['server', 'a:1', '--timeout', '0'], '--timeout must be a number above 0'],
    [['server', 'a:1', '--cert', 'x'], '--cert and --key are needed together'],
    [['server', 'a:1', '--excuses', '/nowhere'], '--excuses /nowhere: no such file'],
    [['server', 'a:1', '--ca', '/nowhere'], '--ca /nowhere: no such file'],
    [['server', 'a:1', '--nonsense'], "unknown option '--nonsense'"],
    [
      ['server', 'a:1', '--timeout', '-1'],
      "--timeout must be a number above 0 and up to 3600, not '-1'",
    ],
  ])('%j is wrong usage', async (argv, message) => {
    const { code, err } = await run(...argv);
    expect(err).toContain(`zkwire conform: ${message}`);
    expect(err).toContain("Try 'zkwire conform --help'.");
    expect(code).toBe(2);
  });

  it('gives help', async () => {
    const { code, out } = await run('--help');
    expect(code).toBe(0);
    expect(out).toContain('zkwire conform server HOST:PORT [options]');
  });

  it('lists the checks, without a server', async () => {
    const { code, out } = await run('server', '--list', '--filter', '^create/root$');
    expect([code, out.split('\n')[0]]).toEqual([0, 'create/root']);
    expect(out).toContain('known from: ');
  });
});

describe('a run', () => {
  it('finds out at once that its report cannot be written', async () => {
    const out = file('none/report.xml');
    const ran = await run('server', '127.0.0.1:1', '--out', out);
    expect([ran.code, ran.out]).toEqual([2, '']);
    expect(ran.err).toContain(
      `--out: ${out} cannot be written: there is no directory ${file('none')}`,
    );
    const onto = await run('server', '127.0.0.1:1', '--out', directory);
    expect(onto.err).toContain(`--out: ${directory} cannot be written: is a directory`);
  });

  it('leaves no file, and no other one, when it comes to nothing', async () => {
    await writeFile(file('kept'), 'as it was');
    for (const name of ['report', 'kept']) {
      expect((await run('server', '127.0.0.1:1', '--out', file(name))).code).toBe(2);
    }
    expect(await readdir(directory)).toEqual(['kept']);
    expect(await readFile(file('kept'), 'utf8')).toBe('as it was');
  });

  it('prints the report and exits with 0 when all is well', async () => {
    const { code, out, err } = await run('server', server.connectString, '--filter', '^stat/');
    expect(out).toContain('  ok      stat/child-created');
    expect(out).toMatch(/12 checks: 12 passed, 0 failed, 0 excused \(.* s\)\n$/);
    expect([code, err]).toEqual([0, '']);
  });

  it('writes the report into a file, as JUnit', async () => {
    const out = file('report.xml');
    const argv = ['--filter', '^stat/', '--report', 'junit', '--out', out];
    const ran = await run('server', server.connectString, ...argv);
    expect(ran.out).toMatch(new RegExp(`^12 checks: .*, report in ${out}\n$`));
    expect(await readFile(out, 'utf8')).toContain('<testsuite name="stat"');
  });

  it('tells what cannot be checked, and excuses that are not needed', async () => {
    const argv = ['--filter', '^(zxid/create|ttl/reply|stat/times)$', '--profile', '3.9'];
    const plain = await run('server', server.connectString, ...argv);
    expect(plain.out).toContain('ttl/reply: TTL nodes are switched off on this server');
    expect(plain.code).toBe(0);
    await writeFile(
      file('excuses'),
      'stat/times we have no clock\nno/such no reason\nwatch/frame x',
    );
    const excused = await run(
      'server',
      server.connectString,
      ...argv,
      '--excuses',
      file('excuses'),
    );
    expect(excused.out).toContain(`Excuses that are not needed any more
  stat/times: the check passed
  no/such: there is no such check`);
    expect(excused.out).not.toContain('watch/frame');
  });

  it('fails and excuses what a server of another release does otherwise', async () => {
    const argv = ['--filter', '^watch/frame$', '--profile', '3.9'];
    const failed = await run('server', server.connectString, ...argv);
    expect([failed.code, failed.out.includes('known from: ZOOKEEPER-4655')]).toEqual([1, true]);
    expect(failed.out).toContain('on the wire:\n    c0 > connect');
    await writeFile(file('excuses'), 'watch/frame it is a 3.8');
    const excused = await run(
      'server',
      server.connectString,
      ...argv,
      '--excuses',
      file('excuses'),
    );
    expect(excused.out).toContain('  watch/frame: it is a 3.8\n    frame: expected');
    expect(excused.code).toBe(0);
  });

  it('exits with 2 when nobody listens', async () => {
    const { code, err } = await run('server', '127.0.0.1:1', '--timeout', '2');
    expect(err).toContain('ECONNREFUSED');
    expect(code).toBe(2);
  });

  it.each([
    ['says nothing', () => undefined, 'got nothing within 300 ms'],
    ['hangs up', (socket: Socket) => socket.destroy(), 'got the end of the connection'],
    ['speaks HTTP', (socket: Socket) => socket.write('HTTP/1.1 400\r\n\r\n'), 'cannot be cut'],
    ['answers with a long frame', (socket: Socket) => socket.write('\0\0\0\x03abc'), 'decoded'],
  ])('exits with 2 at a server that %s', async (_, onConnection, message) => {
    const other = createTcpServer((socket) => {
      socket.on('error', () => undefined).resume();
      onConnection(socket);
    });
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, err } = await run('server', `127.0.0.1:${port}`, '--timeout', '0.3');
    other.close();
    expect(err).toContain(`127.0.0.1:${port} cannot be checked: this is no ZooKeeper server: `);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });

  it('shows progress where it can be rewritten, and can be stopped', async () => {
    const request = parseConformRequest(['server', server.connectString, '--filter', '^stat/'])!;
    const stopper = new AbortController();
    let [out, err] = ['', ''];
    const code = await conform(request, {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      progress: terminal((text) => {
        err += text;
        stopper.abort();
      }),
      stopSignal: stopper.signal,
    });
    expect(code).toBe(130);
    expect(err.startsWith('\r\x1b[K1/12 stat/')).toBe(true);
    expect(err).toContain(
      'zkwire conform: interrupted: cleaning up; a second Ctrl-C ends it at once\n',
    );
    expect(err).toContain('interrupted, not all checks were made');
    expect(out).not.toContain('12 checks');
  });

  it('gives up checks that only wait, and leaves nothing of them', async () => {
    const asked = ['server', server.connectString, '--filter', '^(container|session)/'];
    const stopper = new AbortController();
    let out = '';
    const timersBefore = timers();
    const code = await conform(parseConformRequest(asked)!, {
      out: (text) => {
        out += text;
      },
      // With the first result, when all the slow ones are under way.
      err: () => {},
      progress: terminal(() => stopper.abort()),
      stopSignal: stopper.signal,
    });
    expect(code).toBe(130);
    expect(out).toContain(' 0 failed, 0 excused');
    expect(out).not.toContain('Left on the server');
    // None of them goes on to wait, and keeps the process.
    expect(timers()).toBeLessThanOrEqual(timersBefore);
    await using zk = await connect(server.connectString);
    expect((await zk.getChildren('/')).filter((name) => name !== 'zookeeper')).toEqual([]);
  });

  it('does not wait for a server that hangs when it is stopped, and says what is left', async () => {
    const proxy = new FreezingProxy(server.port ?? 0);
    const address = await proxy.listen();
    const asked = ['server', address, '--filter', '^(stat|session)/', '--timeout', '1'];
    const stopper = new AbortController();
    let out = '';
    const code = await conform(parseConformRequest(asked)!, {
      out: (text) => {
        out += text;
      },
      err: () => {},
      // With the first result, while others are under way.
      progress: terminal(() => {
        proxy.freeze();
        stopper.abort();
      }),
      stopSignal: stopper.signal,
    });
    await proxy.close();
    expect(code).toBe(130);
    expect(out).toMatch(/\n\d+ checks: \d+ passed, 0 failed, 0 excused \(/);
    const [, left = ''] = /Left on the server\n((?: {2}.*\n)*)/.exec(out) ?? [];
    const top = /\/zkwire-conform-\w+$/;
    expect(left.trim().split(/\s+/)).toEqual([
      expect.stringMatching(top),
      expect.stringMatching(top),
    ]);
  });

  it('can be stopped while it waits for a server that says nothing', async () => {
    const silent = createTcpServer((socket) => socket.on('error', () => undefined).resume());
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const asked = ['server', `127.0.0.1:${port}`, '--timeout', '3600'];
    const stopper = new AbortController();
    silent.on('connection', () => stopper.abort(new Error('enough')));
    const surroundings = {
      out: () => {},
      err: () => {},
      progress: new ProgressLine({ write() {} }),
    };
    const running = conform(parseConformRequest(asked)!, {
      ...surroundings,
      stopSignal: stopper.signal,
    });
    await expect(running).rejects.toThrow('enough');
    silent.close();
  });
});
