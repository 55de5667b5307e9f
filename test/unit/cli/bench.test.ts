import { existsSync } from 'node:fs';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bench } from '../../../src/cli/bench/bench-command.ts';
import { type LoadResult, measureLoad } from '../../../src/cli/bench/bench-load.ts';
import { BENCH_OPERATIONS, BenchNodes } from '../../../src/cli/bench/bench-operations.ts';
import { runCli } from '../../../src/cli/run-cli.ts';
import { connect, type ZooKeeperClient } from '../../../src/client/index.ts';
import { createServer, type EmbeddedServer } from '../../../src/server/index.ts';

const PROGRAM = join(import.meta.dirname, '../../../dist/cli/main.js');

interface Outcome {
  readonly exitCode: number;
  readonly out: string;
  readonly errors: string;
}

async function run(argv: readonly string[], stopSignal?: AbortSignal): Promise<Outcome> {
  let [out, errors] = ['', ''];
  const exitCode = await bench(argv, {
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => (errors += text) },
    stopSignal: stopSignal ?? new AbortController().signal,
    program: PROGRAM,
  });
  return { exitCode, out, errors };
}

interface Report {
  readonly server: string;
  readonly isEmbedded: boolean;
  readonly operation: string;
  readonly results: readonly LoadResult[];
}

/** In less nothing may be done, on a busy machine. */
const QUICK = ['--seconds', '0.5', '--json'];

function start(): Promise<EmbeddedServer & AsyncDisposable> {
  return createServer({ port: 0 });
}

/** What there is on a server besides its own nodes. */
async function leftOn(server: EmbeddedServer): Promise<string[]> {
  await using zk = await connect(server.connectString);
  return (await zk.getChildren('/')).filter((name) => name !== 'zookeeper');
}

function isPlausible(result: LoadResult, connections: number): void {
  const { depth, count, seconds, opsPerSecond, minMs, meanMs, maxMs } = result;
  const { p50Ms, p90Ms, p99Ms, p999Ms } = result;
  expect(count).toBeGreaterThan(0);
  expect(Number.isInteger(count)).toBe(true);
  expect(opsPerSecond).toBeCloseTo(count / seconds, 3);
  // Percentiles are told to a thousandth of their value.
  const rising = [minMs, p50Ms, p90Ms, p99Ms, p999Ms, maxMs];
  expect(rising.every((ms, index) => ms > 0 && ms >= (rising[index - 1] ?? 0) * 0.998)).toBe(true);
  expect(meanMs >= minMs && meanMs <= maxMs * 1.002).toBe(true);
  // Little's law: no more is under way than was asked for; the first ones were sent in the warm-up.
  const underWay = (opsPerSecond * meanMs) / 1_000;
  expect(underWay).toBeLessThanOrEqual(depth * connections * (1 + maxMs / 1_000 / seconds) * 1.01);
  expect(result.clientCpuUsPerOp).toBeGreaterThanOrEqual(0);
}

