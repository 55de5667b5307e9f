import { beforeAll, expect, it } from 'vitest';
import {
  findZooKeeper,
  startServer,
  type ZooKeeperInstallation,
} from '../../tools/zookeeper/index.ts';
import { LineDriver, type LineProgram, startShell, startZkCli } from './support/line-driver.ts';
import { describeApache } from './support/real-zookeeper.ts';
import { DIFFERENCES, type Difference, type Printed } from './support/zkcli-differences.ts';

// Rows Z19, Z20, Z22, Z25, Z29, Z36, Z37, Z38, Z39, Z40 and Z43 of docs/behaviour.md, and most of the others.
/** Given to both, line by line. */
const SCRIPT: readonly string[] = [
  'ls /',
  'ls -s /',
  'create /wcxst',
  'create /test "this is test"',
  'create /single \'it has "double" quotes\'',
  'create /empty ""',
  'create -s /serial',
  'create -s /test/',
  'create -e /temp',
  'create -e -s /temps data',
  'create -c /cont cdata',
  'create -t 5000 /ttl x',
  'create -t 0 /ttl x',
  'create -t many /ttl x',
  'create -e -c /x',
  'create -e -t 5 /x',
  'create -c -t 5 /x',
  'create /ünïcode "größe ☃"',
  'get /ünïcode',
  'create /wcxst',
  'create /a/b/c',
  'create nopath',
  'create /wcxst/',
  'create /a//b',
  'create /a/./b',
  'create /a/../b',
  'create',
  'create -q /x',
  'create -t',
  'create /temp/child',
  'create /wcxst/blog "this is my blog"',
  'ls /wcxst',
  'ls /wcxst/',
  'ls -w /wcxst',
  'create /wcxst/uid 7',
  'ls -sw /wcxst',
  'ls',
  'ls /wcxst watch',
  'delete /wcxst/uid',
  'ls -R /',
  'ls -R /nosuch',
  'get /test',
  'get /wcxst',
  'get /empty',
  'get -s /wcxst/blog',
  'get -w /wcxst/blog',
  'stat -w /wcxst/blog',
  'set /wcxst/blog "change blog"',
  'get /wcxst/blog watch',
  'get',
  'get /nosuch',
  'set -s /wcxst/blog x',
  'set -v 7 /wcxst/blog x',
  'set -v2 /wcxst/blog y',
  'set /wcxst/blog',
  'set /zookeeper/config x',
  'stat /wcxst',
  'stat /nosuch',
  'stat',
  'stat -w /later',
  'create /later',
  'delete /wcxst',
  'delete -v 5 /later',
  'delete /later 5',
  'delete /',
  'delete',
  'getAllChildrenNumber /',
  'getAllChildrenNumber /nosuch',
  'getEphemerals',
  'getEphemerals /temp',
  'getEphemerals /zz',
  'sync /nosuch',
  'sync',
  'getAcl /test',
  'getAcl -s /test',
  'create /acl data world:anyone:cdrwa,ip:127.0.0.1:r',
  'getAcl /acl',
  'setAcl /acl foo',
  'create /acl2 data foo,world:anyone:rq',
  'setAcl -v 9 /acl world:anyone:cdrwa',
  'setAcl -s /acl world:anyone:cdrw',
  'setAcl /acl world:anyone:cdrwa',
  'setAcl -R /acl world:anyone:cdrwa',
  'setAcl -R /test world:anyone:cdrwa',
  'setAcl /test',
  'addauth digest bob:secret',
  'addauth',
  'whoami',
  'create /auth hello auth::cdrwa',
  'getAcl /auth',
  'setquota -n 3 /auth',
  'listquota /auth',
  'setquota -N 1 /auth',
  'setquota -b 1 /auth',
  'listquota /auth',
  'create /auth/sub',
  'setquota -n 3 /auth/sub',
  'setquota -n 3 /',
  'setquota -n 3 /nosuch',
  'setquota -n 0 /test',
  'setquota -b -1 /test',
  'setquota -n x /test',
  'setquota /test',
  'setquota -n 1 -b 1 /test',
  'setquota -n 3 /zookeeper/quota',
  'setquota -n 9 /test/0000000000',
  'setquota -n 9 /test',
  'ls -R /zookeeper',
  'delquota /test/0000000000',
  'ls -R /zookeeper',
  'delquota -n /auth',
  'listquota /auth',
  'delquota /auth',
  'delquota /auth',
  'listquota /auth',
  'ls -R /zookeeper',
  'listquota',
  'delquota',
  'addWatch /pw',
  'create /pw',
  'create /pw/c 1',
  'set /pw/c 2',
  'addWatch -m persistent /pp',
  'create /pp',
  'create /pp/c',
  'set /pp 1',
  'addWatch -m BOGUS /pp',
  'addWatch',
  'removewatches /pw',
  'removewatches /pw',
  'set /pw/c 3',
  'get -w /pw',
  'removewatches -d /pw',
  'ls -w /pw',
  'removewatches /pw -c -l',
  'removewatches -a /nosuch',
  'removewatches',
  'printwatches off',
  'set /pp 2',
  'printwatches',
  'printwatches on',
  'config',
  'config -s',
  'config -c',
  'reconfig',
  'reconfig -remove 3',
  'reconfig -remove 3 -members server.1=a:1:2',
  'reconfig -file /nosuch -members server.1=a:1:2',
  'reconfig -v zz -remove 3',
  'deleteall /wcxst',
  'deleteall /nosuch',
  'deleteall /pw -b 1',
  'deleteall /pw -b x',
  'deleteall',
  'help',
  'Help me',
  'version',
  'version now',
  'history',
  'redo 2',
  '  ls    /  ',
  'getAcl "/test" extra words',
  'close',
  'ls /',
  'history',
  'create /x',
  'connect HOST',
  'ls /',
  'create /after',
];

