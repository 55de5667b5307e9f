import type { ServerRelease } from '../server-release.ts';

/** What clients take for the version of the server: the release that it behaves like. */
const RELEASES: Readonly<Record<ServerRelease, string>> = { '3.8': '3.8.0', '3.9': '3.9.5' };

/** Clients parse a date here. It is that of zkwire's own version, to be set with it. */
const BUILT_ON = '2026-11-21 12:00 UTC';

/** zkwire's own. Held to package.json by a test: whoever bundles the server has none beside it. */
const OWN_VERSION = '0.1.0';

/**
 * `3.8.0-zkwire-0.1.0, built on ...`: starts like ZooKeeper's own, for clients that look which
 * operations there are, and says what it is.
 */
export function fullVersion(release: ServerRelease): string {
  return `${RELEASES[release]}-zkwire-${OWN_VERSION}, built on ${BUILT_ON}`;
}
