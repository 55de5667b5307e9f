/** Where a text stops being JSON. What `JSON.parse` says of it differs between releases, and seldom has the place. */
export interface JsonFault {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** All that is there is right, but it ends too early. */
  readonly isCutOff: boolean;
}

/** What may come next. `first-` also takes the end of the list or object; `more` is a comma or that end. */
type Expected = 'value' | 'first-value' | 'key' | 'first-key' | 'colon' | 'more' | 'nothing';

const SPACES = /[ \t\n\r]*/y;
const TOKEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON excludes them
  /[{}[\],:]|"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})[^"\\\x00-\x1f]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const BEGUN_STRING = /"[^"\\\x00-\x1f]*(?:\\[^\x00-\x1f][^"\\\x00-\x1f]*)*\\?$/y;

/** The first fault of a text, or null when it is JSON. */
export function jsonFault(text: string): JsonFault | null {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  let at = 0;
  for (;;) {
    at += match(SPACES, text, at)?.length ?? 0;
    if (at === text.length) return expected === 'nothing' ? null : faultAt(text, at, true);
    const token = match(TOKEN, text, at);
    if (token === null) return faultAt(text, at, isBegun(text, at));
    const next = behind(token, expected, open);
    if (next === null) return faultAt(text, at, false);
    expected = next;
    at += token.length;
  }
}

/** What may follow a token; null when it may not stand here. `open` are the lists and objects that it is in. */
function behind(token: string, expected: Expected, open: ('{' | '[')[]): Expected | null {
  const around = open.at(-1);
  const isEnd = token === (around === '{' ? '}' : ']') && around !== undefined;
  if (isEnd && (expected === 'more' || expected === `first-${around === '{' ? 'key' : 'value'}`)) {
    open.pop();
    return open.length === 0 ? 'nothing' : 'more';
  }
  switch (expected) {
    case 'value':
    case 'first-value':
      if (token === '{' || token === '[') {
        open.push(token);
        return token === '{' ? 'first-key' : 'first-value';
      }
      if ('}],:'.includes(token)) return null;
      return around === undefined ? 'nothing' : 'more';
    case 'key':
    case 'first-key':
      return token.startsWith('"') ? 'colon' : null;
    case 'colon':
      return token === ':' ? 'value' : null;
    case 'more':
      if (token !== ',') return null;
      return around === '{' ? 'key' : 'value';
    case 'nothing':
      return null;
  }
}

/** Whether the text ends within the token that begins here. */
function isBegun(text: string, at: number): boolean {
  if (text[at] === '"') return match(BEGUN_STRING, text, at) !== null;
  if (text.length - at > 'false'.length) return false;
  const rest = text.slice(at);
  return ['true', 'false', 'null', '-'].some((whole) => whole.startsWith(rest));
}

function match(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

function faultAt(text: string, at: number, isCutOff: boolean): JsonFault {
  let line = 1;
  let lineStart = 0;
  for (let end = text.indexOf('\n'); end >= 0 && end < at; end = text.indexOf('\n', lineStart)) {
    line++;
    lineStart = end + 1;
  }
  return { line, column: at - lineStart + 1, isCutOff };
}
