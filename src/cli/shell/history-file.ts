import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Lines that are read back. */
const LINES_MAX = 1_000;

/** Once the file has so many, it is cut down to those that are read back. */
const FILE_LINES_MAX: number = 4 * LINES_MAX;

/** Where the lines of interactive shells are kept; the folder for state of the XDG specification. */
export function historyPath(env: Readonly<Record<string, string | undefined>>): string {
  const state = env.XDG_STATE_HOME ?? '';
  return join(state.startsWith('/') ? state : join(homedir(), '.local/state'), 'zkwire/history');
}

/** Whether a line may hold a password: it is not kept. Rather one too many than one too few. */
export function isSecret(line: string): boolean {
  return /addauth/i.test(line);
}

/**
 * Lines of interactive shells, from one to the next. Only the user can read the file. When it cannot be
 * read or written there is no history, and no word of it.
 */
export class HistoryFile {
  readonly #path: string;
  #last: string | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** The last lines, oldest first. */
  load(): string[] {
    let lines: string[];
    try {
      lines = readFileSync(this.#path, 'utf8').split('\n').slice(0, -1);
    } catch {
      return [];
    }
    const kept = lines.slice(-LINES_MAX);
    if (lines.length > FILE_LINES_MAX) this.#rewrite(kept);
    this.#last = kept.at(-1);
    return kept;
  }

  /** Keeps a line, unless it is the one before again or may hold a secret. */
  add(line: string): void {
    if (line.trim() === '' || line === this.#last || isSecret(line)) return;
    this.#last = line;
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      appendFileSync(this.#path, `${line}\n`, { mode: 0o600 });
    } catch {
      // See above.
    }
  }

  #rewrite(lines: readonly string[]): void {
    const temporary = `${this.#path}.${process.pid}`;
    try {
      writeFileSync(temporary, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
      renameSync(temporary, this.#path);
    } catch {
      // See above.
    }
  }
}
