import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { connect, type WatchEvent } from '../../../../src/client/index.ts';
import { systemClock } from '../../../../src/server/config/server-clock.ts';
import { createServer } from '../../../../src/server/index.ts';
import { dialInMemory } from '../../../../src/transport/index.ts';
import { RecordingHandler } from '../../transport/recording-handler.ts';
import { ManualTime } from '../sessions/manual-time.ts';

/** Of a client that wants 4 s. */
const HANDSHAKE = Buffer.from(
  `0000002d${'00'.repeat(12)}00000fa0${'00'.repeat(8)}00000010${'00'.repeat(17)}`,
  'hex',
);

const directories: string[] = [];

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

/** Long enough for whatever is not held back. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await nextTurn();
}

describe('a frozen server', () => {
  it('does not answer what the disk has meanwhile', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'zkwire-freeze-'));
    directories.push(dataDir);
    let onStamp = (): void => {};
    const clock = {
      ...systemClock,
      wallMs: () => {
        onStamp();
        return Date.now();
      },
    };
    await using server = await createServer({ dataDir, fsync: false, clock });
    await using zk = await connect(server.connectString);
    const logBytes = (): number =>
      readdirSync(join(dataDir, 'version-2'))
        .filter((name) => name.startsWith('log.'))
        .reduce((bytes, name) => bytes + statSync(join(dataDir, 'version-2', name)).size, 0);
    const before = logBytes();
    // While the create is executed: its answer waits for the disk.
    onStamp = () => server.faults.freeze();
    let answered = false;
    const answer = zk.create('/a', 'x').then(() => {
      answered = true;
    });
    while (logBytes() === before) await nextTurn();
    onStamp = () => {};
    await turns();
    // Nobody but the disk knows when it is done: this may pass too early, and never fails so.
    expect(answered).toBe(false);
    server.faults.thaw();
    await answer;
  });

  it('does not execute what was delayed', async () => {
    await using server = await createServer();
    await using zk = await connect(server.connectString);
    const fault = server.faults.inject({ op: 'create' }, { delayMs: 1 });
    let answered = false;
    const answer = zk.create('/a').then(() => {
      answered = true;
    });
    await fault.hit;
    server.faults.freeze();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await turns();
    expect(answered).toBe(false);
    server.faults.thaw();
    await answer;
  });

  it('deletes no containers, and does so afterwards', async () => {
    const clock = new ManualTime(1_000);
    await using server = await createServer({ clock, containerCheckIntervalMs: 100 });
    await using zk = await connect(server.connectString);
    await zk.create('/c', null, { mode: 'container' });
    await zk.create('/c/a');
    await zk.delete('/c/a');
    const heard: string[] = [];
    let tell = (): void => {};
    const told = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const watch = ({ type, path }: WatchEvent): void => {
      heard.push(`${type} ${path}`);
      tell();
    };
    await zk.exists('/c', { watch });
    server.faults.freeze();
    clock.advance(500);
    await turns();
    expect(heard).toEqual([]);
    server.faults.thaw();
    await told;
    expect(heard).toEqual(['NodeDeleted /c']);
  });

  it('hangs up on nobody who says nothing, since it does not listen', async () => {
    const clock = new ManualTime(1_000);
    await using server = await createServer({ clock, sessionlessTimeoutMs: 100 });
    server.faults.freeze();
    const link = dialInMemory(server.connectString);
    const client = new RecordingHandler();
    link.start(client);
    const slab = link.pool.acquire();
    link.write(slab, 0, HANDSHAKE.copy(slab.bytes));
    clock.advance(1_000);
    await turns();
    expect(client.ends).toEqual([]);
    server.faults.thaw();
    await client.until(({ byteCount }) => byteCount > 0);
    // Version, and a time-out that is not 0: a session.
    expect([client.bytes.readInt32BE(4), client.bytes.readInt32BE(8)]).toEqual([0, 4_000]);
  });
});
