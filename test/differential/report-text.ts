import type { DifferentialResult, Finding } from './differential.ts';

/** One line of counts. */
export function totalsText(result: DifferentialResult): string {
  const { lists, operations, counters, differences, allowed, seconds } = result;
  const differing = [...differences.values()].reduce((sum, each) => sum + each.lists, 0);
  const excused = [...allowed.values()].reduce((sum, count) => sum + count, 0);
  return [
    `${operations} operations in ${lists} lists`,
    `${counters.frames} frames compared, ${counters.events} events among them`,
    `${counters.nodes} nodes left`,
    `${differing} differences, ${excused} allowed`,
    `${seconds.toFixed(1)} s`,
  ].join('; ');
}

/** The shortest list that shows a difference: what was said on both servers, and how to see it again. */
export function findingText({ signature, seed, list, bout, names }: Finding): string {
  const lines = [`difference "${signature}" (seed ${seed}), ${names.join(' | ')}:`];
  const { difference, traces } = bout;
  for (let index = 0; index <= list.steps.length; index++) {
    const step = list.steps[index];
    lines.push(`  ${index}: ${step === undefined ? 'the end' : JSON.stringify(step)}`);
    const [left = [], right = []] = traces?.map((trace) => trace.linesOf(index)) ?? [];
    lines.push(...sideBySide(left, right));
    if (index === difference?.step) break;
  }
  if (difference === null) lines.push('  it did not show again: a race, of a server or of ours');
  else
    lines.push(
      `  in connection ${difference.slot}:`,
      ...hexLines(difference.left, difference.right),
    );
  lines.push(`  replay: npm run differential -- --seed ${seed} --lists 1`);
  lines.push(`  list: ${JSON.stringify(list)}`);
  return lines.join('\n');
}

/** Lines that both servers said once; those of one server marked `<` or `>`. */
function sideBySide(left: readonly string[], right: readonly string[]): string[] {
  const lines: string[] = [];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [one, other] = [left[index], right[index]];
    if (one === other) lines.push(`       ${one}`);
    else lines.push(`     < ${one ?? 'nothing'}`, `     > ${other ?? 'nothing'}`);
  }
  return lines;
}

function hexLines(left: Buffer | null, right: Buffer | null): string[] {
  return [
    `     < ${left?.toString('hex') ?? 'nothing'}`,
    `     > ${right?.toString('hex') ?? 'nothing'}`,
  ];
}

/** As plain data, for a file. */
export function resultJson(result: DifferentialResult): object {
  const { counters, differences, allowed, findings, names, ...counts } = result;
  return {
    servers: names,
    ...counts,
    frames: counters.frames,
    events: counters.events,
    nodes: counters.nodes,
    restarts: counters.restarts,
    replies: Object.fromEntries([...counters.replies].sort()),
    differences: Object.fromEntries(differences),
    allowed: Object.fromEntries(allowed),
    findings: findings.map(({ signature, seed, list }) => ({ signature, seed, list })),
  };
}
