/**
 * Cuts the text of a `.d.ts` file, or of a class or interface in it, into its statements. What the
 * compiler writes is regular, so brackets, strings and comments are all that has to be known.
 */

/** One statement, or one member. */
export interface Statement {
  /** Without the comments before it and the semicolon behind it. */
  readonly text: string;
  /** Text of the last doc comment before it; null when there is none. */
  readonly doc: string | null;
}

/** Statements that end with their closing brace; all others end with a semicolon. */
const BRACED = /^(?:export\s+)?(?:declare\s+)?(?:abstract\s+)?(?:class|interface)\b/;

/** Blank space and comments before a statement. */
const TRIVIA = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;

const DOC_COMMENT = /\/\*\*(?!\/)([\s\S]*?)\*\//g;

/** What a bracket may hide in. */
const OPAQUE = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//y;

/** The statements of `text`, in order. */
export function statements(text: string): Statement[] {
  const found: Statement[] = [];
  for (let at = 0; ; ) {
    TRIVIA.lastIndex = at;
    const [trivia] = TRIVIA.exec(text) as RegExpExecArray;
    const start = at + trivia.length;
    if (start >= text.length) return found;
    const end = endOf(text, start);
    const statement = text.slice(start, end).replace(/;$/, '');
    found.push({ text: statement, doc: lastDoc(trivia) });
    at = end;
  }
}

/** What stands between the first brace of a class or interface and its last. */
export function bodyOf(statement: string): string {
  return statement.slice(headOf(statement).length + 1, statement.lastIndexOf('}'));
}

/** A class or interface up to its body. Braces between angle brackets belong to a type. */
export function headOf(statement: string): string {
  let angles = 0;
  for (let at = 0; at < statement.length; at++) {
    const char = statement[at];
    if (char === '<') angles++;
    else if (char === '>' && statement[at - 1] !== '=') angles--;
    else if (char === '{' && angles === 0) return statement.slice(0, at);
  }
  throw new Error(`no body: ${statement.slice(0, 60)}`);
}

/** Place behind the statement that begins at `start`. */
function endOf(text: string, start: number): number {
  const isBraced = BRACED.test(text.slice(start, start + 60));
  let depth = 0;
  for (let at = isBraced ? start + headOf(text.slice(start)).length : start; at < text.length; ) {
    OPAQUE.lastIndex = at;
    const opaque = OPAQUE.exec(text);
    if (opaque !== null) {
      at += opaque[0].length;
      continue;
    }
    const char = text.charAt(at++);
    if ('([{'.includes(char)) depth++;
    else if (')]}'.includes(char)) depth--;
    else if (char === ';' && depth === 0) return at;
    if (char === '}' && depth === 0 && isBraced) return at;
  }
  return text.length;
}

/** The words of the last doc comment, line by line, without its stars. */
function lastDoc(trivia: string): string | null {
  const comment = [...trivia.matchAll(DOC_COMMENT)].at(-1)?.[1];
  if (comment === undefined) return null;
  return comment.replace(/^[ \t]*\*? ?/gm, '').trim();
}
