import { significant } from '../format.ts';
import { spreadOf } from '../statistics.ts';
import { type Column, renderTable } from '../table.ts';
import type { ComparedRow } from './compare.ts';

const NONE = '–';
const right = (title: string): Column => ({ title, align: 'right' });

/** Every row with what it had, what it must have, what it has, and what that means. */
export function renderCheckTable(rows: readonly ComparedRow[]): string {
  const columns: Column[] = [
    { title: 'row' },
    ...['baseline', 'threshold', 'now', 'min – max', 'change', 'turns'].map(right),
    { title: 'verdict' },
  ];
  return renderTable(columns, rows.map(cellsOf));
}

function cellsOf({ id, verdict, baseline, values }: ComparedRow): string[] {
  const before = baseline === null ? NONE : significant(baseline.median);
  const threshold = baseline === null ? NONE : significant(baseline.threshold);
  if (values.length === 0) return [id, before, threshold, NONE, NONE, NONE, '0', verdict];
  const { median, min, max } = spreadOf(values);
  const spread = `${significant(min)} – ${significant(max)}`;
  const change = baseline === null ? NONE : percent(median / baseline.median - 1);
  const turns = String(values.length);
  return [id, before, threshold, significant(median), spread, change, turns, verdict];
}

function percent(share: number): string {
  const rounded = Math.round(share * 100);
  return `${rounded > 0 ? '+' : ''}${rounded} %`;
}
