/** Where progress is shown: `process.stderr` or any other stream. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  /** Undefined or 0: not known. */
  readonly columns?: number | undefined;
}

/** Options of {@link ProgressLine}. */
export interface ProgressLineOptions {
  /** Shows at most so often, in ms. Default 0: always. */
  readonly intervalMs?: number;
  /** Default: the process's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Columns of a terminal that does not tell. */
const COLUMNS = 80;

/** Left free: some terminals go on to the next row behind the last column, and Ctrl-C is shown as two characters. */
const SPARE_COLUMNS = 3;

/** Whether a terminal only takes text: it would show the codes that rewrite a line, as in a window of Emacs. */
export function isDumb(env: Readonly<Record<string, string | undefined>>): boolean {
  return env.TERM === 'dumb';
}

/** One line that is rewritten; nothing where that cannot be. */
export class ProgressLine {
  readonly #stream: ProgressStream;
  readonly #intervalMs: number;
  readonly #isOn: boolean;
  #shownAtMs = Number.NEGATIVE_INFINITY;
  #isShown = false;

  constructor(
    stream: ProgressStream,
    { intervalMs = 0, env = process.env }: ProgressLineOptions = {},
  ) {
    this.#stream = stream;
    this.#intervalMs = intervalMs;
    this.#isOn = stream.isTTY === true && !isDumb(env);
  }

  /** Shows a text in place of the one before. What does not fit is cut off: a second row would stay for ever. */
  show(text: string): void {
    if (!this.#isOn) return;
    const nowMs = performance.now();
    if (nowMs - this.#shownAtMs < this.#intervalMs) return;
    this.#shownAtMs = nowMs;
    this.#isShown = true;
    const most = Math.max(1, (this.#stream.columns || COLUMNS) - SPARE_COLUMNS);
    const shown = text.length > most ? `${text.slice(0, most - 1)}…` : text;
    this.#stream.write(`\r\x1b[K${shown}`);
  }

  /** Takes the line away, for what is printed next. */
  clear(): void {
    if (!this.#isShown) return;
    this.#isShown = false;
    this.#stream.write('\r\x1b[K');
  }
}
