import type { Progress } from '../progress.ts';
import type { Skipped } from '../results.ts';
import { turnOrder } from '../turn-order.ts';
import {
  type Lane,
  type LaneCase,
  type LaneCaseResult,
  type LaneServers,
  NotHere,
} from './lane.ts';

export interface LaneRunContext {
  readonly progress: Progress;
  /** What did not run, and why: filled while the lane runs. */
  readonly skipped: Skipped[];
  /** Time that the rest of the run will take, in ms. */
  leftMs: number;
}

type Measuring<C extends LaneCase, S extends LaneServers> = Pick<Lane<C, S>, 'open' | 'measure'>;

export function planMs(cases: readonly LaneCase[]): number {
  return cases.reduce((sum, { turns, turnMs }) => sum + turns * turnMs, 0);
}

/** Runs the cases group by group; in a group the cases take turns, A B C, then C B A, then A B C. */
export async function runLaneCases<C extends LaneCase, S extends LaneServers>(
  lane: Measuring<C, S>,
  cases: readonly C[],
  context: LaneRunContext,
): Promise<LaneCaseResult<C>[]> {
  const results: LaneCaseResult<C>[] = [];
  for (const group of new Set(cases.map((each) => each.group))) {
    const members = cases.filter((each) => each.group === group);
    results.push(...(await runGroup(lane, members, context)));
  }
  return results;
}

async function runGroup<C extends LaneCase, S extends LaneServers>(
  lane: Measuring<C, S>,
  group: readonly C[],
  context: LaneRunContext,
): Promise<LaneCaseResult<C>[]> {
  const results = group.map((each): LaneCaseResult<C> => {
    return { case: each, subject: '', version: '', turns: [], failures: [] };
  });
  let servers: S;
  try {
    servers = await lane.open(group);
  } catch (cause) {
    context.leftMs -= planMs(group);
    return notOpened(results, cause as Error, context);
  }
  try {
    const turns = Math.max(...group.map((each) => each.turns));
    for (let turn = 0; turn < turns; turn++) {
      for (const result of turnOrder(results, turn)) {
        if (turn < result.case.turns) await runTurn(lane, result, turn, servers, context);
      }
    }
  } finally {
    await servers.stop();
  }
  for (const result of results) context.progress.done(result.case.name, turnsText(result));
  return results;
}

/** A group whose servers are not on this machine is left out; one whose servers fail has failed, and the next ones run. */
function notOpened<C extends LaneCase>(
  results: readonly LaneCaseResult<C>[],
  cause: Error,
  { progress, skipped }: LaneRunContext,
): LaneCaseResult<C>[] {
  const name = results[0]?.case.group ?? '';
  const isHere = !(cause instanceof NotHere);
  const reason = isHere ? `FAILED: no server: ${cause.message}` : cause.message;
  skipped.push({ name, reason });
  progress.say(`not run: ${name}: ${reason}`);
  if (!isHere) return [];
  for (const { failures } of results)
    failures.push({ turn: 0, reason: `no server: ${cause.message}` });
  return [...results];
}

async function runTurn<C extends LaneCase, S extends LaneServers>(
  lane: Measuring<C, S>,
  result: LaneCaseResult<C>,
  turn: number,
  servers: S,
  context: LaneRunContext,
): Promise<void> {
  const { name, turns, turnMs } = result.case;
  context.progress.turn(name, turn + 1, turns, context.leftMs);
  try {
    const { subject, version, values } = await lane.measure(result.case, servers);
    result.subject = subject;
    result.version = version;
    result.turns.push({ turn, values });
  } catch (cause) {
    const reason = (cause as Error).message;
    result.failures.push({ turn, reason });
    context.skipped.push({ name: `${name}, turn ${turn + 1}`, reason: `FAILED: ${reason}` });
  }
  context.leftMs -= turnMs;
}

function turnsText({ case: { turns }, failures }: LaneCaseResult<LaneCase>): string {
  const first = failures[0];
  const done = `${turns - failures.length} of ${turns} turns`;
  return first === undefined ? done : `${done}; FAILED: ${first.reason}`;
}
