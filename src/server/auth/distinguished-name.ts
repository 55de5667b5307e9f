/**
 * Whether Java takes `text` for the name of a subject: `CN=client, O=example`. An ACL of scheme
 * x509 with anything else is refused.
 */
export function isDistinguishedName(text: string): boolean {
  if (text === '') return true;
  for (let at = 0; ; at++) {
    const equals = text.indexOf('=', at);
    if (equals < 0 || !isAttributeType(text.slice(at, equals))) return false;
    at = endOfValue(text, skipBlanks(text, equals + 1));
    if (at < 0) return false;
    if (at === text.length) return true;
    if (!SEPARATORS.includes(text[at]!)) return false;
  }
}

/** Between names, and within one name that has several attributes. */
const SEPARATORS = ',;+';
/** Must be escaped in a value that is not quoted, where they do not end it. */
const UNQUOTED_NEVER = '<>"';
/** May follow a backslash; so may two hexadecimal digits. */
const ESCAPABLE = ',=\n+<>#;\\" ';

/** The attributes that Java has names for; all others are numbers. */
const KEYWORDS: ReadonlySet<string> = new Set(
  (
    'CN C L S ST O OU T IP STREET DC DNQUALIFIER DNQ SURNAME GIVENNAME INITIALS GENERATION' +
    ' EMAIL EMAILADDRESS UID SERIALNUMBER'
  ).split(' '),
);

function isAttributeType(text: string): boolean {
  const keyword = text.trim().toUpperCase();
  if (KEYWORDS.has(keyword)) return true;
  const arcs = /^(?:OID\.)?([0-2])\.(\d+)(?:\.\d+)*$/.exec(keyword);
  return arcs !== null && (arcs[1] === '2' || Number(arcs[2]) < 40);
}

/** Where the value that starts at `at` ends, its blanks included; -1 when it is malformed. */
function endOfValue(text: string, at: number): number {
  if (text[at] === '#') return endOfHex(text, at + 1);
  return text[at] === '"' ? endOfQuoted(text, at + 1) : endOfPlain(text, at);
}

function endOfHex(text: string, start: number): number {
  let at = start;
  while (isHexPair(text, at)) at += 2;
  return at === start ? -1 : at;
}

function endOfQuoted(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    if (text[at] === '"') return skipBlanks(text, at + 1);
    if (text[at] === '\\') {
      at = endOfEscape(text, at);
      if (at < 0) return -1;
    }
  }
  return -1;
}

function endOfPlain(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const char = text[at]!;
    if (SEPARATORS.includes(char)) return at;
    if (UNQUOTED_NEVER.includes(char)) return -1;
    if (char === '\\') {
      at = endOfEscape(text, at);
      if (at < 0) return -1;
    }
  }
  return text.length;
}

/** The last character of what the backslash at `at` escapes; -1 when that is nothing. */
function endOfEscape(text: string, at: number): number {
  if (isHexPair(text, at + 1)) return at + 2;
  return at + 1 < text.length && ESCAPABLE.includes(text[at + 1]!) ? at + 1 : -1;
}

function isHexPair(text: string, at: number): boolean {
  return isHexDigit(text.charCodeAt(at)) && isHexDigit(text.charCodeAt(at + 1));
}

function isHexDigit(unit: number): boolean {
  return (unit >= 0x30 && unit <= 0x39) || ((unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x66);
}

function skipBlanks(text: string, at: number): number {
  let next = at;
  while (text[next] === ' ' || text[next] === '\n') next++;
  return next;
}
