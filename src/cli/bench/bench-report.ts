import type { LoadResult } from './bench-load.ts';

type Column = readonly [title: string, cell: (result: LoadResult) => string];

const COLUMNS: readonly Column[] = [
  ['depth', ({ depth }) => String(depth)],
  ['ops/s', ({ opsPerSecond }) => Math.round(opsPerSecond).toLocaleString('en-US')],
  ['p50 ms', ({ p50Ms }) => milliseconds(p50Ms)],
  ['p90 ms', ({ p90Ms }) => milliseconds(p90Ms)],
  ['p99 ms', ({ p99Ms }) => milliseconds(p99Ms)],
  ['p99.9 ms', ({ p999Ms }) => milliseconds(p999Ms)],
  ['max ms', ({ maxMs }) => milliseconds(maxMs)],
  ['client us/op', ({ clientCpuUsPerOp }) => clientCpuUsPerOp.toFixed(1)],
  ['server us/op', ({ serverCpuUsPerOp }) => serverCpuUsPerOp?.toFixed(1) ?? '-'],
];

function milliseconds(ms: number): string {
  return ms.toFixed(ms < 10 ? 3 : 1);
}

/** One line a depth, numbers under each other; where that is too wide, a few lines a depth. */
export function resultTable(results: readonly LoadResult[], columns?: number): string {
  const cells = results.map((result) => COLUMNS.map(([, cell]) => cell(result)));
  const rows = [COLUMNS.map(([title]) => title), ...cells];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) => row.map((cell, at) => cell.padStart(widths[at]!)).join('  '));
  const isTooWide = columns !== undefined && columns > 0 && lines[0]!.length > columns;
  return isTooWide ? cells.map(block).join('\n\n') : lines.join('\n');
}

/** The numbers of one depth, one below the other: 18 columns for most. */
function block(cells: readonly string[]): string {
  const width = Math.max(...COLUMNS.map(([title], at) => title.length + 1 + cells[at]!.length));
  return COLUMNS.map(([title], at) => title + cells[at]!.padStart(width - title.length)).join('\n');
}
