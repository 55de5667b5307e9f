import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect } from '../../src/client/index.ts';
import { type ACL, JuteWriter, OP } from '../../src/codec/index.ts';
import { listLogs, versionDirectory } from '../../src/server/storage/data-files.ts';
import { ENTRY_HEADER_BYTES, TXN_HEADER_BYTES } from '../../src/server/storage/file-format.ts';
import { readTxnLog, type TxnLogEntry } from '../../src/server/storage/txn-log-reader.ts';
import { writeTxn } from '../../src/server/storage/txn-record.ts';
import type { PlainTxn, Txn } from '../../src/server/tree/txn.ts';
import {
  startServer,
  tryFindZooKeeper,
  type ZooKeeperServer,
} from '../../tools/zookeeper/index.ts';
import { recordBytes } from '../unit/server/storage/log-bytes.ts';
import { describeApache } from './support/real-zookeeper.ts';

/** What servers since 3.6 put behind the records of what they apply. */
const DIGEST_BYTES = 12;

/** Apache's own dumper needs a jar that the server does not. */
const found = tryFindZooKeeper();
const options = 'directory' in found ? join(found.directory, 'commons-cli.jar') : '';
const hasDumper = existsSync(options);
if (!hasDumper) process.stderr.write("Apache's log dumper is not compared with: no commons-cli\n");

describeApache('the transaction log of a real server', () => {
  let server: ZooKeeperServer;
  let entries: TxnLogEntry[];

  beforeAll(async () => {
    server = await startServer({ fastStart: true, extendedTypesEnabled: true });
    await fillLog(server);
    await server.kill('SIGTERM');
    entries = logPaths(server).flatMap((path) => [...readTxnLog(path)]);
  });
  afterAll(() => server?.stop());

  it('has every request of a client, under its session and xid', () => {
    const [first] = entries as [TxnLogEntry];
    const { sessionId } = first.header;
    const ofFirst = entries.filter(({ header }) => header.sessionId === sessionId);
    expect(ofFirst.map(({ header }) => header.cxid)).toEqual(ofFirst.map((_, index) => index));
    expect(ofFirst.map(({ txn }) => NAMES.get(txn.type))).toEqual([
      'createSession',
      'create',
      'create',
      'create',
      'createContainer',
      'createTTL',
      'setData',
      'create2',
      'multi',
      'multi',
      'multi',
      'error',
      'delete',
      'closeSession',
    ]);
    const [last] = entries.slice(-1) as [TxnLogEntry];
    expect(last.txn).toEqual({ type: OP.closeSession, paths: ['/e2'] });
    expect(Math.abs(last.header.timeMs - Date.now())).toBeLessThan(60_000);
  });

  it('tells a transaction that was applied from one that was refused', () => {
    const multis = entries.flatMap(({ txn }) => (txn.type === OP.multi ? [txn.txns] : []));
    const refused = multis.map((txns) => txns.some(({ type }) => type === OP.error));
    expect(refused).toEqual([false, true, false]);
    expect(multis[0]?.[1]).toEqual({
      type: OP.setData,
      path: '/a',
      data: Buffer.from('multi'),
      version: 2,
    });
  });

  it('is what ours would write, byte for byte, but for the digests', () => {
    const [path] = logPaths(server) as [string];
    const file = readFileSync(path);
    for (const { txn, start } of readTxnLog(path)) {
      const end = start + ENTRY_HEADER_BYTES + file.readInt32BE(start + 8);
      const writer = JuteWriter.standalone();
      writeTxn(writer, txn);
      const record = file.subarray(start + ENTRY_HEADER_BYTES + TXN_HEADER_BYTES, end);
      const written = writer.finished();
      expect(record.subarray(0, written.length)).toEqual(written);
      expect([0, DIGEST_BYTES]).toContain(record.length - written.length);
    }
  });

  it.skipIf(!hasDumper)("says what Apache's own dumper says", () => {
    const [path] = logPaths(server) as [string];
    const dumped = dump(path)
      .trimEnd()
      .split(/\n(?!\])/);
    expect(dumped[0]).toContain('txnlog format version 2');
    expect(dumped.at(-1)).toContain(`${entries.length} txns`);
    expect(dumped.slice(1, -1)).toEqual(entries.map(asDumped));
  });
});

const NAMES = new Map<number, string>(Object.entries(OP).map(([name, code]) => [code, name]));

