import { hintAt } from '../nearest-name.ts';
import type { CommandEntry } from './command.ts';
import { packageVersion } from './package-version.ts';

/** Each command loads only what it needs: a server must not wait for the code of a shell. */
const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'serve',
    summary: 'run a ZooKeeper of one node, for tests and development',
    load: async () => (await import('./serve.ts')).serveCommand,
  },
  {
    name: 'shell',
    summary:
      'look at nodes and change them: the commands of zkCli.sh, at a prompt or one at a time',
    load: async () => (await import('./shell/shell-command.ts')).shellCommand,
  },
  {
    name: 'record',
    summary: 'record what clients and a server say to each other into a capture file',
    load: async () => (await import('./record.ts')).recordCommand,
  },
  {
    name: 'decode',
    summary: 'print what is inside a capture, one line a frame, as text or JSON',
    load: async () => (await import('./decode.ts')).decodeCommand,
  },
  {
    name: 'replay',
    summary: 'send what the clients of a capture sent to a server, and compare its answers',
    load: async () => (await import('./replay/replay-command.ts')).replayCommand,
  },
  {
    name: 'conform',
    summary: 'check whether a server, or a client, speaks the protocol as Apache ZooKeeper does',
    load: async () => (await import('./conform.ts')).conformCommand,
  },
  {
    name: 'bench',
    summary: 'measure how many requests a second a server answers, and how soon',
    load: async () => (await import('./bench/bench-command.ts')).benchCommand,
  },
];

/** What the command line needs of the process around it. */
export interface CliSurroundings {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/**
 * Runs `zkwire` with the arguments after its name; resolves to the exit code.
 * 2 stands for a command line that is wrong.
 */
export async function runCli(
  argv: readonly string[],
  io: CliSurroundings = process,
  commands: readonly CommandEntry[] = COMMANDS,
): Promise<number> {
  const [first, ...rest] = argv;
  switch (first) {
    case undefined:
      io.stderr.write(`${usage(commands)}\n`);
      return 2;
    case '--help':
    case '-h':
      io.stdout.write(`${usage(commands)}\n`);
      return 0;
    case '--version':
    case '-V':
      io.stdout.write(`${packageVersion()}\n`);
      return 0;
    case 'help':
      return await help(rest, io, commands);
    default: {
      const command = find(first, io, commands);
      return command === undefined ? 2 : await (await command.load()).run(rest);
    }
  }
}

async function help(
  rest: string[],
  io: CliSurroundings,
  commands: readonly CommandEntry[],
): Promise<number> {
  const [name] = rest;
  if (name === undefined) {
    io.stdout.write(`${usage(commands)}\n`);
    return 0;
  }
  const command = find(name, io, commands);
  if (command === undefined) return 2;
  io.stdout.write(`${(await command.load()).usage}\n`);
  return 0;
}

function usage(commands: readonly CommandEntry[]): string {
  const width = Math.max(...commands.map((command) => command.name.length)) + 2;
  const lines = commands.map((command) => `  ${command.name.padEnd(width)}${command.summary}`);
  return `zkwire COMMAND [arguments]

Tools for the ZooKeeper wire protocol.

${lines.join('\n')}

  zkwire help COMMAND    more about one command
  zkwire --version`;
}

function find(
  name: string,
  io: CliSurroundings,
  commands: readonly CommandEntry[],
): CommandEntry | undefined {
  const command = commands.find((candidate) => candidate.name === name);
  if (command !== undefined) return command;
  const isOption = name.startsWith('-');
  const what = isOption ? 'option' : 'command';
  const commandNames = commands.map((candidate) => candidate.name);
  const hint =
    (isOption ? hintAt(name, ['--help', '--version']) : '') ||
    hintAt(name.replace(/^-+/, ''), commandNames);
  io.stderr.write(`zkwire: unknown ${what} '${name}'.${hint}\nTry 'zkwire --help'.\n`);
  return undefined;
}
