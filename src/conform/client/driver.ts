import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { ConformanceFailure, ExcusedCheck, fail } from '../failure.ts';
import { type DriverAnswer, type DriverEvent, isTyped, parseDriverLine } from './driver-lines.ts';

/** Longest line of a driver: the children of a node are a megabyte. */
const LINE_CHARS_MAX = 8 * 1024 * 1024;

/** End of what the client printed on standard error, for messages. */
const STDERR_CHARS_MAX = 1_500;

const EVENTS_MAX = 300_000;

/** How long a driver may take to end after its standard input has. */
const EXIT_MS = 300;

/** An answer that is a failure. */
export type ErrorAnswer = Extract<DriverAnswer, { kind: 'error' }>;

interface Waiter {
  readonly line: string;
  readonly resolve: (answer: DriverAnswer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The client under test: a process that does on its client what lines of text say. It ends with the check,
 * and whatever it has started with it.
 */
export class Driver {
  /** Lines of the driver as they came: `3 ok` and `event changed /a`. Their order is part of what is judged. */
  readonly log: string[] = [];
  /** Every watch event that it told of, in order. */
  readonly events: DriverEvent[] = [];
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Longest wait for an answer, in ms. */
  timeoutMs: number;
  readonly #waiters: Map<number, Waiter> = new Map();
  readonly #exited: Promise<void>;
  /** Rejects when the process has ended, or could not be started. */
  readonly gone: Promise<never>;
  #id = 0;
  #rest: string[] = [];
  #restChars = 0;
  #stderr = '';
  #end: string | null = null;
  #stopping = false;
  #wake: (() => void) | null = null;

  private constructor(child: ChildProcessByStdio<Writable, Readable, Readable>, timeoutMs: number) {
    this.#child = child;
    this.timeoutMs = timeoutMs;
    this.#exited = new Promise((resolve) => {
      child.once('error', (error) =>
        this.#ended(`could not be started: ${startFailure(error)}`, resolve),
      );
      child.once('close', (code, signal) => {
        this.#ended(
          signal === null ? `ended with code ${code}` : `was ended by ${signal}`,
          resolve,
        );
      });
    });
    this.gone = this.#exited.then(() => {
      throw this.#death('it connected');
    });
    this.gone.catch(() => {});
    child.stdin.on('error', () => {});
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_CHARS_MAX);
    });
  }

  /** Starts a driver. `{connect}` in the words of the command is replaced, and ZKWIRE_CONNECT set. */
  static start(command: readonly string[], connectString: string, timeoutMs: number): Driver {
    const [program = '', ...args] = command.map((word) =>
      word.replaceAll('{connect}', connectString),
    );
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ZKWIRE_CONNECT: connectString },
      // A group of its own: a shell in front of the client must not outlive it, nor the client the shell.
      detached: process.platform !== 'win32',
    });
    return new Driver(child, timeoutMs);
  }

  /** Does a command, and gives the answer whatever it is. Excuses the check when the driver does not know the command. */
  async ask(...words: readonly (string | number)[]): Promise<DriverAnswer> {
    const answer = await this.#send(words);
    if (answer.kind === 'unsupported') {
      throw new ExcusedCheck(`the driver does not know '${words[0]}'`);
    }
    return answer;
  }

  /** Does a command; fails unless it succeeds. */
  async ok(...words: readonly (string | number)[]): Promise<readonly string[]> {
    const answer = await this.ask(...words);
    if (answer.kind !== 'ok') fail(`expected ${words.join(' ')} to succeed, got ${shown(answer)}`);
    return answer.words;
  }

  /** Does a command; fails unless it is refused with this code of ZooKeeper. */
  async refused(code: number, ...words: readonly (string | number)[]): Promise<void> {
    const answer = await this.ask(...words);
    if (answer.kind !== 'error' || answer.code !== String(code)) {
      fail(`expected ${words.join(' ')} to fail with ${code}, got ${shown(answer)}`);
    }
  }

  /** Does a command; fails unless it fails with something that a caller can tell from other failures. */
  async failed(...words: readonly (string | number)[]): Promise<ErrorAnswer> {
    return typedFailure(await this.ask(...words), words.join(' '));
  }

  /** The event with this number, from 0. Fails when it does not come in time. */
  async event(index: number): Promise<DriverEvent> {
    const deadline = performance.now() + this.timeoutMs;
    for (;;) {
      const event = this.events[index];
      if (event !== undefined) return event;
      if (this.#end !== null) this.#died();
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) fail(`expected a watch event, got none within ${this.timeoutMs} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Fails when the process has ended. */
  mustLive(): void {
    if (this.#end !== null) this.#died();
  }

  /** Lets the driver end by itself, and ends it if it does not. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#child.stdin.end();
    const timer = setTimeout(() => this.kill(), EXIT_MS);
    await this.#exited;
    clearTimeout(timer);
    // What it has started may be left.
    this.kill();
  }

  /** Ends the process and its group now. */
  kill(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
    } catch {
      // Nobody is left.
    }
  }

  #send(words: readonly (string | number)[]): Promise<DriverAnswer> {
    const id = ++this.#id;
    const line = words.join(' ');
    const answered = new Promise<DriverAnswer>((resolve, reject) => {
      if (this.#end !== null) this.#died();
      const timer = setTimeout(() => {
        this.#waiters.delete(id);
        reject(failure(`${short(line)} was not answered within ${this.timeoutMs} ms`));
      }, this.timeoutMs);
      this.#waiters.set(id, {
        line,
        resolve: (answer) => {
          clearTimeout(timer);
          resolve(answer);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      this.#child.stdin.write(`${[id, ...words].join('\t')}\n`);
    });
    // A check may ask before it plays its part, and fail there first.
    answered.catch(() => {});
    return answered;
  }

  #take(text: string): void {
    this.#rest.push(text);
    this.#restChars += text.length;
    if (!text.includes('\n')) {
      if (this.#restChars > LINE_CHARS_MAX) this.kill();
      return;
    }
    const lines = this.#rest.join('').split('\n');
    const rest = lines.pop() ?? '';
    this.#rest = [rest];
    this.#restChars = rest.length;
    for (const line of lines) this.#line(line.replace(/\r$/, ''));
    this.#wake?.();
  }

  #line(line: string): void {
    const parsed = parseDriverLine(line);
    if (parsed === null) return;
    if ('event' in parsed) {
      if (this.events.length >= EVENTS_MAX) return;
      this.events.push(parsed.event);
      this.log.push(`event ${parsed.event.type} ${parsed.event.path}`);
      return;
    }
    const waiter = this.#waiters.get(parsed.id);
    if (waiter === undefined) return;
    this.#waiters.delete(parsed.id);
    this.log.push(`${parsed.id} ${parsed.answer.kind}`);
    waiter.resolve(parsed.answer);
  }

  #ended(how: string, resolve: () => void): void {
    this.#end ??= how;
    for (const [id, waiter] of this.#waiters) {
      this.#waiters.delete(id);
      waiter.reject(this.#death(`${short(waiter.line)} was answered`));
    }
    this.#wake?.();
    resolve();
  }

  #died(): never {
    throw this.#death('the next command was answered');
  }

  #death(what: string): Error {
    const printed = this.#stderr.trim();
    const said = printed === '' || this.#stopping ? '' : `\n${printed}`;
    const before = this.#child.pid === undefined ? '' : ` before ${what}`;
    return failure(`the client's process ${this.#end}${before}${said}`);
  }
}

/** Fails unless it is a failure that callers can tell from others. */
export function typedFailure(answer: DriverAnswer, what: string): ErrorAnswer {
  if (answer.kind !== 'error') fail(`expected ${what} to fail, got ${shown(answer)}`);
  if (!isTyped(answer.code)) {
    fail(`expected ${what} to fail with an error of the client's own, got ${shown(answer)}`);
  }
  return answer;
}

/** An answer for messages. */
export function shown(answer: DriverAnswer): string {
  if (answer.kind === 'unsupported') return 'unsupported';
  if (answer.kind === 'error') return short(`error ${answer.code} ${answer.text}`.trim());
  return short(`ok ${answer.words.join(' ')}`.trim());
}

function startFailure(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return `there is no such program (${error.message})`;
  if (error.code === 'EACCES') return `it may not be executed (${error.message})`;
  return error.message;
}

function short(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

function failure(message: string): ConformanceFailure {
  return new ConformanceFailure(message);
}
