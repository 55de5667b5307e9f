import { WireError } from '../errors.ts';
import { FRAME_BODY_BYTES_CEILING, FRAME_BODY_BYTES_MAX } from '../limits.ts';

/** `cut` answers this while the frame at hand is not whole yet. */
export const FRAME_INCOMPLETE = -1;

/** `cut` answers this for a frame that is over the limit, and not too long to be skipped. */
export const FRAME_OVERSIZED = -2;

/**
 * Finds whole frames in `[start, end)` of a slab by their length prefix. Copies nothing and keeps
 * no bytes; refuses a length as soon as its four bytes are there.
 */
export class FrameCutter {
  /** Largest body accepted. */
  readonly bodyBytesMax: number;
  /** Smallest body accepted. */
  readonly bodyBytesMin: number;
  /** Largest body that is told as FRAME_OVERSIZED instead of thrown. */
  readonly skipBodyBytesMax: number;
  /** Bytes (prefix included) of the frame that `cut` last found incomplete; 0 while its length is unknown. */
  wantedBytes = 0;

  /**
   * @param bodyBytesMin Smallest body that can follow: 16 for replies (their header), 8 for requests.
   * @param bodyBytesMax Largest body accepted; default 0xfffff as `jute.maxbuffer`.
   * @param skipBodyBytesMax Larger ones up to this are FRAME_OVERSIZED instead of an error; default none.
   */
  constructor(bodyBytesMin = 0, bodyBytesMax: number = FRAME_BODY_BYTES_MAX, skipBodyBytesMax = 0) {
    if (!(bodyBytesMax > 0 && bodyBytesMax <= FRAME_BODY_BYTES_CEILING)) {
      throw new RangeError(`frame limit must be 1..2^31-1 bytes, not ${bodyBytesMax}`);
    }
    this.bodyBytesMin = bodyBytesMin;
    this.bodyBytesMax = bodyBytesMax;
    this.skipBodyBytesMax = skipBodyBytesMax;
  }

  /**
   * First byte after the frame that starts at `start`, FRAME_INCOMPLETE, or FRAME_OVERSIZED (as soon as
   * its length is there). Throws BAD_FRAME_LENGTH or FRAME_TOO_LARGE.
   */
  cut(view: DataView, start: number, end: number): number {
    const available = end - start;
    if (available < 4) {
      this.wantedBytes = 0;
      return FRAME_INCOMPLETE;
    }
    const length = view.getInt32(start);
    if (length < this.bodyBytesMin || length > this.bodyBytesMax) return this.#outside(length);
    if (available - 4 < length) {
      this.wantedBytes = length + 4;
      return FRAME_INCOMPLETE;
    }
    return start + 4 + length;
  }

  #outside(length: number): number {
    if (length > this.bodyBytesMax && length <= this.skipBodyBytesMax) return FRAME_OVERSIZED;
    return this.refuse(length);
  }

  /** Throws what is wrong with a length that is not within the limits. */
  refuse(length: number): never {
    if (length > this.bodyBytesMax) {
      const hint = lengthHint(length);
      throw new WireError(
        'FRAME_TOO_LARGE',
        0,
        `a frame of ${length} bytes is over the limit of ${this.bodyBytesMax}${hint}`,
      );
    }
    throw new WireError(
      'BAD_FRAME_LENGTH',
      0,
      `a frame length of ${length} is below ${this.bodyBytesMin}`,
    );
  }
}

/** Says so when the "length" is the start of something that is not ZooKeeper at all. */
function lengthHint(length: number): string {
  if (length === 0x48545450) return '; the bytes say "HTTP": is this a web server?';
  if (length >>> 16 === 0x1603 || length >>> 16 === 0x1503) {
    return '; the bytes look like TLS: is this the secure port?';
  }
  return '';
}
