import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createServer, type EmbeddedServer } from '../../src/server/index.ts';
import { LineDriver, startShell } from '../real/support/line-driver.ts';

/** Times and zxids differ from run to run. */
function masked(lines: readonly string[]): string[] {
  return lines.map((line) =>
    line
      .replace(/^(c|m)time = (?:\w{3} ){2}\d\d \d\d:\d\d:\d\d UTC 20\d\d$/, '$1time = DATE')
      .replace(/^([cmp]Zxid) = 0x[1-9a-f][\da-f]*$/, '$1 = 0xN'),
  );
}

const ROOT_STAT = [
  'cZxid = 0x0',
  'ctime = Thu Jan 01 00:00:00 UTC 1970',
  'mZxid = 0x0',
  'mtime = Thu Jan 01 00:00:00 UTC 1970',
  'pZxid = 0x0',
  'cversion = -1',
  'dataVersion = 0',
  'aclVersion = 0',
  'ephemeralOwner = 0x0',
  'dataLength = 0',
  'numChildren = 1',
];

const stat = (
  cversion: number,
  dataVersion: number,
  dataLength: number,
  numChildren: number,
): string[] => [
  'cZxid = 0xN',
  'ctime = DATE',
  'mZxid = 0xN',
  'mtime = DATE',
  'pZxid = 0xN',
  `cversion = ${cversion}`,
  `dataVersion = ${dataVersion}`,
  'aclVersion = 0',
  'ephemeralOwner = 0x0',
  `dataLength = ${dataLength}`,
  `numChildren = ${numChildren}`,
];

/** Row, line, and what it prints, wherever: results, errors and `Created` go to different streams. */
const SHOWN: readonly (readonly [row: string, line: string, printed: readonly string[]])[] = [
  ['Z2', 'ls /', ['[zookeeper]']],
  ['Z3', 'ls -s /', ['[zookeeper]', ...ROOT_STAT]],
  ['Z4', 'ls -w /', ['[zookeeper]']],
  ['Z5', 'create /wcxst', ['Created /wcxst']],
  ['Z6', 'create /test "this is test"', ['Created /test']],
  ['Z6', 'get /test', ['this is test']],
  ['Z7', 'create -s /serial', ['Created /serial0000000002']],
  ['Z8', 'create -e /temp', ['Created /temp']],
  ['Z9', 'create /wcxst/blog "this is my blog"', ['Created /wcxst/blog']],
  ['Z9', 'create /wcxst/blog "this is my blog"', ['Node already exists: /wcxst/blog']],
  ['Z10', 'ls /wcxst', ['[blog]']],
  ['Z10', 'ls /wcxst/', ['Path must not end with / character']],
  ['Z11', 'get -s /wcxst/blog', ['this is my blog', ...stat(0, 0, 15, 0)]],
  ['Z12', 'set /wcxst/blog "change blog"', []],
  ['Z12', 'get /wcxst/blog', ['change blog']],
  ['Z13', 'stat /wcxst', stat(1, 0, 0, 1)],
  ['Z13', 'stat /wcxst/blog', stat(0, 1, 11, 0)],
  ['Z14', 'create /wcxst/uid "this is my uid"', ['Created /wcxst/uid']],
  ['Z14', 'ls /wcxst', ['[blog, uid]']],
  ['Z14', 'delete /wcxst/uid', []],
  ['Z14', 'ls /wcxst', ['[blog]']],
  ['Z15', 'delete /wcxst', ['Node not empty: /wcxst']],
  ['Z16', 'deleteall /wcxst', []],
  ['Z16', 'ls /', ['[serial0000000002, temp, test, zookeeper]']],
  ['Z16', 'ls /wcxst', ['Node does not exist: /wcxst']],
];

