import type { ClientCheck } from '../client-check.ts';
import { CLOSE_CHECKS } from './close-checks.ts';
import { HANDSHAKE_CHECKS } from './handshake-checks.ts';
import { HOSTILE_CHECKS } from './hostile-checks.ts';
import { PING_CHECKS } from './ping-checks.ts';
import { RECONNECT_CHECKS } from './reconnect-checks.ts';
import { REPLY_CHECKS } from './reply-checks.ts';
import { REQUEST_CHECKS } from './request-checks.ts';
import { WATCH_CHECKS } from './watch-checks.ts';
import { XID_CHECKS } from './xid-checks.ts';

/** Every check of a client, in the order of reports. */
export const CLIENT_CHECKS: readonly ClientCheck[] = [
  ...HANDSHAKE_CHECKS,
  ...XID_CHECKS,
  ...REQUEST_CHECKS,
  ...REPLY_CHECKS,
  ...WATCH_CHECKS,
  ...RECONNECT_CHECKS,
  ...PING_CHECKS,
  ...CLOSE_CHECKS,
  ...HOSTILE_CHECKS,
];
