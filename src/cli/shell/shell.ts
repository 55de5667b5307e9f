import { type ConnectError, ZkwireError, type ZooKeeperClient } from '../../client/index.ts';
import { parseConnectString } from '../../session/index.ts';
import type {
  CommandCall,
  SessionCommand,
  ShellCommandDefinition,
  ShellControls,
} from './command-definition.ts';
import { findCommand, SHELL_COMMANDS } from './command-table.ts';
import { parseWords } from './command-words.ts';
import { notConnected } from './control-commands.ts';
import { type ConnectionOptions, ShellConnection } from './shell-connection.ts';
import { EXIT, failureOf, keeperMessage, ShellFailure, unknownCommand } from './shell-failure.ts';
import type { ShellOutput, ShownEvent } from './shell-output.ts';
import { ShellWatches } from './shell-watches.ts';
import { splitWords } from './words.ts';

/** What a shell is made of. */
export interface ShellOptions extends ConnectionOptions {
  readonly output: ShellOutput;
  /** Whether the session's own events are printed. Default true; one-shot commands keep to their result. */
  readonly showsSession?: boolean;
}

/** Lines that `redo` finds again. */
const LINES_MAX = 10_000;

/** Runs lines, one after the other, on one session at a time. */
export class Shell implements ShellControls {
  readonly commands: readonly ShellCommandDefinition[] = SHELL_COMMANDS;
  printWatches = true;
  /** Called when the prompt may have changed. */
  onChange: () => void = () => {};
  readonly #options: ShellOptions;
  readonly #output: ShellOutput;
  readonly #lines = new Map<number, string>();
  #connection: ShellConnection;
  #watches: ShellWatches;
  #lineNumber = 0;
  #running: AbortController | null = null;
  #exitCode: number = EXIT.OK;
  #hasQuit = false;

