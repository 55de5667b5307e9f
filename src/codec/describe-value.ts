/** How values look in one line of text. Everything here is bounded, whatever the peer sent. */

const TEXT_CHARS_MAX = 120;
const DATA_PREFIX_BYTES = 16;
const ITEMS_MAX = 8;

/** Longs that are ids or zxids, which people compare in hex. */
const HEX_FIELDS: ReadonlySet<string> = new Set([
  'zxid',
  'lastZxidSeen',
  'relativeZxid',
  'sessionId',
  'czxid',
  'mzxid',
  'pzxid',
  'ephemeralOwner',
  'curConfigId',
]);

/** Buffers that are or may hold a secret: session password, credentials, SASL token. */
const SECRET_FIELDS: ReadonlySet<string> = new Set(['passwd', 'auth', 'token']);

/**
 * What would break the line, hide text or change a terminal: control characters, line and
 * paragraph separators, zero-width and bidirectional marks, lone surrogates.
 */
const UNPRINTABLE =
  /[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

/** Quoted, escaped and, beyond 120 characters, cut: `"/a"`, `"aaaa"+2000`. */
export function describeText(text: string | null): string {
  if (text === null) return 'null';
  const shown = text.length > TEXT_CHARS_MAX ? text.slice(0, TEXT_CHARS_MAX) : text;
  const escaped = shown.replaceAll(/["\\]/g, '\\$&').replaceAll(UNPRINTABLE, escapeUnit);
  const hidden = text.length - shown.length;
  return hidden > 0 ? `"${escaped}"+${hidden}` : `"${escaped}"`;
}

function escapeUnit(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  if (character === '\t') return '\\t';
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Length and the first 16 bytes, as text when they are printable ASCII: `3B"one"`, `4B(00ff12ab)`, `0B`. */
function describeData(data: Buffer | null): string {
  if (data === null) return 'null';
  const length = `${data.length}B`;
  if (data.length === 0) return length;
  const prefix = data.subarray(0, DATA_PREFIX_BYTES);
  const more = data.length > prefix.length ? '…' : '';
  return isPrintable(prefix)
    ? `${length}${describeText(prefix.toString('latin1'))}${more}`
    : `${length}(${prefix.toString('hex')}${more})`;
}

function isPrintable(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte < 0x20 || byte > 0x7e) return false;
  return true;
}

/** Length only: `16B[redacted]`. */
function describeSecret(data: Buffer | null): string {
  return data === null ? 'null' : `${data.length}B[redacted]`;
}

/** `0x600000014`; as signed for -1, which stands for "none". */
export function describeId(value: bigint): string {
  return value === -1n ? '-1' : `0x${BigInt.asUintN(64, value).toString(16)}`;
}

/** `[a b c +20]`: the first eight, and how many are not shown. */
export function describeList<T>(items: readonly T[] | null, item: (value: T) => string): string {
  if (items === null) return 'null';
  const shown = items.slice(0, ITEMS_MAX).map(item).join(', ');
  const hidden = items.length - ITEMS_MAX;
  return hidden > 0 ? `[${shown}, +${hidden}]` : `[${shown}]`;
}

interface AclValue {
  readonly perms: number;
  readonly id: { readonly scheme: string | null; readonly id: string | null };
}

/** `world:anyone cdrwa`. The hash in a digest id is not shown: passwords can be guessed from it. */
function describeAcl(acl: AclValue): string {
  const { scheme, id } = acl.id;
  return `${describeWord(scheme)}:${describeAclId(scheme, id)} ${describePerms(acl.perms)}`;
}

function describeAclId(scheme: string | null, id: string | null): string {
  const colon = scheme === 'digest' && id !== null ? id.indexOf(':') : -1;
  return colon < 0 ? describeWord(id) : `${describeWord(id!.slice(0, colon))}:[redacted]`;
}

/** Letters as in ZooKeeper's own shell; bits without a letter as a number: `cdrwa`, `r`, `r+0x40`, `none`. */
function describePerms(perms: number): string {
  const letters = [4, 8, 1, 2, 16].map((bit, at) => ((perms & bit) === 0 ? '' : 'cdrwa'[at]));
  const other = perms & ~31;
  const text = letters.join('') + (other === 0 ? '' : `+0x${(other >>> 0).toString(16)}`);
  return text === '' ? 'none' : text;
}

/** Without quotes when it is a plain word. */
function describeWord(text: string | null): string {
  return text !== null && /^[\w./@:=+-]{1,120}$/.test(text) ? text : describeText(text);
}

/** Every field of a record as `name=value`, with one blank between. */
export function describeFields(record: object): string {
  return Object.entries(record)
    .map(([name, value]) => `${name}=${describeField(name, value)}`)
    .join(' ');
}

function describeField(name: string, value: unknown): string {
  if (typeof value === 'string') return describeText(value);
  if (typeof value === 'bigint') return HEX_FIELDS.has(name) ? describeId(value) : `${value}`;
  if (typeof value !== 'object' || value === null) return `${value}`;
  if (Buffer.isBuffer(value)) {
    return SECRET_FIELDS.has(name) ? describeSecret(value) : describeData(value);
  }
  if (!Array.isArray(value)) return `{${describeFields(value)}}`;
  if (name === 'acl') return describeList(value as AclValue[], describeAcl);
  return describeList(value as unknown[], (item) => describeField('', item));
}
