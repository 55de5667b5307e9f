import { ALLOWED_DIFFERENCES } from './allowed-differences.ts';
import { Arena, type ArenaCounters, type Bout } from './arena.ts';
import type { StartContestant } from './contestant.ts';
import { drawList } from './draw-list.ts';
import { shrink } from './shrink.ts';
import { operationsOf, type StepList } from './step.ts';

/** How long a server that says nothing is waited for, in ms, and while a list is being shrunk. */
const PATIENCE_MS = 10_000;
const SHRINK_PATIENCE_MS = 1_500;

/** Lists tried to shrink one, at most, and for how long, in ms. */
const SHRINK_ATTEMPTS_MAX = 1_000;
const SHRINK_MS_MAX = 60_000;

export interface DifferentialOptions {
  readonly left: StartContestant;
  readonly right: StartContestant;
  /** Lists are played until they have had so many operations. */
  readonly operations: number;
  /** Or so many lists. Default: no limit. */
  readonly listsMax?: number;
  /** Of the first list; the next have the seeds that follow. */
  readonly seed: number;
  /** Stop at so many different differences. Default 1. */
  readonly differencesMax?: number;
  readonly onProgress?: (result: DifferentialResult) => void;
  readonly onFinding?: (finding: Finding) => void;
}

/** A difference, with the shortest list found that shows it. */
export interface Finding {
  readonly signature: string;
  /** Seed of the first list that showed it. */
  readonly seed: number;
  readonly list: StepList;
  readonly bout: Bout;
  readonly names: readonly [string, string];
}

export interface DifferentialResult {
  readonly names: readonly [string, string];
  readonly firstSeed: number;
  lists: number;
  operations: number;
  readonly counters: ArenaCounters;
  /** How many lists ended with a difference, by what it was. */
  readonly differences: Map<string, { lists: number; seeds: number[] }>;
  /** Likewise, of those in the list of allowed differences, by their name there. */
  readonly allowed: Map<string, number>;
  readonly findings: Finding[];
  seconds: number;
}

/** Seeds told of one difference. */
const SEEDS_TOLD = 5;

/** Plays lists on two servers until something differs, or enough has been played. */
export async function runDifferential(options: DifferentialOptions): Promise<DifferentialResult> {
  const startedMs = performance.now();
  await using arena = await Arena.open(options.left, options.right);
  const result = emptyResult(arena, options.seed);
  for (let seed = options.seed; result.operations < options.operations; seed++) {
    const list = drawList(seed);
    const bout = await arena.play(list, PATIENCE_MS);
    result.lists++;
    result.operations += operationsOf(list.steps);
    if (bout.difference !== null) await record(arena, list, bout, result, options);
    result.seconds = (performance.now() - startedMs) / 1000;
    options.onProgress?.(result);
    if (result.findings.length >= (options.differencesMax ?? 1)) break;
    if (result.lists >= (options.listsMax ?? Number.POSITIVE_INFINITY)) break;
  }
  return result;
}

/** Plays one list, and shrinks it when it shows something. */
export async function replayList(
  list: StepList,
  left: StartContestant,
  right: StartContestant,
): Promise<Finding | null> {
  await using arena = await Arena.open(left, right);
  const bout = await arena.play(list, PATIENCE_MS);
  // Awaited here: the servers have to be there until it is shrunk.
  return bout.difference === null ? null : await findingOf(arena, list, bout);
}

function emptyResult(arena: Arena, firstSeed: number): DifferentialResult {
  const { names, counters } = arena;
  const differences = new Map();
  const allowed = new Map();
  const findings: Finding[] = [];
  const counts = { lists: 0, operations: 0, seconds: 0 };
  return { names, firstSeed, ...counts, counters, differences, allowed, findings };
}

async function record(
  arena: Arena,
  list: StepList,
  bout: Bout,
  result: DifferentialResult,
  options: DifferentialOptions,
): Promise<void> {
  const difference = bout.difference!;
  const step = list.steps[difference.step];
  const allowed = ALLOWED_DIFFERENCES.find((each) => each.allows(difference, step));
  if (allowed !== undefined) {
    result.allowed.set(allowed.name, (result.allowed.get(allowed.name) ?? 0) + 1);
    return;
  }
  const { signature } = difference;
  const known = result.differences.get(signature);
  if (known !== undefined) {
    known.lists++;
    if (known.seeds.length < SEEDS_TOLD) known.seeds.push(list.seed);
    return;
  }
  result.differences.set(signature, { lists: 1, seeds: [list.seed] });
  const finding = await findingOf(arena, list, bout);
  result.findings.push(finding);
  options.onFinding?.(finding);
}

async function findingOf(arena: Arena, list: StepList, bout: Bout): Promise<Finding> {
  const { signature, step } = bout.difference!;
  const patienceMs = signature.includes('silent') ? SHRINK_PATIENCE_MS : PATIENCE_MS;
  const cut = { ...list, steps: list.steps.slice(0, step + 1) };
  const untilMs = performance.now() + SHRINK_MS_MAX;
  const shown = async (shorter: StepList): Promise<boolean> => {
    if (performance.now() > untilMs) return false;
    const { difference } = await arena.play(shorter, patienceMs);
    return difference?.signature === signature;
  };
  const shrunk = await shrink(cut, shown, SHRINK_ATTEMPTS_MAX);
  const again = await arena.play(shrunk, patienceMs, true);
  return { signature, seed: list.seed, list: shrunk, bout: again, names: arena.names };
}
