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
  const lines = text.split(/\r\n|\n|\r/);
  for (let index = 0; index < lines.length; index++) {
    const line = index + 1;
    let logical = withoutIndent(lines[index]!);
    if (logical === '' || /^[#!]/.test(logical)) continue;
    // A comment sign at the beginning of a continuation is part of the value.
    while (endsInEscape(logical)) {
      logical = logical.slice(0, -1) + withoutIndent(lines[++index] ?? '');
    }
    const [, key = '', value = ''] = KEY_AND_VALUE.exec(logical)!;
    properties.push({ key: unescaped(key, line), value: unescaped(value, line), line });
  }
  return properties;
}

const KEY_AND_VALUE = /^((?:\\.|[^\\=:\t\f ])*)[\t\f ]*[=:]?[\t\f ]*(.*)$/su;

function withoutIndent(line: string): string {
  return line.replace(/^[\t\f ]+/, '');
}

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
