import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProgressLine } from '../../../src/cli/progress-line.ts';
import { parseRecordRequest, record, recordCommand } from '../../../src/cli/record.ts';
import type { RecordingProxyOptions } from '../../../src/cli/recording-proxy.ts';
import { RecordingProxy } from '../../../src/cli/recording-proxy.ts';
import type { SessionCapture } from '../../../src/cli/session-capture.ts';
import { runHere } from './run-here.ts';

const cleanups: (() => unknown)[] = [];
let directory = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'zkwire-record-'));
  cleanups.push(() => rm(directory, { recursive: true }));
});

afterEach(async () => {
  while (cleanups.length > 0) await cleanups.pop()?.();
});

async function listen(onSocket: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    cleanups.push(() => socket.destroy());
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function startProxy(
  targetPort: number,
  options: Partial<RecordingProxyOptions> = {},
): Promise<RecordingProxy> {
  const proxy = await RecordingProxy.start({ targetHost: '127.0.0.1', targetPort, ...options });
  cleanups.push(() => proxy.stop());
  return proxy;
}

async function connectTo(address: string): Promise<Socket> {
  const socket = connect({
    host: '127.0.0.1',
    port: Number(address.split(':')[1]),
    allowHalfOpen: true,
  });
  cleanups.push(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

function nextConnectionEnd(): { options: Partial<RecordingProxyOptions>; ended: Promise<unknown> } {
  let resolve: (error: unknown) => void = () => undefined;
  const ended = new Promise<unknown>((done) => {
    resolve = done;
  });
  return { options: { onConnectionEnd: (_conn, error) => resolve(error) }, ended };
}

describe('RecordingProxy', () => {
  it('forwards both ways and keeps each read as a record', async () => {
    const port = await listen((socket) => socket.on('data', (bytes) => socket.write(bytes)));
    let nowMs = 1000;
    const proxy = await startProxy(port, { nowMs: () => nowMs });
    const first = await connectTo(proxy.address);
    nowMs = 1012.345;
    first.write(Buffer.from('00000001ff', 'hex'));
    expect((await once(first, 'data'))[0].toString('hex')).toBe('00000001ff');
    const second = await connectTo(proxy.address);
    nowMs = 1100;
    second.write('b');
    await once(second, 'data');
    expect([...proxy.records()]).toEqual([
      { conn: 0, dir: 'c2s', t_ms: 12.3, hex: '00000001ff' },
      { conn: 0, dir: 's2c', t_ms: 12.3, hex: '00000001ff' },
      { conn: 1, dir: 'c2s', t_ms: 100, hex: '62' },
      { conn: 1, dir: 's2c', t_ms: 100, hex: '62' },
    ]);
    expect(proxy.recordedBytes).toBe(12);
  });

  it('passes on a half-closed connection and ends when both sides have', async () => {
    const port = await listen((socket) => {
      socket.resume();
      socket.on('end', () => socket.end('last words'));
    });
    const { options, ended } = nextConnectionEnd();
    const proxy = await startProxy(port, options);
    const client = await connectTo(proxy.address);
    client.end('question');
    expect((await once(client, 'data'))[0].toString()).toBe('last words');
    expect(await ended).toBeUndefined();
    expect(proxy.endedConnections).toBe(1);
  });

  it('passes on a reset by the server', async () => {
    const port = await listen((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const proxy = await startProxy(port);
    const client = await connectTo(proxy.address);
    client.write('x');
    const [error] = await once(client, 'error');
    expect(error.code).toBe('ECONNRESET');
  });

  it('passes on a reset by the client', async () => {
    const target = new Promise<Error>((resolve) => {
      void listen((socket) => socket.on('error', resolve).resume()).then(async (port) => {
        const proxy = await startProxy(port);
        const client = await connectTo(proxy.address);
        client.write('x');
        while (proxy.recordCount === 0) await new Promise((next) => setImmediate(next));
        client.resetAndDestroy();
      });
    });
    expect(((await target) as NodeJS.ErrnoException).code).toBe('ECONNRESET');
  });

  it('holds a fast sender back while the other side does not read', async () => {
    const targets: Socket[] = [];
    const port = await listen((socket) => targets.push(socket.pause()));
    const proxy = await startProxy(port);
    const client = await connectTo(proxy.address);
    const total = 64 * 1024 * 1024;
    client.end(Buffer.alloc(total));
    let before = -1;
    while (proxy.recordedBytes === 0 || proxy.recordedBytes !== before) {
      before = proxy.recordedBytes;
      await new Promise((next) => setTimeout(next, 100));
    }
    // What is on its way fits into the socket buffers of the kernel and one write queue.
    expect(proxy.recordedBytes).toBeLessThan(total / 2);
    let received = 0;
    targets[0]?.on('data', (bytes) => {
      received += bytes.length;
    });
    targets[0]?.resume();
    await once(targets[0]!, 'end');
    expect(received).toBe(total);
    expect(proxy.recordedBytes).toBe(total);
  });

  it('stops recording at the limit and goes on forwarding', async () => {
    const port = await listen((socket) => socket.on('data', (bytes) => socket.write(bytes)));
    let limits = 0;
    const proxy = await startProxy(port, { recordedBytesMax: 5, onLimit: () => limits++ });
    const client = await connectTo(proxy.address);
    for (const text of ['abc', 'def']) {
      client.write(text);
      expect((await once(client, 'data'))[0].toString()).toBe(text);
    }
    expect([...proxy.records()].map((one) => one.hex)).toEqual(['616263']);
    expect([limits, proxy.limitReached]).toEqual([1, true]);
  });

  it('closes the client and says why when the target cannot be reached', async () => {
    const port = await listen(() => undefined);
    await (cleanups.pop() as () => Promise<unknown>)();
    const { options, ended } = nextConnectionEnd();
    const proxy = await startProxy(port, options);
    await connectTo(proxy.address);
    expect(await ended).toMatchObject({ code: 'ECONNREFUSED' });
    expect(proxy.recordCount).toBe(0);
  });

  it('cuts what is open and accepts what comes next', async () => {
    const port = await listen((socket) => socket.on('data', (bytes) => socket.write(bytes)));
    const proxy = await startProxy(port);
    const first = await connectTo(proxy.address);
    first.write('1');
    await once(first, 'data');
    proxy.cut();
    await once(first, 'error');
    const second = await connectTo(proxy.address);
    second.write('2');
    await once(second, 'data');
    expect([...proxy.records()].map((one) => one.conn)).toEqual([0, 0, 1, 1]);
  });
});

describe('RecordingProxy held', () => {
  it('lets new connections wait until it is released', async () => {
    const port = await listen((socket) => socket.on('data', (bytes) => socket.write(bytes)));
    const proxy = await startProxy(port);
    const first = await connectTo(proxy.address);
    first.write('1');
    await once(first, 'data');
    proxy.hold();
    await once(first, 'error');
    const second = await connectTo(proxy.address);
    second.write('2');
    const third = await connectTo(proxy.address);
    expect(proxy.recordCount).toBe(2);
    third.destroy();
    proxy.release();
    expect((await once(second, 'data'))[0].toString()).toBe('2');
    const secondRecords = [...proxy.records()].filter((one) => one.hex === '32');
    expect(secondRecords.map((one) => one.dir)).toEqual(['c2s', 's2c']);
  });

  it('closes those that wait when it is stopped', async () => {
    const proxy = await startProxy(await listen(() => undefined));
    proxy.hold();
    const client = await connectTo(proxy.address);
    const closed = once(client.resume(), 'close');
    client.on('end', () => client.end());
    await proxy.stop();
    await closed;
    expect(proxy.acceptedConnections).toBe(0);
  });
});

describe('zkwire record', () => {
  const details = {
    name: 'a name',
    client: 'test',
    client_version: '1',
    server_version: '2',
    description: 'said "so"',
  };

  async function runRecord(
    targetPort: number,
    limits: { seconds?: number; connections?: number },
    use: (address: string, stop: () => void) => Promise<void> | void,
  ): Promise<{ code: number; out: string; err: string; capture: SessionCapture }> {
    const stopper = new AbortController();
    const file = join(directory, 'capture.json');
    let out = '';
    let err = '';
    const code = await record(
      {
        listen: { host: '127.0.0.1', port: 0 },
        target: { host: '127.0.0.1', port: targetPort },
        out: file,
        seconds: limits.seconds,
        connections: limits.connections,
        tls: undefined,
        recordedBytesMax: 1000,
        details,
      },
      {
        out: (text) => {
          out += text;
          void use(text.trim(), () => stopper.abort());
        },
        err: (text) => {
          err += text;
        },
        progress: new ProgressLine({ write() {} }),
        stopSignal: stopper.signal,
      },
    );
    expect(await readdir(directory)).toEqual(['capture.json']);
    return { code, out, err, capture: JSON.parse(await readFile(file, 'utf8')) };
  }

  it('prints its address, stops on the signal and writes the capture', async () => {
    const port = await listen((socket) => socket.on('data', (bytes) => socket.write(bytes)));
    const { code, out, err, capture } = await runRecord(port, {}, async (address, stop) => {
      const client = await connectTo(address);
      client.on('error', () => undefined).write('hello');
      await once(client, 'data');
      stop();
    });
    expect(code).toBe(0);
    expect(out).toMatch(/^127\.0\.0\.1:\d+\n$/);
    expect(err).toContain('2 records, 10 bytes, 1 connections');
    const { records, ...rest } = capture;
    expect(rest).toEqual(details);
    expect(records.map(({ conn, dir, hex }) => [conn, dir, hex])).toEqual([
      [0, 'c2s', '68656c6c6f'],
      [0, 's2c', '68656c6c6f'],
    ]);
  });

  it('stops when so many connections have ended', async () => {
    const port = await listen((socket) => socket.on('end', () => socket.end()).resume());
    const { code, capture } = await runRecord(port, { connections: 2 }, async (address) => {
      (await connectTo(address)).end('a');
      (await connectTo(address)).end('b');
    });
    expect(code).toBe(0);
    expect(capture.records.map((one) => one.hex).sort()).toEqual(['61', '62']);
  });

  it('stops after so many seconds, with an empty capture if nothing came', async () => {
    const port = await listen(() => undefined);
    const { code, capture } = await runRecord(port, { seconds: 0.05 }, () => undefined);
    expect(code).toBe(0);
    expect(capture.records).toEqual([]);
  });

  it('gives exit code 1 when the server cannot be reached and nothing was recorded', async () => {
    const port = await listen(() => undefined);
    await (cleanups.pop() as () => Promise<unknown>)();
    const { code, err } = await runRecord(port, { connections: 1 }, async (address) => {
      (await connectTo(address)).on('error', () => undefined);
    });
    expect(code).toBe(1);
    expect(err).toContain(`cannot connect to 127.0.0.1:${port}`);
  });

  it('understands its command line', () => {
    const argv = ['--to', '[::1]:2181', '--out', 'x.json', '--seconds', '1.5', '--name', 'n'];
    expect(parseRecordRequest(argv)).toEqual({
      listen: { host: '127.0.0.1', port: 0 },
      target: { host: '::1', port: 2181 },
      out: 'x.json',
      seconds: 1.5,
      connections: undefined,
      tls: undefined,
      recordedBytesMax: 67_108_864,
      details: { name: 'n', client: '', client_version: '', server_version: '', description: '' },
    });
    expect(parseRecordRequest(['--help'])).toBeNull();
    for (const wrong of [
      ['--out', 'x'],
      ['--to', 'a:1'],
      ['--to', 'a', '--out', 'x'],
      ['--to', 'a:0', '--out', 'x'],
      ['--to', 'a:1', '--out', ''],
      ['--to', 'a:1', '--out', '-'],
      ['--to', 'a:70000', '--out', 'x'],
      ['--to', 'a:1', '--out', 'x', '--seconds', '-1'],
      ['--to', 'a:1', '--out', 'x', '--connections', '1.5'],
      ['--to', 'a:1', '--out', 'x', '--what'],
    ]) {
      expect(() => parseRecordRequest(wrong)).toThrow();
    }
  });

  it('prints help, and says what is wrong with exit codes 2 and 1', async () => {
    expect(await runHere(recordCommand, '--help')).toEqual({
      code: 0,
      out: `${recordCommand.usage}\n`,
      err: '',
    });
    const wrong = await runHere(recordCommand, '--to', 'x');
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain('--out FILE is needed');
    const nowhere = join(directory, 'none', 'capture.json');
    const failed = await runHere(recordCommand, '--to', 'a:1', '--out', nowhere);
    expect(failed.code).toBe(1);
    const why = `there is no directory ${join(directory, 'none')}`;
    expect(failed.err).toBe(`zkwire record: ${nowhere} cannot be written: ${why}\n`);
    // Before it listens, not behind a recording that is then lost.
    const onto = await runHere(recordCommand, '--to', 'a:1', '--out', directory);
    const told = `${directory} is a directory, and a file is to be written`;
    expect(onto).toEqual({ code: 1, out: '', err: `zkwire record: ${told}\n` });
    expect(await readdir(directory)).toEqual([]);
  });

  it('names the options in its usage', () => {
    for (const option of ['--to', '--out', '--listen', '--seconds', '--connections', '--help']) {
      expect(recordCommand.usage).toContain(option);
    }
  });
});
