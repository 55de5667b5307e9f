import { PassThrough, Writable } from 'node:stream';
import type { ShellSurroundings } from '../../../../src/cli/shell/shell-command.ts';

/** A stream that keeps what is written, and can break as a pipe does. */
export class Screen extends Writable {
  isTTY = false;
  columns = 120;
  text = '';
  /** All that was ever written, as it was. */
  raw = '';
  broken = false;
  brokenCode = 'EPIPE';

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    if (this.broken) {
      done(Object.assign(new Error(`write ${this.brokenCode}`), { code: this.brokenCode }));
      return;
    }
    this.text += chunk.toString();
    this.raw += chunk.toString();
    done();
  }

  /** Text since the last call, without the codes that move the cursor. */
  taken(): string {
    const { text } = this;
    this.text = '';
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is how they begin
    return text.replace(/\x1b\[[0-9;]*[A-Z]/gi, '');
  }
}

/** Keys, and two screens; signals are sent by `signal`. */
export class FakeTerminal implements ShellSurroundings {
  readonly stdin: PassThrough & { isTTY?: boolean } = new PassThrough();
  readonly stdout: Screen = new Screen();
  readonly stderr: Screen = new Screen();
  readonly env: Record<string, string | undefined> = {};
  readonly #told = new Map<string, Set<() => void>>();

  constructor(isTTY: boolean) {
    for (const stream of [this.stdin, this.stdout, this.stderr]) stream.isTTY = isTTY;
  }

  on(signal: NodeJS.Signals, told: () => void): void {
    this.#told.set(signal, (this.#told.get(signal) ?? new Set()).add(told));
  }

  off(signal: NodeJS.Signals, told: () => void): void {
    this.#told.get(signal)?.delete(told);
  }

  signal(signal: NodeJS.Signals): void {
    for (const told of this.#told.get(signal) ?? []) told();
  }

  /** Who still listens to signals. */
  get listeners(): number {
    return [...this.#told.values()].reduce((count, told) => count + told.size, 0);
  }

  /** As keys come: one by one. */
  type(text: string): void {
    this.stdin.write(text);
  }
}
