import { EventEmitter } from 'node:events';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadPeer, PEERS_FOLDER, type PeerName, preparePeers } from '../../bench/peers.ts';
import type { PlainCreateMode, StateName, TtlCreateMode } from '../../src/client/index.ts';
import { PERMS } from '../../src/client/index.ts';
import { EVENT_TYPE, SERVER_CODE } from '../../src/codec/index.ts';
import { AUTH_ERROR_CODES, REQUEST_ERROR_CODES } from '../../src/errors.ts';
import { createServer } from '../../src/server/index.ts';
import { entryPoints, membersOf } from '../../tools/api-docs/public-api.ts';
import { DocPackage, docBlocks, fencedBlocks } from '../unit/docs/doc-blocks.ts';
import { ROOT, runNode } from '../unit/package/run-node.ts';

const INSTALL_LIMIT_MS = 10 * 60_000;
const PROGRAMS_LIMIT_MS = 5 * 60_000;

/** What every object, emitter, error and promise has. */
const BASES: ReadonlySet<object | null> = new Set([
  null,
  Object.prototype,
  Function.prototype,
  EventEmitter,
  EventEmitter.prototype,
  Error.prototype,
  Promise.prototype,
]);

/** Names of an object and of those that it inherits from, with `prefix` and a dot. */
function members(prefix: string, value: object): string[] {
  const names: string[] = [];
  for (let at = value; !BASES.has(at); at = Object.getPrototypeOf(at)) {
    names.push(...Object.getOwnPropertyNames(at).filter((name) => name !== 'constructor'));
  }
  return [...new Set(names)].map((name) => `${prefix}.${name}`);
}

type Class = { readonly prototype: object };
type Fields = Readonly<Record<string, Class & Readonly<Record<string, unknown>>>>;

function ownFields(prefix: string, value: object): string[] {
  return Object.keys(value).map((name) => `${prefix}.${name}`);
}

/** Everything public of npm `zookeeper`, as the guide names it. */
function zookeeperNames(): string[] {
  const ZooKeeper = loadPeer('zookeeper') as Class & {
    readonly constants: Readonly<Record<string, unknown>>;
  };
  const { constants } = ZooKeeper;
  const statics = Object.getOwnPropertyNames(ZooKeeper).filter(
    (name) => !['length', 'name', 'prototype'].includes(name),
  );
  const inherited = Object.getOwnPropertyNames(Object.getPrototypeOf(ZooKeeper)).filter(
    (name) => !['length', 'name', 'prototype'].includes(name),
  );
  const events = Object.keys(constants)
    .filter((name) => name.startsWith('on_'))
    .map((name) => String(constants[name]));
  return [
    ...members('zk', ZooKeeper.prototype),
    ...statics.map((name) => `ZooKeeper.${name}`),
    ...new Set([...inherited, ...Object.keys(constants)]),
    ...members('promise', (loadPeer('zookeeper', 'lib/promise.js') as Class).prototype),
    ...events,
  ];
}

/** Everything public of npm `node-zookeeper-client`, as the guide names it. */
function nodeZookeeperClientNames(): string[] {
  const module = loadPeer('node-zookeeper-client') as Fields & {
    createClient(servers: string): { transaction(): object };
  };
  const { ACL, CreateMode, Event, Exception, Id, Permission, State } = module;
  const client = module.createClient('127.0.0.1:1');
  const state = Object.values(State as object)[0] as object;
  const failure = (Exception as unknown as { create(code: number): object }).create(-101);
  return [
    ...Object.keys(module).filter((name) => name === 'createClient'),
    ...members('client', Object.getPrototypeOf(client)),
    ...members('transaction', Object.getPrototypeOf(client.transaction())),
    ...members('state', Object.getPrototypeOf(state)),
    ...members('event', (Event as Class).prototype),
    ...members('exception', (Exception as Class).prototype),
    ...Object.getOwnPropertyNames(failure)
      .filter((name) => name !== 'stack')
      .map((name) => `exception.${name}`),
    ...members('acl', (ACL as Class).prototype),
    ...members('id', (Id as Class).prototype),
    ...Object.entries({ ACL, CreateMode, Event, Exception, Id, Permission, State }).flatMap(
      ([name, value]) => ownFields(name, value as object),
    ),
  ];
}

/** Rows of the tables of calls and names: those whose second column is about zkwire. */
function rows(document: string): string[][] {
  const text = readFileSync(join(ROOT, document), 'utf8');
  const tables = [...text.matchAll(/(?:^\|.*\|\n)+/gm)].map(([table]) => cellsOf(table));
  return tables
    .filter(([head]) => head?.[1]?.startsWith('zkwire') === true)
    .flatMap((lines) => lines.slice(2));
}

