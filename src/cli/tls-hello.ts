/** Type of a handshake record and major version, as all of TLS has them: as a length, 369 MB. */
const HANDSHAKE_RECORD = 0x1603;

/** Whether a client that begins so speaks TLS. */
export function isTlsHello(bytes: Buffer): boolean {
  return bytes.length >= 2 && bytes.readUInt16BE() === HANDSHAKE_RECORD;
}

/** The same of the first four bytes, taken for the length of a frame. */
export function isTlsLength(length: number): boolean {
  return length >>> 16 === HANDSHAKE_RECORD;
}
