import type { CheckContext } from './check-context.ts';

/** Which server is meant: the first two are Apache ZooKeeper of that release. */
export type Profile = '3.8' | '3.9' | 'clickhouse-keeper';

/** Every profile. */
export const PROFILES: readonly Profile[] = ['3.8', '3.9', 'clickhouse-keeper'];

/** Apache ZooKeeper, whatever the release. */
export const APACHE: readonly Profile[] = ['3.8', '3.9'];

/** What a report says of a check, of a server or of a client. */
export interface CheckDescription {
  /** Stays the same from version to version: `create/sequential-counter`. The first part is its area. */
  readonly id: string;
  /** What is done when all is well, as one sentence. */
  readonly title: string;
  /** Where that is known from: a page of ours, a ticket of Apache's, or a recording. */
  readonly source: string;
  /** What a failure means. */
  readonly meaning: string;
}

/** One thing that a server must do. */
export interface ServerCheck extends CheckDescription {
  /** Servers that it is about. Default: all. */
  readonly profiles?: readonly Profile[];
  /** It waits for time to pass, up to this many ms in all; left out when the run is to be quick. */
  readonly slowMs?: number;
  /** It counts transactions, so nothing else of ours may run beside it. */
  readonly alone?: boolean;
  /** It is about a server that serves reads only; all others are about one that writes. */
  readonly readOnly?: boolean;
  /** Makes the check: throws when the server fails it. */
  run(t: CheckContext): Promise<void>;
}

/** A check of an area, which knows its id within it only, and often not what a failure means. */
export type AreaCheck = Omit<ServerCheck, 'meaning'> & { readonly meaning?: string };

/** Checks of one area: puts its name in front of their ids, and `meaning` where they have none. */
export function area(name: string, meaning: string, checks: readonly AreaCheck[]): ServerCheck[] {
  return checks.map((check) => ({ meaning, ...check, id: `${name}/${check.id}` }));
}
