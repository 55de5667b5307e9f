/**
 * Makes the goldens of `test/fixtures` again: `npm run goldens [-- TEXT]`. With a TEXT, records only the
 * sessions whose name contains it; packets are always chosen from all captures that are there.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecordingProxy } from '#cli/recording-proxy';
import type { SessionCapture } from '#cli/session-capture';
import { writeCapture } from '#cli/session-capture';
import { decodeWithApache, recordsFromApache } from './apache-decoder.ts';
import { coverageTable } from './coverage.ts';
import { framesOf } from './frames.ts';
import type { Candidate } from './golden-packets.ts';
import { chooseGoldens, LARGE } from './golden-packets.ts';
import { MALFORMED } from './malformed.ts';
import { runDriver } from './run-driver.ts';
import type { GoldenServer } from './servers.ts';
import { startGoldenServer } from './servers.ts';
import type { GoldenSession } from './sessions.ts';
import { GOLDEN_SESSIONS, SASL_USER } from './sessions.ts';
import { compileClients, debianVersion, driverCommand, LIBRARIES, ROOT } from './toolchain.ts';

const FIXTURES = join(ROOT, 'test/fixtures');

function sessionName(session: GoldenSession): string {
  return `${session.client}-${session.topic}`;
}

/** JSON with one case a line, so that a change of one case is a change of one line. */
function writeCases(file: string, head: object, cases: readonly object[]): void {
  const start = JSON.stringify(head, null, 2).slice(0, -2);
  const lines = cases.map((one) => `    ${JSON.stringify(one)}`);
  writeFileSync(file, `${start},\n  "cases": [\n${lines.join(',\n')}\n  ]\n}\n`);
}

function jaasFile(directory: string, session: GoldenSession): string {
  const file = join(directory, `${sessionName(session)}.jaas`);
  const login = 'org.apache.zookeeper.server.auth.DigestLoginModule required';
  const user = `username="${SASL_USER.name}" password="${session.saslPassword}"`;
  writeFileSync(file, `Client { ${login} ${user}; };\n`);
  return file;
}

async function recordSession(
  session: GoldenSession,
  server: GoldenServer,
  buildDirectory: string,
): Promise<void> {
  const library = LIBRARIES.find((one) => one.name === session.client)!;
  const proxy = await RecordingProxy.start({ targetHost: server.host, targetPort: server.port });
  try {
    const args = [proxy.address, server.address, session.topic, ...server.driverArguments];
    const javaOptions =
      session.saslPassword === undefined
        ? []
        : [`-Djava.security.auth.login.config=${jaasFile(buildDirectory, session)}`];
    await runDriver(driverCommand(session.client, buildDirectory, args, javaOptions), proxy);
  } finally {
    await proxy.stop();
  }
  const details = {
    name: sessionName(session),
    client: library.title,
    client_version: debianVersion(library.debianPackage),
    server_version: debianVersion('zookeeper'),
    description: `${session.description} (server: ${session.server})`,
  };
  const file = join(FIXTURES, 'sessions', `${sessionName(session)}.json`);
  await writeCapture(file, details, proxy.records());
  const { recordCount, recordedBytes } = proxy;
  process.stdout.write(`${sessionName(session)}: ${recordCount} records, ${recordedBytes} bytes\n`);
}

async function recordSessions(wanted: string, buildDirectory: string): Promise<void> {
  const sessions = GOLDEN_SESSIONS.filter((session) => sessionName(session).includes(wanted));
  for (const kind of new Set(sessions.map((session) => session.server))) {
    const server = await startGoldenServer(kind);
    try {
      for (const session of sessions) {
        if (session.server === kind) await recordSession(session, server, buildDirectory);
      }
    } finally {
      await server.stop();
    }
  }
}

function candidatesOf(file: string, buildDirectory: string): Candidate[] {
  const capture: SessionCapture = JSON.parse(readFileSync(join(FIXTURES, file), 'utf8'));
  const frames = framesOf(capture);
  const decoded = decodeWithApache(buildDirectory, frames);
  return frames.map((frame, index) => ({
    frame,
    decoded: decoded[index]!,
    source: {
      client: capture.name.split('-')[0]!,
      clientVersion: capture.client_version,
      serverVersion: capture.server_version,
      capture: file,
      frame: frame.frame,
    },
  }));
}

function writePackets(buildDirectory: string): void {
  const files = readdirSync(join(FIXTURES, 'sessions')).sort();
  const candidates = files.flatMap((file) => candidatesOf(`sessions/${file}`, buildDirectory));
  rmSync(join(FIXTURES, 'packets'), { recursive: true, force: true });
  mkdirSync(join(FIXTURES, 'packets'));
  for (const [operation, cases] of chooseGoldens(candidates)) {
    const op = cases[0]!.op;
    const head = operation === LARGE ? { operation } : { operation, op };
    writeCases(join(FIXTURES, 'packets', `${operation}.json`), head, cases);
  }
}

function writeRecords(buildDirectory: string): void {
  const source = `Apache jute classes ${debianVersion('libzookeeper-java')}`;
  const cases = recordsFromApache(buildDirectory).map(({ type, variant, hex, record }) => ({
    name: `${type}, ${variant}`,
    type,
    hex,
    record,
    source,
  }));
  const description = 'Records alone, without header and length, as Apache writes them';
  writeCases(join(FIXTURES, 'records.json'), { description }, cases);
}

function writeMalformed(): void {
  rmSync(join(FIXTURES, 'malformed'), { recursive: true, force: true });
  mkdirSync(join(FIXTURES, 'malformed'));
  for (const { about, cases } of MALFORMED) {
    const written = cases.map(({ hex, ...rest }) => ({
      ...rest,
      hex: hex.replaceAll(' ', ''),
      source: 'by hand from the definition',
    }));
    writeCases(join(FIXTURES, 'malformed', `${about}.json`), { about }, written);
  }
}

function writeCoverage(): void {
  const file = join(FIXTURES, 'README.md');
  const text = readFileSync(file, 'utf8');
  const [start, end] = ['<!-- coverage: begin -->', '<!-- coverage: end -->'];
  const before = text.slice(0, text.indexOf(start) + start.length);
  const after = text.slice(text.indexOf(end));
  writeFileSync(file, `${before}\n${coverageTable(FIXTURES)}\n${after}`);
}

async function main(wanted: string): Promise<void> {
  const buildDirectory = mkdtempSync(join(tmpdir(), 'zkwire-goldens-'));
  try {
    compileClients(buildDirectory);
    await recordSessions(wanted, buildDirectory);
    writePackets(buildDirectory);
    writeRecords(buildDirectory);
    writeMalformed();
    writeCoverage();
  } finally {
    rmSync(buildDirectory, { recursive: true, force: true });
  }
}

await main(process.argv[2] ?? '');
