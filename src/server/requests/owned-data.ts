/** Up to this size several share a block of Node's pool, which saves more than a block that is kept for few of them costs. */
const SHARED_BYTES_MAX = 512;

const EMPTY: Buffer = Buffer.alloc(0);

/** A copy of lent data that a znode can keep. */
export function ownedData(data: Uint8Array | null): Buffer | null {
  if (data === null) return null;
  const { length } = data;
  if (length === 0) return EMPTY;
  const owned =
    length <= SHARED_BYTES_MAX ? Buffer.allocUnsafe(length) : Buffer.allocUnsafeSlow(length);
  owned.set(data);
  return owned;
}
