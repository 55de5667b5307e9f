/** What {@link guardStreams} needs of the process. */
interface StreamsOwner {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  exitCode?: number | string | null | undefined;
}

/** Ends the process with a command's exit code. */
export type ExitWith = (code: number) => void;

/**
 * Output that cannot be written ends no command in the middle of its work: a benchmark still removes its
 * nodes, a server still serves. A reader that is gone (`| head`) is not worth a word; for anything else, such as
 * a full disk, the process says so and ends with 1. Without a listener, Node would end it with a stack.
 */
export function guardStreams(owner: StreamsOwner): ExitWith {
  const { stdout, stderr } = owner;
  let failed = false;
  // Nobody reads the complaints: there is nowhere to say so.
  stderr.on('error', () => {});
  stdout.once('error', (error: NodeJS.ErrnoException) => {
    stdout.on('error', () => {});
    if (error.code === 'EPIPE') return;
    failed = true;
    stderr.write(`zkwire: standard output cannot be written: ${error.message}\n`);
    owner.exitCode ||= 1;
  });
  return (code) => {
    owner.exitCode = failed ? code || 1 : code;
  };
}
