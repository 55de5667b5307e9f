/** The command line is wrong; the message says why. */
export class UsageError extends Error {}

/** Whether the command line is what is wrong: a {@link UsageError}, or what `parseArgs` throws. */
export function isUsageError(error: unknown): boolean {
  return (
    error instanceof UsageError ||
    String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS')
  );
}
