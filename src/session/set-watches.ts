import {
  type JuteWriter,
  OP,
  writeSetWatches2,
  writeSetWatches as writeSetWatchesRecord,
} from '../codec/index.ts';
import { SET_WATCHES_BYTES_MAX } from '../limits.ts';
import type { WatchKind } from './watch-event.ts';
import { KIND_BIT, WATCH_KINDS, type WatchKinds } from './watch-kinds.ts';

/** One setWatches request: server paths by kind. */
export interface SetWatchesBatch extends Readonly<Record<WatchKind, readonly string[]>> {
  /** Servers before 3.6 know 101 only, which has no vectors for persistent watches. */
  readonly op: typeof OP.setWatches | typeof OP.setWatches2;
}

/** Behind the length prefix: request header, relativeZxid, five counts. */
const EMPTY_BODY_BYTES: number = 8 + 8 + 5 * 4;

const CHILD_AND_RECURSIVE: WatchKinds = KIND_BIT.child | KIND_BIT.recursive;

type Vectors = Record<WatchKind, string[]>;

/**
 * Puts paths into batches, in an order that suits servers before 3.9 too: those keep one mode a
 * path and table, the last that they are told (ZOOKEEPER-4466). Within a request the persistent
 * modes come last and win, which serves one-shot watches of the same path as well. Only a recursive
 * one says nothing of the set of children, so that a child watch has to come after it.
 */
export class SetWatchesBatcher {
  readonly #bytesMax: number;
  readonly #batches: Vectors[] = [];
  readonly #afterRecursive: string[] = [];
  #bytes: number = Number.POSITIVE_INFINITY;

  /** @param bodyBytesMax largest body of a request; more than servers take at once is not put into one */
  constructor(bodyBytesMax: number = SET_WATCHES_BYTES_MAX) {
    this.#bytesMax = Math.min(bodyBytesMax, SET_WATCHES_BYTES_MAX);
  }

  /** All that was added; nothing can be added any more. */
  finish(): SetWatchesBatch[] {
    this.#bytes = Number.POSITIVE_INFINITY;
    for (const serverPath of this.#afterRecursive) {
      this.#put(serverPath, ['child'], bytesOf(serverPath));
    }
    return this.#batches.map((vectors) => {
      const lasting = vectors.persistent.length + vectors.recursive.length;
      return { op: lasting > 0 ? OP.setWatches2 : OP.setWatches, ...vectors };
    });
  }

  add(serverPath: string, kinds: WatchKinds): void {
    const postponed = (kinds & CHILD_AND_RECURSIVE) === CHILD_AND_RECURSIVE;
    if (postponed) this.#afterRecursive.push(serverPath);
    const now = postponed ? kinds & ~KIND_BIT.child : kinds;
    const named = WATCH_KINDS.filter((kind) => (now & KIND_BIT[kind]) !== 0);
    const bytesOfOne = bytesOf(serverPath);
    // A path that fills a batch by itself must not fill it several times: that could be more than the server reads.
    if (EMPTY_BODY_BYTES + bytesOfOne * named.length > this.#bytesMax) {
      for (const kind of named) this.#put(serverPath, [kind], bytesOfOne);
    } else {
      this.#put(serverPath, named, bytesOfOne * named.length);
    }
  }

  #put(serverPath: string, kinds: readonly WatchKind[], bytes: number): void {
    if (this.#bytes + bytes > this.#bytesMax) {
      this.#batches.push({ data: [], exist: [], child: [], persistent: [], recursive: [] });
      this.#bytes = EMPTY_BODY_BYTES;
    }
    this.#bytes += bytes;
    const vectors = this.#batches.at(-1)!;
    for (const kind of kinds) vectors[kind].push(serverPath);
  }
}

function bytesOf(serverPath: string): number {
  return 4 + Buffer.byteLength(serverPath);
}

/**
 * The record of a batch, behind its request header. The server tells at once what has changed
 * after `relativeZxid`: the greatest zxid seen in a reply, never one of a notification.
 */
export function writeSetWatches(
  writer: JuteWriter,
  batch: SetWatchesBatch,
  relativeZxid: bigint,
): void {
  const { data, exist, child, persistent, recursive } = batch;
  if (batch.op === OP.setWatches) writeSetWatchesRecord(writer, relativeZxid, data, exist, child);
  else writeSetWatches2(writer, relativeZxid, data, exist, child, persistent, recursive);
}
