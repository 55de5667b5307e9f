/** How a line becomes words: as `zkCli.sh` has it. A quote, single or double, counts at the start of a word only. */

/** What a line says. */
export type Words =
  | { readonly words: readonly string[] }
  | {
      /** Words before the quote that is not closed. */
      readonly words: readonly string[];
      readonly unterminated: '"' | "'";
    };

/** The word that the end of a line is in: empty behind a space. */
export interface LastWord {
  /** Words before it. */
  readonly before: readonly string[];
  /** Without its quote. */
  readonly text: string;
  /** As it stands in the line. */
  readonly raw: string;
  readonly quote: '"' | "'" | '';
}

/** What Java's `\s` means. */
const SPACES = /[ \t\n\v\f\r]*/y;
const WORD = /(?:"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<bare>[^"' \t\n\v\f\r][^ \t\n\v\f\r]*))/y;

/** Splits a line. There is no escape: a quoted word cannot hold its own quote. */
export function splitWords(line: string): Words {
  const words: string[] = [];
  for (let at = 0; ; ) {
    at = skipSpaces(line, at);
    if (at === line.length) return { words };
    WORD.lastIndex = at;
    const match = WORD.exec(line);
    if (match === null) return { words, unterminated: line[at] as '"' | "'" };
    words.push(wordOf(match));
    at = WORD.lastIndex;
  }
}

/** The word that is being typed at the end of `line`. */
export function lastWord(line: string): LastWord {
  const before: string[] = [];
  for (let at = 0; ; ) {
    at = skipSpaces(line, at);
    WORD.lastIndex = at;
    const match = at === line.length ? null : WORD.exec(line);
    if (match !== null && WORD.lastIndex < line.length) {
      before.push(wordOf(match));
      at = WORD.lastIndex;
      continue;
    }
    const raw = line.slice(at);
    const quote = raw.startsWith('"') || raw.startsWith("'") ? (raw[0] as '"' | "'") : '';
    return { before, raw, quote, text: match === null ? raw.slice(quote.length) : wordOf(match) };
  }
}

function skipSpaces(line: string, at: number): number {
  SPACES.lastIndex = at;
  SPACES.exec(line);
  return SPACES.lastIndex;
}

function wordOf({ groups }: RegExpExecArray): string {
  return groups?.double ?? groups?.single ?? groups?.bare ?? '';
}
