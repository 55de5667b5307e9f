import { performance } from 'node:perf_hooks';
import { type BenchCase, type ClientName, type LoadCase, notSupported, peerOf } from './cases.ts';
import { type ChildOptions, runJob } from './child-process.ts';
import { type Driver, type DriverName, runDriver } from './drivers/driver.ts';
import { isDriverName } from './drivers/driver-names.ts';
import type { SocketCallCounter } from './drivers/socket-call-counter.ts';
import { type CaseJob, type JobResult, workloadPath } from './jobs.ts';
import { groupCases, type TurnTimes, turnMs } from './plan.ts';
import type { Progress } from './progress.ts';
import type { CaseResult } from './results.ts';
import { isRealTarget, type RealServers } from './servers/real-servers.ts';
import { responderOptions } from './servers/responder-options.ts';
import {
  type BenchServer,
  startEmbeddedProcess,
  startNullResponderProcess,
} from './servers/server-process.ts';
import { summaryLine } from './summary-line.ts';
import { turnOrder } from './turn-order.ts';

/** Over what a turn should take: for a loaded machine, and so that a client that hangs costs no more. */
const TURN_GRACE_MS = 15_000;

/** The server works this long before each group: a cold one would slow the client that is first. */
const SERVER_WARMUP_MS = { real: 2_000, embedded: 700 };
/** What a turn has created is taken away in this time: a turn of seconds makes hundreds of thousands of nodes. */
const CLEAN_UP_TIMEOUT_MS = 120_000;

export interface RunContext {
  times: TurnTimes;
  /** Apache's servers, started when the first case wants one. */
  servers: RealServers;
  /** Those that could be built. */
  drivers: ReadonlyMap<DriverName, Driver>;
  /** For clients whose calls the kernel does not count. */
  socketCalls?: SocketCallCounter | null;
  progress: Progress;
  /** Time that the rest of the run will take, in ms. */
  leftMs: number;
  /** `performance.now()` when the run has to be over; turns are left out for it, but never a case. */
  endMs: number;
  /** Set when there was no time for some turns. */
  cutShort: boolean;
}

/** Runs the cases group by group; in a group the clients take turns, A B C, then C B A. */
export async function runCases(
  cases: readonly BenchCase[],
  context: RunContext,
): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  const groups = groupCases(cases);
  for (const [index, group] of groups.entries()) {
    // One turn of this group and of each one after it must still fit.
    const reservedMs = groups
      .slice(index)
      .flat()
      .reduce((sum, c) => sum + turnMs(c, context.times), 0);
    results.push(...(await runGroup(group, context, context.endMs - reservedMs)));
  }
  return results;
}

async function runGroup(
  group: readonly BenchCase[],
  context: RunContext,
  deadlineMs: number,
): Promise<CaseResult[]> {
  const results = group.map(emptyResult);
  if (results.every(({ notSupported: reason }) => reason !== undefined)) return results;
  let server: BenchServer | null = null;
  try {
    server = await serverOf(group[0], context);
    const turns = Math.max(...group.map((benchCase) => benchCase.turns));
    for (let turn = 0; turn < turns; turn++) {
      if (turn > 0 && performance.now() > deadlineMs) {
        context.cutShort = true;
        break;
      }
      for (const result of turnOrder(results, turn)) {
        if (turn >= result.case.turns) continue;
        await runTurn(result, turn, server, context);
        await cleanUp(result, turn, server);
      }
    }
  } catch (cause) {
    const reason = `no server: ${(cause as Error).message}`;
    for (const { failures, case: each } of results) {
      if (each.turns > 0) failures.push({ turn: 0, reason });
    }
  } finally {
    const [first] = group;
    const keeps = first?.kind === 'load' && isRealTarget(first.target);
    if (!keeps) await server?.stop();
  }
  for (const result of results) context.progress.done(result.case.name, summaryLine(result));
  return results;
}

function emptyResult(benchCase: BenchCase): CaseResult {
  const result = { case: benchCase, subject: '', version: '', turns: [], failures: [] };
  const reason = benchCase.kind === 'load' ? notSupported(benchCase) : null;
  return reason === null ? result : { ...result, notSupported: reason };
}

/** The null responder of this group, or another server with the node in place. */
async function serverOf(
  benchCase: BenchCase | undefined,
  { servers }: RunContext,
): Promise<BenchServer | null> {
  if (benchCase === undefined) return null;
  const responder = responderOptions(benchCase);
  if (responder !== null) return startNullResponderProcess(responder);
  // That there is no null responder left here is told to the compiler only.
  if (benchCase.kind !== 'load' || benchCase.target === 'null') return null;
  if (benchCase.target === 'embedded') {
    const embedded = await startEmbeddedProcess();
    try {
      await prepare(benchCase, embedded, SERVER_WARMUP_MS.embedded);
    } catch (cause) {
      await embedded.stop();
      throw cause;
    }
    return embedded;
  }
  const real = await servers.at(benchCase.target);
  await prepare(benchCase, real, SERVER_WARMUP_MS.real);
  return real;
}

