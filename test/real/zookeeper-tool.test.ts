import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { connect } from '../../src/client/index.ts';
import {
  digestId,
  embeddedInstallation,
  ServerStartError,
  startEnsemble,
  startServer,
  testServerKind,
  type ZooKeeperServer,
} from '../../tools/zookeeper/index.ts';
import { describeApache } from './support/real-zookeeper.ts';

const CONNECT_OPTIONS = { sessionTimeoutMs: 10_000 };

function processExists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function createNode(server: ZooKeeperServer, path: string, text: string): Promise<void> {
  const zk = await connect(server.connectString, CONNECT_OPTIONS);
  await zk.create(path, Buffer.from(text));
  await zk.close();
}

async function readNode(server: ZooKeeperServer, path: string): Promise<string> {
  const zk = await connect(server.connectString, CONNECT_OPTIONS);
  const { data } = await zk.get(path);
  await zk.close();
  return Buffer.from(data ?? []).toString();
}

describeApache('a standalone server', () => {
  it('starts, answers four-letter words, and leaves no process and no directory', async () => {
    const server = await startServer({ fastStart: true });
    expect(server.connectString).toBe(`127.0.0.1:${server.port}`);
    expect(await server.fourLetterWord('ruok')).toBe('imok');
    expect(await server.fourLetterWord('srvr')).toContain('Mode: standalone');
    expect(await server.mode()).toBe('standalone');
    expect(server.secureConnectString).toBeUndefined();
    expect(server.logTail(200)).toContain('binding to port');
    expect([server.running, processExists(server.pid), existsSync(server.dataDir)]).toEqual([
      true,
      true,
      true,
    ]);
    await server.stop();
    expect([
      server.running,
      processExists(server.pid),
      existsSync(dirname(server.dataDir)),
    ]).toEqual([false, false, false]);
    expect(server.logTail(200)).toContain('binding to port');
    await server.stop();
    await expect(server.restart()).rejects.toThrow('stopped for good');
  });

  it('keeps ports and data over kill and restart', async () => {
    await using server = await startServer({ fastStart: true });
    await createNode(server, '/kept', 'yes');
    const { pid, port } = server;
    await server.kill();
    expect([server.running, processExists(pid)]).toEqual([false, false]);
    expect(await server.mode()).toBeUndefined();
    await server.restart();
    expect([server.port, server.pid === pid]).toEqual([port, false]);
    expect(await readNode(server, '/kept')).toBe('yes');
  });

  it('keeps a data directory that was given', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'zkwire-kept-'));
    try {
      const first = await startServer({ fastStart: true, dataDir });
      await createNode(first, '/kept', 'longer');
      await first.stop();
      await using second = await startServer({ fastStart: true, dataDir });
      expect(second.dataDir).toBe(dataDir);
      expect(await readNode(second, '/kept')).toBe('longer');
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });

  it('stands still between pause and resume, and can be stopped while paused', async () => {
    const server = await startServer({ fastStart: true });
    server.pause();
    await expect(server.fourLetterWord('ruok')).rejects.toThrow('no answer to ruok');
    server.resume();
    expect(await server.fourLetterWord('ruok')).toBe('imok');
    server.pause();
    await server.stop();
    expect(processExists(server.pid)).toBe(false);
  });

  it('passes its options on', async () => {
    await using server = await startServer({
      fastStart: true,
      tickTimeMs: 100,
      minSessionTimeoutMs: 300,
      maxSessionTimeoutMs: 9_000,
      configLines: ['maxClientCnxns=77'],
      jvmFlags: ['-Duser.home=/seen'],
      heapMiB: 96,
      extendedTypesEnabled: true,
      maxBufferBytes: 4_000_000,
      superDigest: digestId('super', 'secret'),
      fourLetterWords: ['envi', 'dirs'],
    });
    const conf = await server.fourLetterWord('conf');
    expect(conf).toContain('tickTime=100\n');
    expect(conf).toContain('minSessionTimeout=300\n');
    expect(conf).toContain('maxSessionTimeout=9000\n');
    expect(conf).toContain('maxClientCnxns=77\n');
    const environment = await server.fourLetterWord('envi');
    expect(environment).toContain('user.home=/seen\n');
    expect(await server.fourLetterWord('ruok')).toContain('not in the whitelist');
    const options = { ...CONNECT_OPTIONS, frameBytesMax: 4_000_000 };
    await using zk = await connect(server.connectString, options);
    await zk.create('/long', Buffer.alloc(2_000_000));
    expect((await zk.get('/long')).stat.dataLength).toBe(2_000_000);
    await zk.create('/passing', null, { mode: 'persistent-ttl', ttlMs: 60_000 });
    expect(await zk.exists('/passing')).not.toBeNull();
  });

  it('knows the digest id of a user as the server does', () => {
    // Printed by Apache's own DigestAuthenticationProvider for super:secret.
    expect(digestId('super', 'secret')).toBe('super:lK75jTNcA+U9vtVEw5vB51mj/w4=');
  });

  it('fails with the log and says so when the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    try {
      const error = await startServer({ fastStart: true, port }).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ServerStartError);
      expect(error).toMatchObject({ portTaken: true });
      expect((error as Error).message).toContain('Address already in use');
    } finally {
      other.close();
    }
  });

  it('fails with the log when the configuration is refused', async () => {
    const error = await startServer({ configLines: ['tickTime=soon'] }).catch((reason) => reason);
    expect(error).toMatchObject({ name: 'ServerStartError', portTaken: false });
    expect((error as Error).message).toContain('it ended (exit code 2)');
    expect((error as Error).message).toContain('For input string: "soon"');
  });
});

