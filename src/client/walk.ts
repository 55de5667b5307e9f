import { RequestError } from '../errors.ts';
import { WALK_AHEAD_NODES_MAX } from '../limits.ts';
import type { WaitLimits } from '../pipeline/index.ts';
import type { RequestPort } from '../session/index.ts';
import { childPath } from './node-paths.ts';
import { type OptionNames, unknownOption } from './option-checks.ts';
import { getChildrenAndStat } from './read-operations.ts';
import { badArgument, checkPath } from './requests.ts';
import { waitForRoom } from './room-wait.ts';
import type { ChildrenResult } from './types.ts';

/** A node that was walked over. */
export interface WalkEntry extends ChildrenResult {
  /** Of the node. */
  readonly path: string;
}

/** Options of `walk`. */
export interface WalkOptions {
  /** `breadth` (default): level by level. `depth`: a node, all below its first child, its second child, and so on. */
  readonly order?: 'breadth' | 'depth' | undefined;
  /** Nodes asked for ahead of the reader, by depth as many on each level; 1: each when it is wanted. Default 64. */
  readonly aheadMax?: number | undefined;
  /** In milliseconds, for each node. */
  readonly timeoutMs?: number | undefined;
  /** Ends the walk: it throws a RequestError with code `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
}

const WALK_OPTION_NAMES: OptionNames<WalkOptions> = {
  order: true,
  aheadMax: true,
  timeoutMs: true,
  signal: true,
};

type Listing = ChildrenResult | RequestError;

/** A node that is still to come. */
interface Due {
  readonly path: string;
  /** Never rejects: nobody may come to wait for it. */
  listing: Promise<Listing> | null;
}

/**
 * Walks over a node and all below it, parents before their children. The tree may change meanwhile: each
 * node is shown as it was when it was read, and those that vanish before are left out.
 */
export async function* walk(
  port: RequestPort,
  path: string,
  options: WalkOptions,
  limits: () => WaitLimits | undefined,
): AsyncGenerator<WalkEntry, void, undefined> {
  const { order = 'breadth', aheadMax = WALK_AHEAD_NODES_MAX } = options;
  checkPath(path, 'getChildren2');
  const unknown = unknownOption(options, WALK_OPTION_NAMES);
  if (unknown !== null) throw badArgument('getChildren2', path, unknown);
  if (order !== 'breadth' && order !== 'depth') {
    throw badArgument('getChildren2', path, `order must be breadth or depth, not ${order}`);
  }
  if (!Number.isInteger(aheadMax) || aheadMax < 1) {
    throw badArgument('getChildren2', path, `aheadMax ${aheadMax} is no whole number from 1 on`);
  }
  const frontier = order === 'breadth' ? new DueQueue() : new DueStack();
  const askAhead = (): void => {
    for (const due of frontier.next(aheadMax)) {
      if (due.listing === null && !port.pipeline.hasRoom) return;
      due.listing ??= list(port, due.path, limits());
    }
  };
  frontier.add([{ path, listing: null }]);
  for (askAhead(); ; askAhead()) {
    const due = frontier.take();
    if (due === undefined) return;
    const listing = await (due.listing ?? list(port, due.path, limits()));
    if (listing instanceof RequestError) {
      if (listing.code !== 'NONODE' || due.path === path) throw listing;
      continue;
    }
    // What was asked ahead may be here already.
    if (options.signal?.aborted === true) throw aborted(due.path, options.signal);
    const { children, stat } = listing;
    frontier.add(children.map((name) => ({ path: childPath(due.path, name), listing: null })));
    // Before the reader goes to work: the answers come meanwhile.
    askAhead();
    yield { path: due.path, children, stat };
  }
}

function aborted(path: string, { reason: cause }: AbortSignal): RequestError {
  const operation = 'getChildren2';
  return new RequestError({ code: 'ABORTED', outcome: 'unknown', operation, path, cause });
}

/** Waits for room if need be. */
async function list(
  port: RequestPort,
  path: string,
  limits: WaitLimits | undefined,
): Promise<Listing> {
  try {
    while (!port.pipeline.hasRoom) {
      await waitForRoom(port, limits, { operation: 'getChildren2', path });
    }
    return await getChildrenAndStat(port, path, undefined, limits);
  } catch (error) {
    return error as RequestError;
  }
}

/** First come, first served. */
class DueQueue {
  #list: Due[] = [];
  #head = 0;

  add(dues: readonly Due[]): void {
    for (const due of dues) this.#list.push(due);
  }

  take(): Due | undefined {
    const due = this.#list[this.#head++];
    // Amortised: what was taken goes once it is half of the list.
    if (this.#head * 2 > this.#list.length) {
      this.#list = this.#list.slice(this.#head);
      this.#head = 0;
    }
    return due;
  }

  next(count: number): readonly Due[] {
    return this.#list.slice(this.#head, this.#head + count);
  }
}

/** Last come, first served; of those that came together, the first. */
class DueStack {
  readonly #list: Due[] = [];

  add(dues: readonly Due[]): void {
    for (let index = dues.length - 1; index >= 0; index--) this.#list.push(dues[index]!);
  }

  take(): Due | undefined {
    return this.#list.pop();
  }

  next(count: number): readonly Due[] {
    return this.#list.slice(-count);
  }
}
