/** Real time and real chance make a simulation differ from itself: who asks for them is caught. */
export interface Guards {
  restore(): void;
}

/** Puts virtual time in the place of the global clocks; `misused` is told of what has no virtual form. */
export function guardGlobals(wallMs: () => number, misused: (what: string) => void): Guards {
  const { setTimeout, setInterval, setImmediate } = globalThis;
  const { now } = Date;
  const { random } = Math;
  const caught = <T extends (...args: never[]) => unknown>(what: string, real: T): T => {
    return ((...args: never[]) => {
      misused(what);
      return real(...args);
    }) as T;
  };
  globalThis.setTimeout = caught('setTimeout', setTimeout) as typeof setTimeout;
  globalThis.setInterval = caught('setInterval', setInterval) as typeof setInterval;
  globalThis.setImmediate = caught('setImmediate', setImmediate) as typeof setImmediate;
  Math.random = caught('Math.random', random);
  Date.now = wallMs;
  // Most requests of a simulation fail; a stack for each costs more than the request.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  return {
    restore: () => {
      Error.stackTraceLimit = stackTraceLimit;
      globalThis.setTimeout = setTimeout;
      globalThis.setInterval = setInterval;
      globalThis.setImmediate = setImmediate;
      Math.random = random;
      Date.now = now;
    },
  };
}
