/** Ends that are asked for from outside. */
const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];

/** Exit code of a command that was ended before it was done: as shells have it for Ctrl-C. */
export const INTERRUPTED_EXIT_CODE = 130;

/** Options of {@link withStopSignal}. */
interface StopSignalOptions {
  /** Default SIGINT and SIGTERM. */
  readonly signals?: readonly NodeJS.Signals[];
  /** What the signal is aborted with. Default: as Node has it. */
  readonly reason?: Error;
}

/**
 * Runs what a signal of the process ends early: it fires the one that is given. The second ends the process,
 * whatever it is doing.
 */
export async function withStopSignal<T>(
  run: (stopSignal: AbortSignal) => Promise<T>,
  { signals = SIGNALS, reason }: StopSignalOptions = {},
): Promise<T> {
  const stopper = new AbortController();
  const forget = (): void => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  const onSignal = (): void => {
    forget();
    stopper.abort(reason);
  };
  for (const signal of signals) process.on(signal, onSignal);
  try {
    return await run(stopper.signal);
  } finally {
    forget();
  }
}