function logPaths(server: ZooKeeperServer): string[] {
  return listLogs(versionDirectory(server.dataDir)).map(({ path }) => path);
}

async function fillLog(server: ZooKeeperServer): Promise<void> {
  const refused = (): void => {};
  const zk = await connect(server.connectString);
  await zk.create('/a', 'hello');
  await zk.create('/a/é-€', 'x', { mode: 'ephemeral' });
  await zk.create('/a/s-', null, { mode: 'persistent-sequential' });
  await zk.create('/c', '', { mode: 'container' });
  await zk.create('/t', 'ttl', { mode: 'persistent-ttl', ttlMs: 100_000 });
  await zk.set('/a', 'world');
  await zk.create('/w', 'stat', { withStat: true });
  await zk.multi([
    { op: 'create', path: '/m', data: 'm' },
    { op: 'set', path: '/a', data: 'multi' },
    { op: 'check', path: '/a', version: 2 },
    { op: 'create', path: '/m/t', mode: 'persistent-ttl', ttlMs: 5_000 },
    { op: 'delete', path: '/t' },
  ]);
  const half = [
    { op: 'create', path: '/m2' },
    { op: 'delete', path: '/none' },
  ] as const;
  await zk.multi(half).catch(refused);
  await zk.multi([]);
  await zk.delete('/none').catch(refused);
  await zk.delete('/w');
  await zk.close();
  const other = await connect(server.connectString);
  await other.create('/e2', 'x', { mode: 'ephemeral' });
  await other.close();
}

function dump(path: string): string {
  if (!('java' in found)) return '';
  const main = 'org.apache.zookeeper.server.persistence.TxnLogToolkit';
  const locale = ['-Duser.timezone=UTC', '-Duser.language=en', '-Duser.country=US'];
  const args = [...locale, '-Dfile.encoding=UTF-8', '-cp'];
  return execFileSync(
    found.java,
    [...args, [...found.classPath, options].join(delimiter), main, '-d', path],
    { encoding: 'utf8', env: { LANG: 'C.UTF-8' }, stdio: ['ignore', 'pipe', 'ignore'] },
  );
}

const DATE = new Intl.DateTimeFormat('en-US', {
  dateStyle: 'short',
  timeStyle: 'long',
  timeZone: 'UTC',
});

/** One entry in the dumper's words. */
function asDumped({ header, txn }: TxnLogEntry): string {
  const { sessionId, cxid, zxid, timeMs } = header;
  const date = DATE.format(timeMs).replaceAll('\u202f', ' ');
  const ids = [sessionId, BigInt(cxid), zxid].map((id) => `0x${id.toString(16)}`);
  return `${date} session ${ids[0]} cxid ${ids[1]} zxid ${ids[2]} ${dumpedName(txn)} ${txnText(txn)}`;
}

function dumpedName({ type }: Txn): string | undefined {
  return type === OP.createTTL ? 'createTtl' : NAMES.get(type);
}

function txnText(txn: Txn): string {
  switch (txn.type) {
    case OP.createSession:
      return String(txn.timeoutMs);
    case OP.closeSession:
      return `v{${(txn.paths ?? []).map((path) => `'${path}`).join(',')}}`;
    case OP.multi:
      return txn.txns.map(stepText).join(';');
    case OP.error:
      return String(txn.code);
    case OP.setData:
    case OP.reconfig:
      return `${txn.path},${txn.data ?? ''},${txn.version}`;
    case OP.create:
    case OP.create2:
      return `${createText(txn)},${txn.ephemeral},${txn.parentCversion}`;
    case OP.createContainer:
      return `${createText(txn)},${txn.parentCversion}`;
    case OP.createTTL:
      return `${createText(txn)},${txn.parentCversion},${txn.ttlMs}`;
    default:
      return `'${txn.path}`;
  }
}

interface Created {
  readonly path: string;
  readonly data: Buffer | null;
  readonly acl: readonly ACL[];
}

function createText({ path, data, acl }: Created): string {
  const list = acl.map(({ perms, id }) => `${perms},s{'${id.scheme},'${id.id}}\n`);
  return `${path},${data ?? ''},[${list.join(',')}]`;
}

/** The dumper prints steps of a multi as the text that their bytes are: every byte is compared. */
function stepText(step: PlainTxn): string {
  return `${dumpedName(step)}:${recordBytes(step).toString('utf8')}`;
}
