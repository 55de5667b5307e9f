import { execFileSync } from 'node:child_process';
import { constants, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { OP } from '../../../src/codec/index.ts';
import { createServer } from '../../../src/server/index.ts';
import { dialInMemory } from '../../../src/transport/index.ts';
import { RecordingHandler, send } from '../transport/recording-handler.ts';
import { ManualTime } from './sessions/manual-time.ts';

const directories: string[] = [];

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

/** The next log of a data directory as a pipe that nobody reads: the server waits for it as for a slow disk. */
function stallLog(dataDir: string, zxid: number): string {
  const pipe = join(dataDir, 'pipe');
  execFileSync('mkfifo', [pipe]);
  symlinkSync(pipe, join(dataDir, 'version-2', `unfinished-log.${zxid.toString(16)}`));
  return pipe;
}

/** Somebody reads it now, and goes on to. */
async function goOn(pipe: string): Promise<FileHandle> {
  // For writing too: opened for reading alone it would be at its end between two writers.
  return open(pipe, constants.O_RDWR | constants.O_NONBLOCK);
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await nextTurn();
}

/** The first frame of a connection; session 0 is a new one. */
function handshakeOf(sessionId: bigint, password: Uint8Array, timeoutMs: number): Buffer {
  const bytes = Buffer.alloc(48);
  bytes.writeInt32BE(44);
  bytes.writeInt32BE(timeoutMs, 16);
  bytes.writeBigInt64BE(sessionId, 20);
  bytes.writeInt32BE(16, 28);
  bytes.set(password, 32);
  return bytes;
}

/** A frame of a request: `body` is behind xid and operation. */
function request(xid: number, op: number, body: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(12);
  head.writeInt32BE(8 + body.length);
  head.writeInt32BE(xid, 4);
  head.writeInt32BE(op, 8);
  return Buffer.concat([head, body]);
}

function getData(xid: number, path: string): Buffer {
  const body = Buffer.alloc(4 + path.length + 1);
  body.writeInt32BE(path.length);
  body.write(path, 4);
  return request(xid, OP.getData, body);
}

describe('a disk that stands still for longer than sessions last', () => {
  it('costs nobody a session who has gone on to send', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'zkwire-slow-disk-'));
    directories.push(dataDir);
    const options = { dataDir, fsync: false, clock: new ManualTime(1_000) };
    const before = await createServer(options);
    const first = await connect(before.connectString);
    await first.create('/large', Buffer.alloc(900_000));
    await first.create('/small');
    const resume = await first.detach();
    await before.close();

    await using server = await createServer(options);
    const states: string[] = [];
    const zk = await connect(server.connectString, {
      resume,
      onState: ({ state }) => states.push(state),
    });
    const pipe = stallLog(dataDir, 4);
    const written = zk.set('/small', 'x');
    // More than a connection may leave unread: it is not read from until they have left.
    const read = Promise.all([zk.get('/large'), zk.get('/large'), zk.get('/small')]);
    await turns();
    const late = zk.exists('/small');
    await turns();
    // Ticks are looked at one by one.
    for (let tick = 0; tick < 30; tick++) {
      options.clock.advance(2_000);
      for (let turn = 0; turn < 5; turn++) await nextTurn();
    }
    const reader = await goOn(pipe);
    try {
      expect((await written).version).toBe(1);
      expect((await read).map(({ stat }) => stat.version)).toEqual([0, 0, 1]);
      expect((await late)?.version).toBe(1);
      expect([zk.sessionId, states]).toEqual([
        resume.sessionId,
        ['connecting', 'connected', 'session'],
      ]);
      await zk.close();
    } finally {
      await reader.close();
    }
  });

  it('costs nobody a session whose answers take their time afterwards', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'zkwire-slow-disk-'));
    directories.push(dataDir);
    const clock = new ManualTime(1_000);
    const options = { dataDir, fsync: false, clock };
    const before = await createServer(options);
    const zk = await connect(before.connectString);
    await zk.create('/large', Buffer.alloc(900_000));
    const [writing, reading] = [await zk.detach(), new RecordingHandler()];
    const first = dialInMemory(before.connectString);
    first.start(reading);
    send(first, handshakeOf(0n, Buffer.alloc(16), 10_000));
    await reading.until(({ byteCount }) => byteCount >= 40);
    const sessionId = reading.bytes.readBigInt64BE(12);
    const password = reading.bytes.subarray(24, 40);
    await before.close();

    await using server = await createServer(options);
    const other = await connect(server.connectString, { resume: writing });
    const slow = dialInMemory(server.connectString);
    const client = new RecordingHandler();
    slow.start(client);
    send(slow, handshakeOf(sessionId, password, 10_000));
    await client.until(({ byteCount }) => byteCount >= 40);
    const pipe = stallLog(dataDir, 4);
    const written = other.create('/small');
    await turns();
    // What it is answered waits for the disk; then it takes nothing for a while, and goes on to send.
    for (let xid = 1; xid <= 3; xid++) send(slow, getData(xid, '/large'));
    await turns();
    slow.pause();
    send(slow, request(-2, OP.ping));
    for (let tick = 0; tick < 10; tick++) {
      clock.advance(2_000);
      await turns();
    }
    const reader = await goOn(pipe);
    try {
      await written;
      await turns();
      slow.resume();
      await client.until(({ byteCount, ends }) => byteCount > 2_700_000 || ends.length > 0);
      await turns();
      expect(client.ends).toEqual([]);
      // Whoever takes nothing and is not heard is as dead as others are.
      clock.advance(14_000);
      await turns();
      expect(client.ends).toHaveLength(1);
      await other.close();
    } finally {
      await reader.close();
    }
  });

  it('tells nobody of a transaction before it has it, however much there is to tell', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'zkwire-slow-disk-'));
    directories.push(dataDir);
    const options = { dataDir, fsync: false };
    const before = await createServer(options);
    const owner = await connect(before.connectString);
    const others = await connect(before.connectString);
    // Events of more bytes than an output keeps for a common flush, in a transaction that the pipe takes.
    const paths = Array.from({ length: 2_000 }, (_, index) => `/${index}`);
    await Promise.all(paths.map((path) => owner.create(path, null, { mode: 'ephemeral' })));
    const tickets = [await owner.detach(), await others.detach()];
    await before.close();

    await using server = await createServer(options);
    const ending = await connect(server.connectString, { resume: tickets[0] });
    const watching = await connect(server.connectString, { resume: tickets[1] });
    const heard: string[] = [];
    await watching.watch('/', { recursive: true, listener: ({ path }) => void heard.push(path) });
    const pipe = stallLog(dataDir, 2_003);
    const ended = ending.close();
    await turns();
    const heardBefore = heard.length;
    const reader = await goOn(pipe);
    try {
      await ended;
      while (heard.length < paths.length) await nextTurn();
      expect(heardBefore).toBe(0);
      expect(heard.sort()).toEqual(paths.sort());
      await watching.close();
    } finally {
      await reader.close();
    }
  });
});
