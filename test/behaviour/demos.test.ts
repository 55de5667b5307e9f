import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEnsemble, type ZooKeeperEnsemble } from '../../tools/zookeeper/index.ts';
import { describeApache } from '../real/support/real-zookeeper.ts';
import { ROOT } from '../unit/package/run-node.ts';

const execute = promisify(execFile);

/** Lines that a demo prints, on these servers or on one of its own; with times that a busy machine keeps. */
async function demo(name: string, servers?: string, ...options: string[]): Promise<string[]> {
  const args = [`examples/${name}`, ...(servers === undefined ? [] : [servers]), ...options];
  const { stdout } = await execute(process.execPath, args, { cwd: ROOT, timeout: 240_000 });
  return stdout.trimEnd().split('\n');
}

/** The part of the lines behind this one, up to the next title. */
function partOf(lines: readonly string[], title: string): string[] {
  const at = lines.findIndex((line) => line.startsWith(`--- ${title}`));
  expect(at, title).toBeGreaterThanOrEqual(0);
  const rest = lines.slice(at + 1);
  const end = rest.findIndex((line) => line.startsWith('---'));
  return end < 0 ? rest : rest.slice(0, end);
}

/** Dials that follow each other are one, those too that came too late for their handshake; what only tells the time is left out. */
function story(lines: readonly string[]): string[] {
  return lines
    .filter(
      (line) => !/^(healed|\[session\] refused|another client has created \/missed)/.test(line),
    )
    .map((line) => line.replace(/0x[\da-f]+/, 'ID').replace(/ [ABC]\b/, ''))
    .filter((line, at, all) => {
      const isLate = line === '[session] connected' && all[at + 1]?.endsWith('(CONNECT_TIMEOUT)');
      return !isLate && !line.endsWith('(CONNECT_TIMEOUT)');
    })
    .filter((line, at, all) => !(line === '[session] connecting' && line === all[at - 1]));
}

const RESUMED = '[session] session ID resumed, time-out';
const NEW = '[session] session ID new, time-out';
const withoutTimeout = (lines: readonly string[]): string[] =>
  lines.map((line) => line.replace(/time-out \d+ ms$/, 'time-out'));

