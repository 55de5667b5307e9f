import { OP, type Packet } from '../../codec/index.ts';
import type { ReplayLink } from './replay-link.ts';
import type { ReplayStep } from './replay-script.ts';

/** Recorded answers that are looked through for one that comes before its turn. */
const SEARCHED_MAX = 10_000;

/** One recorded connection, as it is played again. */
export class ReplayConnection {
  readonly conn: number;
  /** Null until the client sends something. */
  link: ReplayLink | null = null;
  /** Nothing more is sent or expected. */
  isOver = false;
  /** The client sends a four-letter word: the server answers with text and ends the connection. */
  isWord = false;
  /** Everything recorded on it has been played; what still comes was not recorded. */
  isPlayed = false;
  readonly #answers: ReplayStep[] = [];
  #next = 0;
  readonly #early: Set<ReplayStep> = new Set();
  readonly #texts: Buffer[] = [];
  #last: ReplayStep | null = null;

  constructor(conn: number) {
    this.conn = conn;
  }

  /** A further step of it, in order. */
  add(step: ReplayStep): void {
    if (step.dir === 's2c') this.#answers.push(step);
    else if (step.packet === null && this.#last === null) this.isWord = true;
    this.#last = step;
  }

  /** Whether this is the last that was recorded of it. */
  isLast(step: ReplayStep): boolean {
    return step === this.#last;
  }

  /** The next answer that was recorded and has not come. */
  get owed(): ReplayStep | null {
    return this.#answers[this.#next] ?? null;
  }

  /** Whether an answer has not come that was recorded before this place. */
  owes(beforeIndex: number): boolean {
    const { owed } = this;
    return !this.isOver && this.link !== null && owed !== null && owed.index < beforeIndex;
  }

  /** The recorded answer that a frame stands for, and whether it was its turn. */
  take(actual: Packet): { readonly step: ReplayStep; readonly inTurn: boolean } | null {
    const key = keyOf(actual);
    const most = Math.min(this.#answers.length, this.#next + SEARCHED_MAX);
    for (let at = this.#next; at < most; at++) {
      const step = this.#answers[at]!;
      if (this.#early.has(step) || step.packet === null) continue;
      if (key !== null && keyOf(step.packet) !== key) continue;
      const inTurn = at === this.#next;
      if (!inTurn) this.#early.add(step);
      this.#skip(inTurn ? 1 : 0);
      return { step, inTurn };
    }
    return null;
  }

  /** Goes on without the answer that is owed, if it is an event: what set it off may not be in the capture. */
  forgetEvent(): boolean {
    if (this.owed?.packet?.op !== OP.notification) return false;
    this.#skip(1);
    return true;
  }

  addText(bytes: Buffer): void {
    this.#texts.push(bytes);
  }

  /** The answer to a four-letter word, as it came and as it was recorded. */
  texts(): { readonly actual: string; readonly recorded: string } {
    const recorded = this.#answers.map(({ body }) => body);
    this.#next = this.#answers.length;
    return {
      actual: Buffer.concat(this.#texts).toString('utf8'),
      recorded: Buffer.concat(recorded).toString('utf8'),
    };
  }

  #skip(count: number): void {
    this.#next += count;
    for (let step = this.owed; step !== null && this.#early.delete(step); step = this.owed) {
      this.#next++;
    }
  }
}

/** What a reply answers; null for what cannot be told. */
function keyOf(packet: Packet): string | null {
  if (packet.kind === 'cresp') return 'handshake';
  return packet.header === undefined ? null : String(packet.header.xid);
}
