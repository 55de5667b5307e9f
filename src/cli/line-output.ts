/** A stream to print to: `process.stdout` or any other. */
export type OutputStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
};

const BATCH_CHARS = 64 * 1024;

/**
 * Lines for a stream, in large writes, one at a time. When the reader is gone (`| head`), the
 * output is `closed` and the rest is dropped without a word; any other error rejects.
 */
export class LineOutput {
  closed = false;
  readonly #stream: OutputStream;
  #batch = '';

  constructor(stream: OutputStream) {
    this.#stream = stream;
  }

  add(line: string): void {
    this.#batch += `${line}\n`;
  }

  /** Writes what was added if that is much; resolves when there is room for more. */
  async room(): Promise<void> {
    if (this.#batch.length >= BATCH_CHARS) await this.flush();
  }

  /** Writes what was added. */
  async flush(): Promise<void> {
    const text = this.#batch;
    this.#batch = '';
    if (text === '' || this.closed) return;
    // Without a listener, the stream's error event would end the process.
    const ignore = (): void => undefined;
    this.#stream.on('error', ignore);
    const error = await new Promise<Error | null | undefined>((resolve) => {
      this.#stream.write(text, resolve);
    });
    if (error === null || error === undefined) {
      this.#stream.off('error', ignore);
      return;
    }
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
    // The listener stays: a broken pipe is reported once more by the stream itself.
    this.closed = true;
  }
}
