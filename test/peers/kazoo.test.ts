import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeOwnedDirectory, removeOwnedDirectory } from '../../tools/zookeeper/owned-resources.ts';
import { missingPackages } from './needs.ts';
import { makeStandInJava, quietPort } from './stand-in-java.ts';
import { runSuite } from './suite-process.ts';

const PACKAGES = [
  'python3-kazoo',
  'python3-pytest',
  'python3-pytest-timeout',
  'python3-mock',
  'python3-objgraph',
  'python3-pure-sasl',
  'python3-gevent',
  'python3-eventlet',
];

const ENDS_A_SERVER = 'ends one of several servers and stays connected';
const RECONFIGURES = 'changes the members of an ensemble';

/** Tests of kazoo 2.8 that cannot pass on one server; on one of Apache's 3.8.0 the same fail. */
const NEED_AN_ENSEMBLE: Readonly<Record<string, string>> = {
  'test_client.TestClient.test_update_host_list': ENDS_A_SERVER,
  'test_eventlet_handler.TestEventletClient.test_update_host_list': ENDS_A_SERVER,
  'test_gevent_handler.TestGeventClient.test_update_host_list': ENDS_A_SERVER,
  'test_client.TestReconfig.test_add_remove_observer': RECONFIGURES,
  'test_client.TestReconfig.test_bad_input': RECONFIGURES,
  'test_client.TestReconfig.test_no_super_auth': RECONFIGURES,
  'test_connection.TestReadOnlyMode.test_read_only': 'ends two of three servers',
};

/** Tests that kazoo skips by itself. */
const SKIPPED_BY_KAZOO: Readonly<Record<string, string>> = {
  'test_build.TestBuildEnvironment.test_zookeeper_version': "looks at the build of kazoo's own CI",
  'test_sasl.TestSASLGSSAPIAuthentication.test_connect_gssapi_auth': 'needs Kerberos',
  'test_sasl.TestSASLGSSAPIAuthentication.test_invalid_gssapi_auth': 'needs Kerberos',
};

const PASSED_ON_A_REAL_SERVER = 469;
const SUITE_LIMIT_MS = 10 * 60_000;
/** Of one test; the longest takes 10 s. */
const TEST_LIMIT_S = 100;

/** Names of tests by how they ended. */
type Outcomes = Record<'passed' | 'failure' | 'error' | 'skipped', string[]>;

function outcomesOf(junitXml: string): Outcomes {
  const outcomes: Outcomes = { passed: [], failure: [], error: [], skipped: [] };
  for (const [, attributes = '', body] of junitXml.matchAll(
    /<testcase ([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs,
  )) {
    const [name, module] = ['name', 'classname'].map(
      (each) => new RegExp(`(?:^| )${each}="([^"]*)"`).exec(attributes)?.[1],
    );
    const outcome = /<(failure|error|skipped)\b/.exec(body ?? '')?.[1] ?? 'passed';
    outcomes[outcome as keyof Outcomes].push(`${module}.${name}`);
  }
  return outcomes;
}

const directory = makeOwnedDirectory();
afterAll(() => removeOwnedDirectory(directory));

it(
  "passes kazoo's own suite as a real server does",
  async ({ skip }) => {
    const missing = missingPackages("kazoo's suite", PACKAGES);
    skip(missing !== null, `needs ${missing}`);
    const [java, work, report] = ['java', 'work', 'kazoo.xml'].map((name) => join(directory, name));
    makeStandInJava(java!);
    mkdirSync(work!);
    // Debian's own interpreter: another one first in the path would not find Debian's kazoo.
    const { output } = await runSuite(
      '/usr/bin/python3',
      [
        ...['-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--tb=short', '--show-capture=no'],
        ...[`--timeout=${TEST_LIMIT_S}`, `--junitxml=${report}`, '--pyargs', 'kazoo.tests'],
      ],
      {
        cwd: work!,
        env: {
          PATH: `${java}:${process.env.PATH}`,
          TMPDIR: directory,
          PYTHONDONTWRITEBYTECODE: '1',
          ZOOKEEPER_CLASSPATH: 'none',
          ZOOKEEPER_VERSION: '3.8.0',
          ZOOKEEPER_CLUSTER_SIZE: '1',
          ZOOKEEPER_PORT_OFFSET: String(await quietPort()),
          ZOOKEEPER_JAAS_AUTH: 'digest',
        },
        timeoutMs: SUITE_LIMIT_MS,
      },
    );
    const end = output.slice(-4_000);
    const { passed, failure, error, skipped } = outcomesOf(readReport(report!, end));
    console.log(
      `kazoo: ${passed.length} passed, ${failure.length} failed as on a real server, ${skipped.length} skipped`,
    );
    expect(failure.sort(), end).toEqual(Object.keys(NEED_AN_ENSEMBLE).sort());
    expect(error, end).toEqual([]);
    expect(skipped.sort()).toEqual(Object.keys(SKIPPED_BY_KAZOO).sort());
    expect(passed.length).toBeGreaterThanOrEqual(PASSED_ON_A_REAL_SERVER);
  },
  SUITE_LIMIT_MS + 60_000,
);

function readReport(path: string, output: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new Error(`no report of kazoo's suite; it said last:\n${output}`);
  }
}
