import { describe, expect, it } from 'vitest';
import { SHELL_COMMANDS } from '../../../../src/cli/shell/command-table.ts';
import { type Completions, complete } from '../../../../src/cli/shell/completion.ts';
import type { ZooKeeperClient } from '../../../../src/client/index.ts';

/** Children by path; those of `/slow` never come. */
const TREE: Readonly<Record<string, readonly string[]>> = {
  '/': ['app', 'apple', 'with space', 'zookeeper'],
  '/app': ['one', 'two'],
  '/many': Array.from({ length: 600 }, (_, at) => `member-${at}`),
};

/** What completion asks of a client. */
const ZK = {
  getChildren: async (path: string): Promise<string[]> => {
    const names = TREE[path];
    if (names === undefined) throw new Error('NONODE');
    return [...names];
  },
  exists: async (path: string) => ({ numChildren: TREE[path]?.length ?? 0 }),
} as unknown as ZooKeeperClient;

function completed(line: string, zk: ZooKeeperClient | null = ZK): Promise<Completions> {
  return complete(line, { commands: SHELL_COMMANDS, client: () => zk });
}

describe('complete', () => {
  it.each<[string, Completions]>([
    ['cr', [['create '], 'cr']],
    ['get', [['get', 'getAcl', 'getAllChildrenNumber', 'getEphemerals'], 'get']],
    ['help removew', [['removewatches '], 'removew']],
    ['help get ', [[], '']],
    ['printwatches o', [['off', 'on'], 'o']],
    ['addWatch -m PERSISTENT_', [['PERSISTENT_RECURSIVE '], 'PERSISTENT_']],
    ['create -', [['-c', '-e', '-s', '-t'], '-']],
    ['nothing -', [[], '-']],
    ['get x', [[], 'x']],
    ['get /ap', [['/app', '/apple'], '/ap']],
    ['get /zoo', [['/zookeeper '], '/zoo']],
    // A node with children is gone into.
    ['get /app/', [['/app/one', '/app/two'], '/app/']],
    ['get /app/t', [['/app/two '], '/app/t']],
    ['get -s /nosuch/', [[], '/nosuch/']],
    ['get /none', [[], '/none']],
    // What has a space in it is quoted.
    ['get /w', [['"/with space" '], '/w']],
    ["get '/w", [["'/with space' "], "'/w"]],
    ['get "/ap', [['"/app', '"/apple'], '"/ap']],
    // Too many to list.
    ['get /many/m', [['/many/member-'], '/many/m']],
  ])('%j', async (line, expected) => {
    expect(await completed(line)).toEqual(expected);
  });

  it('gives every command at the beginning', async () => {
    const [names, end] = await completed('');
    expect([names.length, end]).toEqual([SHELL_COMMANDS.length, '']);
  });

  it('goes into a node that is alone with its beginning', async () => {
    const alone = { ...ZK, getChildren: async () => ['app'] } as unknown as ZooKeeperClient;
    expect(await completed('ls /a', alone)).toEqual([['/app/'], '/a']);
  });

  it('knows no nodes without a connection', async () => {
    expect(await completed('get /a', null)).toEqual([[], '/a']);
  });
});
