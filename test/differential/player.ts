import { OP, XID_PING } from '../../src/codec/index.ts';
import { encodeConnect, encodeRequest, type Origin } from './encode-request.ts';
import { Masks } from './masks.ts';
import { HANDSHAKE, OWN_CONNECTION, type SlotObservation } from './observation.ts';
import { RawConnection } from './raw-connection.ts';
import { answeredBy } from './reply-owner.ts';
import { type KnownSession, Slot } from './session-slots.ts';
import { type ConnectPlan, type RequestPlan, SLOTS, type SlotSend, type Step } from './step.ts';
import type { StepTrace } from './step-trace.ts';

/** No server gives this one out: the highest byte is the number of the server, and there is no 0. */
const UNKNOWN_SESSION: KnownSession = {
  id: 0x1234567n,
  password: Buffer.alloc(16, 7),
  isOver: true,
};
const NO_SESSION: KnownSession = { id: 0n, password: Buffer.alloc(16), isOver: true };

/**
 * Plays the steps of one list on one server. After each step it has every connection answer a
 * ping, so that whatever the step set off has arrived, on every connection, when the step ends.
 */
export class Player {
  readonly #port: number;
  readonly #patienceMs: number;
  readonly #root: string;
  /** The greatest in any reply. */
  #lastZxid: bigint;
  readonly #masks: Masks;
  readonly #trace: StepTrace | null;
  readonly #slots: readonly Slot[] = Array.from({ length: SLOTS }, () => new Slot());
  readonly #sessions: KnownSession[] = [];

  /** `origin.zxid` is the server's last before the list. */
  constructor(port: number, patienceMs: number, origin: Origin, trace: StepTrace | null = null) {
    this.#port = port;
    this.#patienceMs = patienceMs;
    this.#root = origin.root;
    this.#lastZxid = origin.zxid;
    this.#trace = trace;
    this.#masks = new Masks();
    this.#masks.begin(origin.zxid);
  }

  get masks(): Masks {
    return this.#masks;
  }

  /** Sessions that nobody has closed. */
  get openSessions(): readonly KnownSession[] {
    return this.#sessions.filter((session) => !session.isOver);
  }

