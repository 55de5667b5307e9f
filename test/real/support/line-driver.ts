import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { shell } from '../../../src/cli/shell/shell-command.ts';
import type { ZooKeeperInstallation } from '../../../tools/zookeeper/index.ts';
import type { Printed } from './zkcli-differences.ts';

/** A command line that reads lines, wherever it runs. */
export interface LineProgram {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exitCode: Promise<number>;
  /** Whether it is doing something besides waiting; without it all is done when a line has been answered. */
  readonly isBusy?: () => boolean;
}

/** The real `zkCli.sh`: the program that the script starts, without what a script would add. */
export function startZkCli(
  { java, classPath }: ZooKeeperInstallation,
  args: readonly string[],
): LineProgram {
  const logging = mkdtempSync(join(tmpdir(), 'zkwire-zkcli-'));
  writeFileSync(join(logging, 'log4j.properties'), 'log4j.rootLogger=OFF\n');
  const cli = join(dirname(classPath[0]!), 'commons-cli.jar');
  const jars = [logging, ...classPath, cli].join(':');
  const child = spawn(
    java,
    ['-XX:TieredStopAtLevel=1', '-cp', jars, 'org.apache.zookeeper.ZooKeeperMain', ...args],
    { env: { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' } },
  );
  const exitCode = once(child, 'close').then(([code]) => {
    rmSync(logging, { recursive: true });
    return code as number;
  });
  const isBusy = (): boolean => isAnyThreadAwake(child.pid!);
  return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, exitCode, isBusy };
}

/** Whether a thread of this process runs or is about to. */
function isAnyThreadAwake(pid: number): boolean {
  const tasks = `/proc/${pid}/task`;
  if (!existsSync(tasks)) return false;
  // A thread may end while we look.
  return readdirSync(tasks).some((task) => /\) [RD] /.test(readIfThere(`${tasks}/${task}/stat`)));
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** `zkwire shell` in this process. */
export function startShell(args: readonly string[]): LineProgram {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const nothing = (): void => {};
  const io = { stdin, stdout, stderr, env: {}, on: nothing, off: nothing };
  const exitCode = shell(args, io).finally(() => {
    stdout.end();
    stderr.end();
  });
  return { stdin, stdout, stderr, exitCode };
}

/** Both have these: one tells on standard output that it is done with what came before, the other on standard error. */
const OUT_MARK = 'printwatches';
const ERR_MARK = 'redo 9999999';
// Behind a text without a line break, as `setAcl -R` has it.
const OUT_MARKED = /printwatches is (?:on|off)$/;
const ERR_MARKED = /Command index out of range$/;

/** Gives lines to a program one by one, and finds what it prints of each. */
export class LineDriver {
  /** Events that were printed, in order: `SyncConnected NodeCreated /a`. */
  readonly events: string[] = [];
  readonly #program: LineProgram;
  readonly #out: Lines;
  readonly #err: Lines;

  constructor(program: LineProgram) {
    this.#program = program;
    this.#out = new Lines(program.stdout);
    this.#err = new Lines(program.stderr);
  }

  /** Runs a line; an empty one: what is printed before the first. */
  async run(line: string): Promise<Printed> {
    try {
      return await this.#run(line);
    } catch (error) {
      throw new Error(`${JSON.stringify(line)}: ${(error as Error).message}`);
    }
  }

  async #run(line: string): Promise<Printed> {
    const { stdin } = this.#program;
    if (line !== '') stdin.write(`${line}\n`);
    stdin.write(`${OUT_MARK}\n${ERR_MARK}\n`);
    if (line === OUT_MARK) await this.#out.until(OUT_MARKED);
    const out = await this.#out.until(OUT_MARKED);
    const err = await this.#err.until(ERR_MARKED);
    // Events are printed by a thread of their own: too late, they would be inside of what the next line prints,
    // or not be printed at all where that line forbids it.
    while (this.#program.isBusy?.()) await delay(1);
    const told = this.#withoutEvents(out);
    // Behind the mark `zkCli.sh` says so without a session; and of which line it is nobody could tell.
    return { line, out: told.filter((text, at) => at > 0 || text !== 'Not connected'), err };
  }

  /** Ends the input with `quit`; what is printed of it and the exit code. */
  async quit(): Promise<{ printed: Printed; exitCode: number }> {
    this.#program.stdin.end('quit\n');
    const exitCode = await this.#program.exitCode;
    const out = this.#withoutEvents(await this.#out.rest());
    return { printed: { line: 'quit', out, err: await this.#err.rest() }, exitCode };
  }

  /** Events come from a thread of their own, so their place among the lines means nothing. */
  #withoutEvents(lines: readonly string[]): string[] {
    const others: string[] = [];
    for (const line of lines) {
      const event = /^WatchedEvent state:(\w+) type:(\w+) path:(.*)$/.exec(line);
      if (event === null && line !== 'WATCHER::') {
        others.push(line);
        continue;
      }
      if (others.pop() !== '') throw new Error(`no empty line before ${line}`);
      if (event !== null) this.events.push(event.slice(1).join(' '));
    }
    return others;
  }
}

/** A line that takes longer hangs. */
const SILENCE_MS_MAX = 120_000;

/** The lines of a stream. */
class Lines {
  #text = '';
  #ended = false;
  #wake: () => void = () => {};

  constructor(stream: Readable) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      this.#text += text;
      this.#wake();
    });
    stream.on('end', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  /** The lines before the mark, which is taken too. */
  async until(mark: RegExp): Promise<string[]> {
    for (const lines: string[] = []; ; ) {
      const end = this.#text.indexOf('\n');
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        const [isLast, before] = [mark.test(line), line.replace(mark, '')];
        if (!isLast || before !== '') lines.push(before);
        if (isLast) return lines;
      } else if (this.#ended) throw new Error(`ended after ${JSON.stringify(lines)}`);
      else await this.#more(lines);
    }
  }

  async rest(): Promise<string[]> {
    while (!this.#ended) await this.#more([]);
    return this.#text.split('\n').slice(0, -1);
  }

  #more(lines: readonly string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const tooLong = (): void => reject(new Error(`no more after ${JSON.stringify(lines)}`));
      const timer = setTimeout(tooLong, SILENCE_MS_MAX);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
