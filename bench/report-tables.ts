import type { Target } from './cases.ts';
import type { FigureResult } from './figures.ts';
import { tableOfCodec, tableOfFigures, tableOfLoad, tableOfMemory } from './report/tables.ts';
import type { BenchResults } from './results.ts';
import { renderTable, type Table } from './table.ts';

/** The tables as Markdown that also reads well in a terminal; null where nothing was measured. */
function markdown(table: Table | null): string | null {
  return table === null ? null : renderTable(table.columns, table.rows);
}

export function figuresTable(figures: readonly FigureResult[]): string {
  const { columns, rows } = tableOfFigures(figures);
  return renderTable(columns, rows);
}

/** Load cases of one server, grouped as they ran, each client with its share of the raw socket's rate. */
export function loadTable(results: BenchResults, target: Target): string | null {
  return markdown(tableOfLoad(results, target));
}

export function codecTable(results: BenchResults): string | null {
  return markdown(tableOfCodec(results));
}

export function memoryTable(results: BenchResults): string | null {
  return markdown(tableOfMemory(results));
}
