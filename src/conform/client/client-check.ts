import type { CheckDescription, Profile } from '../check.ts';
import type { ClientContext } from './client-context.ts';

/** Servers that a client can be shown: they differ in the zxid of notifications (ZOOKEEPER-4655). */
export type ClientProfile = Extract<Profile, '3.8' | '3.9'>;

/** Every profile. */
export const CLIENT_PROFILES: readonly ClientProfile[] = ['3.8', '3.9'];

/** One thing that a client must do. */
export interface ClientCheck extends CheckDescription {
  /** It waits for time to pass, up to this many ms in all; left out when the run is to be quick. */
  readonly slowMs?: number;
  /** It has much to do, and may take so many ms more than others. */
  readonly extraMs?: number;
  /** It looks at when things come, so nothing of ours that keeps the machine busy may run beside it. */
  readonly timed?: boolean;
  /** How many servers the client is told of. Default 1. */
  readonly servers?: number;
  /** Makes the check: throws when the client fails it. */
  run(t: ClientContext): Promise<void>;
}

/** Checks of one area: puts its name in front of their ids, and `source` and `meaning` where they have none. */
export function clientArea(
  name: string,
  common: Pick<CheckDescription, 'source' | 'meaning'>,
  checks: readonly (Omit<ClientCheck, 'source' | 'meaning'> & Partial<CheckDescription>)[],
): ClientCheck[] {
  return checks.map((check) => ({ ...common, ...check, id: `${name}/${check.id}` }));
}
