/** One subcommand of `zkwire`. */
export interface Command {
  /** The whole help text, without a final newline. */
  readonly usage: string;
  /**
   * Runs it with the arguments after its name. Resolves to the exit code: 0 done, 1 done with
   * findings or failed, 2 the command line (or the file it names) is wrong.
   */
  run(argv: string[]): Promise<number>;
}

/** A subcommand as the list of commands knows it: its code is loaded when it is asked for. */
export interface CommandEntry {
  /** As typed: `decode`. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
}
