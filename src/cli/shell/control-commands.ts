import type { CommandText, ControlCommand } from './command-definition.ts';
import { ShellFailure, unknownCommand } from './shell-failure.ts';

const connect: ControlCommand = {
  name: 'connect',
  needs: 'shell',
  syntax: 'host:port',
  summary: 'begin a new session, with other servers or the same',
  options: [],
  takesAnyWord: true,
  operandsMin: 0,
  async run({ operands, output }, shell) {
    const [server = null] = operands;
    await shell.connect(server);
    output.result([], { server });
  },
};

const close: ControlCommand = {
  name: 'close',
  needs: 'shell',
  syntax: '',
  summary: 'end the session',
  options: [],
  takesAnyWord: true,
  operandsMin: 0,
  async run({ output }, shell) {
    if (!(await shell.close())) throw notConnected();
    output.result([], {});
  },
};

/** A command needs a session, and there is none any more. */
export function notConnected(): ShellFailure {
  return new ShellFailure('NOT_CONNECTED', 'Not connected');
}

const quit: ControlCommand = {
  name: 'quit',
  needs: 'shell',
  syntax: '',
  summary: 'end the session and the shell',
  options: [],
  takesAnyWord: true,
  operandsMin: 0,
  run(_call, shell) {
    shell.quit();
  },
};

/** Lines that `history` shows, the one that runs among them. */
const HISTORY_SHOWN = 11;

const history: ControlCommand = {
  name: 'history',
  needs: 'shell',
  syntax: '',
  summary: 'print the last lines with their numbers',
  options: [],
  takesAnyWord: true,
  operandsMin: 0,
  run({ output }, shell) {
    const first = Math.max(0, shell.lineNumber - HISTORY_SHOWN + 1);
    for (let number = first; number <= shell.lineNumber; number++) {
      const line = shell.line(number);
      if (line !== undefined) output.result([`${number} - ${line}`], { number, line });
    }
  },
};

const redo: ControlCommand = {
  name: 'redo',
  needs: 'shell',
  syntax: 'cmdno',
  summary: 'run a line of before, by its number',
  options: [],
  takesAnyWord: true,
  operandsMin: 1,
  async run({ operands }, shell) {
    const number = /^\d{1,15}$/.test(operands[0]!) ? Number(operands[0]) : shell.lineNumber;
    // Not this very line either.
    const line = number < shell.lineNumber ? shell.line(number) : undefined;
    if (line === undefined) throw new ShellFailure('USAGE', 'Command index out of range');
    if (/^\s*["']?redo\b/.test(line)) throw new ShellFailure('USAGE', 'No redoing redos');
    await shell.repeat(line);
  },
};

const help: ControlCommand = {
  name: 'help',
  needs: 'shell',
  syntax: '[command]',
  summary: 'print the commands, or more about one',
  options: [],
  takesAnyWord: true,
  operandsMin: 0,
  run({ operands, output }, shell) {
    const [name] = operands;
    if (name === undefined) {
      for (const { name: each, syntax, summary } of sortedByName(shell.commands)) {
        output.result([`\t${each} ${syntax}`.trimEnd()], { name: each, syntax, summary });
      }
      return;
    }
    const command = shell.commands.find((candidate) => candidate.name === name);
    if (command === undefined) {
      throw unknownCommand(
        name,
        shell.commands.map((each) => each.name),
      );
    }
    const { syntax, summary, options } = command;
    output.result(helpLines(command), { name, syntax, summary, options });
  },
};

/** In the order of Java: capitals first. */
function sortedByName(commands: readonly CommandText[]): CommandText[] {
  return [...commands].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** The help of one command. */
function helpLines({ name, syntax, summary, options }: CommandText): string[] {
  const head = [`${name} ${syntax}`.trimEnd(), `  ${summary}`];
  if (options.length === 0) return head;
  const forms = options.map((option) => {
    const value = option.value === undefined ? '' : ` ${option.value}`;
    return { form: `-${option.name}${value}`, summary: option.summary };
  });
  const width = Math.max(...forms.map(({ form }) => form.length)) + 2;
  return [...head, ...forms.map(({ form, summary: of }) => `    ${form.padEnd(width)}${of}`)];
}

/** Commands about the shell. */
export const CONTROL_COMMANDS: readonly ControlCommand[] = [
  connect,
  close,
  quit,
  history,
  redo,
  help,
];