/** What every demo shows, wherever it runs. */
function demos(servers: () => string | undefined): void {
  it('watch-through-partition.mjs: rows 000.1, 000.3, 000.4, 000.5, 000.6, 000.7', async () => {
    const printed = await demo('watch-through-partition.mjs', servers(), '--slow');
    const lines = withoutTimeout(printed.map((line) => line.slice(8)));
    expect(
      story(
        lines.slice(
          0,
          lines.findIndex((line) => line.startsWith('---')),
        ),
      ).slice(-4),
    ).toEqual(['[session] connecting', '[session] connected', NEW, '[watch /foo] set']);
    // 000.7: too short to be noticed.
    expect(story(partOf(lines, 'a partition of less than two thirds'))).toEqual([
      'cut off',
      'the session said nothing',
      '[watch /missed] set',
    ]);
    // 000.5 and 000.6: the session of before, and its watches tell what was missed and what comes.
    const short = story(partOf(lines, 'a partition that is shorter'));
    expect(short).toEqual([
      'cut off',
      '[session] disconnected (PEER_SILENT)',
      '[session] connecting',
      '[session] connected',
      RESUMED,
      '[watch /missed] NodeCreated',
      'another client creates /foo',
      '[watch /foo] NodeCreated',
      '[watch /foo] set',
    ]);
    // 000.4: the server's word, one last event for the watch, and another session.
    const long = partOf(lines, 'a partition that is longer');
    const expired = long.findIndex((line) => line.startsWith('[session] expired'));
    const [, via] = long[expired]?.match(/expired (\w)/) ?? [];
    const next = { A: 'B', B: 'C', C: 'A' }[via as 'A' | 'B' | 'C'];
    expect(long.slice(expired).find((line) => line.includes('connecting'))).toMatch(` ${next}`);
    expect(story(long.slice(expired)).slice(0, 4)).toEqual([
      '[session] expired',
      '[session] disconnected (SESSION_EXPIRED)',
      '[session] connecting',
      '[watch /foo] Ended expired, SESSION_EXPIRED',
    ]);
    const ending = story(long.slice(expired)).filter((line) => line !== '[session] connecting');
    expect(ending.slice(3, 7)).toEqual([
      '[session] connected',
      NEW,
      'the session is another one',
      'another client has created /foo, and the watch that has ended says nothing',
    ]);
    // 000.3 and 001.11: the servers in turn, each dial told; the client never calls it expired itself.
    const dials = long
      .slice(0, expired)
      .flatMap((line) => line.match(/connecting (\w)/)?.[1] ?? []);
    expect(dials.length).toBeGreaterThanOrEqual(4);
    for (const [at, letter] of dials.entries()) {
      if (at > 0) expect(letter).toBe({ A: 'B', B: 'C', C: 'A' }[dials[at - 1] as 'A' | 'B' | 'C']);
    }
    expect(long.filter((line) => line.includes('expired'))).toHaveLength(2);
    expect(long.indexOf('[session] lost')).toBeGreaterThan(0);
  });

  it('session-life.mjs: rows 001.1 to 001.10, 001.15, 001.16, each by its line', async () => {
    const printed = await demo('session-life.mjs', servers(), '--slow');
    const lines = printed.map((line) => line.replace(/: another server$/, ': true'));
    expect(lines.slice(0, -1)).toEqual([
      '001.1  a request without a session: the connection is closed after 0 bytes of answer',
      '001.16 asked for 1 ms and for weeks: granted 2 and 20 ticks',
      "001.10 session ids: the first byte is the server's number, and the next id is one more: true",
      '001.8  transactions: 1 for a session and two reads, 1 for its end',
      '001.3  id and password on another connection: the same session: true',
      '001.3  with a wrong password: SESSION_EXPIRED',
      '001.7  a client that has seen more than the server: HANDSHAKE_CLOSED',
      '001.2  closed: its ephemeral node is there: false',
      '001.5  nothing to say: a ping each third of the time-out: yes',
      '001.15 after 1.7 time-outs of nothing but pings the session lives: true',
      '001.6  a silent server is left after two thirds of the time-out: yes',
      '001.6  and the next one is tried: disconnected A, connecting B, connected B, session B',
      '001.4  the session is the same there, with its node: true',
      '001.9  gone without a word: NodeDeleted, between the time-out and a tick more: yes',
    ]);
  });

  it('registration-and-discovery.mjs: rows 003.1, 003.2, 003.3, 003.4, 003.5, 003.6, 003.7', async () => {
    const lines = await demo('registration-and-discovery.mjs', servers(), '--slow');
    expect(lines.filter((line) => line.startsWith('---'))).toEqual([
      '--- rounds with all three',
      '--- one is killed: it stays in the list until its session expires',
      '--- one ends as it should: it is gone at once',
      '--- the last one ends',
      '--- one comes back',
    ]);
    // 003.1 and 003.2: three nodes, below a parent that was not there.
    const start = lines.slice(0, lines.indexOf('--- rounds with all three'));
    const registered = start.flatMap(
      (line) => line.match(/^registered \/go_servers\/(.*)$/)?.[1] ?? [],
    );
    expect([new Set(registered).size, start.at(-2)]).toEqual([3, '3 in the list']);
    // 003.3 and 003.4: each round one host and its answer, whole; all three have their turn.
    const rounds = partOf(lines, 'rounds with all three');
    expect(rounds.pop()).toBe('all three have answered');
    const hosts = rounds
      .filter((_, at) => at % 2 === 0)
      .map((line) => line.replace('connect host: ', ''));
    expect([...new Set(hosts)].sort()).toEqual([...registered].sort());
    for (const [at, host] of hosts.entries()) expect(rounds[at * 2 + 1]).toMatch(`${host}: 20`);
    // 003.5: a dead host is drawn, and does no harm.
    const killed = partOf(lines, 'one is killed');
    expect(killed).toContain('the list has 2 now');
    expect(killed.at(-1)).toBe(
      'gone within the time-out and two ticks: yes, served all the while: true',
    );
    // 003.6: the list's own length; 003.7: nobody at all.
    const one = partOf(lines, 'one ends as it should');
    expect(one[0]).toBe('the list has 1 now');
    expect(new Set(one.filter((line) => line.startsWith('connect host'))).size).toBe(1);
    expect(partOf(lines, 'the last one ends')).toEqual([
      'the list has 0 now',
      'get server host fail: server list is empty',
      'get server host fail: server list is empty',
    ]);
    const [again, list, host, answer] = partOf(lines, 'one comes back').slice(0, 4).sort(byKind);
    expect(again).toMatch(/^registered/);
    expect(list).toBe('the list has 1 now');
    expect(answer?.startsWith(String(host?.replace('connect host: ', '')))).toBe(true);
  });

  it('api-tour.mjs: rows 004.20, 004.21, 004.22, 004.23, 004.24, F10, text by text', async () => {
    const lines = (await demo('api-tour.mjs', servers())).map(maskedStat);
    expect(partOf(lines, 'first run').sort(watchOrder)).toEqual(tourLines('first'));
    expect(partOf(lines, 'second run')).toEqual(tourLines('second'));
  });

  it('servers-on-and-off-line.mjs: rows 004.15, 004.30, 004.31, 004.32', async () => {
    const lines = await demo('servers-on-and-off-line.mjs', servers(), '--slow');
    const told = lines.filter((line) => !line.startsWith('Connected to'));
    // 004.32: the root's, and one for each server and client, and for the one that comes back.
    expect(lines.length - told.length).toBe(8);
    const at = (text: string): number => told.findIndex((line) => line.startsWith(text));
    const off = at('【server 172.10.01.11】server off line');
    const killed = at('【server 172.10.01.12】killed');
    const count = told.indexOf('changes told to each client: 2 2 2');
    expect(off).toBe(6);
    expect(
      told
        .slice(0, 3)
        .map((line) => line.replace(/\d+$/, 'N'))
        .sort(),
    ).toEqual(
      [11, 12, 13].map(
        (last) =>
          `【server 172.10.01.${last}】register server success, znode path: /server/serverN`,
      ),
    );
    const lists = (from: number, to: number): string[] =>
      told
        .slice(from, to)
        .flatMap((line) => line.match(/get server list success: (.*)$/)?.[1] ?? []);
    const sorted = (list: string | undefined): string => String(list?.match(/[\d.]+/g)?.sort());
    expect(new Set(lists(0, off)).size).toBe(1);
    expect(sorted(lists(0, off)[0])).toBe('172.10.01.11,172.10.01.12,172.10.01.13');
    // 004.30: at once when it closes its session; 004.31: one event for each client and change.
    expect(
      told.slice(off + 1, count).filter((line) => line.endsWith('server changed!')),
    ).toHaveLength(6);
    expect(lists(off, count).map(sorted)).toEqual([
      ...Array(3).fill('172.10.01.12,172.10.01.13'),
      ...Array(3).fill('172.10.01.11,172.10.01.12,172.10.01.13'),
    ]);
    expect(lists(killed, told.length).map(sorted)).toEqual(
      Array(3).fill('172.10.01.11,172.10.01.13'),
    );
    expect(told.slice(-2)).toEqual([
      'noticed within the time-out and a tick: yes',
      'changes told to each client: 3 3 3',
    ]);
  });
}

