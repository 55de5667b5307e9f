import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CONTESTANTS, type StartContestant } from './contestant.ts';
import { replayList, runDifferential } from './differential.ts';
import { findingText, resultJson, totalsText } from './report-text.ts';
import type { StepList } from './step.ts';

const USAGE = `usage: npm run differential -- [--operations N] [--seed S] [--lists N] [--differences N]
         [--left KIND] [--right KIND] [--json FILE]
       npm run differential -- --list FILE     replays one list, as it is printed with a difference

KIND is one of ${Object.keys(CONTESTANTS).join(', ')}.
Plain ones have no TTL nodes, do not enforce quotas, and allow reconfig.
Default: --operations 50000 --seed 1 --differences 1 --left real --right embedded.
The exit code is 1 when something differs.`;

/** Progress is told this often, in ms. */
const PROGRESS_MS = 10_000;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      operations: { type: 'string', default: '50000' },
      seed: { type: 'string', default: '1' },
      lists: { type: 'string' },
      differences: { type: 'string', default: '1' },
      left: { type: 'string', default: 'real' },
      right: { type: 'string', default: 'embedded' },
      json: { type: 'string' },
      list: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const [left, right] = [CONTESTANTS[values.left], CONTESTANTS[values.right]];
  if (values.help || left === undefined || right === undefined) {
    console.error(USAGE);
    return values.help ? 0 : 2;
  }
  if (values.list !== undefined) return replay(values.list, left, right);
  let toldMs = 0;
  const result = await runDifferential({
    left,
    right,
    operations: values.lists === undefined ? Number(values.operations) : Number.POSITIVE_INFINITY,
    listsMax: values.lists === undefined ? Number.POSITIVE_INFINITY : Number(values.lists),
    seed: Number(values.seed),
    differencesMax: Number(values.differences),
    onFinding: (finding) => console.log(findingText(finding)),
    onProgress: (soFar) => {
      if (performance.now() - toldMs < PROGRESS_MS) return;
      toldMs = performance.now();
      console.log(totalsText(soFar));
    },
  });
  for (const [signature, { lists, seeds }] of result.differences) {
    console.log(`${lists} lists: ${signature} (seeds ${seeds.join(' ')})`);
  }
  console.log(`${result.names.join(' | ')}: ${totalsText(result)}`);
  if (values.json !== undefined) {
    writeFileSync(values.json, `${JSON.stringify(resultJson(result), null, 2)}\n`);
  }
  return result.differences.size > 0 ? 1 : 0;
}

async function replay(
  file: string,
  left: StartContestant,
  right: StartContestant,
): Promise<number> {
  const list = JSON.parse(readFileSync(file, 'utf8')) as StepList;
  const finding = await replayList(list, left, right);
  console.log(finding === null ? 'no difference' : findingText(finding));
  return finding === null ? 0 : 1;
}
