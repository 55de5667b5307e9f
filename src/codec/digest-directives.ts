/**
 * Tokens of SASL DIGEST-MD5, RFC 2831: `name=value, name="value", ...`. Read strictly: they come
 * from the network before anybody has proved anything. Text is one character a byte here: what it
 * means depends on a charset that is itself a directive.
 */

/** A token cannot be taken. The message has none of its text in it. */
export class DigestFault extends Error {
  override readonly name = 'DigestFault';
}

/** Between directives: commas and white space, in any number. */
const SEPARATOR = /[ \t\r\n,]*/y;
const NAME = /([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*=[ \t]*/y;
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
/** Control characters have no business here, not even behind a backslash. */
const QUOTED = /"((?:[\t !#-[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*)"/y;
const BEHIND = /[ \t\r\n]*(?:,|$)/y;

/** Values by the lower-case name, in order. @throws DigestFault */
export function readDirectives(token: Uint8Array, bytesMax: number): Map<string, string[]> {
  if (token.length > bytesMax) {
    throw new DigestFault(`it has ${token.length} bytes, ${bytesMax} is the most`);
  }
  const text = Buffer.from(token.buffer, token.byteOffset, token.length).toString('latin1');
  const directives = new Map<string, string[]>();
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) throw new DigestFault(`it is malformed at byte ${at}`);
    at = pattern.lastIndex;
    return match;
  };
  for (take(SEPARATOR); at < text.length; take(SEPARATOR)) {
    const name = take(NAME)[1]!.toLowerCase();
    const value = text[at] === '"' ? unquoted(take(QUOTED)[1]!) : take(TOKEN)[0];
    take(BEHIND);
    const values = directives.get(name);
    if (values === undefined) directives.set(name, [value]);
    else values.push(value);
  }
  return directives;
}

/** The value of a directive that may be there once; undefined without. @throws DigestFault */
export function onlyDirective(
  directives: ReadonlyMap<string, readonly string[]>,
  name: string,
): string | undefined {
  const values = directives.get(name);
  if (values !== undefined && values.length > 1) throw new DigestFault(`${name} is given twice`);
  return values?.[0];
}

/** A value in quotes. */
export function quotedDirective(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** The text that bytes mean. @throws DigestFault */
export function decodedDirective(text: string, isUtf8: boolean): string {
  if (!isUtf8) return text;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'latin1'));
  } catch {
    throw new DigestFault('a name in it is not UTF-8');
  }
}

/** The bytes of text, as {@link decodedDirective} takes them. */
export function encodedDirective(text: string, isUtf8: boolean): string {
  return isUtf8 ? Buffer.from(text, 'utf8').toString('latin1') : text;
}

function unquoted(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}
