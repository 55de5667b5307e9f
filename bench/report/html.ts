import type { Table } from '../table.ts';

/** Text that is HTML already. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

type Part = Html | string | number | null | readonly (Html | string | number | null)[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A template whose values are escaped unless they are HTML; null is nothing, lists are joined. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const text = strings.map((string, index) => string + textOf(parts[index] ?? null)).join('');
  return new Html(text);
}

function textOf(part: Part): string {
  if (part === null) return '';
  if (part instanceof Html) return part.toString();
  if (typeof part === 'object') return part.map(textOf).join('');
  return String(part).replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char);
}

/** `code` between backticks becomes an element; everything else is text. */
export function inlineCode(text: string): Html {
  const parts = text.split('`');
  return html`${parts.map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}

/** Something wide, which scrolls by itself and takes the focus for it. */
export function scrolling(label: string, content: Html): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">${content}</div>`;
}

/** A table; the first cell of each row is its head. `classOf` names a class for a row. */
export function htmlTable(
  label: string,
  { columns, rows }: Table,
  classOf: (index: number) => string = () => '',
): Html {
  // Cells are numbers, to the right, unless they say otherwise.
  const align = (index: number): Html | null =>
    columns[index]?.align === 'right' ? null : html` class="text"`;
  const head = columns.map(
    ({ title }, index) => html`<th scope="col"${align(index)}>${title}</th>`,
  );
  // Most end tags of rows and cells are optional, and would be a tenth of the page.
  const body = rows.map((row, at) => {
    const cells = row.map((cell, index) =>
      index === 0
        ? html`<th scope="row"${align(0)}>${inlineCode(cell)}`
        : html`<td${align(index)}>${inlineCode(cell)}`,
    );
    const name = classOf(at);
    return html`<tr${name === '' ? null : html` class="${name}"`}>${cells}</td>\n`;
  });
  return scrolling(
    label,
    html`<table><thead><tr>${head}</tr></thead><tbody>\n${body}</tbody></table>`,
  );
}
