import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type ZooKeeperClient } from '../../src/client/index.ts';
import { createServer, type EmbeddedServer, type ServerOptions } from '../../src/server/index.ts';
import { type TlsFiles, writeTlsFiles } from '../../tools/zookeeper/tls-files.ts';
import { Attacker } from './support/attacker.ts';

/** Guards against hanging. */
const ENDED_MS_MAX = 60_000;

let files: TlsFiles;
const directory = mkdtempSync(join(tmpdir(), 'zkwire-silent-tls-'));

beforeAll(() => {
  files = writeTlsFiles(directory);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

function serve(options: ServerOptions): Promise<EmbeddedServer> {
  const both = readFileSync(files.serverKeyStore);
  return createServer({ ...options, securePort: 0, tls: { key: both, cert: both } });
}

async function silent(server: EmbeddedServer, count: number): Promise<Attacker[]> {
  const attackers = Array.from(
    { length: count },
    () => new Attacker(server.securePort as number, '127.0.0.1'),
  );
  // A client behind them is served: by then they have all been accepted.
  const neighbour = await connect(server.connectString);
  await neighbour.exists('/');
  await neighbour.close();
  return attackers;
}

/** The server hears of a reset when it reads the next time: until then there may be no room. */
async function secureClient(server: EmbeddedServer): Promise<ZooKeeperClient> {
  const tls = { ca: readFileSync(files.ca) };
  for (let attempt = 0; ; attempt++) {
    try {
      return await connect(server.secureConnectString as string, { tls });
    } catch (cause) {
      if (attempt === 50) throw cause;
      await pause(20);
    }
  }
}

describe('clients that connect to the TLS port and say nothing', () => {
  it('are hung up on when it was time for a handshake', async () => {
    const server = await serve({ port: 0, sessionlessTimeoutMs: 500 });
    const attackers = await silent(server, 20);
    await Promise.all(attackers.map((attacker) => attacker.ended(ENDED_MS_MAX)));
    expect(attackers.filter((attacker) => !attacker.isOver)).toHaveLength(0);
    await server.close();
  });

  it('count as connections of their address', async () => {
    const server = await serve({ port: 0, maxClientConnections: 5 });
    const attackers = Array.from(
      { length: 20 },
      () => new Attacker(server.securePort as number, '127.0.0.1'),
    );
    await Promise.all(attackers.slice(5).map((attacker) => attacker.ended(ENDED_MS_MAX)));
    expect(attackers.filter((attacker) => !attacker.isOver)).toHaveLength(5);
    for (const attacker of attackers) attacker.reset();
    await Promise.all(attackers.map((attacker) => attacker.leave()));
    // They are forgotten when they have gone, as are those who were served.
    for (let round = 0; round < 12; round++) {
      const client = await secureClient(server);
      expect((await client.exists('/'))?.version).toBe(0);
      await client.close();
    }
    await server.close();
  });

  it('do not hold up the end of the server', async () => {
    // Their time for a handshake is over after the limit of this test.
    const server = await serve({ port: 0, sessionlessTimeoutMs: 3_600_000 });
    const attackers = await silent(server, 20);
    await server.close();
    await Promise.all(attackers.map((attacker) => attacker.ended(ENDED_MS_MAX)));
    expect(attackers.every((attacker) => attacker.isOver)).toBe(true);
  });
});
