import { ZkwireError } from '../../client/index.ts';
import type { Command } from '../command.ts';
import { LineOutput, type OutputStream } from '../line-output.ts';
import { isDumb } from '../progress-line.ts';
import { UsageError } from '../usage-error.ts';
import { HistoryFile, historyPath } from './history-file.ts';
import { LineReader } from './line-reader.ts';
import { Shell } from './shell.ts';
import { parseShellArguments, type ShellRequest } from './shell-arguments.ts';
import { EXIT } from './shell-failure.ts';
import { ShellOutput } from './shell-output.ts';

const USAGE = `zkwire shell [options] [HOST:PORT,...[/chroot]] [COMMAND ...]

The commands of zkCli.sh, with the same output. With a COMMAND it is run and that is all; without
one, lines are read: at a terminal with a prompt, history and completion by Tab, or from a pipe.
'zkwire shell help' lists the commands, 'zkwire shell help COMMAND' explains one.

  -server HOST:PORT,...[/chroot]   the servers (default 127.0.0.1:2181); or as a word of its own
  -timeout MS                      session time-out to ask for (default 30000)
  -r                               a read-only server will do
  --json                           one JSON object a line: results, events and errors
  --no-history                     neither read nor write the file of lines of before
  --max-frame BYTES                largest request, as jute.maxbuffer (default 1048575)
  --tls                            connect with TLS, as with any of the next four
  --ca FILE                        certificates to trust, in PEM form
  --cert FILE, --key FILE          certificate and key of this client, in PEM form
  --servername NAME                name that the server's certificate must have
  --help

Lines are kept in ~/.local/state/zkwire/history (or below XDG_STATE_HOME), but none with 'addauth'.
Ctrl-C ends a command that waits, Ctrl-D or 'quit' ends the shell.
Exit code: that of the last command: 0 done, 1 failed, 127 unknown command, 130 interrupted;
2 if the command line is wrong.`;

/** What the shell needs of the process around it. */
export interface ShellSurroundings {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** SIGINT and SIGTERM. */
  on(signal: NodeJS.Signals, told: () => void): unknown;
  off(signal: NodeJS.Signals, told: () => void): unknown;
}

/** Runs `zkwire shell`; resolves to the exit code. */
export async function shell(argv: readonly string[], io: ShellSurroundings): Promise<number> {
  try {
    const request = parseShellArguments(argv);
    if (request !== null) return await runShell(request, io);
    const output = new LineOutput(io.stdout);
    output.add(USAGE);
    await output.flush();
    return EXIT.OK;
  } catch (error) {
    const isUsage = error instanceof UsageError;
    const isAddress = ZkwireError.is(error) && error.code === 'BAD_CONNECT_STRING';
    if (!isUsage && !isAddress) throw error;
    io.stderr.write(`zkwire shell: ${(error as Error).message}\nTry 'zkwire shell --help'.\n`);
    return EXIT.WRONG_COMMAND_LINE;
  }
}

async function runShell(request: ShellRequest, io: ShellSurroundings): Promise<number> {
  const output = new ShellOutput(io.stdout, io.stderr, request.json, io.env);
  const isOneShot = request.words.length > 0;
  if (!isOneShot) output.greeting(`Connecting to ${request.connectString}`);
  const own = new Shell({ ...request, output, showsSession: !isOneShot });
  const reader = isOneShot ? null : readerOf(own, output, request, io);
  let killed = false;
  const stop = (): void => {
    killed = true;
    reader?.stop();
    own.quit();
    own.interrupt();
  };
  const onInterrupt = (): void => {
    if (reader?.interrupt() !== true) stop();
  };
  io.on('SIGINT', onInterrupt);
  io.on('SIGTERM', stop);
  try {
    if (reader === null) {
      await own.runWords(request.words);
      if (own.exitCode === EXIT.UNKNOWN_COMMAND && !request.isServerNamed) {
        const [name] = request.words;
        io.stderr.write(`(if '${name}' is a server: '${name}:2181', or '-server ${name}')\n`);
      }
    } else {
      output.greeting('Welcome to ZooKeeper!');
      await output.flush();
      await reader.run();
    }
  } finally {
    await own.close();
    await output.flush();
    io.off('SIGINT', onInterrupt);
    io.off('SIGTERM', stop);
  }
  return killed ? EXIT.INTERRUPTED : own.exitCode;
}

function readerOf(
  own: Shell,
  output: ShellOutput,
  request: ShellRequest,
  { stdin, stdout, env }: ShellSurroundings,
): LineReader {
  const isTerminal = stdin.isTTY === true && stdout.isTTY === true && !request.json;
  const history = request.history ? new HistoryFile(historyPath(env)) : null;
  return new LineReader(own, output, {
    input: stdin,
    stdout,
    isTerminal,
    isDumb: isDumb(env),
    history,
  });
}

/** `zkwire shell`: a command line to ZooKeeper, at home where `zkCli.sh` is. */
export const shellCommand: Command = {
  usage: USAGE,
  run: (argv) => shell(argv, process),
};
