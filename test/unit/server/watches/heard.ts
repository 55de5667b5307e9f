import type { ACL } from '../../../../src/codec/index.ts';
import type { WatchedNode } from '../../../../src/server/watches/watch-tables.ts';
import type { Watcher } from '../../../../src/server/watches/watcher.ts';

const NAMES = ['', 'created', 'deleted', 'changed', 'children'];

/** A connection that keeps what it is told, as words: `deleted /a`. */
export class Listener implements Watcher {
  readonly heard: string[] = [];
  readonly zxids: bigint[] = [];
  readonly acls: (readonly ACL[] | null)[] = [];
  onNotify: () => void = () => {};

  notify(eventType: number, path: string, zxid: bigint, acl: readonly ACL[] | null): void {
    this.heard.push(`${NAMES[eventType]} ${path}`);
    this.zxids.push(zxid);
    this.acls.push(acl);
    this.onNotify();
  }

  /** What came since it was asked last. */
  take(): string[] {
    return this.heard.splice(0);
  }
}

/** A znode with an ACL of its own. */
export function nodeOf(id: string, mzxid = 0n, pzxid = 0n): WatchedNode {
  return { acl: [{ perms: 31, id: { scheme: 'world', id } }], mzxid, pzxid };
}
