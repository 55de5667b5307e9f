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

/** One line a depth, numbers under each other. */
export function resultTable(results: readonly LoadResult[]): string {
  const rows = [
    COLUMNS.map(([title]) => title),
    ...results.map((result) => COLUMNS.map(([, cell]) => cell(result))),
  ];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) => row.map((cell, column) => cell.padStart(widths[column]!)).join('  '))
    .join('\n');
}