function cellsOf(table: string): string[][] {
  const lines = table.trimEnd().split('\n');
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** Code in a cell. */
function codes(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

/** Names that first cells speak of: `zk.get`, `ZNONODE`. */
function namedBefore(document: string): Set<string> {
  const found = rows(document).flatMap(([first = '']) =>
    codes(first).flatMap((code) => {
      const qualified = [...code.matchAll(/\b([A-Za-z]+)\.(\w+)/g)].map(([name]) => name);
      return [...qualified, ...(code.match(/^\w+/) ?? [])];
    }),
  );
  return new Set(found);
}

/** The compiler holds these complete. */
const STATES: Readonly<Record<StateName, true>> = {
  connecting: true,
  connected: true,
  session: true,
  disconnected: true,
  refused: true,
  lost: true,
  expired: true,
  'auth-failed': true,
  detached: true,
  closed: true,
};
const MODES: Readonly<Record<PlainCreateMode | TtlCreateMode, true>> = {
  persistent: true,
  ephemeral: true,
  'persistent-sequential': true,
  'ephemeral-sequential': true,
  container: true,
  'persistent-ttl': true,
  'persistent-sequential-ttl': true,
};

/** Every name that zkwire has: exports, their members, codes, states, modes. */
function zkwireNames(): Set<string> {
  const declarations = entryPoints(ROOT).flatMap(({ names }) => [...names]);
  return new Set([
    ...declarations.map(([name]) => name),
    ...declarations.flatMap(([, declaration]) => membersOf(declaration).map(({ name }) => name)),
    ...Object.keys({ ...PERMS, ...EVENT_TYPE, ...SERVER_CODE }),
    ...Object.keys({ ...REQUEST_ERROR_CODES, ...AUTH_ERROR_CODES, ...STATES, ...MODES }),
  ]);
}

/** Words of JavaScript, methods of emitters, variables, and options that have no named type of their own. */
const OTHER_WORDS = new Set(
  `await const for of null true then catch on once toString
   zk error event data children options operation servers listener text
   withStat joining leaving end Ended`.split(/\s+/),
);

const GUIDES: readonly (readonly [PeerName, document: string, names: () => string[]])[] = [
  ['zookeeper', 'docs/from-zookeeper.md', zookeeperNames],
  ['node-zookeeper-client', 'docs/from-node-zookeeper-client.md', nodeZookeeperClientNames],
];

describe.each(GUIDES)('the guide from %s', (peer, document, peerNames) => {
  const before = fencedBlocks(document, 'js before');
  const after = docBlocks(document);
  const user = new DocPackage();
  let missing: string | null = null;

  beforeAll(async () => {
    const [state] = await preparePeers([peer], (line) => console.log(line));
    missing = state?.missing ?? null;
    if (missing !== null) process.stderr.write(`npm ${peer} is not there: ${missing}\n`);
    const link = join(user.directory, 'node_modules', peer);
    symlinkSync(join(PEERS_FOLDER, 'node_modules', peer), link);
  }, INSTALL_LIMIT_MS);

  afterAll(() => user.remove());

  it('has a row for everything public of the library, and for nothing else', ({ skip }) => {
    skip(missing !== null, missing ?? '');
    const names = new Set(peerNames());
    const named = namedBefore(document);
    expect([...names].filter((name) => !named.has(name))).toEqual([]);
    const spaces = new Set([...names].flatMap((name) => name.match(/^\w+(?=\.)/) ?? []));
    const invented = [...named].filter(
      (name) => spaces.has(name.split('.')[0] as string) && name.includes('.') && !names.has(name),
    );
    expect(invented).toEqual([]);
  });

  it('names what zkwire has', () => {
    const known = zkwireNames();
    const words = rows(document).flatMap(([, second = '']) =>
      codes(second).flatMap((code) => code.match(/[A-Za-z_][\w-]*/g) ?? []),
    );
    const unknown = words.filter((word) => !known.has(word) && !OTHER_WORDS.has(word));
    expect([...new Set(unknown)]).toEqual([]);
    expect(words.length).toBeGreaterThan(100);
  });

  it(
    'has programs after the move that compile, and print what stands below them',
    async () => {
      expect(user.compile(after)).toBe('');
      expect(after).toHaveLength(before.length);
      for (const [index, { output }] of after.entries()) {
        await using server = await createServer({ port: 0 });
        expect(
          await user.run(index, { connectString: server.connectString }),
          `program ${index + 1}`,
        ).toEqual(output);
      }
    },
    PROGRAMS_LIMIT_MS,
  );

  it(
    'has programs before the move that print the same',
    async ({ skip }) => {
      skip(missing !== null, missing ?? '');
      expect(before.length).toBeGreaterThanOrEqual(4);
      for (const [index, { code }] of before.entries()) {
        await using server = await createServer({ port: 0 });
        const file = join(user.directory, `before-${index}.mjs`);
        writeFileSync(file, code.replaceAll('127.0.0.1:2181', server.connectString));
        const printed = await runNode([file], user.directory);
        expect(printed, `program ${index + 1}`).toEqual(after[index]?.output);
      }
    },
    PROGRAMS_LIMIT_MS,
  );
});
