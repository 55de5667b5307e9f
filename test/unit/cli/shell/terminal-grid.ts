/** A row of a terminal, and whether the text goes on in the next one. */
interface Row {
  text: string;
  goesOn: boolean;
}

/** What is to be seen on a terminal so wide: it knows the codes that `node:readline` uses, and has rows without end. */
export class TerminalGrid {
  readonly #columns: number;
  readonly #rows: Row[] = [{ text: '', goesOn: false }];
  #row = 0;
  #column = 0;

  constructor(columns: number) {
    this.#columns = columns;
  }

  /** Lines, however many rows each has, without spaces at the end. */
  get lines(): string[] {
    const lines = [''];
    for (const { text, goesOn } of this.#rows) {
      lines[lines.length - 1] += text;
      if (!goesOn) lines.push('');
    }
    return lines.slice(0, -1).map((line) => line.trimEnd());
  }

  feed(text: string): this {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is how they begin
    for (const [part, count, code] of text.matchAll(/\x1b\[(\d*)([A-Z])|[\s\S]/gi)) {
      if (code !== undefined) this.#code(code, count === '' ? null : Number(count));
      else if (part === '\n') this.#down();
      else if (part === '\r') this.#column = 0;
      else this.#put(part);
    }
    return this;
  }

  /** As terminals do behind a program: a line feed is a new line. */
  #down(): void {
    this.#row++;
    this.#column = 0;
    if (this.#row === this.#rows.length) this.#rows.push({ text: '', goesOn: false });
  }

  #put(char: string): void {
    if (this.#column === this.#columns) {
      this.#rows[this.#row]!.goesOn = true;
      this.#down();
    }
    const row = this.#rows[this.#row]!;
    const text = row.text.padEnd(this.#column);
    row.text = text.slice(0, this.#column) + char + text.slice(this.#column + 1);
    this.#column++;
  }

  #code(code: string, count: number | null): void {
    const row = this.#rows[this.#row]!;
    switch (code) {
      case 'A':
        this.#row = Math.max(0, this.#row - (count ?? 1));
        break;
      case 'B':
        this.#row = Math.min(this.#rows.length - 1, this.#row + (count ?? 1));
        break;
      case 'C':
        this.#column = Math.min(this.#columns - 1, this.#column + (count ?? 1));
        break;
      case 'D':
        this.#column = Math.max(0, this.#column - (count ?? 1));
        break;
      case 'G':
        this.#column = (count ?? 1) - 1;
        break;
      case 'K':
        row.text = count === 2 ? '' : row.text.slice(0, this.#column);
        row.goesOn = false;
        break;
      case 'J':
        row.text = row.text.slice(0, this.#column);
        row.goesOn = false;
        for (const below of this.#rows.slice(this.#row + 1)) {
          below.text = '';
          below.goesOn = false;
        }
        break;
      default:
        throw new Error(`the code ${code} is not known here`);
    }
  }
}
