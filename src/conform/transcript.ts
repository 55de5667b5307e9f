import { Conversation, type Direction, describe } from '../codec/index.ts';

/** Lines kept: a failure is explained by what came just before it. */
const LINES_MAX = 16;

/** Longest line kept: a frame can be a megabyte. */
const LINE_CHARS_MAX = 320;

/**
 * What a check and the server said to each other, as lines of text without secrets. The last lines
 * go with a failure, so that it can be understood without running the check again.
 */
export class Transcript {
  readonly #lines: string[] = [];
  readonly #conversation: Conversation = new Conversation((packet) => this.#add(describe(packet)));
  #connections = 0;
  #dropped = 0;

  /** Number for a new connection. */
  nextConnection(): number {
    return this.#connections++;
  }

  /** Bytes that went over a connection. */
  push(connection: number, direction: Direction, bytes: Uint8Array): void {
    this.#conversation.push(connection, direction, bytes);
  }

  /** Something that happened to a connection beside bytes. */
  note(connection: number, what: string): void {
    this.#add(`c${connection} ${what}`);
  }

  /** The last lines, the oldest first. */
  lines(): readonly string[] {
    const left = this.#dropped;
    return left === 0 ? [...this.#lines] : [`(${left} earlier lines left out)`, ...this.#lines];
  }

  #add(line: string): void {
    const text = line.length > LINE_CHARS_MAX ? `${line.slice(0, LINE_CHARS_MAX)}…` : line;
    this.#lines.push(text);
    if (this.#lines.length <= LINES_MAX) return;
    this.#lines.shift();
    this.#dropped++;
  }
}
