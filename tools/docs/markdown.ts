/** A table. Bars in cells are escaped. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`.replaceAll(/ {2,}/g, ' ');
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

/** Text in the type of code. */
export function code(text: string): string {
  return `\`${text}\``;
}

/**
 * The document with new text between `<!-- generated: NAME -->` and `<!-- /generated -->`.
 * Throws when it has no such place: the text would be lost.
 */
export function fillPlace(document: string, name: string, lines: readonly string[]): string {
  const begin = `<!-- generated: ${name} -->\n`;
  const end = '\n<!-- /generated -->';
  const from = document.indexOf(begin);
  const to = document.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`the document has no place for ${name}`);
  const before = document.slice(0, from + begin.length);
  return `${before}\n${lines.join('\n')}\n${document.slice(to)}`;
}
