import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { connect } from '../../src/client/index.ts';
import { ZkwireError } from '../../src/errors.ts';
import { collectGarbage } from './support/memory-watch.ts';
import { FIRST_SESSION_ID, GOOD_CHILDREN, ScriptedServer } from './support/scripted-server.ts';

/** Connections made and ended, of every kind; `npm run soak` asks for 100,000. */
const CYCLES = Number(process.env.ZKWIRE_TEST_CYCLES ?? 1_000);

/** What is made once (compiled code, feedback of the compiler, pools) is made in these: a megabyte in all. */
const WARM_UP_CYCLES: number = 1_000 + Math.floor(CYCLES / 20);

/** Growth that is allowed, however many cycles there are. */
const GROWTH_BYTES_MAX = 1024 * 1024;

const TIME_LIMIT_MS: number = 300_000 + CYCLES * 20;

/** What is in use once all garbage is gone, and every kind of handle and request that the process waits for. */
interface Footprint {
  readonly bytes: number;
  readonly handles: readonly string[];
}

async function footprint(): Promise<Footprint> {
  // Sockets close, and what they held goes, some turns of the event loop later.
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    collectGarbage();
  }
  const { heapUsed, external } = process.memoryUsage();
  const handles = process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Timeout/.test(name));
  return { bytes: heapUsed + external, handles: handles.sort() };
}

/** Runs `cycle` again and again and fails when something of it stays. */
async function expectNothingStays(name: string, cycle: () => Promise<void>): Promise<void> {
  for (let index = 0; index < WARM_UP_CYCLES; index++) await cycle();
  const before = await footprint();
  const start = performance.now();
  for (let index = 0; index < CYCLES; index++) await cycle();
  const seconds = (performance.now() - start) / 1000;
  const after = await footprint();
  const growth = after.bytes - before.bytes;
  console.log(
    `${name}: ${CYCLES} cycles in ${seconds.toFixed(1)} s, growth ${(growth / 1024).toFixed(0)} KiB, ` +
      `handles ${before.handles.length} before and ${after.handles.length} after`,
  );
  expect(after.handles).toEqual(before.handles);
  expect(growth).toBeLessThan(GROWTH_BYTES_MAX);
}

/** Checks without `expect`, which keeps something of every call until its test is over. */
function check(actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`${String(actual)} instead of ${String(expected)}`);
}

async function codeOf(answer: Promise<unknown>): Promise<string> {
  return await answer.then(
    () => 'no error',
    (error: unknown) => (ZkwireError.is(error) ? error.code : String(error)),
  );
}

describe('connecting again and again', { timeout: TIME_LIMIT_MS }, () => {
  it('leaves nothing behind when it works', async () => {
    await using server = await ScriptedServer.listen();
    const signal = new AbortController().signal;
    let cycles = 0n;
    await expectNothingStays('connect and close', async () => {
      const zk = await connect(server.connectString, { signal });
      check(zk.sessionId, FIRST_SESSION_ID + cycles++);
      check((await zk.getChildren('/')).join(), GOOD_CHILDREN.join());
      await zk.close();
    });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    await expect.poll(() => server.connections).toBe(0);
  });

  it('leaves nothing behind when the server is lost each time', async () => {
    await using server = await ScriptedServer.listen({
      getChildren: (socket) => void socket.resetAndDestroy(),
    });
    await expectNothingStays('connect and lose', async () => {
      const zk = await connect(server.connectString);
      check(await codeOf(zk.getChildren('/')), 'CONNECTION_LOSS');
      await zk.close();
    });
  });

  it('leaves nothing behind when nobody listens', async () => {
    const { connectString } = await gone();
    await expectNothingStays('connection refused', async () => {
      check(await codeOf(connect(connectString)), 'CONNECT_FAILED');
    });
  });

  it.each([
    ['hangs up', 'HANDSHAKE_CLOSED', (socket) => void socket.end()],
    ['resets', 'HANDSHAKE_CLOSED', (socket) => void socket.resetAndDestroy()],
    ['answers nonsense', 'BAD_HANDSHAKE', (socket) => void socket.write(Buffer.alloc(64, 0x41))],
  ] as const satisfies readonly [
    string,
    string,
    NonNullable<Parameters<typeof ScriptedServer.listen>[0]>['handshake'],
  ][])('leaves nothing behind when the server %s', async (name, code, handshake) => {
    await using server = await ScriptedServer.listen({ handshake });
    await expectNothingStays(`server ${name}`, async () => {
      check(await codeOf(connect(server.connectString)), code);
    });
  });

  it('leaves nothing behind when the server says nothing until the time is over', async () => {
    await using server = await ScriptedServer.listen({ handshake: () => {} });
    const signal = new AbortController().signal;
    await expectNothingStays('silent server', async () => {
      const answer = connect(server.connectString, { connectTimeoutMs: 2, signal });
      check(await codeOf(answer), 'CONNECT_TIMEOUT');
    });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('leaves nothing behind when the caller gives up', async () => {
    await using server = await ScriptedServer.listen({ handshake: () => {} });
    await expectNothingStays('caller gives up', async () => {
      const controller = new AbortController();
      const answer = connect(server.connectString, { signal: controller.signal });
      setImmediate(() => controller.abort());
      check(await codeOf(answer), 'ABORTED');
    });
  });
});

/** Where a server was. */
async function gone(): Promise<{ connectString: string }> {
  await using server = await ScriptedServer.listen();
  return { connectString: server.connectString };
}
