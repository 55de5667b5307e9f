/**
 * The subject of a certificate in the form of RFC 2253, letter by letter as Java writes it: it is
 * compared with what ACLs hold. Node's own text of a subject has another order and other escapes.
 */

/** ASN.1 tags. */
const TAG = { sequence: 0x30, version: 0xa0 } as const;

/** UTF8, Printable, T61, IA5, General, BMP: values of other types are written as hexadecimal digits. */
const TEXT_TAGS: ReadonlySet<number> = new Set([0x0c, 0x13, 0x14, 0x16, 0x1b, 0x1e]);

/** The attributes that RFC 2253 has names for. */
const KEYWORDS: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.9', 'STREET'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
]);

/** One ASN.1 value. */
interface Item {
  readonly tag: number;
  /** Without tag and length. */
  readonly content: Buffer;
  /** With them. */
  readonly whole: Buffer;
}

/** The subject of a certificate in DER; null when it is none. */
export function certificateSubject(der: Buffer): string | null {
  const certificate = itemsOf(der)?.[0];
  const signed = certificate && itemsOf(certificate.content)?.[0];
  const fields = signed && itemsOf(signed.content);
  // Version (may be left out), serial number, algorithm, issuer, validity, subject.
  const subject = fields?.[fields[0]?.tag === TAG.version ? 5 : 4];
  return subject?.tag === TAG.sequence ? nameText(subject.content) : null;
}

/** The most specific part first, as RFC 2253 has it and a certificate has not. */
function nameText(content: Buffer): string | null {
  const parts = itemsOf(content)?.map((part) =>
    itemsOf(part.content)?.map(attributeText).join('+'),
  );
  return parts === undefined || parts.includes(undefined) ? null : parts.reverse().join(',');
}

function attributeText({ content }: Item): string {
  const [type, value] = itemsOf(content) ?? [];
  if (type === undefined || value === undefined) return '';
  const oid = oidText(type.content);
  const keyword = KEYWORDS.get(oid);
  if (keyword === undefined || !TEXT_TAGS.has(value.tag)) {
    return `${keyword ?? oid}=#${value.whole.toString('hex')}`;
  }
  return `${keyword}=${escaped(value.content.toString('utf8'))}`;
}

/** Blanks and carriage returns at both ends get a backslash too. */
function escaped(text: string): string {
  return text
    .replace(/[,=+<>#;"\\]/g, '\\$&')
    .replaceAll('\0', '\\00')
    .replace(/^[ \r]+|[ \r]+$/g, (blanks) => blanks.replace(/[ \r]/g, '\\$&'));
}

function oidText(content: Buffer): string {
  const arcs: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      arcs.push(value);
      value = 0;
    }
  }
  const first = Math.min(2, Math.floor((arcs[0] ?? 0) / 40));
  return [first, (arcs[0] ?? 0) - 40 * first, ...arcs.slice(1)].join('.');
}

/** What stands one behind the other in `bytes`; undefined when it is no DER. */
function itemsOf(bytes: Buffer): Item[] | undefined {
  const items: Item[] = [];
  for (let at = 0; at < bytes.length; ) {
    const lengthByte = bytes[at + 1];
    if (lengthByte === undefined) return undefined;
    const lengthBytes = lengthByte < 0x80 ? 0 : lengthByte & 0x7f;
    const start = at + 2 + lengthBytes;
    if (lengthBytes > 4 || start > bytes.length) return undefined;
    const length = lengthBytes === 0 ? lengthByte & 0x7f : bytes.readUIntBE(at + 2, lengthBytes);
    const end = start + length;
    if (end > bytes.length) return undefined;
    items.push({
      tag: bytes[at]!,
      content: bytes.subarray(start, end),
      whole: bytes.subarray(at, end),
    });
    at = end;
  }
  return items;
}
