import { EVENT_TYPE, KEEPER_STATE } from '../codec/index.ts';
import type { CheckContext } from './check-context.ts';
import { equal } from './expect.ts';
import type { WireEvent } from './reply.ts';
import type { WireSession } from './wire-session.ts';

/** What a watch tells, as `NodeCreated a/b`, the path below the znode of the check. */
export type EventText = string;

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(EVENT_TYPE).map(([name, type]) => [type, name]),
);

/** An event in the words of {@link EventText}; the check's own znode is `.`. */
function eventText(t: CheckContext, event: WireEvent): EventText {
  const { path, type, state } = event;
  const below = path?.startsWith(`${t.root}/`) ? path.slice(t.root.length + 1) : path;
  const where = path === t.root ? '.' : below;
  const odd = state === KEEPER_STATE.SyncConnected ? '' : ` in state ${state}`;
  return `${NAMES.get(type) ?? `event ${type}`} ${where}${odd}`;
}

/**
 * Fails unless these are all the events that the server has for the session by now, in this order.
 * Writes of others must have been answered before.
 */
export async function heard(
  t: CheckContext,
  s: WireSession,
  expected: readonly EventText[],
  what = 'events',
): Promise<void> {
  const events = await s.allEvents();
  equal(
    events.map((event) => eventText(t, event)),
    [...expected],
    what,
  );
}
