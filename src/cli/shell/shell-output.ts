import { LineOutput, type OutputStream } from '../line-output.ts';
import { ProgressLine } from '../progress-line.ts';
import type { ShellFailure } from './shell-failure.ts';

/** What JSON lines are made of. */
export type JsonObject = { readonly [name: string]: unknown };

/** An event of a watch or of the session, in Java's three words. */
export interface ShownEvent {
  /** `SyncConnected`, `Disconnected`, `Expired`, ... */
  readonly state: string;
  /** `None` for the session, `NodeCreated`, ... */
  readonly type: string;
  readonly path: string | null;
}

/** Called around what is printed while somebody may be typing. */
export type Aside = (print: () => void) => void;

/** A line of progress is rewritten at most so often. */
const PROGRESS_INTERVAL_MS = 250;

/**
 * Where the shell prints: results and events on standard output, as text or as one JSON object a
 * line; notes and failures on standard error, but failures among the JSON lines when there are any.
 */
export class ShellOutput {
  readonly json: boolean;
  /** How events are printed; a terminal first takes away the line that is being typed. */
  aside: Aside = (print) => print();
  readonly #stdout: LineOutput;
  readonly #isTerminal: boolean;
  readonly #stderr: OutputStream;
  #command = '';
  readonly #progress: ProgressLine;

  constructor(
    stdout: OutputStream,
    stderr: OutputStream,
    json: boolean,
    env: Readonly<Record<string, string | undefined>> = process.env,
  ) {
    this.json = json;
    this.#stdout = new LineOutput(stdout);
    this.#isTerminal = stdout.isTTY === true;
    this.#stderr = stderr;
    this.#progress = new ProgressLine(stderr, { intervalMs: PROGRESS_INTERVAL_MS, env });
    // Nobody reads the complaints any more: no reason to die of it.
    stderr.on('error', () => {});
  }

  /** True when the reader of the standard output is gone. */
  get closed(): boolean {
    return this.#stdout.closed;
  }

  /** Name of the command that what follows belongs to. */
  begin(command: string): void {
    this.#command = command;
  }

  /** A result: the lines that `zkCli.sh` prints, or `value` in JSON. */
  result(lines: readonly string[], value: JsonObject): void {
    this.#progress.clear();
    if (this.json) this.#line({ type: 'result', command: this.#command, ...value });
    else for (const line of lines) this.#stdout.add(this.#isTerminal ? harmless(line) : line);
  }

  /** Lines that are there for people: not in JSON. */
  greeting(line: string): void {
    if (!this.json) this.#stdout.add(line);
  }

  event(event: ShownEvent, more: JsonObject = {}): void {
    this.#progress.clear();
    this.aside(() => {
      if (this.json) this.#line({ type: 'event', event: event.type, ...eventOf(event), ...more });
      else {
        const text = `WatchedEvent state:${event.state} type:${event.type} path:${event.path}`;
        for (const line of ['', 'WATCHER::', '', text]) this.#stdout.add(line);
      }
      this.flush().catch(() => {});
    });
  }

  failure(failure: ShellFailure): void {
    this.#progress.clear();
    const { code, message, path, serverCode } = failure;
    if (this.json) {
      const command = this.#command;
      this.#line({ type: 'error', command, code, message, path, serverCode });
    } else this.note(message);
  }

  /** Something to know beside the result: on standard error. */
  note(line: string): void {
    this.#progress.clear();
    // In the order of the commands, when both streams are one terminal or file.
    this.flush().catch(() => {});
    this.#stderr.write(`${line}\n`);
  }

  /** How far a long command is; on a terminal only. */
  progress(text: string): void {
    if (!this.json) this.#progress.show(text);
  }

  #line(value: JsonObject): void {
    this.#stdout.add(JSON.stringify(value));
  }

  /** Resolves when there is room for more. */
  room(): Promise<void> {
    return this.#stdout.room();
  }

  flush(): Promise<void> {
    return this.#stdout.flush();
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /\r(?!\n|$)|[\0-\x08\v\f\x0e-\x1f\x7f-\x9f]/g;

/** Without what a terminal takes for commands: anybody may have written it into a node. */
function harmless(text: string): string {
  return text.replace(
    CONTROLS,
    (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

function eventOf({ state, path }: ShownEvent): JsonObject {
  return { state, path };
}
