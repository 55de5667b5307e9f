import { setTimeout as delay } from 'node:timers/promises';
import type { Progress } from '../progress.ts';
import type { Skipped } from '../results.ts';
import { turnOrder } from '../turn-order.ts';
import { faultMs, type ReconnectCase } from './cases.ts';
import { ForkedClient } from './forked-client.ts';
import type { ReconnectCaseResult, ReconnectTurn } from './results.ts';
import { allTimes, percentileOrNull } from './samples.ts';
import { PATH } from './targets/prepare-node.ts';
import { type FaultTarget, openTarget } from './targets/target.ts';

/** Connecting, and 100,000 watches one window after the other. */
const READY_MS = 60_000;
/** Of a client that was given up: time to come back once everything is healed. */
const GRACE_MS = 5_000;
/** Between two faults a client has this long in peace; spread, so that no rhythm of anybody is hit. */
const PEACE_MS_MIN = 5;
const PEACE_MS_MAX = 25;

export interface RunContext {
  readonly progress: Progress;
  readonly skipped: Skipped[];
  /** Time that the rest of the run will take, in ms. */
  leftMs: number;
}

/** Runs the cases group by group; in a group the clients take turns, A B C, then C B A. */
export async function runReconnectCases(
  cases: readonly ReconnectCase[],
  context: RunContext,
): Promise<ReconnectCaseResult[]> {
  const results: ReconnectCaseResult[] = [];
  for (const group of new Set(cases.map((each) => each.group))) {
    const members = cases.filter((each) => each.group === group);
    results.push(...(await runGroup(members, context)));
  }
  return results;
}

async function runGroup(
  group: readonly ReconnectCase[],
  context: RunContext,
): Promise<ReconnectCaseResult[]> {
  const [first] = group as [ReconnectCase];
  const { progress, skipped } = context;
  const target = await openTarget(first).catch((cause: Error) => cause.message);
  if (typeof target === 'string') {
    skipped.push({ name: first.group, reason: target });
    progress.say(`not run: ${first.group}: ${target}`);
    return [];
  }
  const results = group.map(
    (each): ReconnectCaseResult => ({
      case: each,
      subject: '',
      version: '',
      policy: '',
      turns: [],
      failures: [],
    }),
  );
  try {
    const turns = Math.max(...group.map((each) => each.turns));
    for (let turn = 0; turn < turns; turn++) {
      for (const result of turnOrder(results, turn)) {
        if (turn < result.case.turns) await runTurn(result, turn, target, context);
      }
    }
    for (const result of results) progress.done(result.case.name, summaryLine(result));
  } finally {
    await target.stop();
  }
  return results;
}

async function runTurn(
  result: ReconnectCaseResult,
  turn: number,
  target: FaultTarget,
  context: RunContext,
): Promise<void> {
  const each = result.case;
  context.progress.turn(each.name, turn + 1, each.turns, context.leftMs);
  try {
    const { client, connectString } = { client: each.client, connectString: target.connectString };
    const { sessionTimeoutMs, watches, ask, paceMs } = each;
    const job = { client, connectString, sessionTimeoutMs, watches, ask, paceMs, path: PATH };
    const [forked, ready] = await ForkedClient.start(job, READY_MS);
    result.subject = ready.name;
    result.version = ready.version;
    result.policy = ready.policy;
    try {
      result.turns.push(await runFaults(each, turn, target, forked));
      await forked.close();
    } finally {
      forked.kill();
    }
  } catch (cause) {
    result.failures.push({ turn, reason: (cause as Error).message });
  }
  context.leftMs -= each.faults * faultMs(each);
}

async function runFaults(
  { faults, limitMs, watches }: ReconnectCase,
  turn: number,
  target: FaultTarget,
  client: ForkedClient,
): Promise<ReconnectTurn> {
  const recoveredMs: number[] = [];
  const sinceBackMs: number[] = [];
  let [unrecovered, sessionsLost, failed] = [0, 0, 0];
  let sessionId: string | null = null;
  for (let fault = 0; fault < faults && unrecovered === 0; fault++) {
    await delay(PEACE_MS_MIN + Math.random() * (PEACE_MS_MAX - PEACE_MS_MIN));
    const { startMs, doneMs } = await target.inject();
    client.tellFault(doneMs);
    const recovered = await client.recoveredWithin(limitMs);
    const backMs = recovered === null ? null : await target.backMs();
    await target.heal();
    if (recovered === null) {
      unrecovered++;
      await client.recoveredWithin(GRACE_MS);
      break;
    }
    recoveredMs.push(rounded(recovered.settledMs - startMs));
    if (backMs !== null) sinceBackMs.push(rounded(recovered.settledMs - backMs));
    if (sessionId !== null && recovered.sessionId !== sessionId) sessionsLost++;
    sessionId = recovered.sessionId;
    failed = recovered.failed;
  }
  const watchesKept = watches === 0 ? null : await target.watches();
  return {
    turn,
    recoveredMs,
    sinceBackMs,
    unrecovered,
    sessionsLost,
    failed,
    watchesKept,
  };
}

/** Microseconds are fine enough, and make a file that people can read. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

function summaryLine(result: ReconnectCaseResult): string {
  const times = allTimes(result);
  const p50 = percentileOrNull(times, 0.5);
  if (p50 === null) return `failed: ${result.failures[0]?.reason ?? 'no turn'}`;
  const most = times.at(-1) as number;
  return `p50 ${p50.toFixed(2)} ms, most ${most.toFixed(2)} ms, ${times.length} faults`;
}
