/** What a list of steps consists of: plain data, so that it can be drawn, shrunk, printed and read back. */

/**
 * One value of a request, in the order of the wire:
 * `s` string (a leading `~` is the list's own root, `^` its node among the quotas), `d` data, `x` data given in hex, `f` so many
 * bytes of data, `u` data that with an int behind them fill a body of so many bytes, `r` a string of the root and a name given in hex, `i` int, `l` long, `z` zxid, counted from the last that was seen, `t` boolean, `b` byte, `n` a
 * length or count without anything behind it.
 */
export type Field =
  | readonly ['s' | 'd' | 'x', string | null]
  | readonly ['r', string]
  | readonly ['i' | 'z' | 'f' | 'n' | 'u' | 'b', number]
  | readonly ['l', string]
  | readonly ['t', boolean];

/** An ACL: everybody may do everything. */
export const OPEN_ACL: readonly Field[] = [
  ['n', 1],
  ['i', 31],
  ['s', 'world'],
  ['s', 'anyone'],
];

/** The end of a multi. */
export const MULTI_END: readonly Field[] = [
  ['i', -1],
  ['t', true],
  ['i', -1],
];

/** A request. A multi has one part for each operation (its header included) and one for the end. */
export interface RequestPlan {
  readonly op: number;
  /** Left out: the next ordinary one of its connection. */
  readonly xid?: number;
  readonly parts: readonly (readonly Field[])[];
  /** So many bytes are missing at the end of the body. */
  readonly cutBytes?: number;
  /** So many bytes too many. */
  readonly extraBytes?: number;
  /** A server answers this by ending the connection, with or without a reply before. */
  readonly closes?: true;
}

export type PasswordPlan = 'right' | 'wrong' | 'short' | 'empty' | 'null';

/** A handshake. */
export interface ConnectPlan {
  /** A new session, the one that was last seen in a slot, or one that no server knows. */
  readonly session: 'new' | 'unknown' | { readonly of: number };
  readonly password: PasswordPlan;
  readonly timeoutMs: number;
  /** `lastZxidSeen`, counted from the last that was seen; left out: 0 on the wire. */
  readonly seen?: number;
  /** Left out: the byte is not sent. */
  readonly readOnly?: boolean;
  readonly protocolVersion?: number;
  /** So many bytes are missing at its end. */
  readonly cutBytes?: number;
  readonly extraBytes?: number;
}

/** One step. Steps that make no sense where they stand (a shrunk list has such) do nothing. */
export type Step =
  /** Connects in a slot without a connection. `requests` leave with the handshake. */
  | {
      readonly kind: 'open';
      readonly slot: number;
      readonly connect: ConnectPlan;
      readonly requests?: readonly RequestPlan[];
    }
  /** Writes requests at once, or in pieces of `pieceBytes`. */
  | {
      readonly kind: 'send';
      readonly slot: number;
      readonly requests: readonly RequestPlan[];
      readonly pieceBytes?: number;
    }
  /** Writes requests that change nothing in several slots at the same time. */
  | { readonly kind: 'together'; readonly sends: readonly SlotSend[] }
  /**
   * The client ends the connection; the session stays. `requests` leave right before that: they are
   * executed, and what of their answers still comes is not compared.
   */
  | { readonly kind: 'drop'; readonly slot: number; readonly requests?: readonly RequestPlan[] }
  /** Bytes that end a connection: of a slot, or of one made for it. */
  | { readonly kind: 'raw'; readonly slot?: number; readonly hex: string }
  /** A four-letter word on a connection of its own. */
  | { readonly kind: 'word'; readonly word: string };

/** The part of one slot in a step of several. */
export interface SlotSend {
  readonly slot: number;
  readonly requests: readonly RequestPlan[];
}

/** Connections that a list has at once, at most. */
export const SLOTS = 4;

/** A list of steps and the node below which it plays. */
export interface StepList {
  /** What it was drawn from. */
  readonly seed: number;
  /** `/d` and the seed in hex. */
  readonly root: string;
  readonly steps: readonly Step[];
}

/** Requests, handshakes and words in a list: what is counted as operations. */
export function operationsOf(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => {
    const requests = requestsOf(step).length;
    return sum + requests + (step.kind === 'send' || step.kind === 'together' ? 0 : 1);
  }, 0);
}

/** All requests of a step. */
export function requestsOf(step: Step): readonly RequestPlan[] {
  switch (step.kind) {
    case 'together':
      return step.sends.flatMap(({ requests }) => requests);
    case 'open':
    case 'send':
    case 'drop':
      return step.requests ?? [];
    default:
      return [];
  }
}
