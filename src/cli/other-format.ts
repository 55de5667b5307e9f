/** Files that are taken for captures, by how they begin in hex, and what to do with them. */
const FORMATS: readonly (readonly [begin: string, what: string])[] = [
  ...['d4c3b2a1', 'a1b2c3d4', '4d3cb2a1', 'a1b23c4d', '0a0d0d0a'].map(
    (begin) =>
      [begin, "packets, as tcpdump and Wireshark keep them: record with 'zkwire record'"] as const,
  ),
  ['1f8b', 'compressed: unpack it before, with gzip -d'],
  ['28b52ffd', 'compressed: unpack it before, with zstd -d'],
  ['fd377a585a00', 'compressed: unpack it before, with xz -d'],
  ['425a68', 'compressed: unpack it before, with bzip2 -d'],
  ['504b0304', 'a zip archive: unpack it before'],
  ['5a4b4c47', "a transaction log of ZooKeeper's: it has what was written, not what was said"],
  ['5a4b534e', "a snapshot of ZooKeeper's: it has znodes, not what was said"],
  ['fffe', 'text in UTF-16: a capture is in UTF-8'],
  ['feff', 'text in UTF-16: a capture is in UTF-8'],
];

/** Text has no such byte, and what is binary soon has one. */
const SEARCHED_BYTES = 4_096;

/** What a file is that cannot be a capture; null when it may be one. */
export function otherFormat(bytes: Buffer): string | null {
  const begin = bytes.toString('hex', 0, 8);
  const format = FORMATS.find(([signature]) => begin.startsWith(signature));
  if (format !== undefined) return format[1];
  return bytes.subarray(0, SEARCHED_BYTES).includes(0) ? 'binary: a capture is text' : null;
}