  /** Begins to connect. Throws a ConnectError when the connect string makes no sense. */
  constructor(options: ShellOptions) {
    this.#options = options;
    this.#output = options.output;
    [this.#connection, this.#watches] = this.#open(options.connectString);
  }

  /** That of the last command. */
  get exitCode(): number {
    return this.#exitCode;
  }

  /** Whether no more lines are wanted. */
  get done(): boolean {
    return this.#hasQuit || this.#output.closed;
  }

  get lineNumber(): number {
    return this.#lineNumber;
  }

  get prompt(): string {
    const { connectString, state } = this.#connection;
    return `[zk: ${connectString}(${state}) ${this.#lineNumber}] `;
  }

  /** The client, while it is connected. */
  get connectedClient(): ZooKeeperClient | null {
    return this.#connection.connectedClient;
  }

  line(number: number): string | undefined {
    return this.#lines.get(number);
  }

  /** Runs a line as it was typed. Never rejects: what goes wrong is printed. */
  async execute(line: string): Promise<void> {
    if (line.trim() === '') return;
    this.#lines.set(this.#lineNumber, line);
    this.#lines.delete(this.#lineNumber - LINES_MAX);
    await this.#guarded(() => this.#runLine(line));
    this.#lineNumber++;
  }

  /** Runs one command that is split into words already. Never rejects. */
  async runWords(words: readonly string[]): Promise<void> {
    await this.#guarded(() => this.#run(words));
  }

  /** Ends the command that runs; false when there is none. */
  interrupt(): boolean {
    if (this.#running === null) return false;
    this.#running.abort(new ShellFailure('INTERRUPTED', 'Interrupted'));
    return true;
  }

  async repeat(line: string): Promise<void> {
    this.#lines.set(this.#lineNumber, line);
    await this.#runLine(line);
  }

  async connect(connectString: string | null): Promise<void> {
    const next = connectString ?? this.#connection.connectString;
    // Before the session that there is goes.
    parseConnectString(next);
    if (this.#connection.alive) await this.#connection.close();
    [this.#connection, this.#watches] = this.#open(next);
    this.onChange();
  }

  async close(): Promise<boolean> {
    if (!this.#connection.alive) return false;
    await this.#connection.close();
    return true;
  }

  quit(): void {
    this.#hasQuit = true;
  }

  #open(connectString: string): [ShellConnection, ShellWatches] {
    const showsSession = this.#options.showsSession ?? true;
    const connection = new ShellConnection(
      { ...this.#options, connectString },
      {
        onEvent: (event) => {
          if (showsSession) this.#show(event);
          this.onChange();
        },
        onRefused: (failures) => {
          this.#running?.abort(new NoServer(failures));
        },
      },
    );
    const watches = new ShellWatches((event, zxid) => {
      this.#show(event, zxid === null ? {} : { zxid: `${zxid}` });
    });
    return [connection, watches];
  }

  #show(event: ShownEvent, more: { readonly zxid?: string } = {}): void {
    if (this.printWatches) this.#output.event(event, more);
  }

  async #guarded(run: () => Promise<void>): Promise<void> {
    try {
      await run();
      await this.#output.flush();
      // `quit` ends with what the command before it has left.
      if (!this.#hasQuit) this.#exitCode = EXIT.OK;
    } catch (error) {
      const failure = failureOf(error);
      this.#exitCode = failure.exitCode;
      this.#output.failure(failure);
      await this.#output.flush().catch(() => {});
    }
  }

  #runLine(line: string): Promise<void> {
    const split = splitWords(line);
    if ('unterminated' in split) {
      throw new ShellFailure('USAGE', `the quote ${split.unterminated} is not closed`);
    }
    return this.#run(split.words);
  }

  async #run(words: readonly string[]): Promise<void> {
    const [name = ''] = words;
    this.#output.begin(name);
    const command = findCommand(name);
    if (command === undefined) {
      throw unknownCommand(
        name,
        this.commands.map((each) => each.name),
      );
    }
    if (command.needs === 'session' && !this.#connection.alive) throw notConnected();
    const parsed = parseWords(command, words);
    const before = this.#running;
    const running = before ?? new AbortController();
    this.#running = running;
    const call = { ...parsed, output: this.#output, limits: { signal: running.signal } };
    try {
      await (command.needs === 'shell'
        ? unlessAborted(call, async () => command.run(call, this))
        : unlessAborted(call, () => this.#runOnSession(command, call)));
    } finally {
      this.#running = before;
    }
  }

  async #runOnSession(command: SessionCommand, call: CommandCall): Promise<void> {
    const watches = this.#watches;
    const zk = await this.#connection.client.catch((error) => {
      // Closed meanwhile, by a signal to the shell.
      throw this.#connection.alive ? error : notConnected();
    });
    await command.run(call, zk, watches);
  }
}

/** No server of the connect string gave a session: what waits is told, as Java's client does. */
class NoServer extends Error {
  constructor(failures: readonly ConnectError[]) {
    super(failures.map(({ message }) => message).join('; '));
  }
}

/** What `run` gives, or the reason of the signal, whichever comes first: not everything listens to signals. */
async function unlessAborted(call: CommandCall, run: () => Promise<void>): Promise<void> {
  const { signal } = call.limits;
  let abort: () => void = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(abortFailure(call));
    signal.addEventListener('abort', abort);
  });
  try {
    await Promise.race([run(), aborted]);
  } catch (error) {
    const isAbort = signal.aborted && ZkwireError.is(error) && error.code === 'ABORTED';
    throw isAbort ? abortFailure(call) : error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function abortFailure({ operands, output, limits }: CommandCall): Error {
  const { reason } = limits.signal as { reason: unknown };
  if (!(reason instanceof NoServer)) return reason as Error;
  const path = operands[0]?.startsWith('/') === true ? operands[0] : null;
  output.note(reason.message);
  return new ShellFailure('CONNECTION_LOSS', keeperMessage('CONNECTIONLOSS', path), {
    path,
    cause: reason,
  });
}
