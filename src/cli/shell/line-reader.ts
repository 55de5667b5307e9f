import {
  clearScreenDown,
  createInterface,
  cursorTo,
  type Interface,
  moveCursor,
} from 'node:readline';
import type { OutputStream } from '../line-output.ts';
import { complete } from './completion.ts';
import { type HistoryFile, isSecret } from './history-file.ts';
import type { Shell } from './shell.ts';
import type { ShellOutput } from './shell-output.ts';

/** Where lines come from. */
export interface LineSource {
  readonly input: NodeJS.ReadableStream;
  readonly stdout: OutputStream;
  /** Whether somebody types at a terminal: there is a prompt. */
  readonly isTerminal: boolean;
  /** Whether that only takes text: it edits lines itself, without history and completion. */
  readonly isDumb: boolean;
  /** Null: none is kept. */
  readonly history: HistoryFile | null;
}

/** Lines that may wait for the one that runs; then the input is not read on. */
const WAITING_MAX = 256;

const HOW_TO_LEAVE = "(to leave: 'quit' or Ctrl-D)\n";

/** Feeds lines to a shell, each when the one before is done, however fast they come. */
export class LineReader {
  readonly #shell: Shell;
  readonly #source: LineSource;
  readonly #readline: Interface;
  readonly #waiting: string[] = [];
  #running = false;
  #ended = false;
  #finish: () => void = () => {};

  constructor(shell: Shell, output: ShellOutput, source: LineSource) {
    this.#shell = shell;
    this.#source = source;
    const { input, stdout, isTerminal, isDumb, history } = source;
    const canEdit = isTerminal && !isDumb;
    this.#readline = createInterface({
      input,
      ...(isTerminal && { output: stdout }),
      ...(canEdit && { history: history?.load().reverse() ?? [] }),
      terminal: canEdit,
      historySize: 1_000,
      removeHistoryDuplicates: true,
      completer: (line: string, done: Completer) => {
        const source = { commands: shell.commands, client: () => shell.connectedClient };
        complete(line, source).then((completions) => done(null, completions), done);
      },
    });
    this.#readline.on('line', (line) => this.#take(line));
    this.#readline.on('SIGINT', () => this.#interrupted());
    this.#readline.on('close', () => {
      this.#ended = true;
      if (!this.#running) this.#finish();
    });
    if (!isTerminal || output.json) return;
    output.aside = (print) => this.#aside(print);
    // Where the prompt cannot be rewritten, the next one has what is new.
    if (canEdit) shell.onChange = () => this.#prompt();
  }

  /** Resolves when the input has ended, or the shell wants no more, and every line is done. */
  async run(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#finish = resolve;
      if (this.#ended && !this.#running) resolve();
      else this.#prompt();
    });
    this.#running = true;
    this.#readline.close();
  }

  /** Ends the reading; a command that runs is left to others. */
  stop(): void {
    this.#waiting.length = 0;
    this.#readline.close();
  }

  /** Ctrl-C that came as a signal: from a terminal that edits lines itself. False: it is not about a line. */
  interrupt(): boolean {
    const { isTerminal, isDumb, stdout } = this.#source;
    if (!isTerminal || !isDumb || this.#ended) return false;
    this.#waiting.length = 0;
    stdout.write('\n');
    if (this.#shell.interrupt()) return true;
    stdout.write(HOW_TO_LEAVE);
    this.#prompt();
    return true;
  }

  #take(line: string): void {
    this.#waiting.push(line);
    if (this.#source.isTerminal && !isSecret(line)) this.#source.history?.add(line);
    if (this.#waiting.length >= WAITING_MAX) this.#readline.pause();
    if (!this.#running) void this.#work();
  }

  async #work(): Promise<void> {
    this.#running = true;
    for (let line = this.#waiting.shift(); line !== undefined; line = this.#waiting.shift()) {
      await this.#shell.execute(line);
      if (this.#shell.done) {
        this.stop();
        break;
      }
      if (this.#waiting.length === 0 && !this.#ended) this.#readline.resume();
    }
    this.#running = false;
    if (this.#ended || this.#shell.done) this.#finish();
    else this.#prompt();
  }

  /** Ctrl-C: ends the command that runs; without one it takes away the line, as shells do. */
  #interrupted(): void {
    this.#waiting.length = 0;
    if (this.#shell.interrupt()) return;
    const readline = this.#readline;
    const isEmpty = readline.line === '';
    // What was typed stays to be read. Node has no way to leave a line, or to empty it, but the keys that do it.
    // A paste moves the cursor without readline's noting it.
    this.#noteRows(readline.getCursorPos().rows);
    readline.write(null, { ctrl: true, name: 'e' });
    this.#source.stdout.write(`^C\n${isEmpty ? HOW_TO_LEAVE : ''}`);
    this.#noteRows(0);
    readline.write(null, { ctrl: true, name: 'u' });
    this.#prompt();
  }

  #prompt(): void {
    if (!this.#source.isTerminal || this.#running || this.#ended) return;
    this.#readline.setPrompt(this.#shell.prompt);
    this.#readline.prompt(true);
  }

  /** How far below the first row of the prompt the cursor is: readline goes up by so many before it draws, and is not told otherwise. */
  #noteRows(rows: number): void {
    (this.#readline as Interface & { prevRows: number }).prevRows = rows;
  }

  /** Prints above the line that is being typed. */
  #aside(print: () => void): void {
    if (this.#running || this.#ended) {
      print();
      return;
    }
    const { stdout, isDumb } = this.#source;
    if (isDumb) {
      stdout.write('\n');
      print();
      this.#prompt();
      return;
    }
    // The prompt and what is typed may have several rows.
    const { rows } = this.#readline.getCursorPos();
    moveCursor(stdout, 0, -rows);
    cursorTo(stdout, 0);
    clearScreenDown(stdout);
    print();
    this.#noteRows(0);
    this.#prompt();
  }
}

type Completer = (error: Error | null, completions?: [string[], string]) => void;
