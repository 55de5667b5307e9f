import type { ConnectHandshake } from '../../../src/codec/connect.ts';
import { readConnectHandshake } from '../../../src/codec/connect.ts';
import { JuteReader } from '../../../src/codec/jute-reader.ts';
import { OP } from '../../../src/codec/operations.ts';

/** A request as it left the client. */
export interface SentFrame {
  readonly xid: number;
  readonly op: number;
  /** First path of the request; null when it has none. */
  readonly path: string | null;
  readonly body: Buffer;
  readonly atMs: number;
}

export interface FrameTapHandler {
  handshake(request: ConnectHandshake): void;
  frame(frame: SentFrame): void;
}

const WITHOUT_PATH: ReadonlySet<number> = new Set([
  OP.multi,
  OP.multiRead,
  OP.auth,
  OP.setWatches,
  OP.setWatches2,
  OP.whoAmI,
  OP.closeSession,
  OP.ping,
  OP.sasl,
  OP.reconfig,
]);

/** Reads along what a client hands to its kernel: from then on a request may be applied. */
export class FrameTap {
  readonly #handler: FrameTapHandler;
  #rest: Buffer = Buffer.alloc(0);
  #shaken = false;

  constructor(handler: FrameTapHandler) {
    this.#handler = handler;
  }

  feed(bytes: Buffer, atMs: number): void {
    // A four-letter word: no frames follow.
    if (!this.#shaken && bytes.toString('latin1', 0, 4) === 'isro') return;
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    while (all.length - at >= 4) {
      const end = at + 4 + all.readInt32BE(at);
      if (end > all.length) break;
      this.#frame(all, at, end, atMs);
      at = end;
    }
    this.#rest = all.subarray(at);
  }

  /** A frame of which only a part has left. */
  get hasPartialFrame(): boolean {
    return this.#rest.length > 0;
  }

  #frame(all: Buffer, start: number, end: number, atMs: number): void {
    const reader = JuteReader.over(all);
    reader.frame(start, end);
    if (!this.#shaken) {
      this.#shaken = true;
      this.#handler.handshake(readConnectHandshake(reader));
      return;
    }
    const xid = reader.int();
    const op = reader.int();
    const body = all.subarray(reader.offset, end);
    const path = WITHOUT_PATH.has(op) ? null : reader.ustring();
    this.#handler.frame({ xid, op, path, body, atMs });
  }
}
