/** Ways to show the data of a node. */

/** As text: what is not UTF-8 becomes U+FFFD. A node without data is `null`, as `zkCli.sh` has it. */
export function dataText(data: Buffer | null): string {
  return data === null ? 'null' : data.toString('utf8');
}

/** For JSON: text when it is UTF-8 and nobody asks for anything else, base64 otherwise. */
export function dataJson(
  data: Buffer | null,
  forceBase64 = false,
): { data: string | null; encoding?: 'utf8' | 'base64' } {
  if (data === null) return { data: null };
  const text = data.toString('utf8');
  if (!forceBase64 && Buffer.from(text).equals(data)) return { data: text, encoding: 'utf8' };
  return { data: data.toString('base64'), encoding: 'base64' };
}

const RULER = '+-------------------------------------------------+';
const HEAD = [
  `         ${RULER}`,
  '         |  0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f |',
  `+--------${RULER}----------------+`,
];
const ROW_BYTES = 16;

/** The table that `get -x` of ZooKeeper 3.9 prints (Netty's). Nothing for no bytes. */
export function hexDump(data: Buffer): string {
  if (data.length === 0) return '';
  const rows: string[] = [];
  for (let at = 0; at < data.length; at += ROW_BYTES) {
    const row = data.subarray(at, at + ROW_BYTES);
    const bytes = [...row].map((byte) => ` ${byte.toString(16).padStart(2, '0')}`).join('');
    const chars = [...row].map((byte) => (isPrintable(byte) ? String.fromCharCode(byte) : '.'));
    const offset = at.toString(16).padStart(8, '0');
    rows.push(`|${offset}|${bytes.padEnd(3 * ROW_BYTES)} |${chars.join('').padEnd(ROW_BYTES)}|`);
  }
  return [...HEAD, ...rows, HEAD[2]].join('\n');
}

function isPrintable(byte: number): boolean {
  return byte > 0x1f && byte < 0x7f;
}