/** Times, zxids and session ids differ from run to run. */
function masked(lines: readonly string[]): string[] {
  return lines.map((line) =>
    line
      .replace(/^([cmp]Zxid|ephemeralOwner) = 0x[1-9a-f][0-9a-f]*$/, '$1 = 0xN')
      .replace(/^([cm]time) = (?:\w{3} ){2}\d\d \d\d:\d\d:\d\d UTC 20\d\d$/, '$1 = DATE')
      .replace(/127\.0\.0\.1:\d+/, 'HOST'),
  );
}

interface Transcript {
  readonly printed: readonly Printed[];
  readonly events: readonly string[];
  readonly exitCode: number;
}

/** Runs the script on a fresh server. */
async function transcript(
  start: (address: string) => LineProgram,
  installation: ZooKeeperInstallation,
): Promise<Transcript> {
  await using server = await startServer({ installation, fastStart: true });
  const driver = new LineDriver(start(server.connectString));
  const printed: Printed[] = [];
  for (const line of ['', ...SCRIPT]) {
    const { out, err } = await driver.run(line.replace('HOST', server.connectString));
    printed.push({ line, out: masked(out), err: masked(err) });
  }
  const { printed: last, exitCode } = await driver.quit();
  return { printed: [...printed, last], events: driver.events, exitCode };
}

/** The 3.9 client has other words for some things; see `ZOOKEEPER_HOME`. */
const is38 = (): boolean => findZooKeeper().version.startsWith('3.8');

describeApache('zkwire shell beside zkCli.sh', () => {
  let real: Transcript;
  let ours: Transcript;

  beforeAll(async () => {
    const installation = findZooKeeper();
    real = await transcript((at) => startZkCli(installation, ['-server', at]), installation);
    ours = await transcript((at) => startShell([at]), installation);
  });

  it('prints the same for every line, but for the differences that are listed', ({ skip }) => {
    skip(!is38(), 'the words are compared with those of 3.8');
    const used = new Set<Difference>();
    const expected = real.printed.map((printed) =>
      DIFFERENCES.reduce((before, difference) => {
        const after = difference.apply?.(before) ?? before;
        if (JSON.stringify(after) !== JSON.stringify(before)) used.add(difference);
        return after;
      }, printed),
    );
    expect(ours.printed).toEqual(expected);
    // None that was mended since.
    const unused = DIFFERENCES.filter((each) => each.apply !== undefined && !used.has(each));
    expect(unused.map(({ name }) => name)).toEqual([]);
  });

  it('tells the same events in the same order', () => {
    expect(ours.events).toEqual(real.events);
    expect(ours.events.length).toBeGreaterThan(15);
  });

  it('ends with the same exit code', () => {
    // That of the line before `quit`, which is the driver's mark.
    expect([ours.exitCode, real.exitCode]).toEqual([1, 1]);
  });
});
