import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RecordingProxy } from '../../../src/cli/recording-proxy.ts';
import { replay } from '../../../src/cli/replay/replay-command.ts';
import { runCli } from '../../../src/cli/run-cli.ts';
import type { CaptureRecord } from '../../../src/cli/session-capture.ts';
import { connect, digestCredential } from '../../../src/client/index.ts';
import {
  createServer,
  type EmbeddedServer,
  type ServerOptions,
} from '../../../src/server/index.ts';

const SESSIONS = new URL('../../fixtures/sessions/', import.meta.url);
const fixture = (name: string): string => fileURLToPath(new URL(`${name}.json`, SESSIONS));
const recordsOf = (name: string): CaptureRecord[] =>
  JSON.parse(readFileSync(fixture(name), 'utf8')).records;

interface Outcome {
  readonly exitCode: number;
  readonly lines: string[];
  readonly errors: string;
}

let directory = '';
let captures = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'zkwire-replay-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function run(...argv: string[]): Promise<Outcome> {
  const stdout = new PassThrough();
  const printed = text(stdout);
  let errors = '';
  const exitCode = await replay(argv, {
    stdin: Readable.from([]),
    stdout,
    stderr: { write: (line: string) => (errors += line) },
    stopSignal: new AbortController().signal,
  });
  stdout.end();
  return { exitCode, lines: (await printed).trimEnd().split('\n'), errors };
}

function start(options: ServerOptions = {}): Promise<EmbeddedServer & AsyncDisposable> {
  return createServer({ port: 0, extendedTypesEnabled: true, ...options });
}

async function captureOf(records: readonly Partial<CaptureRecord>[]): Promise<string> {
  const file = join(directory, `capture-${++captures}.json`);
  await writeFile(file, JSON.stringify({ name: 'made in a test', records }));
  return file;
}

/** Whole without anybody else, and on one node: what real clients and a ZooKeeper said to each other. */
const WHOLE = [
  ['c-acl', 9],
  ['c-basic', 30],
  ['c-session', 5],
  ['go-basic', 24],
  ['java-3.9.5-operations', 32],
  ['java-acl', 17],
  ['java-large', 6],
  ['java-session', 8],
  ['java-watches', 32],
  ['kazoo-multi', 7],
  ['kazoo-reconnect', 7],
  ['kazoo-session', 9],
] as const;

