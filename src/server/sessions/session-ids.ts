/** What Apache's server has for itself when there is no ensemble. */
const SERVER_ID = 1n;

/**
 * Where a server starts to count its session ids: its own number in the highest byte, 40 bits of
 * time (Apache's takes the time since the machine started), and room for 65,536 sessions a ms.
 * The wall clock, so that an id, and with it its password, does not come twice.
 */
export function firstSessionId(wallMs: number): bigint {
  return (SERVER_ID << 56n) | (BigInt.asUintN(40, BigInt(wallMs)) << 16n);
}