/** Makes the node or nodes, and lets the server work for a while. */
async function prepare(
  benchCase: LoadCase,
  { connectString }: BenchServer,
  workMs: number,
): Promise<void> {
  const times = { warmupMs: 100, measureMs: workMs };
  const client: ClientName = 'raw-socket';
  const make = { kind: 'prepare', case: benchCase, connectString } as const;
  await runJob(make, { timeoutMs: CLEAN_UP_TIMEOUT_MS });
  const work = { kind: 'case', case: { ...benchCase, client }, connectString, ...times } as const;
  await runJob(work, { timeoutMs: TURN_GRACE_MS });
  if (benchCase.operation === 'create') await runJob(make, { timeoutMs: CLEAN_UP_TIMEOUT_MS });
}

/** Takes away what a turn has created, so that the next one finds the server as this one did. */
async function cleanUp(
  { case: benchCase, failures }: CaseResult,
  turn: number,
  server: BenchServer | null,
): Promise<void> {
  if (server === null || benchCase.kind !== 'load') return;
  if (benchCase.operation !== 'create' || benchCase.target === 'null') return;
  const { connectString } = server;
  const job = { kind: 'prepare', case: benchCase, connectString } as const;
  try {
    await runJob(job, { timeoutMs: CLEAN_UP_TIMEOUT_MS });
  } catch (cause) {
    failures.push({ turn, reason: `what it created stays: ${(cause as Error).message}` });
  }
}

async function runTurn(
  result: CaseResult,
  turn: number,
  server: BenchServer | null,
  context: RunContext,
): Promise<void> {
  const { case: benchCase } = result;
  const { progress, times } = context;
  const expectedMs = turnMs(benchCase, times);
  progress.turn(benchCase.name, turn + 1, benchCase.turns, context.leftMs);
  try {
    const serverCpu = new ServerCpu(server);
    const connectString = server?.connectString ?? '';
    const measured = await measure(
      { kind: 'case', case: benchCase, connectString, ...times },
      {
        timeoutMs: expectedMs * 4 + TURN_GRACE_MS,
        execArgv: benchCase.kind === 'memory' ? ['--expose-gc'] : [],
        onPhase: (phase) => serverCpu.mark(phase),
      },
      context,
    );
    await record(result, turn, measured, serverCpu);
  } catch (cause) {
    result.failures.push({ turn, reason: (cause as Error).message });
  }
  context.leftMs -= expectedMs;
}

/** In a child of Node, or by the driver of another language. */
async function measure(
  job: CaseJob,
  options: ChildOptions,
  { drivers, socketCalls = null }: RunContext,
): Promise<JobResult> {
  const { case: benchCase, ...rest } = job;
  if (benchCase.kind !== 'load') return runJob(job, options);
  if (!isDriverName(benchCase.client)) {
    if (socketCalls === null || peerOf(benchCase) !== 'zookeeper') return runJob(job, options);
    return socketCalls.with((env) => runJob(job, { ...options, env }));
  }
  const driver = drivers.get(benchCase.client);
  if (driver === undefined) throw new Error(`there is no driver of ${benchCase.client}`);
  const { operation, payloadBytes, childCount = 0, depth } = benchCase;
  const work = { operation, payloadBytes, childCount, depth, path: workloadPath(benchCase) };
  return runDriver(driver, { ...work, ...rest }, options);
}

async function record(
  result: CaseResult,
  turn: number,
  measured: JobResult,
  serverCpu: ServerCpu,
): Promise<void> {
  result.subject = measured.subject;
  result.version = measured.version;
  const values = { ...measured.values };
  if (result.case.kind === 'load') {
    const share = await serverCpu.shareOf(values.seconds);
    if (share !== undefined) values.serverCpuShare = share;
  }
  result.turns.push({ turn, values });
}

/** CPU time of the server while its client was measured: near 1 means that the server was the limit. */
class ServerCpu {
  readonly #server: BenchServer | null;
  readonly #marks: Promise<number | null>[] = [];

  constructor(server: BenchServer | null) {
    this.#server = server;
  }

  mark(_phase: 'measuring' | 'measured'): void {
    if (this.#server !== null) this.#marks.push(this.#server.cpuUs().catch(() => null));
  }

  async shareOf(seconds: number | null | undefined): Promise<number | null | undefined> {
    const [fromUs, toUs] = await Promise.all(this.#marks);
    if (typeof fromUs !== 'number' || typeof toUs !== 'number' || !seconds) return undefined;
    return (toUs - fromUs) / 1e6 / seconds;
  }
}
