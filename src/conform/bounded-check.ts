import { ConformanceFailure, InterruptedCheck } from './failure.ts';

/** What ends a check before it is done. */
interface CheckBounds {
  /** After so long it has failed. */
  readonly limitMs: number;
  /** When it fires, the check rejects with an {@link InterruptedCheck}. */
  readonly signal: AbortSignal | undefined;
  /** Ends what the check may be waiting for. */
  readonly giveUp: () => void;
}

/** Runs a check that has so long for all it does, and no longer than the run goes on. */
export async function boundedCheck(
  run: () => Promise<void>,
  { limitMs, signal, giveUp }: CheckBounds,
): Promise<void> {
  if (signal?.aborted) throw new InterruptedCheck();
  let timer: NodeJS.Timeout | undefined;
  let onStop: (() => void) | undefined;
  const ended = new Promise<never>((_, reject) => {
    const end = (why: Error): void => {
      reject(why);
      giveUp();
    };
    const late = `the check was not done within ${limitMs} ms`;
    timer = setTimeout(() => end(new ConformanceFailure(late)), limitMs);
    onStop = () => end(new InterruptedCheck());
    signal?.addEventListener('abort', onStop, { once: true });
  });
  try {
    await Promise.race([run(), ended]);
  } finally {
    clearTimeout(timer);
    if (onStop !== undefined) signal?.removeEventListener('abort', onStop);
  }
}
