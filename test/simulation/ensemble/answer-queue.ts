/** The place of a request among the answers. `answer` is null as long as there is none. */
export interface Turn {
  readonly xid: number;
  answer: (() => void) | null;
}

/** The requests of one connection: each is answered when all before it have been. */
export class AnswerQueue {
  readonly #turns: Turn[] = [];

  /** `answer` null: it comes later, by `answer()`. */
  add(xid: number, answer: (() => void) | null): Turn {
    const turn = { xid, answer };
    this.#turns.push(turn);
    this.#answerReady();
    return turn;
  }

  answer(turn: Turn, answer: () => void): void {
    turn.answer = answer;
    this.#answerReady();
  }

  /** The oldest request with this xid that has no answer. */
  unanswered(xid: number): Turn | undefined {
    return this.#turns.find((turn) => turn.answer === null && turn.xid === xid);
  }

  clear(): void {
    this.#turns.length = 0;
  }

  #answerReady(): void {
    while (this.#turns[0]?.answer != null) (this.#turns.shift() as Turn).answer?.();
  }
}
