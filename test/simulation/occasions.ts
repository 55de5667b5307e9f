import type { ClientHandle } from './client-handle.ts';
import type { Handover } from './handover.ts';
import type { ServiceHost } from './services/service-host.ts';

/** What has to happen now and then, or nothing is shown of it. */
export const OCCASIONS = [
  /** A server has taken a login with SASL. */
  'login',
  /** A client was on a server that takes no writes. */
  'read-only session',
  /** A client goes on with the session that another one has left. */
  'handover',
  /** A service is registered. */
  'registered',
  /** A user was told a list of services. */
  'service list',
] as const;

type Occasion = (typeof OCCASIONS)[number];

/** How often it happened in one simulation. */
export function countOccasions(
  handles: readonly ClientHandle[],
  hosts: readonly ServiceHost[],
  handover: Handover,
): Record<Occasion, number> {
  const sessions = handles.flatMap((handle) => handle.sessions);
  const logins = handles.flatMap(({ setup, sockets }) => {
    return setup.sasl ? sockets.filter(({ loggedIn }) => loggedIn) : [];
  });
  return {
    login: logins.length,
    'read-only session': sessions.filter(({ readOnly }) => readOnly).length,
    handover: handover.resumes,
    registered: sum(hosts.map(({ records }) => records.filter((each) => each.stood).length)),
    'service list': sum(hosts.map(({ lists }) => lists.length)),
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
