import { that } from '../../expect.ts';
import { fail } from '../../failure.ts';
import type { ScriptConnection } from '../../script/script-connection.ts';
import { type ClientCheck, clientArea } from '../client-check.ts';
import type { ClientContext } from '../client-context.ts';

/** Session time-out of these checks. */
const T_MS = 8_000;

/** A third, and the time that a busy machine takes. */
const PING_MS = T_MS / 3 + 1_500;

/** Two thirds, likewise. */
const DEAD_MS = (T_MS * 2) / 3 + 2_000;

/** How long pings are watched. */
const WATCHED_MS = T_MS * 1.6;

const SLOW_MS = T_MS * 4;

const EVENT_EVERY_MS = 100;

async function pause(ms: number): Promise<void> {
  // The server's socket keeps the process alive, but not for a check that has been given up.
  await new Promise((resolve) => setTimeout(resolve, ms).unref());
}

/** Gaps between what the client sent: the handshake, then pings. */
function gaps(connection: ScriptConnection, untilMs: number): number[] {
  const times = [connection.openedAtMs, ...connection.pings.map(({ atMs }) => atMs), untilMs];
  return times.slice(1).map((at, index) => at - (times[index] ?? 0));
}

/** While the client has nothing to say, pings must come in time. `meanwhile` is done every 100 ms. */
async function mustPing(
  t: ClientContext,
  connection: ScriptConnection,
  meanwhile: () => void = () => {},
): Promise<void> {
  const until = connection.openedAtMs + WATCHED_MS;
  while (t.server.nowMs() < until) {
    meanwhile();
    await pause(EVENT_EVERY_MS);
    if (connection.ended) fail('expected the connection to stand, got its end');
  }
  const longest = Math.round(Math.max(...gaps(connection, t.server.nowMs())));
  that(longest <= PING_MS, `a ping within ${Math.round(PING_MS)} ms of silence`, longest);
}

export const PING_CHECKS: readonly ClientCheck[] = clientArea(
  'ping',
  {
    source: 'docs/sessions.md; the time-outs of the Java client',
    meaning: 'Sessions expire while nothing is wrong, or nobody notices that something is.',
  },
  [
    {
      id: 'in-time',
      title: 'a client that has nothing to say sends a ping within a third of the time-out',
      slowMs: SLOW_MS,
      timed: true,
      async run(t) {
        const { connection } = await t.open({ timeoutMs: T_MS });
        await mustPing(t, connection);
      },
    },
    {
      id: 'granted-time',
      title: 'it goes by the time-out that was granted, and not by the one that was asked for',
      slowMs: SLOW_MS,
      timed: true,
      async run(t) {
        const { connection } = await t.open({ timeoutMs: 60_000, grant: { timeOutMs: T_MS } });
        await mustPing(t, connection);
      },
    },
    {
      id: 'while-hearing',
      title: 'what comes from the server does not put off pings',
      source: 'docs/sessions.md: servers go by what they hear, not by what they say',
      slowMs: SLOW_MS,
      timed: true,
      async run(t) {
        const { connection } = await t.open({ timeoutMs: T_MS });
        await mustPing(t, connection, () => connection.notify(3, '/nobody', t.eventZxid(50n)));
      },
    },
    {
      id: 'dead-server',
      title: 'a server that says nothing is left within two thirds of the time-out',
      source: 'docs/sessions.md: the last third is for finding another server',
      meaning: 'The session expires with a connection that looks sound.',
      slowMs: SLOW_MS,
      timed: true,
      async run(t) {
        const { connection } = await t.open({ timeoutMs: T_MS });
        connection.answersPings = false;
        await connection.expectEnd({ withinMs: DEAD_MS, afterMs: T_MS / 4, dropFrames: true });
      },
    },
    {
      id: 'dead-while-sending',
      title: 'what the client sends does not hide that the server says nothing',
      source: 'docs/sessions.md: what counts is what comes',
      meaning: 'A busy client never leaves a dead server.',
      slowMs: SLOW_MS,
      timed: true,
      async run(t) {
        const { connection } = await t.open({ timeoutMs: T_MS });
        connection.answersPings = false;
        const since = t.server.nowMs();
        while (!connection.ended && t.server.nowMs() - since < DEAD_MS) {
          t.driver.ask('get', '/a').catch(() => {});
          await pause(EVENT_EVERY_MS * 3);
        }
        that(
          connection.ended,
          `the end of the connection within ${Math.round(DEAD_MS)} ms`,
          'none',
        );
      },
    },
  ],
);