describe('zkwire bench', () => {
  it.each(BENCH_OPERATIONS)('measures %s, and leaves nothing behind', async (operation) => {
    await using server = await start();
    const { connectString } = server;
    const argv = [connectString, '--op', operation, '--depth', '1,32', ...QUICK];
    const { exitCode, out, errors } = await run(argv);
    expect([exitCode, errors]).toEqual([
      0,
      `zkwire bench: ${connectString} is put under load now\n`,
    ]);
    const report = JSON.parse(out) as Report;
    expect(report).toMatchObject({ server: connectString, isEmbedded: false, operation });
    expect(report.results.map(({ depth }) => depth)).toEqual([1, 32]);
    for (const result of report.results) {
      isPlausible(result, 1);
      // That of a server of somebody else cannot be told.
      expect(result.serverCpuUsPerOp).toBeNull();
    }
    expect(await leftOn(server)).toEqual([]);
  });

  it('uses as many connections as it is told, below a chroot', async () => {
    await using server = await start();
    await using zk = await connect(server.connectString);
    await zk.create('/app');
    const few = ['--connections', '3', '--depth', '4', '--seconds', '2', '--json'];
    const argv = [`${server.connectString}/app`, ...few];
    const running = run(argv);
    await expect
      .poll(async () => (await zk.getChildren('/app')).map((name) => name.slice(0, 13)))
      .toEqual(['zkwire-bench-']);
    const { exitCode, out } = await running;
    expect(exitCode).toBe(0);
    isPlausible((JSON.parse(out) as Report).results[0]!, 3);
    expect(await zk.getChildren('/app')).toEqual([]);
  });

  it('prints a table', async () => {
    await using server = await start();
    const argv = [server.connectString, '--depth', '1,8', '--seconds', '0.5', '--size', '7'];
    const { exitCode, out } = await run(argv);
    expect(exitCode).toBe(0);
    const [title, head, ...rows] = out.trimEnd().split('\n');
    expect(title).toBe(`get, 7 bytes, 1 connection, ${server.connectString}`);
    expect(head).toMatch(
      /^depth +ops\/s +p50 ms +p90 ms +p99 ms +p99\.9 ms +max ms +client us\/op +server us\/op$/,
    );
    expect(rows.map((row) => row.trim().split(/ +/)[0])).toEqual(['1', '8']);
    expect(new Set([head, ...rows].map((line) => line!.length)).size).toBe(1);
  });

  it('removes its nodes when it is interrupted', async () => {
    await using server = await start();
    await using zk = await connect(server.connectString);
    const stopper = new AbortController();
    const argv = [server.connectString, '--op', 'create', '--depth', '8', '--seconds', '60'];
    const running = run(argv, stopper.signal);
    await expect.poll(async () => (await zk.getChildren('/')).length).toBe(2);
    stopper.abort(new Error('interrupted'));
    const { exitCode, errors } = await running;
    expect([exitCode, errors]).toEqual([130, expect.stringContaining('interrupted')]);
    expect(await leftOn(server)).toEqual([]);
  });

  it('is interrupted while it connects', async () => {
    const silent = createTcpServer((socket) => socket.on('error', () => undefined).resume());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const stopper = new AbortController();
    silent.on('connection', () => stopper.abort(new Error('interrupted')));
    const { exitCode, out, errors } = await run([`127.0.0.1:${port}`], stopper.signal);
    silent.close();
    expect([exitCode, out]).toEqual([130, '']);
    expect(errors.split('\n').slice(1)).toEqual(['zkwire bench: interrupted', '']);
  });

  it('fails when the server goes, and says what it could not remove', async () => {
    const server = await start();
    await using zk = await connect(server.connectString);
    const running = run([server.connectString, '--depth', '4', '--seconds', '60']);
    await expect.poll(async () => (await zk.getChildren('/')).length).toBe(2);
    await server.close();
    const { exitCode, errors } = await running;
    expect(exitCode).toBe(1);
    expect(errors).toMatch(/\/zkwire-bench-[0-9a-f]+ could not be removed/);
  });

  it('cannot reach a server: 1', async () => {
    const closed = createTcpServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => closed.once('listening', resolve));
    const { port } = closed.address() as { port: number };
    await new Promise((resolve) => closed.close(resolve));
    const { exitCode, errors } = await run([`127.0.0.1:${port}`, ...QUICK]);
    expect([exitCode, errors]).toEqual([1, expect.stringContaining('ECONNREFUSED')]);
  });
});

describe.skipIf(!existsSync(PROGRAM))('zkwire bench without a server', () => {
  it('measures the embedded one in a process of its own, and ends it', async () => {
    const { exitCode, out, errors } = await run(['--depth', '16', '--seconds', '0.5', '--json']);
    expect([exitCode, errors]).toEqual([0, '']);
    const { server, isEmbedded, results } = JSON.parse(out) as Report;
    expect([server.startsWith('127.0.0.1:'), isEmbedded]).toEqual([true, true]);
    isPlausible(results[0]!, 1);
    if (process.platform === 'linux') {
      expect(results[0]!.serverCpuUsPerOp).toBeGreaterThanOrEqual(0);
    }
    await expect(connect(server)).rejects.toThrow('ECONNREFUSED');
  });

  it('says why there is none', async () => {
    const io = { stdout: { write() {} }, stopSignal: new AbortController().signal };
    let errors = '';
    const stderr = { write: (text: string) => (errors += text) };
    expect(await bench(QUICK, { ...io, stderr, program: '/nowhere/main.js' })).toBe(1);
    expect(errors).toMatch(/the server did not start: [\s\S]*\/nowhere\/main\.js/);
  });
});

if (!existsSync(PROGRAM)) {
  process.stderr.write(`tests with a server process are skipped: ${PROGRAM} is not built\n`);
}

