/**
 * Where a server starts to count its session ids: its own number in the highest byte, 40 bits of
 * time (Apache's takes the time since the machine started), and room for 65,536 sessions a ms.
 * The wall clock, so that an id, and with it its password, does not come twice.
 */
export function firstSessionId(wallMs: number, serverId: number): bigint {
  const id = (BigInt(serverId) << 56n) | (BigInt.asUintN(40, BigInt(wallMs)) << 16n);
  return BigInt.asIntN(64, id);
}
