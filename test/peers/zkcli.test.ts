import { beforeAll, expect, it } from 'vitest';
import { createServer } from '../../src/server/index.ts';
import { findZooKeeper, startServer } from '../../tools/zookeeper/index.ts';
import { LineDriver, startZkCli } from '../real/support/line-driver.ts';
import { describeReal } from '../real/support/real-zookeeper.ts';

/** Every kind of command that says something of the server. */
const SCRIPT: readonly string[] = [
  'ls /',
  'ls -s /zookeeper',
  'create /app "first"',
  'create /app again',
  'create /none/child',
  'create -s /app/job- a',
  'create -s /app/job- b',
  'create -e /app/live now',
  'create /app/live/child',
  'create -c /app/box',
  'create -t 60000 /app/ttl x',
  'get -s /app',
  'get /none',
  'set -s /app "second"',
  'set -v 7 /app "third"',
  'stat /app/live',
  'ls -R /app',
  'getAllChildrenNumber /app',
  'getEphemerals',
  'getEphemerals /app',
  'getAcl -s /app',
  'addauth digest bob:secret',
  'whoami',
  'create /own mine auth::cdrwa',
  'getAcl /own',
  'setAcl -v 3 /own world:anyone:r',
  'create /shut x digest:eve:x:cdrwa',
  'get /shut',
  'setquota -n 2 /app/box',
  'create /app/box/one',
  'listquota /app/box',
  'delquota /app/box',
  'addWatch -m PERSISTENT_RECURSIVE /app',
  'set /app/ttl y',
  'removewatches /app',
  'get -w /app/ttl',
  'delete /app',
  'delete -v 9 /app/ttl',
  'delete /app/ttl',
  'config -s',
  'reconfig -remove 3',
  'sync /app',
  'deleteall /app',
  'ls -s /',
];

/** Times and session ids; zxids are the same on fresh servers. */
function masked(line: string): string {
  return line
    .replace(/^ephemeralOwner = 0x[1-9a-f][0-9a-f]*$/, 'ephemeralOwner = SESSION')
    .replace(/^([cm]time) = (?:\w{3} ){2}\d\d \d\d:\d\d:\d\d UTC 20\d\d$/, '$1 = TIME')
    .replace(/127\.0\.0\.1:\d+/, 'HOST');
}

interface Transcript {
  readonly lines: readonly string[];
  readonly events: readonly string[];
  readonly exitCode: number;
}

async function transcript(address: string): Promise<Transcript> {
  const driver = new LineDriver(startZkCli(findZooKeeper(), ['-server', address]));
  const lines: string[] = [];
  for (const line of ['', ...SCRIPT]) {
    const { out, err } = await driver.run(line);
    lines.push(`> ${line}`, ...out.map(masked), ...err.map((text) => `error: ${masked(text)}`));
  }
  const { exitCode } = await driver.quit();
  return { lines, events: driver.events, exitCode };
}

const SCRIPT_LIMIT_MS = 10 * 60_000;

describeReal('zkCli.sh', () => {
  let ofReal: Transcript;
  let ofOurs: Transcript;

  beforeAll(async () => {
    await using real = await startServer({ fastStart: true, extendedTypesEnabled: true });
    ofReal = await transcript(real.connectString);
    await using ours = await createServer({ port: 0 });
    ofOurs = await transcript(ours.connectString);
  }, SCRIPT_LIMIT_MS);

  it('prints the same on the embedded server as on a real one', () => {
    expect(ofOurs.lines).toEqual(ofReal.lines);
    expect(ofOurs.lines.length).toBeGreaterThan(2 * SCRIPT.length);
  });

  it('tells the same events, and ends with the same code', () => {
    expect(ofOurs.events).toEqual(ofReal.events);
    expect(ofOurs.events.length).toBeGreaterThan(2);
    expect(ofOurs.exitCode).toBe(ofReal.exitCode);
  });
});
