import { badOption } from './option-checks.ts';

/** One setting of a file in the format of `java.util.Properties`. */
export interface Property {
  readonly key: string;
  readonly value: string;
  /** Line on which it begins, from 1. */
  readonly line: number;
}

/**
 * Reads text in the format of `java.util.Properties`: `#` and `!` begin comments, `=`, `:` or white space
 * ends a key, a backslash escapes what follows it and, at the end of a line, joins the next one to it.
 * Throws a ZkwireError with code `BAD_ARGUMENT` for a malformed `\\uXXXX`, as Java does.
 */
export function parseProperties(text: string): Property[] {
  const properties: Property[] = [];
  const add = (logical: string, line: number): void => {
    const [, key = '', value = ''] = KEY_AND_VALUE.exec(logical)!;
    properties.push({ key: unescaped(key, line), value: unescaped(value, line), line });
  };
  const lines = text.split(/\r\n|\n|\r/);
  let logical = '';
  let begin = 1;
  for (const [index, line] of lines.entries()) {
    const piece = line.replace(/^[\t\f ]+/, '');
    if (logical === '') {
      // Behind something, an empty line or one that looks like a comment is a continuation like others.
      if (piece === '' || /^[#!]/.test(piece)) continue;
      begin = index + 1;
    }
    logical += piece;
    const goesOn = endsInEscape(logical);
    if (goesOn) logical = logical.slice(0, -1);
    if (goesOn && index < lines.length - 1) continue;
    add(logical, begin);
    logical = '';
  }
  return properties;
}

const KEY_AND_VALUE = /^((?:\\.|[^\\=:\t\f ])*)[\t\f ]*[=:]?[\t\f ]*(.*)$/su;

/** An odd number of backslashes ends the line: the last one is not escaped itself. */
function endsInEscape(line: string): boolean {
  return /\\*$/.exec(line)![0].length % 2 === 1;
}

const ESCAPED: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function unescaped(text: string, line: number): string {
  return text.replace(/\\(u([0-9a-fA-F]{4})?|.)/gsu, (_, what: string, unit?: string) => {
    if (unit !== undefined) return String.fromCharCode(Number.parseInt(unit, 16));
    if (what === 'u') throw badOption(`line ${line}: \\u must be followed by four hex digits`);
    return ESCAPED[what] ?? what;
  });
}
