import type { Watch, WatchEvent } from '../../../src/client/index.ts';
import type { SimSocket } from '../network/sim-socket.ts';

/** What a watch is asked to tell. */
export type WatchWish = 'data' | 'exists' | 'child' | 'persistent' | 'recursive';

/** An event as the user heard it. */
export interface HeardEvent {
  readonly event: WatchEvent;
  readonly atMs: number;
  /** Place in the order of everything that callers were told. */
  readonly order: number;
  /** Socket that the client read from then. */
  readonly reading: SimSocket | null;
}

/** One watch that a user asked for, and everything that it told. */
export class WatchRecord {
  readonly wish: WatchWish;
  /** On the server. */
  readonly path: string;
  /** The user reads it with a loop; otherwise a listener is called in the read path. */
  readonly byLoop: boolean;
  readonly heard: HeardEvent[] = [];
  /** Of a lasting watch, once it stands. */
  watch: Watch | null = null;
  /** When the user closed it. */
  closedOrder: number | null = null;

  constructor(wish: WatchWish, path: string, byLoop = false) {
    this.byLoop = byLoop;
    this.wish = wish;
    this.path = path;
  }

  get lasting(): boolean {
    return this.wish === 'persistent' || this.wish === 'recursive';
  }
}
