import process from 'node:process';
import { UsageError } from './options.ts';

/** Runs a benchmark as this process, with its arguments. `main` gives the exit code; `name` is that of its script. */
export async function runMain(
  name: string,
  main: (args: readonly string[]) => Promise<number>,
): Promise<void> {
  // A reader that went away (`| head`) is no failure of the run.
  process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EPIPE') throw cause;
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Forked children end when the channel to this process closes, drivers at the end of their input, real
    // servers by their exit hook.
    process.once(signal, () => {
      // The line of progress stays as it was; what follows begins below it.
      process.stderr.write(`${process.stderr.isTTY ? '\n' : ''}${name}: interrupted\n`);
      process.exit(130);
    });
  }
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (cause) {
    process.exitCode = cause instanceof UsageError ? 2 : 1;
    process.stderr.write(`${name}: ${(cause as Error).message}\n`);
  }
}
