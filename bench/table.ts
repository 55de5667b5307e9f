/** Markdown tables padded so that they read as well in a terminal. */

export interface Column {
  title: string;
  align?: 'left' | 'right';
}

export type Row = readonly string[];

/** What a page and a terminal show of the same values. */
export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

export function renderTable(columns: readonly Column[], rows: readonly Row[]): string {
  const widths = columns.map(({ title }, index) =>
    Math.max(3, width(title), ...rows.map((row) => width(row[index] ?? ''))),
  );
  const line = (cells: Row): string =>
    `| ${columns.map((column, index) => pad(cells[index] ?? '', widths[index] ?? 0, column.align)).join(' | ')} |`;
  const rule = columns.map(({ align }, index) => {
    const dashes = '-'.repeat(widths[index] ?? 0);
    return align === 'right' ? `${dashes.slice(1)}:` : dashes;
  });
  const head = line(columns.map(({ title }) => title));
  return [head, `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

/** Characters, not UTF-16 units. A pipe inside a cell is the caller's to avoid. */
function width(text: string): number {
  return [...text].length;
}

function pad(text: string, to: number, align: Column['align']): string {
  const blanks = ' '.repeat(Math.max(0, to - width(text)));
  return align === 'right' ? blanks + text : text + blanks;
}
