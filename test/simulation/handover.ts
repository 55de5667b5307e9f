import { SessionTicket } from '../../src/client/index.ts';
import type { History } from './ensemble/history.ts';
import type { Violations } from './oracles/violations.ts';

/** A session, and how long the log was at some moment. */
interface SessionMark {
  readonly sessionId: bigint;
  readonly lines: number;
}

/** Sessions on their way from one user to another, as text, as between two processes. */
export class Handover {
  readonly #history: History;
  readonly #waiting: string[] = [];
  readonly #left: SessionMark[] = [];
  readonly #resumed: SessionMark[] = [];

  constructor(history: History) {
    this.#history = history;
  }

  /** A client has left its session. */
  left({ sessionId }: SessionTicket): void {
    this.#left.push({ sessionId, lines: this.#history.log.length });
  }

  /** Anybody may go on with it. */
  offer(ticket: SessionTicket): void {
    this.#waiting.push(ticket.serialize());
  }

  /** The oldest that is offered; null when there is none. */
  take(): SessionTicket | null {
    const text = this.#waiting.shift();
    return text === undefined ? null : SessionTicket.parse(text);
  }

  /** A client was told that it has a session of before, which the server granted when the log had so many lines. */
  resumed(sessionId: bigint, lines: number): void {
    this.#resumed.push({ sessionId, lines });
  }

  /** Sessions that were left and gone on with. */
  get resumes(): number {
    return this.#left.filter((left) => this.#next(left) !== undefined).length;
  }

  /** A session that was gone on with has lost nothing on its way: it was not closed, and its nodes are those of before. */
  check(violations: Violations): void {
    for (const left of this.#left) {
      const { sessionId, lines } = left;
      const next = this.#next(left);
      if (next === undefined) continue;
      for (const { request, session, err, zxid, after } of this.#history.log.slice(
        lines,
        next.lines,
      )) {
        if (request.kind === 'close-session' && session === sessionId && err === 0) {
          violations.add('handover', `session ${sessionId} was closed at ${zxid}, and goes on`);
        }
        if (request.kind === 'delete' || request.kind === 'multi') continue;
        for (const [path, node] of after) {
          if (node !== null || this.#history.nodeAt(path, zxid - 1)?.owner !== sessionId) continue;
          violations.add('handover', `${path} of session ${sessionId} has gone at ${zxid}`);
        }
      }
    }
  }

  #next({ sessionId, lines }: SessionMark): SessionMark | undefined {
    return this.#resumed.find((each) => each.sessionId === sessionId && each.lines >= lines);
  }
}
