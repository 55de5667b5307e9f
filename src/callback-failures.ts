import { inspect, types } from 'node:util';

/** Told what somebody else's function has thrown, and which one that was. */
type CallbackErrorHandler = (error: unknown, where: string) => unknown;

/**
 * What somebody else's function gave. An async one throws by the promise that it gives: when that is
 * rejected, `report` is told. On hot paths to be called only for what is not undefined.
 */
export function reportRejection(result: unknown, report: (error: unknown) => void): void {
  // Of any realm. What merely has a `then` may begin its work when that is called.
  if (types.isPromise(result)) result.then(undefined, report);
}

/** Runs somebody else's function, async or not; `report` is told what it throws. */
export function callGuarded(call: () => unknown, report: (error: unknown) => void): void {
  try {
    reportRejection(call(), report);
  } catch (error) {
    report(error);
  }
}

/** Tells the handler; a handler that throws itself, or that there is not, becomes a process warning. */
export function tellCallbackError(
  handler: CallbackErrorHandler | undefined,
  error: unknown,
  where: string,
): void {
  if (handler === undefined) warn(error);
  else callGuarded(() => handler(error, where), warn);
}

/** Default for what a callback threw: visible, and harmless to everybody else. */
export function warn(thrown: unknown): void {
  process.emitWarning(thrown instanceof Error ? thrown : textOf(thrown), 'ZkwireCallbackError');
}

function textOf(thrown: unknown): string {
  return typeof thrown === 'string' ? thrown : inspect(thrown);
}
