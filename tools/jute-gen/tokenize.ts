import { SchemaError, type SourcePosition } from './schema-error.ts';

/**
 * - `word`: a name or a keyword.
 * - `string`: a quoted file name, quotes included.
 * - `symbol`: one character; the parser decides whether it may stand there.
 */
type TokenKind = 'word' | 'string' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly at: SourcePosition;
  /** Raw text between the marks of the doc comment right before this token, or null. */
  readonly doc: string | null;
}

const BLANKS = /[ \t\r\n]+/y;
const LINE_COMMENT = /\/\/[^\r\n]*/y;
const BLOCK_COMMENT = /\/\*[\s\S]*?\*\//y;
const WORD = /[A-Za-z][A-Za-z0-9_]*/y;
const STRING = /"[^"\r\n]+"/y;
/** The empty block comment is not documentation. */
const DOC_COMMENT = /^\/\*\*(?!\/)([\s\S]*)\*\/$/;

/** Cuts jute text into tokens. The last one has kind `end`. Only an unclosed comment is an error here. */
export function tokenize(file: string, text: string): Token[] {
  const tokens: Token[] = [];
  const lineStarts = startsOfLines(text);
  let line = 1;
  let doc: string | null = null;
  let offset = 0;

  function position(): SourcePosition {
    while (line < lineStarts.length && lineStarts[line]! <= offset) line++;
    return { line, column: offset - lineStarts[line - 1]! + 1 };
  }

  function push(kind: TokenKind, token: string): void {
    tokens.push({ kind, text: token, at: position(), doc });
    doc = null;
    offset += token.length;
  }

  while (offset < text.length) {
    const skipped = match(BLANKS, text, offset) ?? match(LINE_COMMENT, text, offset);
    if (skipped !== null) {
      offset += skipped.length;
      continue;
    }
    if (text.startsWith('/*', offset)) {
      const comment = match(BLOCK_COMMENT, text, offset);
      if (comment === null) throw new SchemaError(file, position(), 'this comment is not closed');
      doc = DOC_COMMENT.exec(comment)?.[1] ?? doc;
      offset += comment.length;
      continue;
    }
    const word = match(WORD, text, offset);
    const string = word === null ? match(STRING, text, offset) : null;
    if (word !== null) push('word', word);
    else if (string !== null) push('string', string);
    else push('symbol', String.fromCodePoint(text.codePointAt(offset)!));
  }
  push('end', '');
  return tokens;
}

function match(pattern: RegExp, text: string, offset: number): string | null {
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0] ?? null;
}

function startsOfLines(text: string): number[] {
  const starts = [0];
  for (const lineBreak of text.matchAll(/\r\n|\n|\r/g)) {
    starts.push(lineBreak.index + lineBreak[0].length);
  }
  return starts;
}
