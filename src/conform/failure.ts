/** A server, or a client, did something else than it should. The message says what was expected and what came. */
export class ConformanceFailure extends Error {
  /** Tells it from other errors. */
  override readonly name = 'ConformanceFailure';
}

/** A check cannot be made on this server, for a reason that is no fault. It is reported as excused. */
export class ExcusedCheck extends Error {
  override readonly name = 'ExcusedCheck';
}

/** The run was stopped while the check was under way: there is no result. */
export class InterruptedCheck extends Error {
  override readonly name = 'InterruptedCheck';
}

/** Throws a {@link ConformanceFailure}. */
export function fail(message: string): never {
  throw new ConformanceFailure(message);
}
