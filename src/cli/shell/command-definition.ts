import type { CallOptions, ZooKeeperClient } from '../../client/index.ts';
import type { ParsedWords } from './command-words.ts';
import type { ShellOutput } from './shell-output.ts';
import type { ShellWatches } from './shell-watches.ts';

/** An option of a command of the shell. */
export interface OptionDefinition {
  /** Without the hyphen; may have several letters. */
  readonly name: string;
  /** What stands for its value in the help. Absent: it takes none. */
  readonly value?: string;
  readonly summary: string;
}

/** What is known of a command before it runs: the help, the completion and the checks are made from it. */
export interface CommandText {
  readonly name: string;
  /** What follows the name, as `zkCli.sh` shows it. */
  readonly syntax: string;
  /** One line, lower case, no full stop. */
  readonly summary: string;
  readonly options: readonly OptionDefinition[];
  /** Of all its options one at most, or exactly one. */
  readonly oneOption?: 'at-most' | 'exactly';
  /** All words are operands, whatever they begin with. */
  readonly takesAnyWord?: true;
  /** Words besides the name and the options. */
  readonly operandsMin: number;
  /** Default: any number; those too many are not looked at, as in `zkCli.sh`. */
  readonly operandsMax?: number;
}

/** What a command gets. */
export interface CommandCall extends ParsedWords {
  readonly output: ShellOutput;
  /** For every request: fires when the command is interrupted or no server can be reached. */
  readonly limits: CallOptions & { readonly signal: AbortSignal };
}

/** A command that speaks to a server. What it cannot do it throws. */
export interface SessionCommand extends CommandText {
  readonly needs: 'session';
  run(call: CommandCall, zk: ZooKeeperClient, watches: ShellWatches): Promise<void>;
}

/** A command about the shell itself: it works without a connection. */
export interface ControlCommand extends CommandText {
  readonly needs: 'shell';
  run(call: CommandCall, shell: ShellControls): Promise<void> | void;
}

/** A command of the shell. */
export type ShellCommandDefinition = SessionCommand | ControlCommand;

/** What commands about the shell can do with it. */
export interface ShellControls {
  readonly commands: readonly ShellCommandDefinition[];
  printWatches: boolean;
  /** Number of the line that runs. */
  readonly lineNumber: number;
  /** Line by number; undefined when there is none any more. */
  line(number: number): string | undefined;
  /** Runs a line of before in place of the one that runs. */
  repeat(line: string): Promise<void>;
  /** Ends the session there is and begins another one; null: with the same servers. */
  connect(connectString: string | null): Promise<void>;
  /** False when there is no session to end. */
  close(): Promise<boolean>;
  /** Ends the shell when the line is done. */
  quit(): void;
}
