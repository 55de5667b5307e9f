type TraceValue = string | number | bigint | boolean | null | undefined;

interface TraceLine {
  readonly atMs: number;
  readonly what: string;
  readonly values: readonly TraceValue[];
}

/** Lines kept for the report of a failure. */
const LINES_MAX = 240;

/** What happened, as a hash that is the same for the same run, and the last lines in words. */
export class Trace {
  readonly #nowMs: () => number;
  readonly #kept: TraceLine[] = [];
  #next = 0;
  #hash = 0x811c9dc5;
  /** Keeps everything, for one seed that is looked at. */
  keepAll = false;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  note(what: string, ...values: TraceValue[]): void {
    const line = { atMs: this.#nowMs(), what, values: values.map(clipped) };
    this.#mix(what);
    this.#mixNumber(Math.round(line.atMs * 1024));
    for (const value of line.values) {
      if (typeof value === 'number') this.#mixNumber(value);
      else this.#mix(String(value));
    }
    if (this.keepAll || this.#kept.length < LINES_MAX) this.#kept.push(line);
    else this.#kept[this.#next++ % LINES_MAX] = line;
  }

  /** Eight hex digits. */
  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0');
  }

  /** The last lines (or all, with `keepAll`), oldest first. */
  lines(): string[] {
    const start = this.keepAll ? 0 : this.#next % LINES_MAX;
    const ordered = [...this.#kept.slice(start), ...this.#kept.slice(0, start)];
    return ordered.map(({ atMs, what, values }) => {
      return `${(atMs / 1000).toFixed(4).padStart(10)} ${what} ${values.map(String).join(' ')}`;
    });
  }

  #mix(text: string): void {
    let hash = this.#hash;
    for (let index = 0; index < text.length; index++) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    }
    this.#hash = hash;
  }

  #mixNumber(value: number): void {
    this.#hash = Math.imul(this.#hash ^ (value | 0), 0x01000193);
    this.#hash = Math.imul(this.#hash ^ Math.floor(value / 0x1_0000_0000), 0x01000193);
  }
}

/** Some names are thousands of characters long, and nobody wants to read those. */
function clipped<T extends TraceValue>(value: T): T | string {
  if (typeof value !== 'string' || value.length <= CLIPPED_CHARS * 2) return value;
  return `${value.slice(0, CLIPPED_CHARS)}..${value.length}..${value.slice(-CLIPPED_CHARS)}`;
}

const CLIPPED_CHARS = 100;