describeApache('an ensemble of three', () => {
  it('has one leader, survives its death, and takes it back', async () => {
    await using ensemble = await startEnsemble({ fastStart: true, tickTimeMs: 500 });
    const modes = await Promise.all(ensemble.servers.map((server) => server.mode()));
    expect(modes.sort()).toEqual(['follower', 'follower', 'leader']);
    expect(ensemble.connectString.split(',')).toHaveLength(3);

    const first = await ensemble.waitForLeader();
    await createNode(first, '/survives', 'a leader');
    await first.kill();
    const second = await ensemble.waitForLeader();
    expect(second).not.toBe(first);
    expect(await ensemble.leader()).toBe(second);
    expect(await readNode(second, '/survives')).toBe('a leader');

    await first.restart();
    expect(await first.mode()).toBe('follower');
    expect(await readNode(first, '/survives')).toBe('a leader');

    const directory = dirname(dirname(first.dataDir));
    await ensemble.stop();
    expect(ensemble.servers.map((server) => processExists(server.pid))).toEqual([
      false,
      false,
      false,
    ]);
    expect(existsSync(directory)).toBe(false);
  });

  it('serves nobody without a quorum', async () => {
    await using ensemble = await startEnsemble({ fastStart: true, tickTimeMs: 500 });
    const [alone, ...others] = ensemble.servers as [ZooKeeperServer, ...ZooKeeperServer[]];
    await Promise.all(others.map((server) => server.kill()));
    await expect.poll(() => alone.mode()).toBeUndefined();
    expect(await ensemble.leader()).toBeUndefined();
    await expect(ensemble.waitForLeader({ timeoutMs: 100 })).rejects.toThrow('no leader');
    await alone.restart({ waitUntilServing: false });
    expect(alone.running).toBe(true);
  });
});

describeApache('a TLS port', () => {
  interface Answer {
    readonly protocol: string | null;
    readonly text: string;
  }

  // Resolves to what the server answers to `ruok` behind TLS.
  function ask(server: ZooKeeperServer, withCertificate: boolean): Promise<Answer> {
    const files = server.tls!;
    return new Promise((resolve, reject) => {
      const socket = connectTls({
        host: server.host,
        port: server.securePort!,
        ca: readFileSync(files.ca),
        ...(withCertificate && { cert: readFileSync(files.cert), key: readFileSync(files.key) }),
      });
      const protocol = (): string | null => socket.getProtocol();
      socket.once('secureConnect', () => socket.write('ruok'));
      socket.once('data', (text) => {
        resolve({ protocol: protocol(), text: text.toString() });
        socket.destroy();
      });
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('closed without an answer')));
    });
  }

  it('takes a client with the certificate and refuses one without', async () => {
    await using server = await startServer({ fastStart: true, tls: true });
    expect(server.secureConnectString).toBe(`127.0.0.1:${server.securePort}`);
    expect(await ask(server, true)).toEqual({ protocol: 'TLSv1.2', text: 'imok' });
    await expect(ask(server, false)).rejects.toThrow();
    expect(await server.fourLetterWord('ruok')).toBe('imok');
  });

  it('takes a client without a certificate when none is asked for', async () => {
    await using server = await startServer({ fastStart: true, tls: { clientAuth: 'none' } });
    expect((await ask(server, false)).text).toBe('imok');
  });
});

describe('the embedded server as a process', () => {
  it('starts, is killed and restarted with its data, and leaves no process and no directory', async () => {
    const server = await startServer({ installation: embeddedInstallation() });
    expect([await server.mode(), server.version]).toEqual(['standalone', '3.8.0']);
    expect(await server.fourLetterWord('srvr')).toMatch(/^Zookeeper version: 3\.8\.0-zkwire-/);
    await createNode(server, '/kept', 'over SIGKILL');
    const { pid, port } = server;
    await server.kill();
    expect(processExists(pid)).toBe(false);
    await server.restart();
    expect([server.port, server.pid === pid]).toEqual([port, false]);
    expect(await readNode(server, '/kept')).toBe('over SIGKILL');
    await server.stop();
    expect([processExists(server.pid), existsSync(dirname(server.dataDir))]).toEqual([
      false,
      false,
    ]);
  });

  it('says why it did not start', async () => {
    const error = await startServer({
      installation: embeddedInstallation(),
      configLines: ['tickTime=soon'],
    }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ServerStartError);
    expect((error as Error).message).toMatch(/exit code 2[\s\S]*tickTime/);
  });

  it('says that a port is taken', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    const installation = embeddedInstallation();
    const error = await startServer({ installation, port }).catch((reason: unknown) => reason);
    blocker.close();
    expect(error).toMatchObject({ portTaken: true });
  });

  it('forms no ensemble', () => {
    expect(() => startEnsemble({ installation: embeddedInstallation() })).toThrow('no ensembles');
  });

  it('is what tests start when the environment says so', () => {
    expect(testServerKind({})).toBe('apache');
    expect(testServerKind({ ZKWIRE_TEST_SERVER: 'embedded' })).toBe('embedded');
    expect(() => testServerKind({ ZKWIRE_TEST_SERVER: 'java' })).toThrow('apache or embedded');
  });
});