describe('a measurement', () => {
  it('ends when there is nothing more to do, and keeps most of it for what is counted', async () => {
    let left = 400;
    const result = await measureLoad({
      clients: [{} as ZooKeeperClient],
      issue: () => (left-- > 0 ? new Promise((resolve) => setImmediate(resolve)) : null),
      issuesMax: 400,
      depth: 2,
      measureMs: 60_000,
      serverCpuUs: () => null,
      signal: new AbortController().signal,
    });
    expect(result.count).toBeGreaterThanOrEqual(290);
    expect(result.count).toBeLessThanOrEqual(302);
    expect(result.seconds).toBeLessThan(30);
  });

  it('goes on until something was answered', async () => {
    const answers: (() => void)[] = [];
    const measuring = measureLoad({
      clients: [{} as ZooKeeperClient],
      issue: () => new Promise<void>((resolve) => answers.push(resolve)),
      issuesMax: Number.POSITIVE_INFINITY,
      depth: 3,
      measureMs: 1,
      serverCpuUs: () => null,
      signal: new AbortController().signal,
    });
    // Ten times longer than warm-up and measurement together.
    for (let n = 0; n < 10; n++) await new Promise((resolve) => setTimeout(resolve, 51));
    expect(answers.length).toBe(3);
    const answerAll = (): void => {
      for (const answer of answers.splice(0)) answer();
    };
    answerAll();
    // Then the loops end as soon as what they have asked since is answered.
    const timer = setInterval(answerAll, 1);
    const { count, seconds, minMs } = await measuring;
    clearInterval(timer);
    expect(count).toBe(3);
    expect([seconds > 0.4, minMs > 400]).toEqual([true, true]);
  });

  it('fails with the first request that fails, and waits for the others', async () => {
    let [asked, answered] = [0, 0];
    const measuring = measureLoad({
      clients: [{} as ZooKeeperClient],
      issue: async () => {
        const isBad = ++asked === 20;
        await new Promise((resolve) => setImmediate(resolve));
        answered++;
        if (isBad) throw new Error('NONODE');
      },
      issuesMax: Number.POSITIVE_INFINITY,
      depth: 4,
      measureMs: 60_000,
      serverCpuUs: () => null,
      signal: new AbortController().signal,
    });
    await expect(measuring).rejects.toThrow('NONODE');
    expect(answered).toBe(asked);
  });
});

describe('the nodes of a benchmark', () => {
  it('are no more than a server can hold, however large', () => {
    expect(new BenchNodes('/b', 1_000_000).issuesMax('create')).toBe(268);
    const issue = new BenchNodes('/b', 1_000_000).issuer('create');
    const made = new Set<string>();
    const zk = { create: async (path: string) => void made.add(path) } as never;
    for (let n = 0; n < 268; n++) expect(issue(zk)).not.toBeNull();
    expect([issue(zk), made.size]).toEqual([null, 268]);
    expect(new BenchNodes('/b', 100).issuesMax('create')).toBe(200_000);
    expect(new BenchNodes('/b', 100).issuesMax('set')).toBe(Number.POSITIVE_INFINITY);
  });

  it('mixed are four reads and a write', () => {
    const nodes = new BenchNodes('/b', 1);
    const issue = nodes.issuer('mixed');
    const asked: string[] = [];
    const zk = {
      get: async () => void asked.push('get'),
      set: async () => void asked.push('set'),
    };
    for (let n = 0; n < 10; n++) void issue(zk as never);
    expect(asked.join(' ')).toBe('get get get get set get get get get set');
  });
});

describe('the command line of zkwire bench', () => {
  it.each([
    [['a:1', 'b:2'], "'b:2' is one argument too many"],
    [['a:b:c'], 'connect string'],
    [['--op', 'sync'], '--op is one of get, set, create, exists, children, mixed'],
    [['--size', '-1'], "--size must be a whole number from 0 to 1000000, not '-1'"],
    [['--size', '2000000'], '--size must be a whole number from 0 to 1000000'],
    [['--depth', '1,0'], '--depth must be a whole number from 1 to 65000'],
    [['--depth', ''], '--depth must be'],
    [['--seconds', '0'], '--seconds must be above 0'],
    [['--connections', '1.5'], '--connections must be'],
    [['--bogus'], "unknown option '--bogus'.\n"],
    [['--sizes', '3'], "unknown option '--sizes'. Did you mean '--size'?\n"],
  ])('%j is wrong', async (argv, message) => {
    const { exitCode, errors } = await run(argv);
    expect([exitCode, errors]).toEqual([2, expect.stringContaining(message)]);
    expect(errors).toContain("Try 'zkwire bench --help'.");
  });

  it('is explained', async () => {
    const { exitCode, out } = await run(['--help']);
    expect([exitCode, out.split('\n')[0]]).toEqual([0, 'zkwire bench [HOST:PORT] [options]']);
    let listed = '';
    const io = { stdout: { write: (text: string) => (listed += text) }, stderr: { write() {} } };
    expect(await runCli(['help'], io)).toBe(0);
    expect(listed).toContain('  bench   ');
  });
});
