import type { Target } from './cases.ts';
import type { FigureResult } from './figures.ts';
import { tableOfCodec, tableOfFigures, tableOfLoad, tableOfMemory } from './report/tables.ts';
import type { BenchResults } from './results.ts';
import { renderTable, type Table } from './table.ts';

/** The tables as Markdown that also reads well in a terminal; null where nothing was measured. */
function markdown(table: Table | null): string | null {
  return table === null ? null : renderTable(table.columns, table.rows);
}

/** The figures that were measured, and how many were not: a run of a few cases is not to drown in them. */
export function figuresText(figures: readonly FigureResult[]): string {
  const measured = figures.filter(({ value }) => value !== null);
  const others = figures.length - measured.length;
  const left = `Not measured, since cases that they are made of did not run: ${others} of ${figures.length} figures.`;
  if (measured.length === 0) return left;
  const { columns, rows } = tableOfFigures(measured);
  const table = renderTable(columns, rows);
  return others === 0 ? table : `${table}\n\n${left}`;
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
