/** `npm run bench:check`: the regression lane, from options to the exit code. */
import process from 'node:process';
import { describeEnvironment, type Environment } from '../environment.ts';
import { UsageError } from '../options.ts';
import { createProgress, type Progress } from '../progress.ts';
import { runMain } from '../run-main.ts';
import { BASELINE, type Baseline, differencesOf, readBaseline, writeBaseline } from './baseline.ts';
import { type CheckGroup, checkGroups } from './check-groups.ts';
import { renderCheckTable } from './check-table.ts';
import { baselineRow, type ComparedRow, compare, isSuspect } from './compare.ts';
import { CHECK_HELP, parseCheckOptions } from './options.ts';

const TURNS = 4;
/** For what looked like a regression. */
const SECOND_TURNS = 8;
const BASELINE_TURNS = 10;

async function main(args: readonly string[]): Promise<number> {
  const options = parseCheckOptions(args);
  if (options.help) {
    process.stdout.write(CHECK_HELP);
    return 0;
  }
  const { filter, update } = options;
  const groups = checkGroups().filter(({ name }) => filter === null || filter.test(name));
  if (groups.length === 0) {
    throw new UsageError(`no group matches; there are ${checkGroups().map(({ name }) => name)}`);
  }
  const turns = options.turns ?? (update ? BASELINE_TURNS : TURNS);
  if (options.list) return list(groups, turns);
  const progress = createProgress();
  const environment = describeEnvironment([], null);
  if (update) return takeBaseline(groups, turns, options.reason, environment, progress);
  const baseline = readBaseline();
  if (baseline === null) throw new Error(`there is no ${BASELINE}: --update --reason TEXT`);
  say(baseline, environment);
  return check(groups, turns, baseline, progress);
}

function list(groups: readonly CheckGroup[], turns: number): number {
  for (const { name, rows } of groups) {
    for (const row of rows) process.stdout.write(`${name}  ${row}\n`);
  }
  const ms = groups.reduce((sum, { turnMs }) => sum + turnMs * turns, 0);
  process.stdout.write(`${turns} turns, about ${Math.round(ms / 1000)} s\n`);
  return 0;
}

function say({ updatedAt, reason, environment: then }: Baseline, now: Environment): void {
  const commit = then.commit ?? 'no commit';
  process.stdout.write(`baseline: ${updatedAt.slice(0, 10)}, ${commit}: ${reason}\n`);
  for (const difference of differencesOf(then, now)) {
    process.stdout.write(`another machine than the baseline's: ${difference}\n`);
  }
  process.stdout.write('\n');
}

async function check(
  groups: readonly CheckGroup[],
  turns: number,
  baseline: Baseline,
  progress: Progress,
): Promise<number> {
  const known = new Set(groups.flatMap(({ rows }) => rows));
  const all = checkGroups().flatMap(({ rows }) => rows);
  // What was filtered out is not gone.
  const before = baseline.rows.filter(({ id }) => known.has(id) || !all.includes(id));
  const rows: ComparedRow[] = [];
  for (const group of groups) rows.push(...(await checkGroup(group, turns, before, progress)));
  rows.push(
    ...compare(
      new Map(),
      before.filter(({ id }) => !known.has(id)),
    ),
  );
  process.stdout.write(`${renderCheckTable(rows)}\n\n`);
  const bad = rows.filter(isSuspect);
  const verdict =
    bad.length === 0 ? 'nothing is slower' : `${bad.length} of ${rows.length} rows fail`;
  process.stdout.write(`${verdict}\n`);
  return bad.length === 0 ? 0 : 1;
}

/** Once, and once more with more turns when a row looks worse: a busy machine is asked twice. */
async function checkGroup(
  group: CheckGroup,
  turns: number,
  before: Baseline['rows'],
  progress: Progress,
): Promise<ComparedRow[]> {
  const ofGroup = before.filter(({ id }) => group.rows.includes(id));
  const first = compare(await measure(group, turns, progress), ofGroup);
  if (!first.some(isSuspect)) return first;
  progress.say(`${group.name}: slower, or failed; once more with ${SECOND_TURNS} turns`);
  return compare(await measure(group, Math.max(turns, SECOND_TURNS), progress), ofGroup);
}

/** Every row of the group, also those without a value. */
async function measure(
  group: CheckGroup,
  turns: number,
  progress: Progress,
): Promise<Map<string, readonly number[]>> {
  const measured = await group.measure(turns, progress);
  return new Map(group.rows.map((row) => [row, measured.get(row) ?? []]));
}

async function takeBaseline(
  groups: readonly CheckGroup[],
  turns: number,
  reason: string,
  environment: Environment,
  progress: Progress,
): Promise<number> {
  const updatedAt = new Date().toISOString();
  const measured: [string, readonly number[]][] = [];
  for (const group of groups) measured.push(...(await measure(group, turns, progress)));
  const failed = measured.filter(([, values]) => values.length < turns).map(([id]) => id);
  if (failed.length > 0)
    throw new Error(`turns failed, no baseline is taken: ${failed.join('; ')}`);
  const rows = measured.map(([id, values]) => baselineRow(id, values));
  const before = readBaseline()?.rows ?? [];
  process.stdout.write(`${renderCheckTable(compare(new Map(measured), before))}\n\n`);
  writeBaseline({ updatedAt, reason, environment, rows });
  process.stdout.write(`${BASELINE}: written\n`);
  return 0;
}

await runMain('bench:check', main);
