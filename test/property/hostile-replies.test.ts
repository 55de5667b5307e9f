import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type JuteReader, OP, SlabPool } from '../../src/codec/index.ts';
import {
  LinkError,
  RequestError,
  WIRE_ERROR_CODES,
  WireError,
  type ZkwireError,
} from '../../src/errors.ts';
import { Pipeline } from '../../src/pipeline/index.ts';
import {
  type LinkHandler,
  type MemoryLinkPair,
  memoryLinkPair,
} from '../../src/transport/index.ts';
import { readBody, toJson } from '../conformance/golden-codec.ts';
import { bytesOf, type Hostile, hostileOf, SEEDS } from './mutations.ts';
import { fastCheckOptions, seedNote } from './seed.ts';

const RUNS = 3_000;

/** Frames that answer no request in the ring. */
const ASIDE: ReadonlySet<number | null> = new Set([OP.notification, OP.ping]);

const REPLIES = SEEDS.filter(({ golden }) => golden.kind === 'resp');

/** One reply, the request that waits for it, and what else happens before it comes. */
interface Exchange {
  readonly reply: Hostile;
  /** How the caller waits. */
  readonly waiter: 'promise' | 'callback';
  readonly limit: 'none' | 'signal' | 'deadline';
  /** The caller drops the connection when it hears the reply, in the middle of a read. */
  readonly drops: boolean;
  /** Bytes of the stream that are delivered in one go. */
  readonly chunkBytes: number;
}

const EXCHANGE: fc.Arbitrary<Exchange> = fc.record({
  reply: fc.oneof(
    { weight: 2, arbitrary: hostileOf(REPLIES, 0) },
    { weight: 3, arbitrary: hostileOf(REPLIES, 0).map((one) => ({ ...one, mutations: [] })) },
  ),
  waiter: fc.constantFrom('promise', 'callback'),
  limit: fc.constantFrom('none', 'none', 'none', 'signal', 'deadline'),
  drops: fc.nat(40).map((number) => number === 0),
  chunkBytes: fc.oneof(fc.integer({ min: 1, max: 64 }), fc.constant(100_000)),
});

/** What one waiter heard. */
interface Heard {
  readonly values: unknown[];
  readonly errors: unknown[];
  /** The value as it was when it came: bytes that a caller owns must never change. */
  snapshot: string;
}

interface Run {
  readonly pool: SlabPool;
  readonly pair: MemoryLinkPair;
  readonly pipeline: Pipeline;
  readonly heard: Heard[];
  readonly ends: ZkwireError[];
  readonly callbackErrors: unknown[];
  readonly controllers: AbortController[];
  readonly flushes: (() => void)[];
}

const SINK: LinkHandler = {
  wantedBytes: 0,
  onBytes: (_slab, _start, end) => end,
  onDrain: () => {},
  onEnd: () => {},
};

function newRun(): Run {
  // Small slabs: frames cross from one to the next all the time.
  const pool = new SlabPool({ poison: true, slabBytes: 512 });
  const pair = memoryLinkPair({ pool });
  const ends: ZkwireError[] = [];
  const callbackErrors: unknown[] = [];
  const flushes: (() => void)[] = [];
  const pipeline = new Pipeline(pair.client, {
    schedule: (flush) => void flushes.push(flush),
    events: {
      onEnd: (error) => void ends.push(error),
      onNotification: () => {
        if (ends.length > 0) throw new Error('a notification after the end');
      },
      onCallbackError: (error) => void callbackErrors.push(error),
    },
  });
  pair.client.start(pipeline);
  pair.server.start(SINK);
  const controllers: AbortController[] = [];
  return { pool, pair, pipeline, heard: [], ends, callbackErrors, controllers, flushes };
}

function snapshotOf(value: unknown): string {
  return JSON.stringify(toJson(value)) ?? 'nothing';
}

function destroy({ pipeline }: Run): void {
  pipeline.destroy(new LinkError('LINK_DESTROYED', pipeline.host));
}

/** Sends a request that the reply answers, unless it answers none; gives the xid of the reply. */
function request(run: Run, { reply, waiter, limit, drops }: Exchange): number | undefined {
  const { op, type } = reply.seed.golden;
  if (ASIDE.has(op)) return undefined;
  const heard: Heard = { values: [], errors: [], snapshot: '' };
  run.heard.push(heard);
  const settled = (error: unknown, value: unknown): void => {
    if (error !== null) heard.errors.push(error);
    else {
      heard.values.push(value);
      heard.snapshot = snapshotOf(value);
      if (drops) destroy(run);
    }
  };
  if (op === OP.auth) {
    run.pipeline.auth('digest', Buffer.from('user:secret'), (error) => settled(error, 'accepted'));
    return undefined;
  }
  const decode = (reader: JuteReader): unknown => (type === null ? null : readBody(type, reader));
  const controller = new AbortController();
  if (limit === 'signal') run.controllers.push(controller);
  const limits = {
    ...(limit === 'signal' ? { signal: controller.signal } : {}),
    ...(limit === 'deadline' ? { deadlineMs: 1_000 } : {}),
  };
  run.pipeline.begin(op as number, '/path').ustring('/path');
  if (waiter === 'callback') {
    run.pipeline.callback(decode, settled, limits);
  } else {
    const promise = run.pipeline.promise(decode, limits);
    promise.then(
      (value) => settled(null, value),
      (error) => settled(error, undefined),
    );
  }
  return run.pipeline.lastXid;
}

