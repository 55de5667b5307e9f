import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENT_CHECKS, runClientChecks } from '../../src/conform/index.ts';
import { ROOT } from '../unit/package/run-node.ts';
import { JAVA, KAZOO, type Known, NODE_ZOOKEEPER_CLIENT, NPM_ZOOKEEPER } from './peers-expected.ts';

const PEERS = join(ROOT, 'bench/peers');
const driver = (name: string): string => join(ROOT, 'test/conformance-kit/drivers', name);

/**
 * Left out: what takes some peer longer than its turn (floods, bursts, silent servers), or comes out now so, now
 * otherwise on a busy machine.
 */
const LEFT_OUT =
  /^(ping\/(in-time|granted-time)|close\/|handshake\/(silent|read-only-refusal|answer-in-pieces)|reconnect\/(behind|no-spin|last-zxid|expired)|hostile\/(burst|drip|frame-length-flood)|watch\/before-reply)/;

interface Peer {
  readonly name: string;
  readonly command: readonly string[];
  readonly known: Readonly<Record<string, Known>>;
  /** Why it cannot be judged here; null: it can. */
  readonly missing: string | null;
  /** More that is left out for it. */
  readonly leftOut?: RegExp;
}

/** What a client needs, when it is not there; says so. */
function missing(what: string, isThere: boolean): string | null {
  if (isThere) return null;
  process.stderr.write(`conform client is not tried on a client: it needs ${what}\n`);
  return what;
}

function runs(program: string, ...args: string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

/** A native part that was built for another Node.js is there, and cannot be loaded. */
function npm(name: string, file: string): Pick<Peer, 'command' | 'missing'> {
  const load = `require(${JSON.stringify(join(PEERS, 'node_modules', name))})`;
  return {
    command: [process.execPath, driver(file), '{connect}', PEERS],
    missing: missing(
      `npm ${name} in bench/peers, built for this Node.js`,
      runs(process.execPath, '-e', load),
    ),
  };
}

const JARS = ['zookeeper', 'zookeeper-jute', 'slf4j-nop', 'slf4j-api'];
const classes = mkdtempSync(join(tmpdir(), 'zkwire-java-driver-'));
const CLASS_PATH = [classes, ...JARS.map((jar) => `/usr/share/java/${jar}.jar`)].join(':');

const CLIENTS: readonly Peer[] = [
  {
    name: 'the Java client',
    command: ['java', '-XX:TieredStopAtLevel=1', '-cp', CLASS_PATH, 'JavaDriver', '{connect}'],
    known: JAVA,
    missing: missing(
      'libzookeeper-java and a JDK',
      runs('javac', '-version') && JARS.every((jar) => existsSync(`/usr/share/java/${jar}.jar`)),
    ),
  },
  {
    name: 'kazoo',
    command: ['/usr/bin/python3', driver('kazoo_driver.py'), '{connect}'],
    known: KAZOO,
    missing: missing('python3-kazoo', runs('/usr/bin/python3', '-c', 'import kazoo')),
    // One thread decodes, another tells: an event may come behind what it came before.
    leftOut: /^ping\/dead-server/,
  },
  {
    name: 'node-zookeeper-client',
    ...npm('node-zookeeper-client', 'node-zookeeper-client.mjs'),
    known: NODE_ZOOKEEPER_CLIENT,
  },
  {
    name: 'npm zookeeper',
    ...npm('zookeeper', 'npm-zookeeper.mjs'),
    known: NPM_ZOOKEEPER,
    // Credentials leave with the next ping, which may be too late; pings are as good as the machine is quick.
    leftOut: /^(xid\/behind-a-reconnect|reconnect\/credentials|request\/auth|ping\/)/,
  },
];

describe('zkwire conform client, on other clients', () => {
  beforeAll(() => {
    const needsJava = CLIENTS.some(({ known, missing }) => known === JAVA && missing === null);
    const args = ['-cp', CLASS_PATH, '-d', classes, driver('JavaDriver.java')];
    if (needsJava) execFileSync('javac', args);
  });
  afterAll(() => rmSync(classes, { recursive: true }));

  for (const { name, command, known, missing: needs, leftOut } of CLIENTS) {
    it.skipIf(needs !== null)(
      `finds what ${name} is known to do wrong, and nothing else`,
      async () => {
        const checks = CLIENT_CHECKS.filter(({ id }) => !LEFT_OUT.test(id) && !leftOut?.test(id));
        const report = await runClientChecks({ command, checks, timeoutMs: 20_000 });
        const failed = report.results.filter(({ outcome }) => outcome === 'fail');
        expect(failed.map(({ check, failure }) => [check.id, failure])).toEqual(
          checks
            .filter(({ id }) => id in known)
            .map(({ id }) => [id, expect.stringMatching(known[id]![0])]),
        );
        expect(Object.keys(known).filter((id) => !checks.some((check) => check.id === id))).toEqual(
          [],
        );
      },
    );
  }
});