/** `registered` and the list's change come from two clients. */
function byKind(one: string, other: string): number {
  const kind = (line: string): number =>
    ['registered', 'the list has 1', 'connect host', '127'].findIndex((start) =>
      line.startsWith(start),
    );
  return kind(one) - kind(other);
}

/** Event, event and reply of the watched create come in any order. */
function watchOrder(one: string, other: string): number {
  const place = (line: string): number =>
    line.startsWith('【all event】{"Type":1')
      ? 1
      : line.startsWith('【exists watch event】')
        ? 2
        : line.startsWith('【create znode [/golang/exists]')
          ? 3
          : 0;
  const [a, b] = [place(one), place(other)];
  return a > 0 && b > 0 ? a - b : 0;
}

/** Zxids and times differ from server to server; versions, lengths and numbers of children do not. */
function maskedStat(line: string): string {
  return line
    .replace(/(C|M|P)zxid:[1-9]\d*/g, '$1zxid:Z')
    .replace(/(C|M)time:[1-9]\d*/g, '$1time:T')
    .replace(/^(【root children】.*) Cversion:-?\d+ /, '$1 Cversion:N ')
    .replace(/^(【root children】 .*)Pzxid:\w+/, '$1Pzxid:Z')
    .replace(/"Server":"[^"]+"/, '"Server":"HOST"');
}

