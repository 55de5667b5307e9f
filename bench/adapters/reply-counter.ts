/** Counts frames that end in what was read, wherever the reads cut them. */
export class ReplyCounter {
  readonly #view: DataView;
  /** Bytes of the frame at hand that are still to come. */
  #bodyLeft = 0;
  /** Bytes of a length prefix that came so far, and their value. */
  #prefixBytes = 0;
  #prefix = 0;

  constructor(view: DataView) {
    this.#view = view;
  }

  count(byteCount: number): number {
    const view = this.#view;
    let at = 0;
    let frames = 0;
    while (at < byteCount) {
      if (this.#bodyLeft > 0) {
        if (this.#bodyLeft > byteCount - at) {
          this.#bodyLeft -= byteCount - at;
          return frames;
        }
        at += this.#bodyLeft;
        this.#bodyLeft = 0;
        frames++;
      } else if (this.#prefixBytes === 0 && byteCount - at >= 4) {
        // Whole frames inside this read: the usual way, in locals.
        let next = at + 4 + view.getInt32(at);
        while (next <= byteCount) {
          frames++;
          at = next;
          if (byteCount - at < 4) break;
          next = at + 4 + view.getInt32(at);
        }
        if (next > byteCount) {
          this.#bodyLeft = next - byteCount;
          return frames;
        }
      } else {
        this.#prefix = (this.#prefix << 8) | view.getUint8(at++);
        if (++this.#prefixBytes === 4) {
          this.#bodyLeft = this.#prefix;
          this.#prefixBytes = 0;
          this.#prefix = 0;
        }
      }
    }
    return frames;
  }
}
