import { OP } from '../../../src/codec/operations.ts';
import type { SentFrame } from '../network/frame-tap.ts';
import type { SimSocket } from '../network/sim-socket.ts';
import { isOfHelpers } from '../workload/helper-paths.ts';
import { type Invocation, outcomeOf, shown } from './invocation.ts';

export interface FrameMatchContext {
  /** In the order in which they were made. */
  readonly invocations: readonly Invocation[];
  readonly chroot: string;
  readonly fault: (oracle: string, text: string) => void;
}

/** Frames that a client may send of its own accord to keep watches right. */
const ASIDE_OPERATIONS: ReadonlySet<number> = new Set([
  OP.removeWatches,
  OP.setWatches2,
  OP.addWatch,
]);

/** Finds the request that each frame is of: they leave in the order in which they were made. */
export class FrameMatch {
  /** Frames that helpers and recipes have made. */
  readonly ofHelpers: SentFrame[] = [];
  readonly #context: FrameMatchContext;
  readonly #left: [SimSocket, SentFrame][] = [];
  /** Requests that have not left begin here. */
  #toLeave = 0;

  constructor(context: FrameMatchContext) {
    this.#context = context;
  }

  /** A request has left. */
  sent(socket: SimSocket, frame: SentFrame): void {
    if (isOfHelpers(frame, this.#context.chroot)) this.ofHelpers.push(frame);
    else this.#left.push([socket, frame]);
  }

  /**
   * The step is over. Only now it is known which requests were refused when they were made: their
   * callers hear of it after the others have left.
   */
  stepDone(): void {
    for (const [socket, frame] of this.#left.splice(0)) this.#match(socket, frame);
  }

  #match(socket: SimSocket, frame: SentFrame): void {
    const next = this.#peek(socket);
    if (ASIDE_OPERATIONS.has(frame.op) && !isFrameOf(next, frame)) return;
    const invocation = this.#nextToLeave(socket);
    if (invocation === null || !isFrameOf(invocation, frame)) {
      const expected = invocation === null ? 'nothing' : shown(invocation);
      const text = `op ${frame.op} ${frame.path} left, next in turn was ${expected}`;
      this.#context.fault('O2', text);
      return;
    }
    invocation.frame = frame;
    invocation.socket = socket;
  }

  /**
   * The oldest request that may leave. Those that were told `not-sent` may not; those whose caller
   * has gone may leave on the connection that they were made for only.
   */
  #nextToLeave(socket: SimSocket): Invocation | null {
    const invocation = this.#peek(socket);
    if (invocation !== null) this.#toLeave++;
    return invocation;
  }

  #peek(socket: SimSocket): Invocation | null {
    const { invocations } = this.#context;
    for (; this.#toLeave < invocations.length; this.#toLeave++) {
      const invocation = invocations[this.#toLeave] as Invocation;
      const { settled, operation } = invocation;
      const gone = settled !== null && settled.live !== socket;
      const notSent = settled !== null && outcomeOf(settled.error) === 'not-sent';
      if (operation.aside !== true && !gone && !notSent) return invocation;
    }
    return null;
  }
}

function isFrameOf(invocation: Invocation | null, { op, path, xid }: SentFrame): boolean {
  if (invocation === null) return false;
  const { operation } = invocation;
  // Where a persistent and a recursive watch meet, both are asked for together.
  if (operation.op === OP.addWatch && op === OP.setWatches2) return xid > 0;
  return operation.op === op && operation.path === path;
}
