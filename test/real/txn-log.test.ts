import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect } from '../../src/client/index.ts';
import type { ACL } from '../../src/codec/index.ts';
import {
  startServer,
  tryFindZooKeeper,
  type ZooKeeperServer,
} from '../../tools/zookeeper/index.ts';
import { readTxnLog, type TxnEntry, txnLogPaths } from '../../tools/zookeeper/txn-log.ts';
import type { TxnBody, TxnStep } from '../../tools/zookeeper/txn-log-record.ts';
import { recordBytes } from '../unit/tools/zookeeper/txn-log-bytes.ts';
import { describeReal } from './support/real-zookeeper.ts';

/** Apache's own dumper needs a jar that the server does not. */
const found = tryFindZooKeeper();
const options = 'directory' in found ? join(found.directory, 'commons-cli.jar') : '';
const hasDumper = existsSync(options);
if (!hasDumper) process.stderr.write("Apache's log dumper is not compared with: no commons-cli\n");

describeReal('the transaction log of a real server', () => {
  let server: ZooKeeperServer;
  let entries: TxnEntry[];

  beforeAll(async () => {
    server = await startServer({ fastStart: true, extendedTypesEnabled: true });
    await fillLog(server);
    await server.kill('SIGTERM');
    entries = txnLogPaths(server.dataDir).flatMap((path) => [...readTxnLog(path)]);
  }, 60_000);
  afterAll(() => server?.stop());

  it('has every request of a client, under its session and xid', () => {
    const [first] = entries as [TxnEntry];
    const ofFirst = entries.filter(({ sessionId }) => sessionId === first.sessionId);
    expect(ofFirst.map(({ cxid }) => cxid)).toEqual(ofFirst.map((_, index) => index));
    expect(ofFirst.map(({ body }) => body.type)).toEqual([
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
    const [last] = entries.slice(-1) as [TxnEntry];
    expect(last.body).toEqual({ type: 'closeSession', paths: ['/e2'] });
    expect(Math.abs(last.timeMs - Date.now())).toBeLessThan(60_000);
  });

  it('tells a transaction that was applied from one that was refused', () => {
    const multis = entries.map(({ body }) => body).filter((body) => body.type === 'multi');
    expect(multis.map(({ applied }) => applied)).toEqual([true, false, true]);
    expect(multis[0]?.steps[1]).toEqual({
      type: 'setData',
      path: '/a',
      data: Buffer.from('multi'),
      version: 2,
    });
  });

  it.skipIf(!hasDumper)("says what Apache's own dumper says", () => {
    const [path] = txnLogPaths(server.dataDir) as [string];
    const dumped = dump(path)
      .trimEnd()
      .split(/\n(?!\])/);
    expect(dumped[0]).toContain('txnlog format version 2');
    expect(dumped.at(-1)).toContain(`${entries.length} txns`);
    expect(dumped.slice(1, -1)).toEqual(entries.map(asDumped));
  });
});

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
function asDumped({ sessionId, cxid, zxid, timeMs, body }: TxnEntry): string {
  const date = DATE.format(timeMs).replaceAll('\u202f', ' ');
  const ids = [sessionId, BigInt(cxid), zxid].map((id) => `0x${id.toString(16)}`);
  const name = body.type === 'createTTL' ? 'createTtl' : body.type;
  return `${date} session ${ids[0]} cxid ${ids[1]} zxid ${ids[2]} ${name} ${bodyText(body)}`;
}

function bodyText(body: TxnBody): string {
  switch (body.type) {
    case 'createSession':
      return String(body.timeoutMs);
    case 'closeSession':
      return `v{${(body.paths ?? []).map((path) => `'${path}`).join(',')}}`;
    case 'multi':
      return body.steps.map(stepText).join(';');
    case 'error':
      return String(body.serverCode);
    case 'setData':
    case 'reconfig':
      return `${body.path},${body.data ?? ''},${body.version}`;
    case 'create':
    case 'create2':
      return `${createText(body)},${body.ephemeral},${body.parentCVersion}`;
    case 'createContainer':
      return `${createText(body)},${body.parentCVersion}`;
    case 'createTTL':
      return `${createText(body)},${body.parentCVersion},${body.ttlMs}`;
    default:
      return `'${body.path}`;
  }
}

function createText(body: TxnBody & { readonly acl: readonly ACL[] | null; path: string }): string {
  const acl = (body.acl ?? []).map(({ perms, id }) => `${perms},s{'${id.scheme},'${id.id}}\n`);
  const data = 'data' in body ? (body.data ?? '') : '';
  return `${body.path},${data},[${acl.join(',')}]`;
}

/** The dumper prints steps of a multi as the text that their bytes are: every byte is compared. */
function stepText(step: TxnStep): string {
  const name = step.type === 'createTTL' ? 'createTtl' : step.type;
  return `${name}:${recordBytes(step).toString('utf8')}`;
}
