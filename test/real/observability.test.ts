import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decode } from '../../src/cli/decode.ts';
import { writeCapture } from '../../src/cli/session-capture.ts';
import {
  connect,
  digestCredential,
  REQUEST_CHANNEL,
  type RequestMessage,
  type WireRecord,
} from '../../src/client/index.ts';
import { startServer, type ZooKeeperServer } from '../../tools/zookeeper/index.ts';
import { FaultProxy } from './support/fault-proxy.ts';
import { describeReal } from './support/real-zookeeper.ts';

/** A line without what differs from run to run: times, zxids (servers before 3.9.0 tell none in events), ids, Stats. */
function masked(line: string): string {
  return line
    .replace(/^\d+\.\dms /, '')
    .replace(/ stat=\{.*?\}/g, ' STAT')
    .replace(/ czxid=.* pzxid=0x[\da-f]+/, ' STAT')
    .replace(/zxid=(0x[\da-f]+|-1)/g, 'zxid=Z')
    .replace(/sessionId=0x[1-9a-f][\da-f]*/, 'sessionId=S');
}

describeReal('what can be seen of a client on a real server', () => {
  let server: ZooKeeperServer;

  beforeAll(async () => {
    server = await startServer({ fastStart: true, configLines: ['forceSync=no'] });
  });

  afterAll(() => server?.stop());

  it('is on its wire tap: every frame, and no secret', async () => {
    const lines: string[] = [];
    const zk = await connect(server.connectString, {
      auth: [digestCredential('user', 'auth-secret')],
      wireTap: (line) => void lines.push(line),
    });
    const events: string[] = [];
    await zk.create('/tap', 'one', {
      acl: [
        { perms: 31, id: { scheme: 'world', id: 'anyone' } },
        { perms: 1, id: { scheme: 'digest', id: 'user:hash-secret' } },
      ],
    });
    await zk.get('/tap', { watch: ({ type }) => void events.push(type) });
    await zk.set('/tap', 'x'.repeat(1000));
    await expect(zk.set('/tap', 'y', { version: 7 })).rejects.toThrow('BADVERSION');
    await zk.multi([
      { op: 'check', path: '/tap', version: 1 },
      { op: 'delete', path: '/tap' },
    ]);
    await zk.close();
    expect(events).toEqual(['NodeDataChanged']);
    const host = server.connectString;
    expect(lines.map(masked)).toEqual([
      `${host} c0 > connect protocolVersion=0 lastZxidSeen=0x0 timeOut=30000 sessionId=0x0 passwd=16B[redacted] readOnly=false`,
      `${host} c0 < connect ok protocolVersion=0 timeOut=30000 sessionId=S passwd=16B[redacted] readOnly=false`,
      `${host} c0 > #-4 auth type=0 scheme="digest" auth=16B[redacted]`,
      `${host} c0 < #-4 auth zxid=Z ok`,
      `${host} c0 > #1 create path="/tap" data=3B"one" acl=[world:anyone cdrwa, digest:user:[redacted] r] flags=0`,
      `${host} c0 < #1 create zxid=Z ok path="/tap"`,
      `${host} c0 > #2 getData path="/tap" watch=true`,
      `${host} c0 < #2 getData zxid=Z ok data=3B"one" STAT`,
      `${host} c0 > #3 setData path="/tap" data=1000B"xxxxxxxxxxxxxxxx"… version=-1`,
      `${host} c0 < event zxid=Z NodeDataChanged state=SyncConnected path="/tap"`,
      `${host} c0 < #3 setData zxid=Z ok STAT`,
      `${host} c0 > #4 setData path="/tap" data=1B"y" version=7`,
      `${host} c0 < #4 setData zxid=Z BADVERSION(-103)`,
      `${host} c0 > #5 multi [check path="/tap" version=1, delete path="/tap" version=-1]`,
      `${host} c0 < #5 multi zxid=Z ok [check, delete]`,
      `${host} c0 > #6 closeSession`,
      `${host} c0 < #6 closeSession zxid=Z ok`,
      `${host} c0 ended LINK_DESTROYED`,
    ]);
    expect(lines.join('\n')).not.toContain('secret');
    const times = lines.map((line) => Number.parseFloat(line));
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('is in a capture, which zkwire decode reads, over a reset and a second connection', async () => {
    await using proxy = await FaultProxy.listen(server);
    const lines: string[] = [];
    const records: WireRecord[] = [];
    const zk = await connect(proxy.connectString, {
      wireTap: (line) => void lines.push(line),
      wireCapture: (record) => void records.push(record),
    });
    await zk.create('/capture', Buffer.alloc(200_000));
    await Promise.all(Array.from({ length: 20 }, () => zk.get('/capture')));
    proxy.reset();
    await zk.get('/capture').catch(() => null);
    await zk.delete('/capture');
    await zk.close();
    expect(zk.stats()).toMatchObject({ attempts: 2, connections: 2, sessions: 1, reconnects: 1 });
    const ends = lines.filter((line) => line.includes(' ended '));
    expect(ends.map((line) => line.split(' ').slice(2).join(' '))).toEqual([
      'c0 ended LINK_FAILED',
      'c1 ended LINK_DESTROYED',
    ]);
    const directory = mkdtempSync(join(tmpdir(), 'zkwire-capture-'));
    try {
      const file = join(directory, 'capture.json');
      const details = { client: 'zkwire', client_version: '', server_version: '', description: '' };
      await writeCapture(file, { name: 'capture', ...details }, records);
      const stdout = new PassThrough();
      const printing = text(stdout);
      expect(await decode([file], { stdin: process.stdin, stdout, stderr: stdout })).toBe(0);
      stdout.end();
      const printed = (await printing).trimEnd().split('\n');
      const shown = lines.filter((line) => !line.includes(' ended '));
      // The time first, and the server only in the lines of the tap.
      expect(printed.map((line) => line.trimStart().split(' ').slice(1).join(' '))).toEqual(
        shown.map((line) => line.split(' ').slice(2).join(' ')),
      );
      expect(shown.length).toBeGreaterThan(45);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('is in its metrics: as many as were made, with their bytes and times', async () => {
    const zk = await connect(server.connectString);
    await zk.create('/metrics', Buffer.alloc(100));
    const metrics = zk.startMetrics();
    const beganMs = performance.now();
    await Promise.all(Array.from({ length: 1000 }, () => zk.get('/metrics')));
    for (let made = 0; made < 10; made++) await zk.set('/metrics', 'x');
    await expect(zk.get('/nowhere')).rejects.toThrow('NONODE');
    expect(await zk.exists('/nowhere')).toBeNull();
    const tookMs = performance.now() - beganMs;
    zk.stopMetrics();
    await zk.get('/metrics');
    const { durationMs, operations } = metrics.snapshot();
    expect(Object.keys(operations)).toEqual(['getData', 'setData', 'exists']);
    const { getData, setData, exists } = operations;
    const failures = { rejected: 0, unknown: 0, notSent: 0, errors: {} };
    const header = 4 + 8;
    const replyHeader = 4 + 16;
    expect(getData).toMatchObject({
      requests: 1001,
      ok: 1000,
      rejected: 1,
      errors: { NONODE: 1 },
      requestBytes: 1000 * (header + 4 + 8 + 1) + (header + 4 + 8 + 1),
      replyBytes: 1000 * (replyHeader + 4 + 100 + 68) + replyHeader,
    });
    expect(setData).toMatchObject({ requests: 10, ok: 10, ...failures });
    expect(setData?.replyBytes).toBe(10 * (replyHeader + 68));
    expect(exists).toMatchObject({ requests: 1, ok: 0, rejected: 1, errors: { NONODE: 1 } });
    expect(durationMs).toBeGreaterThanOrEqual(tookMs);
    const { count, minMs, p50Ms, p90Ms, p99Ms, p999Ms, maxMs } = getData!.latency!;
    const ascending = [0.001, minMs, p50Ms, p90Ms, p99Ms, p999Ms, maxMs, tookMs * 1.001];
    expect(ascending).toEqual([...ascending].sort((a, b) => a - b));
    expect(count).toBe(1001);
    await zk.close();
  });

  it('is on its channel: each request of each client', async () => {
    const messages: RequestMessage[] = [];
    const listener = (message: unknown): void => void messages.push(message as RequestMessage);
    subscribe(REQUEST_CHANNEL, listener);
    const beganMs = performance.now();
    try {
      const [one, two] = [await connect(server.connectString), await connect(server.connectString)];
      await Promise.all([one.exists('/'), two.getChildren('/nowhere').catch(() => null)]);
      await Promise.all([one.close(), two.close()]);
      const told = messages.map(({ client, operation, path, xid, error }) => {
        const name = client === one ? 'one' : client === two ? 'two' : 'nobody';
        return `${name} ${operation} ${path} ${xid} ${error?.code ?? 'ok'}`;
      });
      expect(told.sort()).toEqual([
        'one closeSession null 2 ok',
        'one exists / 1 ok',
        'two closeSession null 2 ok',
        'two getChildren /nowhere 1 NONODE',
      ]);
      expect(messages.every(({ host }) => host === server.connectString)).toBe(true);
      const sinceMs = performance.now() - beganMs;
      expect(messages.every(({ durationMs }) => durationMs > 0 && durationMs < sinceMs)).toBe(true);
    } finally {
      unsubscribe(REQUEST_CHANNEL, listener);
    }
  });

  it('is in its stats: the round trip of pings', async () => {
    const zk = await connect(server.connectString, { sessionTimeoutMs: 4000 });
    const beganMs = performance.now();
    expect(zk.stats().pingMs).toBeNull();
    await expect.poll(() => zk.stats().pings).toBeGreaterThanOrEqual(1);
    const { pingMs } = zk.stats();
    expect(pingMs).toBeGreaterThan(0);
    expect(pingMs).toBeLessThan(performance.now() - beganMs);
    await zk.close();
  });
});
