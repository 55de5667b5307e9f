import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connect, type StateEvent, type ZooKeeperClient } from '../../src/client/index.ts';
import { ConnectError, RequestError } from '../../src/errors.ts';
import {
  HOSTILE_SCRIPTS,
  type ScriptOutcome,
  TOO_LARGE_BYTES,
  tooLarge,
} from './support/hostile-scripts.ts';
import { MemoryWatch } from './support/memory-watch.ts';
import { FIRST_SESSION_ID, GOOD_CHILDREN, ScriptedServer } from './support/scripted-server.ts';

/** What one connection to a hostile server may cost, the server's own buffers (in this process) included. */
const GROWTH_BYTES_MAX = 64 * 1024 * 1024;

/** What fits into the kernel's buffers of two sockets, and some more. */
const FLOOD_BYTES_TAKEN_MAX = 32 * 1024 * 1024;

/** Draws that leave a shuffled list of servers as it was. */
const inOrder = (): number => 0.999;

async function failureOf(answer: Promise<unknown>): Promise<unknown> {
  return await answer.then(
    () => expect.unreachable('it succeeded'),
    (reason: unknown) => reason,
  );
}

/** The chain of causes, each with its code. */
function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) {
    codes.push((at as Error & { code?: string }).code ?? at.name);
  }
  return codes;
}

describe('a client on a hostile server', () => {
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
  beforeAll(() => {
    process.on('unhandledRejection', onUnhandled);
    process.on('warning', onUnhandled);
  });
  afterAll(() => {
    process.off('unhandledRejection', onUnhandled);
    process.off('warning', onUnhandled);
  });
  afterEach(() => expect(unhandled.splice(0)).toEqual([]));

  it('is tried with eighteen scripts', () => {
    expect(new Set(HOSTILE_SCRIPTS.map(({ name }) => name)).size).toBe(18);
    const outcomes = HOSTILE_SCRIPTS.map(({ outcome }) => Object.keys(outcome)[0]);
    expect(outcomes.filter((kind) => kind === 'children')).toHaveLength(3);
  });

  it.each(HOSTILE_SCRIPTS)('$name', async ({ conduct, outcome }) => {
    await using hostile = await ScriptedServer.listen(conduct);
    await using healthy = await ScriptedServer.listen();
    using memory = new MemoryWatch();
    if ('connect' in outcome) await checkRefused(outcome, hostile);
    const states: StateEvent[] = [];
    const zk = await connect(`${hostile.connectString},${healthy.connectString}`, {
      random: inOrder,
      onState: (event) => void states.push(event),
    });
    if ('children' in outcome) await checkData(outcome, zk);
    else if ('code' in outcome) await checkFailure(outcome, zk, states);
    if (!('children' in outcome)) {
      expect(await zk.getChildren('/')).toEqual(GOOD_CHILDREN);
      expect(zk.host).toBe(healthy.connectString);
      // The session goes on where there was one.
      expect(healthy.sessionsAsked).toEqual(['code' in outcome ? FIRST_SESSION_ID : 0n]);
    }
    const hosts = 'children' in outcome ? [hostile] : [hostile, healthy];
    expect(states.flatMap((event) => (event.state === 'connecting' ? [event.host] : []))).toEqual(
      hosts.map(({ connectString }) => connectString),
    );
    await zk.close();
    expect(memory.peakBytes).toBeLessThan(GROWTH_BYTES_MAX);
    expect(hostile.bytesSent).toBeLessThan(FLOOD_BYTES_TAKEN_MAX);
  });

  it('a reply of 48 MiB, of which nothing is kept: only its own request fails', async () => {
    await using hostile = await ScriptedServer.listen({ getChildren: tooLarge });
    using memory = new MemoryWatch();
    const states: StateEvent[] = [];
    const zk = await connect(hostile.connectString, {
      onState: (event) => void states.push(event),
    });
    const [failure, behind] = await Promise.all([failureOf(zk.getChildren('/')), zk.exists('/')]);
    expect(failure).toMatchObject({ code: 'REPLY_TOO_LARGE', path: '/' });
    expect(behind).not.toBeNull();
    expect(hostile.bytesSent).toBeGreaterThan(TOO_LARGE_BYTES);
    expect(states.map(({ state }) => state)).toEqual(['connecting', 'connected', 'session']);
    await zk.close();
    expect(memory.peakBytes).toBeLessThan(TOO_LARGE_BYTES / 2);
  });
});

type Outcome<K extends string> = Extract<ScriptOutcome, Record<K, unknown>>;

/** A server that gives no session: alone it makes `connect` fail, with others it is passed over. */
async function checkRefused(outcome: Outcome<'connect'>, hostile: ScriptedServer): Promise<void> {
  const error = await failureOf(connect(hostile.connectString, { random: inOrder }));
  expect(error).toBeInstanceOf(ConnectError);
  expect(codesOf(error)).toEqual([outcome.connect, outcome.wire]);
}

async function checkData(outcome: Outcome<'children'>, zk: ZooKeeperClient): Promise<void> {
  expect(await zk.getChildren('/')).toEqual(outcome.children);
  expect(zk.counters().notifications).toBe(outcome.notifications ?? 0);
  // What came behind was not taken for the next frame.
  expect(await zk.exists('/')).not.toBeNull();
}

async function checkFailure(
  outcome: Outcome<'code'>,
  zk: ZooKeeperClient,
  states: readonly StateEvent[],
): Promise<void> {
  const { host } = zk;
  const error = await failureOf(zk.getChildren('/'));
  expect(error).toBeInstanceOf(RequestError);
  expect(error).toMatchObject({ code: outcome.code, outcome: outcome.outcome, path: '/', host });
  const ended = states.filter((event) => event.state === 'disconnected');
  expect(ended).toHaveLength(1);
  const { reason } = ended[0] as Extract<StateEvent, { state: 'disconnected' }>;
  const wire = outcome.wire === undefined ? [] : [outcome.wire];
  expect(codesOf(reason)).toEqual([outcome.link, ...wire]);
  // What the caller is told is the same story, with or without the link in it.
  const link = outcome.code === 'CONNECTION_LOSS' ? [outcome.link] : [];
  expect(codesOf(error)).toEqual([outcome.code, ...link, ...wire]);
}
