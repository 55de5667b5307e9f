import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

/** Real time and real chance make a simulation differ from itself: who asks for them is caught. */
export interface Guards {
  restore(): void;
}

/** Virtual forms of what is global. */
export interface VirtualGlobals<Timer> {
  readonly wallMs: () => number;
  readonly uuid: () => string;
  readonly setTimer: (run: () => void, delayMs: number) => Timer;
  readonly clearTimer: (timer: Timer | undefined) => void;
}

/** Puts virtual globals in the place of the real ones; `misused` is told of what has no virtual form. */
export function guardGlobals<Timer>(
  virtual: VirtualGlobals<Timer>,
  misused: (what: string) => void,
): Guards {
  const { setTimeout, clearTimeout, setInterval, setImmediate } = globalThis;
  const { now } = Date;
  const { random } = Math;
  const { randomUUID } = crypto;
  const caught = <T extends (...args: never[]) => unknown>(what: string, real: T): T => {
    return ((...args: never[]) => {
      misused(what);
      return real(...args);
    }) as T;
  };
  globalThis.setTimeout = virtual.setTimer as unknown as typeof setTimeout;
  globalThis.clearTimeout = virtual.clearTimer as unknown as typeof clearTimeout;
  globalThis.setInterval = caught('setInterval', setInterval) as typeof setInterval;
  globalThis.setImmediate = caught('setImmediate', setImmediate) as typeof setImmediate;
  Math.random = caught('Math.random', random);
  Date.now = virtual.wallMs;
  replaceUuids(virtual.uuid as typeof randomUUID);
  // Most requests of a simulation fail; a stack for each costs more than the request.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  return {
    restore: () => {
      Error.stackTraceLimit = stackTraceLimit;
      globalThis.setTimeout = setTimeout;
      globalThis.clearTimeout = clearTimeout;
      globalThis.setInterval = setInterval;
      globalThis.setImmediate = setImmediate;
      Math.random = random;
      Date.now = now;
      replaceUuids(randomUUID);
    },
  };
}

/** For those who have imported it by its name too. */
function replaceUuids(uuid: typeof crypto.randomUUID): void {
  crypto.randomUUID = uuid;
  syncBuiltinESMExports();
}
