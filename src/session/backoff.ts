import {
  ATTEMPT_MS_MIN,
  RECONNECT_PAUSE_MS,
  RECONNECT_PAUSE_MS_MAX,
  RECONNECT_PAUSE_MS_MIN,
} from '../limits.ts';

/**
 * When to try again, and how long to try. A session whose peer has gone silent has a third of its
 * time-out left to find another server: what is computed here must leave room for that.
 */

/** Part of the session time-out that one pause may take: several rounds fit into the last third. */
const PAUSES_PER_TIMEOUT = 12;

/**
 * Between half of `ms` and all of it. Clients that failed at the same moment must not come back at
 * the same moment; the half that is sure keeps a client with bad luck from trying without a pause.
 */
export function jittered(ms: number, random: () => number): number {
  return ms / 2 + (ms / 2) * random();
}

/**
 * Pause in ms after `rounds` (1 and up) whole rounds of servers have failed, before any jitter:
 * 100, 200, 400, 800 and then 1,000, and never more than a twelfth of the session time-out.
 */
export function roundPauseMs(rounds: number, sessionTimeoutMs: number): number {
  const mostMs = clamp(
    sessionTimeoutMs / PAUSES_PER_TIMEOUT,
    RECONNECT_PAUSE_MS_MIN,
    RECONNECT_PAUSE_MS_MAX,
  );
  return Math.min(mostMs, RECONNECT_PAUSE_MS * 2 ** (rounds - 1));
}

/**
 * Limit in ms for one attempt (dial plus handshake). In the first round every one of `servers` gets
 * its turn within the last third of the session, even when all of them are silent.
 *
 * Each further round doubles it, up to that third: a server that is slow to answer, because all its
 * clients come back at once, say, would otherwise be given up and tried again for ever.
 * Never below a second (unless `connectTimeoutMs` is), nor above `connectTimeoutMs`.
 */
export function attemptLimitMs(
  sessionTimeoutMs: number,
  servers: number,
  connectTimeoutMs: number,
  rounds = 0,
): number {
  const thirdMs = sessionTimeoutMs / 3;
  const shareMs = Math.min(thirdMs, (thirdMs / servers) * 2 ** rounds);
  return Math.min(connectTimeoutMs, Math.max(ATTEMPT_MS_MIN, Math.floor(shareMs)));
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
