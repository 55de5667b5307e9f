import { setMaxListeners } from 'node:events';
import { boundedCheck } from '../bounded-check.ts';
import { type Excuses, needlessExcuses } from '../excuses.ts';
import { fail, InterruptedCheck } from '../failure.ts';
import { type CheckResult, type ConformanceReport, checkResult } from '../result.ts';
import { ScriptedServer } from '../script/scripted-server.ts';
import type { ClientCheck, ClientProfile } from './client-check.ts';
import { ClientContext } from './client-context.ts';
import { Driver } from './driver.ts';
import { FrameJudge } from './frame-judge.ts';

/** Options of {@link runClientChecks}. */
export interface ClientRunOptions {
  /** Program and arguments that start the client; `{connect}` in them is replaced by `127.0.0.1:PORT`. */
  readonly command: readonly string[];
  /** The checks. */
  readonly checks: readonly ClientCheck[];
  /** Which server the client is shown. Default 3.9. */
  readonly profile?: ClientProfile | undefined;
  /** Failures that are known. */
  readonly excuses?: Excuses | undefined;
  /** Leave out the checks that wait for time to pass. Default false. */
  readonly quick?: boolean | undefined;
  /** Longest wait for one thing, in ms. Default 10,000: a driver may have to start a virtual machine first. */
  readonly timeoutMs?: number | undefined;
  /** Checks at once, each with a process of its own. Default 4. */
  readonly concurrency?: number | undefined;
  /** Is told of every result as it comes. */
  readonly onResult?: ((result: CheckResult, done: number, total: number) => void) | undefined;
  /** Stops the run: checks under way are given up. Before the first check it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const TIMEOUT_MS = 10_000;

const CONCURRENCY = 4;

/** A check gets so many times the wait for one thing. */
const TIMEOUTS_A_CHECK = 4;

/** The command could not be started, or the process said nothing that a driver says. */
export class UnusableDriver extends Error {
  /** Tells it from other errors. */
  override readonly name = 'UnusableDriver';
}

/**
 * Runs checks against a client: each starts the command, plays a server to it, and judges every byte that comes.
 * Rejects with an UnusableDriver when the command cannot be started or asks for no session.
 */
export async function runClientChecks(options: ClientRunOptions): Promise<ConformanceReport> {
  const startedAt = new Date();
  // Each check under way listens: more than Node takes for a leak.
  if (options.signal !== undefined) setMaxListeners(0, options.signal);
  const started = performance.now();
  await probe(options);
  const checks = options.checks.filter(
    ({ slowMs }) => slowMs === undefined || options.quick !== true,
  );
  const left = options.checks.length - checks.length;
  const results = new Map<string, CheckResult>();
  const runAll = async (some: readonly ClientCheck[]): Promise<void> => {
    const waiting = some.values();
    const lane = async (): Promise<void> => {
      for (const check of waiting) {
        if (options.signal?.aborted) break;
        const result = await judged(check, options);
        if (result === null) break;
        results.set(check.id, result);
        options.onResult?.(result, results.size, checks.length);
      }
    };
    const lanes = Math.min(options.concurrency ?? CONCURRENCY, some.length);
    await Promise.all(Array.from({ length: lanes }, lane));
  };
  await runAll(checks.filter(({ timed }) => timed === true));
  await runAll(checks.filter(({ timed }) => timed !== true));
  return {
    subject: 'client',
    name: options.command.join(' '),
    version: '',
    mode: '',
    profile: profileOf(options),
    results: checks.flatMap(({ id }) => results.get(id) ?? []),
    leftOut: left > 0 ? [{ count: left, why: 'slow, and the run is to be quick' }] : [],
    needlessExcuses: needlessExcuses(options.excuses, options.checks, results),
    leftBehind: [],
    startedAt,
    durationMs: performance.now() - started,
  };
}

function profileOf({ profile = '3.9' }: ClientRunOptions): ClientProfile {
  return profile;
}

/** One session, granted to the client, before anything is judged. */
async function probe(options: ClientRunOptions): Promise<void> {
  const check: ClientCheck = {
    id: 'probe',
    title: '',
    source: '',
    meaning: '',
    run: async (t) => void (await t.open()),
  };
  const result = await judged(check, { ...options, excuses: undefined });
  options.signal?.throwIfAborted();
  if (result === null || result.outcome === 'pass') return;
  const { failure, reason } = result;
  const why = failure ?? reason ?? '';
  throw new UnusableDriver(`'${options.command.join(' ')}' does not come to a session: ${why}`);
}

/** The result, or null when the run was stopped meanwhile. */
async function judged(check: ClientCheck, options: ClientRunOptions): Promise<CheckResult | null> {
  const started = performance.now();
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const judge = new FrameJudge();
  const server = await ScriptedServer.listen({
    timeoutMs,
    ports: check.servers ?? 1,
    onFrame: (frame, connection) => judge.see(frame, connection.number),
  });
  const driver = Driver.start(options.command, server.connectString, timeoutMs);
  const context = new ClientContext(server, driver, profileOf(options), judge);
  let error: unknown;
  try {
    const limitMs = (check.slowMs ?? 0) + (check.extraMs ?? 0) + timeoutMs * TIMEOUTS_A_CHECK;
    const giveUp = (): void => driver.kill();
    await boundedCheck(() => check.run(context), { limitMs, signal: options.signal, giveUp });
    const [fault] = judge.faults;
    if (fault !== undefined) fail(`the client sent ${fault}`);
  } catch (thrown) {
    error = thrown ?? new Error('nothing was thrown');
  }
  const transcript = server.transcript.lines();
  await driver.stop();
  await server.close();
  if (error instanceof InterruptedCheck) return null;
  const durationMs = performance.now() - started;
  return checkResult(check, { durationMs, error, transcript }, options.excuses?.get(check.id));
}
