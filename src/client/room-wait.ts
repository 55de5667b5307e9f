import { RequestError } from '../errors.ts';
import type { WaitLimits } from '../pipeline/index.ts';
import { limitsRefusal } from '../pipeline/wait-limits.ts';
import type { RequestPort } from '../session/index.ts';

/** Which request there is no room for, for errors. */
export interface RoomFor {
  readonly operation: string;
  readonly path: string | undefined;
}

/**
 * Resolves when there is likely to be room for a request; look again, another caller may have been faster.
 * Rejects when there will be none, when too many wait, and when the limits of the request end its wait here.
 */
export function waitForRoom(
  port: RequestPort,
  limits: WaitLimits | undefined,
  request: RoomFor,
): Promise<void> {
  if (limits === undefined) return port.pipeline.room();
  return new Promise((resolve, reject) => {
    const refusal = limitsRefusal(limits);
    if (refusal !== null) {
      const { detail, ...why } = refusal;
      throw new RequestError({ ...request, ...why, outcome: 'not-sent' }, detail);
    }
    const stop = port.wait(limits, (code, cause) =>
      reject(new RequestError({ ...request, code, outcome: 'not-sent', cause })),
    );
    port.pipeline.room().finally(stop).then(resolve, reject);
  });
}
