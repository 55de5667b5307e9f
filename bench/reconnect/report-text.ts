import { environmentText } from '../environment-text.ts';
import type { ReconnectResults } from './results.ts';
import { policyList, reconnectFiguresTable, recoveryTable } from './tables.ts';

/** Everything that was measured, as Markdown that also reads well in a terminal. */
export function renderReconnectReport(results: ReconnectResults): string {
  return joined([
    '### Time from a fault to the first good reply',
    recoveryTable(results.cases),
    skippedList(results),
    policyList(results),
    '### What it must show',
    reconnectFiguresTable(results.figures),
    footnote(results),
    notMeasured(results),
  ]);
}

function joined(blocks: readonly (string | null)[]): string {
  return `${blocks.filter((block) => block !== null).join('\n\n')}\n`;
}

function skippedList({ skipped }: ReconnectResults): string | null {
  if (skipped.length === 0) return null;
  return ['Not run:', ...skipped.map(({ name, reason }) => `- ${name}: ${reason}`)].join('\n');
}

function notMeasured({ notMeasured: items }: ReconnectResults): string {
  return ['What we did not measure:', ...items.map((item) => `- ${item}`)].join('\n');
}

function footnote({ environment, startedAt, command, quick }: ReconnectResults): string {
  const method =
    'Percentiles are over all faults of all turns; every turn is a process of its own; ratios are those of medians, turn by turn.';
  const warning = quick ? ' A quick run: not to be quoted.' : '';
  return `${environmentText(environment, startedAt)}. ${method}${warning} To repeat: \`${command}\`.`;
}
