import { environmentText } from '../environment-text.ts';
import { megabytes, rate, significant } from '../format.ts';
import { figuresText } from '../report-tables.ts';
import { spreadOf } from '../statistics.ts';
import { renderTable, type Table } from '../table.ts';
import type { Measurement } from './measurement.ts';
import type { ServerResults } from './results.ts';

/** Everything that was measured, as Markdown that also reads well in a terminal. */
export function renderServerReport(results: ServerResults): string {
  return joined([
    '### The embedded server',
    measurementsTable(results.measurements),
    skippedList(results),
    '### What it must show',
    figuresText(results.figures),
    footnote(results),
  ]);
}

function joined(blocks: readonly (string | null)[]): string {
  return `${blocks.filter((block) => block !== null).join('\n\n')}\n`;
}

function measurementsTable(measurements: readonly Measurement[]): string {
  const { columns, rows } = tableOfMeasurements(measurements);
  return renderTable(columns, rows);
}

/** Everything that was measured, one row a value. */
export function tableOfMeasurements(measurements: readonly Measurement[]): Table {
  const columns = [
    { title: 'measured' },
    { title: 'median', align: 'right' as const },
    { title: 'min – max', align: 'right' as const },
    { title: 'turns', align: 'right' as const },
  ];
  return { columns, rows: measurements.map(row) };
}

function row({ label, unit, values }: Measurement): string[] {
  if (values.length === 0) return [label, '–', '–', '0'];
  const { median, min, max } = spreadOf(values);
  const spread = values.length === 1 ? 'one turn' : `${text(min, unit)} – ${text(max, unit)}`;
  return [label, text(median, unit), spread, String(values.length)];
}

function text(value: number, unit: Measurement['unit']): string {
  if (unit === 'ops/s') return `${rate(value)} ops/s`;
  return unit === 'MB' ? megabytes(value * 1e6) : `${significant(value)} ${unit}`;
}

function skippedList({ skipped }: ServerResults): string | null {
  if (skipped.length === 0) return null;
  return ['Not run:', ...skipped.map(({ name, reason }) => `- ${name}: ${reason}`)].join('\n');
}

function footnote({ environment, startedAt, command, quick }: ServerResults): string {
  const method =
    'Medians; the server is a process of its own, and clients are bare sockets where not said otherwise.';
  const warning = quick ? ' A quick run, on a smaller scale: not to be quoted.' : '';
  return `${environmentText(environment, startedAt)}. ${method}${warning} To repeat: \`${command}\`.`;
}