/** Behind those, with `/a` and what is needed made first. */
const OTHERS: readonly (readonly [
  row: string,
  line: string,
  printed: readonly (string | RegExp)[],
])[] = [
  ['Z17', 'version', [/^zkwire shell version: \d/]],
  ['Z18', 'whoami', ['Auth scheme: User', 'ip: 127.0.0.1']],
  ['Z21', 'create -c /cont cdata', ['Created /cont']],
  [
    'Z23',
    'create -e -c /x',
    [/^-c cannot be combined with -s or -e\. Containers cannot be ephemeral or sequential\.$/],
  ],
  ['Z23', 'create -e -t 5 /x', [/^TTLs cannot be used with Ephemeral znodes$/]],
  ['Z24', 'create /a/b/c', ['Node does not exist: /a/b/c']],
  ['Z24', 'create nopath', ['Path must start with / character']],
  ['-', 'create /a x', ['Created /a']],
  ['-', 'create -e /a/eph', ['Created /a/eph']],
  [
    'Z26',
    'ls /a b',
    ["'ls path [watch]' has been deprecated. Please use 'ls [-w] path' instead.", '[eph]'],
  ],
  ['Z27', 'set -v 7 /a x', ['version No is not valid : /a']],
  ['Z27', 'delete -v 5 /a', ['version No is not valid : /a']],
  ['Z28', 'set -s /a x', stat(1, 1, 1, 1)],
  ['Z30', 'getAcl /a', ["'world,'anyone", ': cdrwa']],
  [
    'Z31',
    'setAcl /a foo',
    ['foo does not have the form scheme:id:perm', 'Acl is not valid : null'],
  ],
  ['Z33', 'getAllChildrenNumber /', ['9']],
  ['Z34', 'getEphemerals', ['[/a/eph, /temp]']],
  ['Z34', 'getEphemerals /a', ['[/a/eph]']],
  ['Z34', 'getEphemerals /zz', ['[]']],
  ['Z35', 'sync /nosuch', ['Sync is OK']],
  ['Z32', 'addauth digest bob:secret', []],
  ['Z18', 'whoami', ['Auth scheme: User', 'digest: bob', 'ip: 127.0.0.1']],
  ['Z32', 'create /auth hello auth::cdrwa', ['Created /auth']],
  ['Z32', 'getAcl /auth', ["'digest,'bob:fyVmFCwVbTJYrznoSu1koqYEYF0=", ': cdrwa']],
  ['Z41', 'reconfig -remove 3', ['KeeperErrorCode = Reconfig is disabled']],
  ['Z42', 'deleteall /nosuch', ['Node does not exist: /nosuch']],
  ['Z31', 'setAcl /a world:anyone:cdrw', []],
  ['Z31', 'setAcl /a world:anyone:cdrwa', ['Insufficient permission : /a']],
];

describe('zkwire shell, with the lines of the notes on a fresh server', () => {
  let server: EmbeddedServer;
  let driver: LineDriver;

  beforeAll(async () => {
    server = await createServer({ port: 0 });
    driver = new LineDriver(startShell([server.connectString]));
    await driver.run('');
  });

  afterAll(async () => {
    await driver?.quit();
    await server?.close();
  });

  async function printed(line: string): Promise<string[]> {
    const { out, err } = await driver.run(line);
    return masked([...err, ...out]);
  }

  it('Z1 help lists the commands', async () => {
    const lines = await printed('help');
    for (const command of ['addWatch', 'create', 'deleteall', 'getAcl', 'ls', 'redo', 'whoami']) {
      expect(
        lines.some((line) => line.trimStart().startsWith(command)),
        command,
      ).toBe(true);
    }
  });

  it.each(SHOWN)('%s %s', async (_row, line, expected) => {
    expect(await printed(line)).toEqual(expected);
  });

  it('Z4 the watch of ls has fired once', () => {
    const told = driver.events.filter((event) => event.includes('NodeChildrenChanged'));
    expect(told).toEqual(['SyncConnected NodeChildrenChanged /']);
  });

  it('Z44 one command to a dead address: ConnectionLoss, and exit code 1', async () => {
    const program = startShell(['127.0.0.1:1', 'ls', '/']);
    const told: Buffer[] = [];
    program.stderr.on('data', (bytes: Buffer) => told.push(bytes));
    expect(await program.exitCode).toBe(1);
    expect(String(Buffer.concat(told))).toContain('KeeperErrorCode = ConnectionLoss for /');
  });

  it.each(OTHERS)('%s %s', async (_row, line, expected) => {
    const lines = await printed(line);
    expect(lines).toEqual(
      expected.map((each) => (typeof each === 'string' ? each : expect.stringMatching(each))),
    );
  });
});
