/** One subcommand of `zkwire`. */
export interface Command {
  /** As typed: `decode`. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The whole help text, without a final newline. */
  readonly usage: string;
  /**
   * Runs it with the arguments after its name. Resolves to the exit code: 0 done, 1 done with
   * findings or failed, 2 the command line (or the file it names) is wrong.
   */
  run(argv: string[]): Promise<number>;
}
