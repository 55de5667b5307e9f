import { isConnectRefusal, SERVER_CODE } from '../codec/index.ts';
import type { Profile } from './check.ts';
import { ConformanceFailure } from './failure.ts';
import { closeSession, createTtl, frameOf, ping, remove, whoAmI } from './requests.ts';
import { Transcript } from './transcript.ts';
import { type Dialer, WireConnection } from './wire-connection.ts';
import { connectAnswer, shakeHands, WireSession } from './wire-session.ts';

/** Four-letter words that Apache ZooKeeper knows, but those that change or dump much. */
const WORDS = [
  'conf',
  'cons',
  'dirs',
  'dump',
  'envi',
  'isro',
  'mntr',
  'ruok',
  'srvr',
  'stat',
  'wchs',
];

/** A tick that nobody has told us, in ms: ZooKeeper's default. */
const TICK_MS = 2_000;

/** What has been found out about the server before the checks. */
export interface ServerFacts {
  /** As `srvr` says it; empty when the server does not say. */
  readonly version: string;
  /** Parts of the version, `[3, 8, 0]`; null when it is not known. */
  readonly release: readonly [number, number, number] | null;
  /** `standalone`, `leader`, ...; empty when the server does not say. */
  readonly mode: string;
  /** What the run takes the server for. */
  readonly profile: Profile;
  /** It serves reads only. */
  readonly readOnly: boolean;
  /** Its sessions are no transactions, as long as they have no ephemeral nodes. */
  readonly localSessions: boolean;
  /** Schemes of the identities that a connection has without saying who it is: `ip`, with certificates `x509`. */
  readonly schemes: readonly string[];
  /** Netty may serve the connections, as it does where TLS is on, and not ZooKeeper's own loop. */
  readonly mayBeNetty: boolean;
  /** It makes TTL nodes. */
  readonly hasTtl: boolean;
  /** Shortest session that it grants, in ms. */
  readonly sessionMinMs: number;
  /** Longest session that it grants, in ms. */
  readonly sessionMaxMs: number;
  /** Length of its tick: how late a session may expire. */
  readonly tickMs: number;
  /** Answers to the four-letter words that it answers. */
  readonly words: ReadonlyMap<string, string>;
}

/** The server cannot be reached, does not speak the protocol, or cannot be written to. */
export class UnreachableServer extends Error {
  /** Tells it from other errors. */
  override readonly name = 'UnreachableServer';
}

/** How {@link findFacts} looks at a server. */
interface FactSearch {
  readonly dialer: Dialer;
  /** Longest wait for one frame. */
  readonly timeoutMs: number;
  /** What to take the server for, whatever it says. */
  readonly wanted: Profile | undefined;
  /** Is made and removed as a TTL node. */
  readonly probePath: string;
  /** Ends the search: it rejects with the signal's reason. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Looks at the server: its version, limits and options.
 * Throws an UnreachableServer when it grants no session.
 */
export async function findFacts(search: FactSearch): Promise<ServerFacts> {
  const { signal } = search;
  const connections: WireConnection[] = [];
  const stop = (): void => {
    for (const connection of connections) connection.destroy();
  };
  const open = async (): Promise<WireConnection> => {
    signal?.throwIfAborted();
    const connection = await WireConnection.open(
      (limit) => search.dialer(signal === undefined ? limit : AbortSignal.any([limit, signal])),
      new Transcript(),
      search.timeoutMs,
    );
    connections.push(connection);
    // It may have been made in the moment in which the signal fired.
    if (signal?.aborted) connection.destroy();
    return connection;
  };
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const facts = await factsBy(open, search);
    signal?.throwIfAborted();
    return facts;
  } catch (error) {
    // What was cut off says nothing about the server.
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    // What a server did not answer as it should stands open: it would keep the process alive.
    stop();
  }
}

