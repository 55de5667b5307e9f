import type { RequestError } from '../../src/errors.ts';
import { outcomeOf, type Settlement } from './oracles/invocation.ts';
import type { RequestMaker } from './request-maker.ts';
import type { UserView } from './user-view.ts';
import type { OperationKind } from './workload/operation-kinds.ts';

/** What shows that everything works: a write that asks the leader, and reads. */
const KINDS: readonly OperationKind[] = ['multi-check', 'sync', 'get', 'exists', 'children'];

/** After a failure the last round begins again so much later, in ms. */
const AGAIN_MS = 50;

/**
 * One last round of requests when everything works again, made again until all of it is answered. It
 * shows what watches should have told by then.
 */
export class LastRound {
  readonly #user: UserView;
  readonly #requests: RequestMaker;
  /** All of it was answered. */
  over = false;

  constructor(user: UserView, requests: RequestMaker) {
    this.#user = user;
    this.#requests = requests;
  }

  begin(next = 0): void {
    const { handle } = this.#user;
    const kind = KINDS[next];
    if (kind === undefined) {
      this.over = true;
      return;
    }
    if (handle.zk === null || handle.closed) {
      this.#user.after(AGAIN_MS, () => this.begin());
      return;
    }
    const invocation = handle.invoke(kind, this.#requests.draw(kind, handle), {}, () => {
      const { error } = invocation.settled as Settlement;
      if (handle === this.#user.handle && isAnswer(error)) this.begin(next + 1);
      else this.#user.after(AGAIN_MS, () => this.begin());
    });
  }
}

/** A server that takes no writes is no place to stay at now. */
function isAnswer(error: unknown): boolean {
  if (error === null) return true;
  return outcomeOf(error) === 'rejected' && (error as RequestError).code !== 'NOTREADONLY';
}
