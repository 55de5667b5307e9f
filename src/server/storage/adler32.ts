const MODULUS = 65_521;
/** So many bytes can be summed up before the second sum outgrows 32 bits. */
const RUN_BYTES = 5_552;

/** What the sum of no bytes is. */
export const ADLER_START = 1;

/**
 * Adler-32 as of zlib, which Node does not offer: the checksum of Apache's logs and snapshots. Of `bytes` from
 * `start` to `end`, behind those whose sum is `sum`.
 */
export function adler32(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
  sum: number = ADLER_START,
): number {
  let low = sum & 0xffff;
  let high = sum >>> 16;
  for (let run = start; run < end; run += RUN_BYTES) {
    const runEnd = Math.min(end, run + RUN_BYTES);
    for (let at = run; at < runEnd; at++) {
      low += bytes[at] as number;
      high += low;
    }
    low %= MODULUS;
    high %= MODULUS;
  }
  return high * 65_536 + low;
}
