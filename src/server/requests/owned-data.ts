import { viewOf } from '../../codec/index.ts';

/** Up to this size several share a block, which saves more than a block that is kept for few of them costs. */
const SHARED_BYTES_MAX = 512;

/** Of what is shared. Node's own pool has 8 KiB up to 22 and 64 KiB from 24 on, and what is soon gone lies in it too. */
const BLOCK_BYTES = 8 * 1024;

const EMPTY: Buffer = Buffer.alloc(0);

/** The block that is being filled; those before it live as long as a copy in them. */
let block: Buffer = EMPTY;
let used = 0;

/** A copy of lent data that a znode can keep. */
export function ownedData(data: Uint8Array | null): Buffer | null {
  if (data === null) return null;
  const { length } = data;
  if (length === 0) return EMPTY;
  const owned = length <= SHARED_BYTES_MAX ? shared(length) : Buffer.allocUnsafeSlow(length);
  owned.set(data);
  return owned;
}

function shared(length: number): Buffer {
  if (used + length > block.length) {
    block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    used = 0;
  }
  const owned = viewOf(block, used, length);
  used += length;
  return owned;
}
