import type { RequestErrorCode } from '../errors.ts';

/** How long a caller waits. The request itself cannot be recalled: its reply is consumed in order and dropped. */
export interface WaitLimits {
  /** Ends the wait with `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
  /** On the clock that `sweep` is called with; -Infinity: it is over already, and the request is not sent. */
  readonly deadlineMs?: number | undefined;
}

/** Why a request with such limits is not sent at all. */
export interface LimitsRefusal {
  readonly code: RequestErrorCode;
  readonly cause?: unknown;
  readonly detail?: string;
}

/** What is wrong with `limits`, or that the wait is over before it began; null when it may begin. */
export function limitsRefusal({ signal, deadlineMs }: WaitLimits): LimitsRefusal | null {
  if (deadlineMs !== undefined && (typeof deadlineMs !== 'number' || Number.isNaN(deadlineMs))) {
    return { code: 'BAD_ARGUMENT', detail: 'the time-out is not a number' };
  }
  const refusal = signal === undefined ? null : signalRefusal(signal);
  if (refusal !== null) return refusal;
  if (deadlineMs === Number.NEGATIVE_INFINITY) return { code: 'REQUEST_TIMEOUT' };
  return null;
}

/** The signal may be somebody's own object: its getters run their code, which may throw. */
function signalRefusal(signal: AbortSignal): LimitsRefusal | null {
  try {
    if (!isSignal(signal)) return { code: 'BAD_ARGUMENT', detail: 'signal is not an AbortSignal' };
    return signal.aborted === true ? { code: 'ABORTED', cause: signal.reason } : null;
  } catch (cause) {
    return { code: 'BAD_ARGUMENT', cause, detail: 'signal cannot be looked at' };
  }
}

/** One of another realm, or of a library, will do. */
function isSignal(signal: AbortSignal | null): boolean {
  return (
    typeof signal?.addEventListener === 'function' &&
    typeof signal.removeEventListener === 'function'
  );
}
