import { timingSafeEqual } from 'node:crypto';

/** As long as every server's. */
const PASSWORD_BYTES = 16;

/** Known from Apache's source, so these passwords keep nobody out. */
const PASSWORD_KEY = 0xb341_5c00n;

// `java.util.Random`, whose sequence its documentation fixes.
const MULTIPLIER = 0x5_deec_e66dn;
const INCREMENT = 0xbn;

/**
 * The password of a session: a function of its id, the same as Apache's, so that sessions survive
 * when a data directory moves from one server to the other.
 */
export function sessionPassword(id: bigint): Buffer {
  let state = BigInt.asUintN(48, id ^ PASSWORD_KEY ^ MULTIPLIER);
  const password = Buffer.alloc(PASSWORD_BYTES);
  const view = new DataView(password.buffer, password.byteOffset, PASSWORD_BYTES);
  for (let at = 0; at < PASSWORD_BYTES; at += 4) {
    state = BigInt.asUintN(48, state * MULTIPLIER + INCREMENT);
    view.setUint32(at, Number(state >> 16n), true);
  }
  return password;
}

/** Whether a client that wants to take up a session knows its password. */
export function isSessionPassword(id: bigint, password: Uint8Array | null): boolean {
  if (id === 0n || password === null || password.length !== PASSWORD_BYTES) return false;
  return timingSafeEqual(password, sessionPassword(id));
}
