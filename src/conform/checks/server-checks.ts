import type { ServerCheck } from '../check.ts';
import { ACL_CHECKS } from './acl-checks.ts';
import { AUTH_CHECKS } from './auth-checks.ts';
import { CONTAINER_CHECKS } from './container-checks.ts';
import { CREATE_CHECKS } from './create-checks.ts';
import { FOUR_LETTER_CHECKS } from './four-letter-checks.ts';
import { GOLDEN_CHECKS } from './golden-checks.ts';
import { HANDSHAKE_CHECKS } from './handshake-checks.ts';
import { HOSTILE_CHECKS } from './hostile-checks.ts';
import { LASTING_WATCH_CHECKS } from './lasting-watch-checks.ts';
import { LIMIT_CHECKS } from './limit-checks.ts';
import { MULTI_CHECKS } from './multi-checks.ts';
import { OPCODE_CHECKS } from './opcode-checks.ts';
import { ORDER_CHECKS } from './order-checks.ts';
import { PATH_CHECKS } from './path-checks.ts';
import { QUOTA_CHECKS } from './quota-checks.ts';
import { READ_CHECKS } from './read-checks.ts';
import { READ_ONLY_CHECKS } from './read-only-checks.ts';
import { SEQUENCE_CHECKS } from './sequence-checks.ts';
import { SESSION_CHECKS } from './session-checks.ts';
import { SET_WATCHES_CHECKS } from './set-watches-checks.ts';
import { STAT_CHECKS } from './stat-checks.ts';
import { WATCH_CHECKS } from './watch-checks.ts';
import { WRITE_CHECKS } from './write-checks.ts';

/** Every check of a server, in the order of the report. */
export const SERVER_CHECKS: readonly ServerCheck[] = [
  ...HANDSHAKE_CHECKS,
  ...SESSION_CHECKS,
  ...CREATE_CHECKS,
  ...SEQUENCE_CHECKS,
  ...CONTAINER_CHECKS,
  ...WRITE_CHECKS,
  ...READ_CHECKS,
  ...STAT_CHECKS,
  ...MULTI_CHECKS,
  ...ACL_CHECKS,
  ...AUTH_CHECKS,
  ...WATCH_CHECKS,
  ...LASTING_WATCH_CHECKS,
  ...SET_WATCHES_CHECKS,
  ...ORDER_CHECKS,
  ...OPCODE_CHECKS,
  ...LIMIT_CHECKS,
  ...PATH_CHECKS,
  ...QUOTA_CHECKS,
  ...HOSTILE_CHECKS,
  ...FOUR_LETTER_CHECKS,
  ...GOLDEN_CHECKS,
  ...READ_ONLY_CHECKS,
];