/** The server's side of the stream, in the chunks that the exchanges name. */
function answer(run: Run, bytes: Buffer, exchanges: readonly Exchange[]): void {
  const { pair, pool } = run;
  const slab = pool.acquire(bytes.length);
  bytes.copy(slab.bytes);
  pair.server.write(slab, 0, bytes.length);
  for (let turn = 0; !pair.idle; turn++) {
    const { chunkBytes } = exchanges[turn % exchanges.length] as Exchange;
    pair.step(chunkBytes);
    // In the middle of it all, callers give up.
    if (turn === 3) run.controllers[0]?.abort(new Error('no longer wanted'));
    if (turn === 5) run.pipeline.sweep(2_000);
  }
}

/** Lets promise callbacks run. */
function jobs(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function play(exchanges: readonly Exchange[]): Promise<Run> {
  const run = newRun();
  const frames = exchanges.map((exchange) => bytesOf(exchange.reply, request(run, exchange)));
  for (const flush of run.flushes) flush();
  const stream = Buffer.concat(frames);
  if (stream.length > 0) answer(run, stream, exchanges);
  // Whatever was accepted: what still waits must end with the connection.
  destroy(run);
  run.pair.deliver();
  await jobs();
  return run;
}

function checkHeard({ values, errors, snapshot }: Heard): void {
  if (values.length + errors.length !== 1) {
    throw new Error(`settled ${values.length} times with a value, ${errors.length} with an error`);
  }
  for (const error of errors) {
    if (!(error instanceof RequestError)) throw error;
    if (!['unknown', 'rejected', 'not-sent'].includes(error.outcome)) throw error;
  }
  if (snapshot === '' && values.length === 1) throw new Error('a value without a snapshot');
}

function checkEnd(run: Run): string {
  expect(run.ends.length).toBe(1);
  const { code, cause } = run.ends[0] as ZkwireError;
  if (code === 'LINK_DESTROYED') return code;
  expect(code).toBe('PROTOCOL_VIOLATION');
  if (!(cause instanceof WireError)) throw cause;
  expect(WIRE_ERROR_CODES).toHaveProperty(cause.code);
  expect(cause.offset).toBeGreaterThanOrEqual(0);
  return cause.code;
}

describe('hostile replies', () => {
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
  beforeAll(() => void process.on('unhandledRejection', onUnhandled));
  afterAll(() => void process.off('unhandledRejection', onUnhandled));

  it(`${RUNS} streams settle every request once and give every slab back`, async () => {
    const ends = new Map<string, number>();
    let requests = 0;
    let values = 0;
    const property = fc.asyncProperty(
      fc.array(EXCHANGE, { minLength: 1, maxLength: 12 }),
      async (exchanges) => {
        const run = await play(exchanges);
        for (const heard of run.heard) checkHeard(heard);
        const end = checkEnd(run);
        ends.set(end, (ends.get(end) ?? 0) + 1);
        requests += run.heard.length;
        values += run.heard.filter((heard) => heard.values.length > 0).length;
        expect(run.callbackErrors).toEqual([]);
        expect(run.pool.counters().outstanding).toBe(0);
        checkOwned(run, exchanges);
      },
    );
    await fc.assert(property, fastCheckOptions(RUNS));
    const parts = [...ends].sort((a, b) => b[1] - a[1]).map(([name, n]) => `${name} ${n}`);
    console.log(
      `hostile replies: ${RUNS} streams, ${requests} requests, ${values} values, ${seedNote()}\n` +
        `  ends: ${parts.join(', ')}`,
    );
    expect(unhandled).toEqual([]);
    expect(values).toBeGreaterThan(requests / 10);
    for (const end of ['LINK_DESTROYED', 'UNEXPECTED_XID', 'BAD_LENGTH', 'TRUNCATED']) {
      expect(ends.get(end), end).toBeGreaterThan(RUNS / 200);
    }
  });
});

/** Every slab was poisoned by now: what promises gave must not have changed, what callbacks gave was right in time. */
function checkOwned(run: Run, exchanges: readonly Exchange[]): void {
  const waiting = exchanges.filter(({ reply }) => !ASIDE.has(reply.seed.golden.op));
  for (const [index, { reply, waiter }] of waiting.entries()) {
    const { values, snapshot } = run.heard[index] as Heard;
    if (values.length === 0 || reply.seed.golden.op === OP.auth) continue;
    if (waiter === 'promise') expect(snapshotOf(values[0])).toBe(snapshot);
    const { record } = reply.seed.golden.value;
    const isUnchanged = reply.mutations.length === 0;
    if (isUnchanged && streamIsClean(exchanges, reply) && record !== undefined) {
      expect(JSON.parse(snapshot)).toEqual(record);
    }
  }
}

/** Nothing in front of this reply was changed, so it was read where it begins. */
function streamIsClean(exchanges: readonly Exchange[], reply: Hostile): boolean {
  const at = exchanges.findIndex((exchange) => exchange.reply === reply);
  return exchanges.slice(0, at).every((exchange) => exchange.reply.mutations.length === 0);
}