  /** What each connection said; empty for a step that does nothing here. */
  async play(step: Step): Promise<SlotObservation[]> {
    switch (step.kind) {
      case 'open':
        return this.#open(this.#slot(step.slot), step.connect, step.requests ?? []);
      case 'send':
        return this.#send(this.#slot(step.slot), step.requests, step.pieceBytes);
      case 'together':
        return this.#together(step.sends);
      case 'drop':
        return this.#drop(this.#slot(step.slot), step.requests ?? []);
      case 'raw':
        return this.#raw(step.slot, Buffer.from(step.hex, 'hex'));
      case 'word':
        return [await this.#word(step.word)];
    }
  }

  /** The last step of a list: closes every session, the connected ones first. */
  async closeSessions(): Promise<SlotObservation[][]> {
    const seen: SlotObservation[][] = [];
    const close = { op: OP.closeSession, parts: [], closes: true } as const;
    for (const slot of this.#slots) {
      if (slot.live !== null) seen.push(await this.#send(slot, [close], undefined));
    }
    const slot = this.#slots[0]!;
    for (const session of this.openSessions) {
      slot.session = session;
      seen.push(await this.#open(slot, RESUME, []));
      seen.push(await this.#send(slot, [close], undefined));
    }
    return seen;
  }

  /** Cuts whatever is still connected. */
  destroy(): void {
    for (const { connection } of this.#slots) connection?.destroy();
  }

  #origin(): Origin {
    return { root: this.#root, zxid: this.#lastZxid };
  }

  #slot(index: number): Slot {
    return this.#slots[index]!;
  }

  async #open(
    slot: Slot,
    plan: ConnectPlan,
    requests: readonly RequestPlan[],
  ): Promise<SlotObservation[]> {
    const session = this.#sessionOf(plan);
    if (slot.live !== null || session === null) return [];
    const before = this.#slots.find((each) => each.live !== null && each.session === session);
    // It would cost the session's owner its connection: a defect that is not to be copied.
    if (before !== undefined && !isPasswordRight(plan)) return [];
    const connection = new RawConnection(this.#port, this.#patienceMs);
    slot.begin(connection);
    const hello = encodeConnect(plan, session, this.#origin());
    this.#trace?.sent(slot, hello);
    const frames = requests.map((request) => this.#encode(slot, request));
    await connection.write(Buffer.concat([hello, ...frames]));
    let inTime = await connection.firstFrame();
    if (inTime && this.#takeHandshake(slot, session)) {
      await before?.live?.ended();
      inTime = await this.#settle(slot, requests);
    } else if (inTime) {
      inTime = await connection.ended();
    }
    return this.#observe(slot, !inTime);
  }

  #sessionOf({ session }: ConnectPlan): KnownSession | null {
    if (session === 'new') return NO_SESSION;
    return session === 'unknown' ? UNKNOWN_SESSION : this.#slot(session.of).session;
  }

  /** Learns the session from the answer that waits; false when there is none. */
  #takeHandshake(slot: Slot, asked: KnownSession): boolean {
    const [answer] = slot.connection!.peek();
    if (answer === undefined || answer.length < 40 || answer.readInt32BE(8) <= 0) return false;
    const id = answer.readBigInt64BE(12);
    this.#masks.session(id);
    if (id === asked.id) {
      slot.session = asked;
      return true;
    }
    const session = { id, password: Buffer.from(answer.subarray(24, 40)), isOver: false };
    this.#sessions.push(session);
    slot.session = session;
    return true;
  }

  async #send(
    slot: Slot,
    requests: readonly RequestPlan[],
    pieceBytes: number | undefined,
  ): Promise<SlotObservation[]> {
    const connection = slot.live;
    if (connection === null || requests.length === 0) return [];
    const frames = requests.map((request) => this.#encode(slot, request));
    await connection.write(Buffer.concat(frames), pieceBytes);
    return this.#observe(slot, !(await this.#settle(slot, requests)));
  }

  /** Waits until everything is answered, or, after a request that ends the connection, for that. */
  async #settle(slot: Slot, requests: readonly RequestPlan[]): Promise<boolean> {
    const connection = slot.connection!;
    if (!closes(requests)) return connection.settled();
    const ended = await connection.ended();
    const isClose = requests.at(-1)?.op === OP.closeSession;
    if (ended && isClose && slot.session !== null) slot.session.isOver = true;
    return ended;
  }

  #encode(slot: Slot, request: RequestPlan): Buffer {
    const xid = request.xid ?? slot.nextXid();
    if (request.op === OP.ping || xid === XID_PING) {
      slot.connection?.countPings(1);
      slot.waitingPings.push(request.op);
    } else {
      slot.waiting.push({ op: request.op, xid });
    }
    const frame = encodeRequest(request, xid, this.#origin());
    this.#trace?.sent(slot, frame);
    return frame;
  }

  /** Every server may work off what came from one connection before what came from another. */
  async #together(sends: readonly SlotSend[]): Promise<SlotObservation[]> {
    const live = sends.flatMap(({ slot: index, requests }) => {
      const slot = this.#slot(index);
      return slot.live === null ? [] : [{ slot, connection: slot.live, requests }];
    });
    const actor = live[0];
    if (actor === undefined) return [];
    await Promise.all(
      live.map(({ slot, connection, requests }) => {
        const frames = requests.map((request) => this.#encode(slot, request));
        return connection.write(Buffer.concat(frames));
      }),
    );
    return this.#observe(actor.slot, !(await actor.connection.settled()));
  }

  async #drop(slot: Slot, requests: readonly RequestPlan[]): Promise<SlotObservation[]> {
    const connection = slot.live;
    if (connection === null) return [];
    const frames = requests.map((request) => this.#encode(slot, request));
    if (frames.length > 0) await connection.write(Buffer.concat(frames));
    const inTime = await connection.drop();
    // How many of them are answered before the server sees the end is chance.
    if (frames.length > 0) connection.discard();
    return this.#observe(slot, !inTime);
  }

  async #raw(index: number | undefined, bytes: Buffer): Promise<SlotObservation[]> {
    if (index === undefined) {
      const connection = new RawConnection(this.#port, this.#patienceMs);
      await connection.write(bytes);
      const silent = !(await connection.ended());
      const { closed } = connection;
      const frames = connection.take();
      connection.destroy();
      const ops = frames.map(() => HANDSHAKE);
      return [{ slot: OWN_CONNECTION, frames, ops, closed, silent }];
    }
    const slot = this.#slot(index);
    if (slot.live === null) return [];
    await slot.live.write(bytes);
    return this.#observe(slot, !(await slot.connection!.ended()));
  }

  async #word(word: string): Promise<SlotObservation> {
    const connection = new RawConnection(this.#port, this.#patienceMs, true);
    await connection.write(Buffer.from(word));
    const silent = !(await connection.ended());
    const text = this.#masks.text(connection.rest.toString('utf8'));
    connection.destroy();
    const frames = [Buffer.from(text)];
    return { slot: OWN_CONNECTION, frames, ops: [HANDSHAKE], closed: connection.closed, silent };
  }

  /** Lets every other connection catch up, and gives what all of them said. */
  async #observe(actor: Slot, silent: boolean): Promise<SlotObservation[]> {
    const others = this.#slots.filter((slot) => slot !== actor && slot.live !== null);
    const inTime = await Promise.all(others.map((slot) => slot.connection!.settled()));
    return this.#slots.flatMap((slot, index) => {
      const at = others.indexOf(slot);
      if (slot.connection === null) return [];
      const isSilent = slot === actor ? silent : at >= 0 && inTime[at] === false;
      return [this.#take(slot, index, isSilent)];
    });
  }

  #note(frame: Buffer): void {
    const zxid = frame.length >= 16 ? frame.readBigInt64BE(8) : 0n;
    if (zxid > this.#lastZxid) this.#lastZxid = zxid;
  }

  #take(slot: Slot, index: number, silent: boolean): SlotObservation {
    const connection = slot.connection!;
    const frames: Buffer[] = [];
    const ops: number[] = [];
    for (const frame of connection.take()) {
      this.#trace?.received(slot, frame);
      const op = answeredBy(slot, frame);
      ops.push(op);
      if (op !== HANDSHAKE) this.#note(frame);
      frames.push(op === HANDSHAKE ? this.#masks.handshake(frame) : this.#masks.reply(frame, op));
    }
    if (connection.rest.length > 0) {
      frames.push(Buffer.from(connection.rest));
      ops.push(HANDSHAKE);
    }
    const { closed } = connection;
    if (closed) slot.connection = null;
    return { slot: index, frames, ops, closed, silent };
  }
}

const RESUME: ConnectPlan = {
  session: { of: 0 },
  password: 'right',
  timeoutMs: 30_000,
  readOnly: false,
};

function closes(requests: readonly RequestPlan[]): boolean {
  return requests.at(-1)?.closes === true;
}

/** What is cut off a handshake, and then filled up again, is the end of its password. */
function isPasswordRight({ password, cutBytes = 0 }: ConnectPlan): boolean {
  return password === 'right' && cutBytes === 0;
}
