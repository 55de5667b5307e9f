import { OP } from '../../../src/codec/operations.ts';
import type { SentFrame } from '../network/frame-tap.ts';
import type { Random } from '../random.ts';

/**
 * Nodes that helpers of several requests, recipes and strangers use, and nobody else: whose a frame is
 * shows by its path.
 */
export const HELPER_TOPS = {
  /** Made and deleted as a whole. */
  tree: '/h',
  /** Protected nodes are below it; no helper deletes it. */
  locks: '/p',
  /** Services register there; it is not there at first. */
  service: '/s',
} as const;

const NAMES = ['k', 'l', 'ü'];
const DEPTHS = [0, 1, 1, 1, 2, 2, 3];

const IN_TOPS = /^\/[hps](?:\/|$)/;

/** A node of the tree that helpers make and delete. */
export function helperPath(random: Random): string {
  let path: string = HELPER_TOPS.tree;
  for (let depth = random.pick(DEPTHS); depth > 0; depth--) path += `/${random.pick(NAMES)}`;
  return path;
}

/** Whether a helper or a recipe has asked for it. They look at the chroot's own nodes too. */
export function isOfHelpers({ op, path }: SentFrame, chroot: string): boolean {
  if (path === null || op === OP.getEphemerals) return false;
  if (path === '/' || path === chroot || chroot.startsWith(`${path}/`)) return true;
  return path.startsWith(chroot) && IN_TOPS.test(path.slice(chroot.length));
}
