import { WORD_ANSWER_CHARS_MAX } from '../../limits.ts';

/** Text that grows by lines, and stops at a limit: lists of everything there is can have no end. */
export class BoundedText {
  #text = '';
  #isCut = false;

  /** Adds a line; false when there is no room for more. */
  line(line: string): boolean {
    if (this.#text.length + line.length < WORD_ANSWER_CHARS_MAX) {
      this.#text += `${line}\n`;
      return true;
    }
    this.#isCut = true;
    return false;
  }

  /** The lines, each ended; behind them, what there was no room for. */
  toString(): string {
    if (!this.#isCut) return this.#text;
    return `${this.#text}(cut here: more than ${WORD_ANSWER_CHARS_MAX} characters)\n`;
  }
}
