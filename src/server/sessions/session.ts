/** A session, from its handshake to the transaction that closes it. Only the tracker changes one. */
export class Session {
  readonly id: bigint;
  /** Time-out that its transaction has, and with it the log and the snapshots. */
  readonly timeoutMs: number;
  /** Time-out of its last handshake: a client that comes back may have asked for another. */
  grantedMs: number;
  /** On its way out: requests are refused, and it cannot be taken up again. */
  isClosing = false;
  /** Connection that has it now; the core's. */
  owner: object | null = null;
  /** Number of the tick at which it expires; NaN when it does not any more. The tracker's. */
  expiryTick: number = Number.NaN;

  constructor(id: bigint, timeoutMs: number) {
    this.id = id;
    this.timeoutMs = timeoutMs;
    this.grantedMs = timeoutMs;
  }
}
