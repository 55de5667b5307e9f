import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { connect, type ZooKeeperClient } from '../../../src/client/index.ts';
import {
  createServer,
  type EmbeddedServer,
  type ServerOptions,
} from '../../../src/server/index.ts';

const closing: (() => Promise<unknown>)[] = [];

async function serve(options?: ServerOptions): Promise<EmbeddedServer> {
  const server = await createServer(options);
  closing.push(() => server.close());
  return server;
}

async function client(connectString: string): Promise<ZooKeeperClient> {
  const zk = await connect(connectString, { sessionTimeoutMs: 10_000 });
  closing.push(() => zk.close());
  return zk;
}

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

describe('a server of this process', () => {
  it('serves without a port', async () => {
    const server = await serve();
    expect(server.connectString).toMatch(/^memory:server-\d+$/);
    expect([server.port, server.securePort, server.secureConnectString]).toEqual([
      null,
      null,
      null,
    ]);
    const zk = await client(server.connectString);
    expect(await zk.create('/a', Buffer.from('one'))).toBe('/a');
    const { data, stat } = await zk.get('/a');
    expect(data?.toString()).toBe('one');
    // The first transaction is the session's.
    expect([stat.czxid, stat.version, stat.dataLength]).toEqual([2n, 0, 3]);
  });

  it('needs no name where it is the only one', async () => {
    await serve();
    const zk = await client('memory:');
    expect(await zk.getChildren('/')).toEqual(['zookeeper']);
  });

  it('is reached with a chroot', async () => {
    const server = await serve();
    const zk = await client(server.connectString);
    await zk.create('/app', null);
    const inside = await client(`${server.connectString}/app`);
    await inside.create('/a', null);
    expect(await zk.getChildren('/app')).toEqual(['a']);
  });

  it('serves the same tree over TCP and in memory', async () => {
    const server = await serve({ port: 0 });
    expect(server.connectString).toBe(`127.0.0.1:${server.port}`);
    const tcp = await client(server.connectString);
    const memory = await client(server.memoryConnectString);
    await tcp.create('/a', Buffer.from('x'));
    expect((await memory.get('/a')).data?.toString()).toBe('x');
  });

  it('tells a watch of what another client does, before the reply that shows it', async () => {
    const server = await serve();
    const one = await client(server.connectString);
    const other = await client(server.connectString);
    const heard: string[] = [];
    await one.exists('/a', { watch: (event) => heard.push(event.type) });
    await other.create('/a', null);
    await one.get('/a').then(() => heard.push('reply'));
    expect(heard).toEqual(['NodeCreated', 'reply']);
  });

  it('deletes the ephemeral znodes of a session that is closed', async () => {
    const server = await serve();
    const one = await client(server.connectString);
    const other = await client(server.connectString);
    await one.create('/e', null, { mode: 'ephemeral' });
    expect((await other.exists('/e'))?.ephemeralOwner).toBe(one.sessionId);
    await one.close();
    expect(await other.exists('/e')).toBeNull();
  });

  it('numbers its sessions with its own id in front', async () => {
    const server = await serve({ serverId: 7 });
    const zk = await client(server.connectString);
    expect(zk.sessionId >> 56n).toBe(7n);
  });

  it('says what is wrong with an option', async () => {
    await expect(createServer({ port: 70_000 })).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  });

  it('is not ended by what a listener of notices throws, now or later', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'zkwire-notices-'));
    const warnings: string[] = [];
    const listen = ({ message }: Error): void => void warnings.push(message);
    process.on('warning', listen);
    try {
      for (const onNotice of [
        () => {
          throw 'thrown now';
        },
        async () => {
          throw 'thrown later';
        },
      ]) {
        const server = await createServer({ dataDir });
        const zk = await connect(server.connectString);
        await zk.create('/n-', null, { mode: 'persistent-sequential' });
        await zk.close();
        await server.close();
        const versionDir = join(dataDir, 'version-2');
        const log = readdirSync(versionDir).findLast((name) => name.startsWith('log.'));
        // The torn end of an entry.
        appendFileSync(join(versionDir, log as string), Buffer.alloc(10, 1));
        await (await createServer({ dataDir, onNotice })).close();
      }
      // Warnings come a tick later.
      await new Promise(setImmediate);
    } finally {
      process.off('warning', listen);
      rmSync(dataDir, { recursive: true });
    }
    const report = 'zkwire server, please report: thrown';
    expect(warnings).toEqual([`${report} now`, `${report} later`]);
  });

  it('lets nobody wonder who comes once too often from one address', async () => {
    const server = await serve({ port: 0, maxClientConnections: 1 });
    const first = await connect(server.connectString);
    await expect(connect(server.connectString)).rejects.toThrow('maxClientCnxns');
    await first.close();
  });

  it('says that a port is taken, and leaves nothing behind', async () => {
    const server = await serve({ port: 0 });
    await expect(createServer({ port: server.port as number })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    expect((await client('memory:')).sessionId).toBeDefined();
  });
});