describe('zkwire replay', () => {
  it.each(WHOLE)('of %s is answered by a fresh server as it was then', async (name, answers) => {
    await using server = await start();
    const { exitCode, lines, errors } = await run(fixture(name), server.connectString);
    expect([lines.slice(0, -1), errors, exitCode]).toEqual([[], '', 0]);
    expect(lines[0]).toContain(`${answers} answers compared, all as recorded`);
    expect(lines[0]).not.toContain('not sent');
  });

  it('all at once gives the same answers on one connection', async () => {
    await using server = await start();
    const outcome = await run(fixture('java-basic'), server.connectString, '--pace', 'none');
    expect(outcome).toMatchObject({ exitCode: 0, errors: '' });
    expect(outcome.lines[0]).toContain('46 answers compared, all as recorded');
  });

  it('with the recorded times takes as long', async () => {
    await using server = await start();
    const records = recordsOf('c-session');
    const tookMs = records.at(-1)!.t_ms - records[0]!.t_ms;
    const startedMs = performance.now();
    const { exitCode } = await run(
      fixture('c-session'),
      server.connectString,
      '--pace',
      'recorded',
    );
    expect(exitCode).toBe(0);
    const lastSentMs = records.findLast(({ dir }) => dir === 'c2s')!.t_ms - records[0]!.t_ms;
    expect(tookMs).toBeGreaterThan(lastSentMs);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(lastSentMs - 1);
  });

  it('prints what is answered otherwise, decoded, and ends with 1', async () => {
    await using server = await start();
    await using zk = await connect(server.connectString);
    await zk.create('/c', 'there already');
    const other = await run(fixture('c-basic'), server.connectString);
    expect(other.exitCode).toBe(1);
    expect(other.lines.slice(0, 3)).toEqual([
      'frame 3: another answer: bytes was 22, is 16',
      expect.stringMatching(/^ {2}recorded: c0 < #\d+ create zxid=0x\w+ ok path="\/c"$/),
      expect.stringMatching(/^ {2}came: {5}c0 < #\d+ create zxid=0x\w+ NODEEXISTS\(-110\)$/),
    ]);
    expect(other.lines.at(-1)).toMatch(/^30 frames sent on 1 connections, .* \d+ differences, in/);
  });

  it('gives JSON, one object a line', async () => {
    await using server = await start();
    await using zk = await connect(server.connectString);
    await zk.create('/kazoo-multi', 'there already');
    const { exitCode, lines } = await run(fixture('kazoo-multi'), server.connectString, '--json');
    expect(exitCode).toBe(1);
    const objects = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(objects[0]).toMatchObject({
      kind: 'difference',
      what: 'answer',
      conn: 0,
      field: 'bytes',
    });
    expect(objects.at(-1)).toMatchObject({
      kind: 'summary',
      connections: 1,
      compared: 7,
      notSent: 0,
      differences: objects.length - 1,
      interrupted: false,
    });
  });

  it('compares times and ids too if it is told to be strict', async () => {
    await using server = await start();
    const { exitCode, lines } = await run(fixture('c-session'), server.connectString, '--strict');
    expect(exitCode).toBe(1);
    expect(lines[0]).toMatch(/^frame 1: another answer: record\.sessionId was "\d+", is "\d+"$/);
  });

  it('shows no secret, however it differs', async () => {
    await using proxied = await start();
    const proxy = await RecordingProxy.start({
      targetHost: '127.0.0.1',
      targetPort: proxied.port!,
    });
    const zk = await connect(proxy.address, { auth: [digestCredential('user', 'sEcret')] });
    const acl = [{ perms: 31, id: { scheme: 'auth', id: '' } }];
    await zk.create('/own', 'x', { acl });
    await zk.getAcl('/own');
    await zk.close();
    await proxy.stop();
    const records = [...proxy.records()];
    const password = (text: string): string => Buffer.from(text).toString('hex');
    const changed = records.map((record) => ({
      ...record,
      hex: record.hex.replace(password('sEcret'), password('0ther!')),
    }));
    await using server = await start();
    for (const flags of [[], ['--strict'], ['--json'], ['--json', '--strict']]) {
      const file = await captureOf(changed);
      const { lines } = await run(file, server.connectString, ...flags);
      const printed = lines.join('\n');
      if (flags.length === 0) expect(printed).toMatch(/record\.acl\.0\.id\.id is another/);
      expect(printed).not.toMatch(/sEcret|0ther!|user:[A-Za-z0-9+/]{10}/);
      const passwords = records.flatMap(
        ({ hex }) => /00000010([0-9a-f]{32})00$/.exec(hex)?.[1] ?? [],
      );
      expect(passwords.length).toBeGreaterThan(0);
      for (const secret of passwords.filter((each) => !/^0+$/.test(each))) {
        expect(printed).not.toContain(secret);
      }
    }
  });

  it('goes on with its own session where a client went on with one, on a server with other zxids', async () => {
    await using first = await start();
    const proxy = await RecordingProxy.start({ targetHost: '127.0.0.1', targetPort: first.port! });
    const zk = await connect(proxy.address);
    await zk.create('/mine', 'x', { mode: 'ephemeral' });
    await zk.get('/mine', { watch: () => {} });
    proxy.hold();
    await expect.poll(() => zk.connected).toBe(false);
    proxy.release();
    await zk.set('/mine', 'y');
    await zk.exists('/mine');
    await zk.close();
    await proxy.stop();
    const file = await captureOf([...proxy.records()]);
    for (const writes of [0, 30]) {
      await using second = await start();
      await using other = await connect(second.connectString);
      for (let n = 0; n < writes; n++) await other.create(`/other${n}`);
      const { exitCode, lines, errors } = await run(file, second.connectString);
      expect([lines.slice(0, -1), errors, exitCode]).toEqual([[], '', 0]);
      expect(lines[0]).toContain('on 2 connections');
      // The session was closed: what it had is gone.
      expect(await other.exists('/mine')).toBeNull();
    }
    // From the second connection on: the session is from before the recording.
    const late = await captureOf([...proxy.records()].filter(({ conn }) => conn === 1));
    await using third = await start();
    const { lines, errors } = await run(late, third.connectString);
    expect(errors).toContain('connection 1 goes on with a session from before the recording');
    expect(lines.at(-1)).toMatch(/sent on 1 connections, \d+ answers compared/);
  });

  it('drops a connection where it was gone: nobody is told there what nobody was told then', async () => {
    await using first = await start();
    const proxy = await RecordingProxy.start({ targetHost: '127.0.0.1', targetPort: first.port! });
    const watcher = await connect(proxy.address);
    await watcher.create('/seen');
    await watcher.get('/seen', { watch: () => {} });
    await watcher.detach();
    await expect.poll(() => proxy.endedConnections).toBe(1);
    const writer = await connect(proxy.address);
    await writer.set('/seen', 'x');
    await writer.close();
    await proxy.stop();
    const file = await captureOf([...proxy.records()]);
    await using second = await start();
    const { exitCode, lines } = await run(file, second.connectString);
    expect([lines.slice(0, -1), exitCode]).toEqual([[], 0]);
    expect(lines[0]).toContain('on 2 connections');
  });

  it('plays four-letter words, and compares that there is an answer', async () => {
    await using server = await start({ fourLetterWords: ['ruok'] });
    const asked = (word: string, answer: string): Partial<CaptureRecord>[] => [
      { conn: 0, dir: 'c2s', t_ms: 0, hex: Buffer.from(word).toString('hex') },
      { conn: 0, dir: 's2c', t_ms: 1, hex: Buffer.from(answer).toString('hex') },
    ];
    const same = await run(
      await captureOf(asked('ruok', 'imok')),
      server.connectString,
      '--strict',
    );
    expect(same.exitCode).toBe(0);
    const other = await run(
      await captureOf(asked('ruok', 'what')),
      server.connectString,
      '--strict',
    );
    expect(other.lines[0]).toContain('text was "what", is "imok"');
    const loose = await run(await captureOf(asked('ruok', 'what')), server.connectString);
    expect(loose.exitCode).toBe(0);
  });
});

describe('zkwire replay on a server that does not answer', () => {
  async function listening(onConnection: (server: Server) => void): Promise<Server> {
    const server = createTcpServer(() => onConnection(server)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    return server;
  }
  const addressOf = (server: Server): string =>
    `127.0.0.1:${(server.address() as { port: number }).port}`;

  it('says that an answer is missing, and sends no more', async () => {
    const server = await listening(() => {});
    const { exitCode, lines } = await run(
      fixture('c-session'),
      addressOf(server),
      '--timeout',
      '0.05',
    );
    server.close();
    expect(exitCode).toBe(1);
    expect(lines[0]).toBe('frame 1: it did not come in time');
    expect(lines.at(-1)).toContain('not sent');
  });

  it('knows what comes before its turn: a reply is never to, an event only to be strict', async () => {
    const reply = (xid: number): string => `00000010${`0000000${xid}`}${'0'.repeat(16)}ffffff9b`;
    const exists = (xid: number): string => `000000100000000${xid}00000003000000032f6e6f00`;
    const event = `0000001f${'f'.repeat(24)}000000000000000100000003000000032f6e6f`;
    const [handshake, grant] = recordsOf('java-session') as [CaptureRecord, CaptureRecord];
    const answers = async (came: string, flags: readonly string[]): Promise<Outcome> => {
      const server = createTcpServer((socket) => {
        socket.once('data', () => {
          socket.write(grant.hex, 'hex');
          socket.once('data', () => socket.write(came, 'hex'));
        });
      }).listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      const file = await captureOf([
        handshake,
        grant,
        { conn: 0, dir: 'c2s', t_ms: 9, hex: exists(1) + exists(2) },
        { conn: 0, dir: 's2c', t_ms: 9, hex: reply(1) + event + reply(2) },
      ]);
      const outcome = await run(file, addressOf(server), ...flags);
      server.close();
      return outcome;
    };
    const asThen = await answers(reply(1) + event + reply(2), ['--strict']);
    expect([asThen.lines.slice(0, -1), asThen.exitCode]).toEqual([[], 0]);
    const eventLate = reply(1) + reply(2) + event;
    expect((await answers(eventLate, [])).exitCode).toBe(0);
    const strict = await answers(eventLate, ['--strict']);
    expect([strict.lines[0], strict.exitCode]).toEqual(['frame 6: it came before its turn', 1]);
    const swapped = await answers(reply(2) + event + reply(1), []);
    expect([swapped.lines[0], swapped.exitCode]).toEqual([
      'frame 6: another answer: outOfOrder was not there, is true',
      1,
    ]);
  });

  it('says that the connection ended', async () => {
    const server = createTcpServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { exitCode, lines } = await run(fixture('kazoo-multi'), addressOf(server));
    server.close();
    expect([exitCode, lines[0]]).toEqual([1, 'frame 1: the connection ended before it came']);
  });

  it('cannot reach one: 1', async () => {
    const server = await listening(() => {});
    const address = addressOf(server);
    await new Promise((resolve) => server.close(resolve));
    const { exitCode, errors } = await run(fixture('c-session'), address);
    expect([exitCode, errors]).toEqual([1, expect.stringContaining('ECONNREFUSED')]);
  });

  it.each(['a check outside a multi', 'a createTTL without a TTL mode'])(
    'never sends %s',
    async (what) => {
      let connections = 0;
      const server = await listening(() => connections++);
      const path = '000000022f61';
      const check = `000000010000000d${path}ffffffff`;
      const acl = '000000010000001f00000005776f726c6400000006616e796f6e65';
      const createTtl = `0000000100000015${path}ffffffff${acl}0000000000000000000003e8`;
      const body = what.includes('check') ? check : createTtl;
      const length = (body.length / 2).toString(16).padStart(8, '0');
      const [handshake] = recordsOf('c-session');
      const file = await captureOf([
        handshake!,
        { conn: 0, dir: 'c2s', t_ms: 5, hex: length + body },
      ]);
      const { exitCode, errors, lines } = await run(file, addressOf(server));
      server.close();
      expect([exitCode, lines, connections]).toEqual([2, [''], 0]);
      expect(errors).toContain(`frame 1 is ${what}, which servers in wide use do not survive`);
    },
  );
});

describe('the command line of zkwire replay', () => {
  it.each([
    [[], 'FILE is needed'],
    [['x.json'], "the server's HOST:PORT is missing"],
    [['x.json', 'nowhere'], "the server's HOST:PORT is not 'nowhere'"],
    [['x.json', 'a:1', 'b'], "'b' is one argument too many"],
    [['x.json', 'a:1', '--pace', 'slow'], '--pace is one of replies, recorded, none'],
    [['x.json', 'a:1', '--timeout', '0'], '--timeout must be above 0'],
    [['x.json', 'a:1', '--bogus'], "unknown option '--bogus'"],
    [['/nowhere/x.json', 'a:1'], 'no such file'],
  ])('%j is wrong', async (argv, message) => {
    const { exitCode, errors } = await run(...argv);
    expect([exitCode, errors]).toEqual([2, expect.stringContaining(message)]);
  });

  it('needs times for the recorded pace, and somebody who sends', async () => {
    const file = await captureOf([{ conn: 0, dir: 'c2s', hex: '00000000' }]);
    const timed = await run(file, 'a:1', '--pace', 'recorded');
    expect([timed.exitCode, timed.errors]).toEqual([2, expect.stringContaining('needs the time')]);
    const silent = await run(await captureOf([]), 'a:1');
    expect([silent.exitCode, silent.errors]).toEqual([2, expect.stringContaining('no client')]);
  });

  it('is explained', async () => {
    const { exitCode, lines } = await run('--help');
    expect([exitCode, lines[0]]).toEqual([0, 'zkwire replay FILE HOST:PORT [options]']);
    let listed = '';
    const io = { stdout: { write: (line: string) => (listed += line) }, stderr: { write() {} } };
    expect(await runCli(['help'], io)).toBe(0);
    expect(listed).toContain('  replay  ');
  });
});
