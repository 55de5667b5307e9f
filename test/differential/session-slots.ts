import type { RawConnection } from './raw-connection.ts';

/** A session of one server, whether somebody is connected to it or not. */
export interface KnownSession {
  readonly id: bigint;
  readonly password: Buffer;
  /** Closed by its client, as far as we know. */
  isOver: boolean;
}

/** What a reply is known by. */
interface WaitingRequest {
  readonly op: number;
  readonly xid: number;
}

/** One place for a connection: the connection there, and the session that was last seen there. */
export class Slot {
  connection: RawConnection | null = null;
  session: KnownSession | null = null;
  /** Requests that have not been answered, oldest first. */
  readonly waiting: WaitingRequest[] = [];
  /** Of those that are answered under the xid of pings, which go by themselves, the operations. */
  readonly waitingPings: number[] = [];
  /** The next frame answers a handshake. */
  isNew = false;
  lastXid = 0;

  get live(): RawConnection | null {
    return this.connection !== null && !this.connection.closed ? this.connection : null;
  }

  begin(connection: RawConnection): void {
    this.connection = connection;
    this.waiting.length = 0;
    this.waitingPings.length = 0;
    this.isNew = true;
    this.lastXid = 0;
  }

  nextXid(): number {
    return ++this.lastXid;
  }
}
