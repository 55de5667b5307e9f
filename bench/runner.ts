import { performance } from 'node:perf_hooks';
import type { BenchCase, ClientName, LoadCase } from './cases.ts';
import { runJob } from './child-process.ts';
import type { JobResult } from './jobs.ts';
import { groupCases, type TurnTimes, turnMs } from './plan.ts';
import type { Progress } from './progress.ts';
import type { CaseResult } from './results.ts';
import {
  type BenchServer,
  startEmbeddedProcess,
  startNullResponderProcess,
} from './servers/server-process.ts';
import { summaryLine } from './summary-line.ts';

/** Over what a turn should take: for a loaded machine, and so that a client that hangs costs no more. */
const TURN_GRACE_MS = 15_000;

/** The server works this long before each group: a cold one would slow the client that is first. */
const SERVER_WARMUP_MS = { real: 2_000, embedded: 700 };

export interface RunContext {
  times: TurnTimes;
  /** The real server, when there is one. */
  real: BenchServer | null;
  progress: Progress;
  /** Time that the rest of the run will take, in ms. */
  leftMs: number;
  /** `performance.now()` when the run has to be over; turns are left out for it, but never a case. */
  endMs: number;
  /** Set when there was no time for some turns. */
  cutShort: boolean;
}

/** Runs the cases group by group; in a group the clients take turns, A B A B. */
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
  const results = group.map(
    (benchCase): CaseResult => ({
      case: benchCase,
      subject: '',
      version: '',
      turns: [],
      failures: [],
    }),
  );
  const server = await serverOf(group[0], context);
  try {
    const turns = Math.max(...group.map((benchCase) => benchCase.turns));
    for (let turn = 0; turn < turns; turn++) {
      if (turn > 0 && performance.now() > deadlineMs) {
        context.cutShort = true;
        break;
      }
      for (const result of results) {
        if (turn < result.case.turns) await runTurn(result, turn, server, context);
      }
    }
    for (const result of results) context.progress.done(result.case.name, summaryLine(result));
  } finally {
    if (server !== null && server !== context.real) await server.stop();
  }
  return results;
}

/** The null responder of this group, or another server with the node in place. */
async function serverOf(
  benchCase: BenchCase | undefined,
  { real }: RunContext,
): Promise<BenchServer | null> {
  if (benchCase === undefined || benchCase.kind === 'codec') return null;
  if (benchCase.kind === 'memory') {
    const silent = benchCase.subject === 'in-flight-heap';
    return startNullResponderProcess({ payloadBytes: 100, silent });
  }
  if (benchCase.target === 'null') {
    return startNullResponderProcess({ payloadBytes: benchCase.payloadBytes });
  }
  if (benchCase.target === 'embedded') {
    const embedded = await startEmbeddedProcess();
    await prepare(benchCase, embedded, SERVER_WARMUP_MS.embedded);
    return embedded;
  }
  if (real === null) throw new Error('a case wants the real server and there is none');
  await prepare(benchCase, real, SERVER_WARMUP_MS.real);
  return real;
}

/** Makes the node, and lets the server work for a while. */
async function prepare(
  benchCase: LoadCase,
  { connectString }: BenchServer,
  workMs: number,
): Promise<void> {
  const times = { warmupMs: 100, measureMs: workMs };
  const client: ClientName = 'raw-socket';
  for (const job of [
    { kind: 'prepare' as const, case: benchCase, connectString },
    { kind: 'case' as const, case: { ...benchCase, client }, connectString, ...times },
  ]) {
    await runJob(job, { timeoutMs: TURN_GRACE_MS });
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
    const measured = await runJob(
      { kind: 'case', case: benchCase, connectString: server?.connectString ?? '', ...times },
      {
        timeoutMs: expectedMs * 4 + TURN_GRACE_MS,
        execArgv: benchCase.kind === 'memory' ? ['--expose-gc'] : [],
        onPhase: (phase) => serverCpu.mark(phase),
      },
    );
    await record(result, turn, measured, serverCpu);
  } catch (cause) {
    result.failures.push({ turn, reason: (cause as Error).message });
  }
  context.leftMs -= expectedMs;
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