async function factsBy(open: Open, { wanted, probePath }: FactSearch): Promise<ServerFacts> {
  const session = await firstSession(open);
  const readOnly = session.readOnly;
  const words = readOnly ? new Map<string, string>() : await askWords(open);
  if (readOnly) words.set('srvr', await askWord(open, 'srvr'));
  const srvr = words.get('srvr') ?? '';
  const conf = words.get('conf') ?? '';
  const version = /version: ([^,\n]*)/.exec(srvr)?.[1]?.trim() ?? '';
  const longest = await orElse(session.grantedMs, () => grantedTimeoutMs(open, 2 ** 31 - 1));
  return {
    version,
    release: releaseOf(version),
    mode: /^Mode: (\S+)/m.exec(srvr)?.[1] ?? '',
    profile: wanted ?? profileOf(srvr, version),
    readOnly,
    localSessions: readOnly || (await orElse(false, () => hasLocalSessions(open))),
    schemes: await orElse(['ip'], () => givenSchemes(open)),
    mayBeNetty: !/^clientPort=/m.test(conf) || /^secureClientPort=/m.test(conf),
    // A server that does not know the operation ends the connection.
    hasTtl: !readOnly && (await orElse(false, () => hasTtl(open, probePath))),
    sessionMinMs: session.grantedMs,
    sessionMaxMs: longest,
    tickMs: tickOf(conf, session.grantedMs),
    words,
  };
}

type Open = () => Promise<WireConnection>;

async function firstSession(open: Open): Promise<{ readOnly: boolean; grantedMs: number }> {
  let connection: WireConnection | undefined;
  try {
    connection = await open();
    const answer = connectAnswer(await shakeHands(connection, { timeoutMs: 1, readOnly: true }));
    if (isConnectRefusal(answer)) {
      throw new UnreachableServer('the server is read-only and grants no sessions');
    }
    // Left alone it would expire, which is a transaction, while something counts them.
    connection.sendFrame(frameOf(1, closeSession()));
    await connection.next();
    return { readOnly: answer.readOnly === true, grantedMs: answer.timeOut };
  } catch (error) {
    if (error instanceof UnreachableServer) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new UnreachableServer(
      error instanceof ConformanceFailure ? `this is no ZooKeeper server: ${message}` : message,
      { cause: error },
    );
  } finally {
    connection?.destroy();
  }
}

async function grantedTimeoutMs(open: Open, askedMs: number): Promise<number> {
  const session = await WireSession.open(await open(), { timeoutMs: askedMs, readOnly: true });
  await session.close();
  return session.timeoutMs;
}

/** Whether a new session takes no zxid. Somebody else's write at the same moment hides it. */
async function hasLocalSessions(open: Open): Promise<boolean> {
  const session = await WireSession.open(await open());
  const before = await session.ok(ping());
  const other = await WireSession.open(await open());
  const after = await session.ok(ping());
  await Promise.all([session.close(), other.close()]);
  return before.zxid === after.zxid;
}

async function givenSchemes(open: Open): Promise<string[]> {
  const session = await WireSession.open(await open(), { readOnly: true });
  const reply = await session.call(whoAmI());
  await session.close();
  if (reply.err !== 0) return ['ip'];
  return reply.identities().map(({ scheme }) => scheme);
}

async function hasTtl(open: Open, path: string): Promise<boolean> {
  const session = await WireSession.open(await open());
  try {
    const { err } = await session.call(createTtl(path, 60_000n));
    if (err === 0) await session.call(remove(path));
    return err !== SERVER_CODE.UNIMPLEMENTED;
  } finally {
    await session.close();
  }
}

async function askWords(open: Open): Promise<Map<string, string>> {
  const answers = await Promise.all(
    WORDS.map(async (word) => [word, await askWord(open, word)] as const),
  );
  const isAnswer = (text: string): boolean =>
    text !== '' && !text.includes('is not executed because');
  return new Map(answers.filter(([, answer]) => isAnswer(answer)));
}

async function askWord(open: Open, word: string): Promise<string> {
  const connection = await open();
  try {
    return await orElse('', () => connection.ask(word));
  } finally {
    connection.destroy();
  }
}

/** What is asked for; `otherwise` when the server does it wrong: checks will tell, this is not one. */
async function orElse<T>(otherwise: T, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ConformanceFailure) return otherwise;
    throw error;
  }
}

function releaseOf(version: string): readonly [number, number, number] | null {
  const match = /^(\d+)\.(\d+)\.(\d+)/.exec(version);
  return match === null ? null : [Number(match[1]), Number(match[2]), Number(match[3])];
}

function profileOf(srvr: string, version: string): Profile {
  if (/ClickHouse/i.test(srvr)) return 'clickhouse-keeper';
  const release = releaseOf(version);
  if (release === null) return '3.8';
  const [major, minor] = release;
  return major > 3 || minor >= 9 ? '3.9' : '3.8';
}

function tickOf(conf: string, sessionMinMs: number): number {
  const told = Number(/^tickTime=(\d+)/m.exec(conf)?.[1]);
  if (told > 0) return told;
  return sessionMinMs > 1 ? Math.ceil(sessionMinMs / 2) : TICK_MS;
}
