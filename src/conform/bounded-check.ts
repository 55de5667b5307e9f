import { ConformanceFailure } from './failure.ts';

/**
 * Runs a check that has so long for all it does. After that it has failed, and `giveUp` ends what it may be
 * waiting for.
 */
export async function boundedCheck(
  run: () => Promise<void>,
  limitMs: number,
  giveUp: () => void,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new ConformanceFailure(`the check was not done within ${limitMs} ms`));
      giveUp();
    }, limitMs);
  });
  try {
    await Promise.race([run(), late]);
  } finally {
    clearTimeout(timer);
  }
}
