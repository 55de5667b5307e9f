import { OP } from '../../src/codec/operations.ts';
import { digestCredential } from '../../src/session/credentials.ts';
import type { ClientHandle } from './client-handle.ts';
import type { UserView } from './user-view.ts';
import { drawHelper } from './workload/draw-helper.ts';
import { drawLimits } from './workload/draw-limits.ts';
import { drawMany } from './workload/draw-many.ts';
import { drawOperation } from './workload/draw-operation.ts';
import { drawQuery } from './workload/draw-query.ts';
import { drawWatch } from './workload/draw-watch.ts';
import type { Operation } from './workload/operation.ts';
import {
  isAboutWatches,
  isHelper,
  isQuery,
  type OperationKind,
  readsMany,
} from './workload/operation-kinds.ts';

/** A worker whose client cannot be used looks again after this time at the earliest, in ms. */
const UNUSABLE_MS = 20;

/** Chance that a worker asks all the same while nothing was heard for the session time-out. */
const LOST_ASKS = 0.05;

/** The requests of a user: several workers, each with bursts and pauses. */
export class RequestMaker {
  readonly #user: UserView;
  #requests = 0;
  #stopped = false;

  constructor(user: UserView) {
    this.#user = user;
  }

  start(): void {
    for (let worker = 0; worker < this.#user.setup.workers; worker++) this.#workLater();
  }

  /** No more bursts. */
  stop(): void {
    this.#stopped = true;
  }

  #workLater(): void {
    const { random, setup } = this.#user;
    this.#user.after(random.exponential(setup.thinkMs), () => this.#work());
  }

  /** One burst of requests; the next when all of them have been settled. */
  #work(): void {
    const { handle, random, setup, context } = this.#user;
    if (this.#stopped) return;
    const lost = handle.grammar.lostTold && !random.chance(LOST_ASKS);
    if (handle.zk === null || handle.closed || lost) {
      const pauseMs = UNUSABLE_MS + random.exponential(setup.thinkMs / 4);
      this.#user.after(pauseMs, () => this.#work());
      return;
    }
    let pending = 1;
    const settled = (): void => {
      if (--pending === 0) this.#workLater();
    };
    for (let left = random.int(1, setup.depthMax); left > 0; left--) {
      // Nothing is left to be asked: the worker goes home.
      if (!context.takeRequest()) return;
      pending++;
      this.request(settled);
    }
    settled();
  }

  /** Makes one request. */
  request(onSettled: () => void): void {
    const { handle, random, context } = this.#user;
    const kind = random.weighted<OperationKind>(context.options.operationWeights);
    const operation = this.draw(kind, handle);
    const { limits, abort, abortInMs } = drawLimits(kind, random, context.options);
    const invocation = handle.invoke(kind, operation, limits, onSettled);
    if (abort === null) return;
    this.#user.after(abortInMs, () => {
      // Its listener on the signal must be gone by then.
      if (invocation.settled === null) invocation.abortedMs = context.nowMs();
      abort.abort();
    });
  }

  /** A request of a kind. */
  draw(kind: OperationKind, handle: ClientHandle): Operation {
    const { index, random, setup, context } = this.#user;
    const { options, nextOrder } = context;
    const drawing = {
      random,
      chroot: setup.chroot,
      tag: `c${index}.${handle.ordinal}-${this.#requests++}`,
      nameTail: 'n'.repeat(options.nameBytes),
      calledBack: () => handle.calledBack(),
      identities: handle.identities,
    };
    if (kind === 'add-auth') return this.#addAuth(handle);
    if (readsMany(kind)) return drawMany(kind, drawing);
    if (isHelper(kind)) return drawHelper(kind, drawing);
    if (isQuery(kind)) return drawQuery(kind, drawing);
    if (!isAboutWatches(kind)) return drawOperation(kind, drawing);
    return drawWatch(kind, {
      ...drawing,
      standing: () => handle.standingWatches(),
      hear: (record, event) => handle.hear(record, event),
      nextOrder,
    });
  }

  #addAuth(handle: ClientHandle): Operation {
    return {
      op: OP.auth,
      path: null,
      write: false,
      tag: null,
      aside: true,
      call: (zk) => {
        const nth = handle.credentials++;
        return zk.addAuth(digestCredential(`user${this.#user.index}.${nth}`, 'secret'));
      },
      check: () => null,
    };
  }
}
