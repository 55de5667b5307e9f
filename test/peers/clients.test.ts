import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RecordingProxy } from '../../src/cli/recording-proxy.ts';
import { connect } from '../../src/client/index.ts';
import { createServer, type ServerOptions } from '../../src/server/index.ts';
import { runDriver } from '../../tools/goldens/run-driver.ts';
import {
  GOLDEN_SESSIONS,
  type GoldenSession,
  SASL_USER,
  type ServerKind,
} from '../../tools/goldens/sessions.ts';
import { compileClients, driverCommand, ROOT } from '../../tools/goldens/toolchain.ts';
import { makeOwnedDirectory, removeOwnedDirectory } from '../../tools/zookeeper/owned-resources.ts';
import { missingPackages } from './needs.ts';
import { linesByConnection, type Recording } from './wire-comparison.ts';

const PACKAGES = [
  'libzookeeper-java',
  'libzookeeper-mt-dev',
  'python3-kazoo',
  'golang-go',
  'golang-github-samuel-go-zookeeper-dev',
  'openjdk-17-jdk-headless',
  'build-essential',
];
const COMPILE_LIMIT_MS = 10 * 60_000;

/** The embedded server in place of the real one; null: it has none of this kind. */
const SERVERS: Readonly<Record<ServerKind, ServerOptions | null>> = {
  standalone: {},
  sasl: { sasl: { users: { [SASL_USER.name]: SASL_USER.password } } },
  readonly: { readOnly: true },
  // What has no local sessions refuses everybody as long as it is read-only.
  'readonly-refusing': null,
  ensemble: null,
};

const LEFT_OUT = ['java-reconfig', 'java-readonly-refused', 'kazoo-reconfig'];

const nameOf = ({ client, topic }: GoldenSession): string => `${client}-${topic}`;
const isPossible = ({ server }: GoldenSession): boolean => SERVERS[server] !== null;
const missing = missingPackages('real clients', PACKAGES);
const directory = makeOwnedDirectory();
afterAll(() => removeOwnedDirectory(directory));

async function startServer(
  kind: ServerKind,
  dataDir: string,
): Promise<Awaited<ReturnType<typeof createServer>>> {
  if (kind !== 'readonly') return createServer({ ...SERVERS[kind], port: 0 });
  // A member of an ensemble has seen a transaction before it is left alone.
  mkdirSync(dataDir);
  await using before = await createServer({ dataDir, fsync: false });
  const zk = await connect(before.connectString);
  await zk.close();
  await before.close();
  return createServer({ ...SERVERS[kind], dataDir, port: 0 });
}

function jaasOptions(session: GoldenSession): string[] {
  if (session.saslPassword === undefined) return [];
  const file = join(directory, `${nameOf(session)}.jaas`);
  const login = 'org.apache.zookeeper.server.auth.DigestLoginModule required';
  const user = `username="${SASL_USER.name}" password="${session.saslPassword}"`;
  writeFileSync(file, `Client { ${login} ${user}; };\n`);
  return [`-Djava.security.auth.login.config=${file}`];
}

/** Runs the driver that made the fixture, on the embedded server. */
async function record(session: GoldenSession): Promise<Recording> {
  const server = await startServer(session.server, join(directory, `${nameOf(session)}.data`));
  const proxy = await RecordingProxy.start({ targetHost: '127.0.0.1', targetPort: server.port! });
  try {
    const args = [proxy.address, server.connectString, session.topic];
    const command = driverCommand(session.client, directory, args, jaasOptions(session));
    await runDriver(command, proxy);
    return { records: [...proxy.records()] };
  } finally {
    await proxy.stop();
    await server.close();
  }
}

function recorded(session: GoldenSession): Recording {
  const file = join(ROOT, 'test/fixtures/sessions', `${nameOf(session)}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as Recording;
}

const withoutPings = ({
  sent,
  answered,
}: ReturnType<typeof linesByConnection>[number]): object => ({
  sent,
  answered,
});

describe.skipIf(missing !== null)(
  'real clients get from the embedded server what a real one sent',
  () => {
    beforeAll(() => compileClients(directory), COMPILE_LIMIT_MS);

    it.concurrent.each(
      GOLDEN_SESSIONS.filter(isPossible).map((session) => [nameOf(session), session] as const),
    )('%s', async (_name, session) => {
      const expected = linesByConnection(recorded(session));
      const actual = linesByConnection(await record(session));
      expect(actual.map(withoutPings)).toEqual(expected.map(withoutPings));
      // In the others it depends on the load of the machine whether there is one at all.
      if (session.topic === 'session') expect(actual[0]!.pings).toEqual(expected[0]!.pings);
    });

    it('leaves out what needs an ensemble', () => {
      const others = GOLDEN_SESSIONS.filter((session) => !isPossible(session));
      expect(others.map(nameOf).sort()).toEqual([...LEFT_OUT].sort());
    });
  },
);
