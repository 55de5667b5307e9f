/**
 * What a user's compiler must make of the package: compiled by test/package/types.test.ts with every
 * compiler and setting that it names, and with the project's own. Never run.
 */
import type { Socket } from 'node:net';
import {
  acl,
  type ChildrenResult,
  type ConnectOptions,
  type CreateResult,
  connect,
  type DigestMd5Options,
  digestMd5,
  type GetResult,
  type LastingKind,
  RequestError,
  retry,
  type Stat,
  type WatchEvent,
  WatchQueue,
  type ZooKeeperClient,
} from 'zkwire';
import {
  type DecodedMultiOperation,
  JuteReader,
  JuteWriter,
  OP,
  readGetDataResponse,
  SERVER_CODE,
  writeGetDataRequest,
} from 'zkwire/codec';
import {
  type CheckOutcome,
  type ConformanceReport,
  counts,
  runServerChecks,
  SERVER_CHECKS,
  type WireSession,
} from 'zkwire/conform';
import { type ConnectErrorCode, type Outcome, ZkwireError } from 'zkwire/errors';
import { SLAB_BYTES } from 'zkwire/limits';
import { Pipeline, type PipelineOptions } from 'zkwire/pipeline';
import { discover, register, type ServiceInstance, watchService } from 'zkwire/recipes';
import { createServer, type EmbeddedServer, type ServerClock } from 'zkwire/server';
import { Connection, type NextAttempt, parseConnectString, type ServerList } from 'zkwire/session';
import { type AcceptLink, type ByteLink, dial, linkOverSocket } from 'zkwire/transport';

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles when `A` and `B` are the same type. */
declare function same<A, B>(...proof: Same<A, B> extends true ? [] : [never]): void;

/** The type of a value: `typeof` for expressions. */
declare function typed<T>(
  value: T,
): <Expected>(...proof: Same<T, Expected> extends true ? [] : [never]) => void;

export async function client(zk: ZooKeeperClient, wantsStat: boolean): Promise<void> {
  typed(await zk.get('/a'))<GetResult>();
  typed((await zk.get('/a')).data)<Buffer | null>();
  typed((await zk.get('/a')).stat.czxid)<bigint>();
  typed(await zk.exists('/a', { watch: (event) => void event.path }))<Stat | null>();
  typed(await zk.create('/a', 'x', { mode: 'ephemeral-sequential' }))<string>();
  typed(await zk.create('/a', 'x', { withStat: true }))<CreateResult>();
  typed(await zk.getChildren('/a'))<string[]>();
  typed(await zk.getChildren('/a', { withStat: wantsStat }))<string[] | ChildrenResult>();
  typed((await zk.getMany(['/a', '/b']))[0])<GetResult | RequestError | undefined>();
  typed(await zk.set('/a', new Uint8Array(3), { version: 1 }))<Stat>();
  // @ts-expect-error a path is a text
  await zk.get(1);
  // @ts-expect-error there is no such option
  await zk.get('/a', { watches: true });
  // @ts-expect-error there is no such mode
  await zk.create('/a', 'x', { mode: 'lasting' });
  // @ts-expect-error a mode with a time to live needs it
  await zk.create('/a', 'x', { mode: 'persistent-ttl' });
  // @ts-expect-error the result of a read cannot be changed
  (await zk.get('/a')).stat = null;

  const [made, checked] = await zk.transaction().create('/a', 'x').check('/b', 0).commit();
  typed(made.path)<string>();
  typed(checked.op)<'check'>();
  const [data, children] = await zk.multiRead([
    { op: 'get', path: '/a' },
    { op: 'getChildren', path: '/a' },
  ]);
  if (!(data instanceof RequestError)) typed(data.data)<Buffer | null>();
  if (!(children instanceof RequestError)) typed(children.children)<string[]>();

  for await (const { path, stat } of zk.walk('/a'))
    typed([path, stat] as const)<readonly [string, Stat]>();
  const watch = await zk.watch('/a', { recursive: true });
  typed(watch.kind)<LastingKind>();
  for await (const event of watch) typed(event)<WatchEvent>();
  await using queue = new WatchQueue({ max: 5 });
  await zk.get('/a', { watch: queue });
  zk.on('lost', () => {});
  zk.on('session', ({ resumed }) => typed(resumed)<boolean>());
  // @ts-expect-error what an event brings is known (its name is not checked by types of Node from 25 on)
  zk.on('session', ({ resumes }) => resumes);
  zk.lending.get('/a', (error, reply) => typed([error, reply?.data?.length] as const));
  typed(await retry(() => zk.get('/a')))<GetResult>();
}

