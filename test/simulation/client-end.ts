import { SessionTicket } from '../../src/client/index.ts';
import { ZkwireError } from '../../src/errors.ts';
import type { ClientHandle } from './client-handle.ts';
import type { EventLoop } from './event-loop.ts';
import type { UserView } from './user-view.ts';

/** A close may wait twice for two seconds without any answer, in ms. */
const CLOSE_MS_MAX = 4_200;

/** Ends the clients of a user, and checks that they end as they should. */
export class ClientEnd {
  readonly #user: UserView;
  readonly #loop: EventLoop;
  /** Ends that are under way. */
  pending = 0;
  /** Session to go on with. */
  #ticket: SessionTicket | null = null;

  constructor(user: UserView, loop: EventLoop) {
    this.#user = user;
    this.#loop = loop;
  }

  /** The session that the next client goes on with: the user's own of before, or one that another has left. */
  takeTicket(): SessionTicket | null {
    const own = this.#ticket;
    this.#ticket = null;
    return own ?? this.#user.context.handover.take();
  }

  close(handle: ClientHandle): void {
    this.pending++;
    const sinceMs = this.#user.context.nowMs();
    const done = (error?: unknown): void => {
      this.pending--;
      const tookMs = this.#user.context.nowMs() - sinceMs;
      if (error !== undefined) this.#fault('close', String(error));
      if (tookMs > CLOSE_MS_MAX && !this.#loop.wasBlocked(sinceMs)) {
        this.#fault('F30', `close took ${tookMs} ms`);
      }
      if (!handle.closed) this.#fault('F30', 'closed without saying so');
    };
    const closing = handle.close();
    if (handle.close() !== closing) this.#fault('F31', 'two promises of two closes');
    closing.then(() => done(), done);
  }

  /** Leaves the session to another client, which goes on with it. */
  detach(handle: ClientHandle): void {
    const { random, context } = this.#user;
    this.pending++;
    handle.detach().then(
      (ticket) => {
        this.pending--;
        context.handover.left(ticket);
        const next = random.chance(0.4) ? nearTheLastXid(ticket) : ticket;
        if (random.chance(0.5)) this.#ticket = next;
        else context.handover.offer(next);
      },
      (error: unknown) => {
        this.pending--;
        if (!ZkwireError.is(error)) this.#fault('F30', String(error));
        // There was no session to detach from yet.
        if (!handle.closed) handle.goesOn();
      },
    );
    if (handle.grammar.sessionId !== 0n && random.chance(0.3)) this.#endAgain(handle);
  }

  /** A client that leaves its session is asked to end once more: that ends nothing else, and does settle. */
  #endAgain(handle: ClientHandle): void {
    this.pending++;
    const settled = (text: string | null): void => {
      this.pending--;
      if (text !== null) this.#fault('F31', text);
    };
    if (this.#user.random.chance(0.5)) {
      handle.close().then(
        () => settled(handle.closed ? null : 'close was over before detach'),
        (error: unknown) => settled(`close while leaving: ${String(error)}`),
      );
    } else {
      handle.detach().then(
        () => settled('left twice'),
        (error: unknown) => settled(ZkwireError.is(error) ? null : String(error)),
      );
    }
  }

  #fault(oracle: string, text: string): void {
    this.#user.context.violations.add(oracle, `client ${this.#user.index}: ${text}`);
  }
}

/** The same session, whose xids begin again at 1 soon. */
function nearTheLastXid(ticket: SessionTicket): SessionTicket {
  const { sessionId, password, sessionTimeoutMs, lastZxidSeen } = ticket;
  const lastXid = 0x7fff_ffff - 20;
  return new SessionTicket({ sessionId, password, sessionTimeoutMs, lastZxidSeen, lastXid });
}
