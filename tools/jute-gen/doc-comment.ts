/** A doc comment, taken apart. */
export interface DocComment {
  /** Lines of text, without marks and tags. Blank lines part paragraphs. Empty: there is none. */
  readonly lines: readonly string[];
  /** Tags such as `nullable` or `like czxid`, in order, without the `@`. */
  readonly tags: readonly string[];
}

/** Takes the raw text between the comment marks apart. A tag is a line of its own, or ends one. */
export function parseDocComment(raw: string | null): DocComment {
  if (raw === null) return { lines: [], tags: [] };
  const tags: string[] = [];
  const lines = raw.split(/\r\n|\n|\r/).map((line) => {
    const text = line.replace(/^[ \t]*\*?[ \t]?/, '').trimEnd();
    return text.replace(/(?:^|[ \t]+)@([a-z]+(?: \w+)?)$/, (_, tag: string) => {
      tags.push(tag);
      return '';
    });
  });
  const trimmed = lines.map((line) => line.trimEnd());
  while (trimmed.length > 0 && trimmed[0] === '') trimmed.shift();
  while (trimmed.length > 0 && trimmed.at(-1) === '') trimmed.pop();
  return { lines: trimmed.map((line) => line.trimStart()), tags };
}
