import { OP } from '../../../src/codec/operations.ts';
import { History, type Proposal } from './history.ts';
import type { Transaction } from './transaction.ts';
import type { WriteRequest } from './write-request.ts';

/** Writes a log by hand, one transaction a millisecond, for tests of those who read it. */
export class LogWriter {
  readonly history: History = new History();
  #nowMs = 0;

  create(path: string, text: string, how: { session?: bigint; socket?: number } = {}): Transaction {
    const acl = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];
    const data = Buffer.from(text);
    const flags = how.session === undefined ? 0 : 1;
    return this.#append({ kind: 'create', op: OP.create, path, data, acl, flags, ttlMs: 0 }, how);
  }

  set(path: string, text: string): Transaction {
    return this.#append({ kind: 'set', path, data: Buffer.from(text), version: -1 });
  }

  /** `socket` -1: a stranger. */
  delete(path: string, socket = -1): Transaction {
    return this.#append({ kind: 'delete', path, version: -1 }, { socket });
  }

  closeSession(session: bigint): Transaction {
    return this.#append({ kind: 'close-session' }, { session });
  }

  #append(
    request: WriteRequest,
    { session = 0n, socket = -1 }: { session?: bigint; socket?: number } = {},
  ): Transaction {
    const nothing = { xid: 0, op: 0, path: null, ids: [], origin: null } as const;
    const proposal: Proposal = { ...nothing, session, request, socket };
    return this.history.append(proposal, ++this.#nowMs);
  }
}
