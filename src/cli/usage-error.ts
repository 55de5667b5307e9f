/** The command line is wrong; the message says why. */
export class UsageError extends Error {}