function tourLines(run: 'first' | 'second'): string[] {
  const isFirst = run === 'first';
  const stat = (fields: Readonly<Record<string, string | number>>): string => {
    const all = {
      Czxid: 'Z',
      Mzxid: 'Z',
      Ctime: 'T',
      Mtime: 'T',
      Version: 0,
      Cversion: 0,
      Aversion: 0,
      EphemeralOwner: 0,
      DataLength: 0,
      NumChildren: 0,
      Pzxid: 'Z',
      ...fields,
    };
    return `&{${Object.entries(all)
      .map(([name, value]) => `${name}:${value}`)
      .join(' ')}}, <nil>`;
  };
  const event = (type: number, state: number, path: string, server: string): string =>
    `{"Type":${type},"State":${state},"Path":"${path}","Err":null,"Server":"${server}"}`;
  const root = (names: string, count: number): string =>
    `【root children】 [${names}], ${stat({ Czxid: 0, Mzxid: 0, Ctime: 0, Mtime: 0, Cversion: 'N', NumChildren: count })}`;
  const golang = { DataLength: 22, Cversion: isFirst ? 4 : 12, NumChildren: isFirst ? 4 : 6 };
  const after = { DataLength: 22, Cversion: isFirst ? 5 : 13, NumChildren: isFirst ? 3 : 5 };
  const [p, e] = isFirst ? ['0000000002', '0000000003'] : ['0000000007', '0000000008'];
  // In the order of Java's HashSet.
  const names = isFirst
    ? ['ephemeral', `persistent_sequence${p}`, 'persistent', `ephemeral_sequence${e}`]
    : [
        'exists',
        'ephemeral',
        `persistent_sequence${p}`,
        'persistent_sequence0000000002',
        `ephemeral_sequence${e}`,
        'persistent',
      ];
  const made = (path: string, result = path): string =>
    `【create znode [/golang${path}] success】 /golang${result}`;
  const exists = event(1, 3, '/golang/exists', '');
  return [
    ...[1, 100, 101].map((state) => `【all event】${event(-1, state, '', 'HOST')}`),
    isFirst ? root('zookeeper', 1) : root('zookeeper golang', 2),
    isFirst ? made('') : '【create znode [/golang] error】 zk: node already exists',
    made('/persistent'),
    made('/ephemeral'),
    made('/persistent_sequence', `/persistent_sequence${p}`),
    made('/ephemeral_sequence', `/ephemeral_sequence${e}`),
    `【golang children】 [${names.join(' ')}], ${stat(golang)}`,
    `【golang Exists】 true, ${stat(golang)}`,
    `【get path [/golang/persistent] info result】 this is a persistent znode, ${stat({ DataLength: 26 })}`,
    `【change path [/golang/persistent] data result】 ${stat({ Version: 1, DataLength: 11 })}`,
    `【get path [/golang/persistent] info result】 change data, ${stat({ Version: 1, DataLength: 11 })}`,
    '【delete path [/golang/persistent] result】 <nil>',
    `【golang children】 [${names.filter((name) => name !== 'persistent').join(' ')}], ${stat(after)}`,
    `【get path [/golang] info result】 this is a golang znode, ${stat(after)}`,
    '【delete path [/golang] result】 zk: node has children',
    root('zookeeper golang', 2),
    ...(isFirst
      ? [
          `【all event】${exists}`,
          `【exists watch event】${exists}`,
          '【create znode [/golang/exists] success】 /golang/exists',
        ]
      : ['【create znode [/golang/exists] error】 zk: node already exists']),
    `【all event】${event(-1, 0, '', 'HOST')}`,
  ];
}

describe('the demos on a server of their own', () => {
  demos(() => undefined);
});

describeApache('the demos on a ZooKeeper ensemble', () => {
  let ensemble: ZooKeeperEnsemble;

  beforeAll(async () => {
    const configLines = ['forceSync=no'];
    ensemble = await startEnsemble({
      fastStart: true,
      heapMiB: 128,
      tickTimeMs: 1_000,
      configLines,
    });
  });

  afterAll(async () => {
    await ensemble?.stop();
  });

  demos(() => ensemble.connectString);
});
