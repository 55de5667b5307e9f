import { performance } from 'node:perf_hooks';
import { RequestError } from 'zkwire';
import type {
  ClientIndex,
  History,
  ReadRecord,
  WriteKind,
  WriteRecord,
  WriteResult,
} from './history.ts';

/** What a reply says of the write: null where the operation has no Stat. */
export interface Acknowledgement {
  readonly zxid: bigint | null;
  readonly version: number | null;
}

/** What a client knows of its connection when something settles. */
export interface Carrier {
  readonly connection: number;
  readonly sessionId: bigint;
}

type Pending = Omit<WriteRecord, 'result'> & { result: WriteResult | null };

/** Keeps what all clients did and saw. */
export class Recorder {
  readonly #writes: Pending[] = [];
  readonly #reads: ReadRecord[] = [];
  readonly #settled = new Map<ClientIndex, number>();
  #pending = 0;
  /** Gets that failed. */
  failedReads = 0;

  get history(): History {
    return { writes: this.#writes, reads: this.#reads };
  }

  /** Writes that have not settled yet. */
  get pending(): number {
    return this.#pending;
  }

  /** Times at which writes were acknowledged, in ms, ascending: of one client or of all. */
  acknowledgedMs(client?: ClientIndex): number[] {
    return this.#writes
      .filter((write) => client === undefined || write.client === client)
      .flatMap(({ result }) => (result?.outcome === 'ok' ? [result.settledMs] : []))
      .sort((a, b) => a - b);
  }

  /** Notes a write and, when it settles, what became of it. Never rejects; true: acknowledged. */
  async write(
    made: { id: string; client: ClientIndex; seq: number; kind: WriteKind },
    answer: Promise<Acknowledgement>,
    invokedMs: number,
    carrier: Carrier,
  ): Promise<boolean> {
    const pending: Pending = { ...made, invokedMs, result: null };
    this.#writes.push(pending);
    this.#pending++;
    const settle = (rest: Omit<WriteResult, 'settledMs' | 'settleIndex' | keyof Carrier>): void => {
      const settleIndex = this.#settled.get(made.client) ?? 0;
      this.#settled.set(made.client, settleIndex + 1);
      this.#pending--;
      const { connection, sessionId } = carrier;
      const settledMs = performance.now();
      pending.result = { ...rest, settledMs, settleIndex, connection, sessionId };
    };
    try {
      settle({ ...(await answer), outcome: 'ok', code: null, xid: null });
      return true;
    } catch (error) {
      // What is no RequestError is a defect: it ends the run as a write that never settled.
      if (!(error instanceof RequestError)) throw error;
      const { outcome, code, xid = null } = error;
      settle({ outcome, code, xid, zxid: null, version: null });
      return false;
    }
  }

  read(read: ReadRecord): void {
    this.#reads.push(read);
  }
}