export async function connecting(socket: Socket): Promise<ZooKeeperClient> {
  const login: DigestMd5Options = { user: 'bob', password: 'secret' };
  const options: ConnectOptions = {
    sessionTimeoutMs: 5_000,
    // Settings without exactOptionalPropertyTypes give undefined for what is absent, and so may others.
    requestTimeoutMs: undefined,
    sasl: digestMd5(login),
    dialer: async () => linkOverSocket(socket),
    tls: { rejectUnauthorized: true },
    signal: AbortSignal.timeout(5),
  };
  await (await connect('zk1:2181', options)).create('/a', null, { acl: acl.creatorAll });
  // @ts-expect-error a number of ms
  await connect('zk1:2181', { sessionTimeoutMs: '5s' });
  try {
    return await connect('zk1:2181');
  } catch (error) {
    if (ZkwireError.is(error)) typed(error.code)<string>();
    if (error instanceof RequestError) typed(error.outcome)<Outcome>();
    same<Outcome, 'not-sent' | 'unknown' | 'rejected'>();
    const code: ConnectErrorCode = 'CONNECT_FAILED';
    throw new Error(code, { cause: error });
  }
}

export function codec(bytes: Uint8Array, operation: DecodedMultiOperation): number {
  const writer = JuteWriter.standalone();
  writeGetDataRequest(writer, '/a', false);
  typed(writer.finished())<Buffer>();
  const { data, stat } = readGetDataResponse(JuteReader.over(bytes));
  typed(data)<Buffer | null>();
  typed(stat.mzxid)<bigint>();
  if (operation.op === OP.setData) typed(operation.data)<Buffer | null>();
  typed(OP.getData)<4>();
  typed(SERVER_CODE.NONODE)<-101>();
  // @ts-expect-error a path is no number
  writeGetDataRequest(writer, 1, false);
  return SLAB_BYTES;
}

export async function layers(accept: AcceptLink, options: PipelineOptions): Promise<void> {
  const link: ByteLink = await dial({ host: 'localhost', port: 2181 });
  accept(link);
  const pipeline = new Pipeline(link, options);
  writeGetDataRequest(pipeline.begin(OP.getData, '/a'), '/a', false);
  typed((await pipeline.promise(readGetDataResponse)).stat.ctime)<bigint>();
  const [server] = parseConnectString('a:1,b:2/c').servers;
  typed(server?.port)<number | undefined>();
  const connection = await Connection.open(async () => link, 'a:1', { sessionTimeoutMs: 1 });
  typed(connection.pipeline)<Pipeline>();
}

export function attempts(list: ServerList): NextAttempt {
  return list.next();
}

export async function server(clock: ServerClock): Promise<EmbeddedServer> {
  await using memory = await createServer();
  typed(memory.connectString)<string>();
  const { hits } = memory.faults.inject({ op: 'getData', path: '/a' }, { cut: 'before' });
  typed(hits)<number>();
  // @ts-expect-error a fault is one thing
  memory.faults.inject({}, { cuts: 'before' });
  return createServer({ port: 0, clock, fourLetterWords: ['ruok', 'stat'] });
}

export async function conform(link: ByteLink, session: WireSession): Promise<ConformanceReport> {
  typed((await session.connection.next())?.length)<number | undefined>();
  const report = await runServerChecks({
    dialer: async () => link,
    server: 'a:1',
    checks: SERVER_CHECKS,
  });
  typed(counts(report))<Record<CheckOutcome, number>>();
  return report;
}

export async function recipes(zk: ZooKeeperClient): Promise<ServiceInstance> {
  await using registration = await register(zk, '/services/a', { address: 'host', port: 1 });
  typed(registration.path)<string | null>();
  typed(await discover(zk, '/services/a'))<ServiceInstance[]>();
  await using watcher = await watchService(zk, '/services/a', { onChange: (all) => all.length });
  return watcher.pick('chance');
}
