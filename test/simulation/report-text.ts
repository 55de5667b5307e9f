import type { SimulationReport } from './simulation.ts';

/** Lines of the trace shown with a failure, unless all are asked for. */
const LINES_SHOWN = 60;

/** How to see a seed again. */
function replayCommand(seed: number): string {
  return `npm run simulate -- --seed ${seed}`;
}

/** What went wrong in a seed, and how to see it again. */
export function failureText(report: SimulationReport): string {
  const { seed, options, violations, lines } = report;
  const faults = violations.map(({ oracle, text, atMs }) => {
    return `  ${oracle} at ${(atMs / 1000).toFixed(4)}: ${text}`;
  });
  return [
    `seed ${seed} failed; replay: ${replayCommand(seed)}`,
    `options: ${JSON.stringify(options)}`,
    ...lines.slice(-LINES_SHOWN).map((line) => `  ${line}`),
    ...faults,
  ].join('\n');
}
