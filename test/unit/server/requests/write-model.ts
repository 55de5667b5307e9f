import { OP } from '../../../../src/codec/index.ts';
import { AccessControl } from '../../../../src/server/auth/access-control.ts';
import { ConnectionIds } from '../../../../src/server/auth/connection-ids.ts';
import { prepare, type WriteRequest } from '../../../../src/server/requests/prepare.ts';
import type { WriteOptions } from '../../../../src/server/requests/write-request.ts';
import { DataTree } from '../../../../src/server/tree/data-tree.ts';
import type { PlainTxn, Txn } from '../../../../src/server/tree/txn.ts';
import { CREDENTIALS, SUPER_DIGEST, type User } from './write-cases.ts';

const OPTIONS: WriteOptions = {
  release: '3.8',
  extendedTypesEnabled: true,
  enforceQuota: false,
  reconfigEnabled: false,
};

/** A tree and those who write to it, without a server around them. */
export class WriteModel {
  readonly tree = new DataTree();
  readonly access: AccessControl;
  readonly options: WriteOptions;
  readonly users: Readonly<Record<User, { readonly ids: ConnectionIds; sessionId: bigint }>>;
  zxid = 0n;

  constructor(options: Partial<WriteOptions> = {}, { skipAcl = false } = {}) {
    this.options = { ...OPTIONS, ...options };
    this.access = new AccessControl({
      release: this.options.release,
      skipAcl,
      superDigest: SUPER_DIGEST,
      digestAlgorithm: 'sha1',
      hasSasl: false,
      hasTls: false,
    });
    this.users = {
      anon: this.#user('anon', 0xa1n),
      alice: this.#user('alice', 0xa2n),
      many: this.#user('many', 0xa3n),
      super: this.#user('super', 0xa4n),
    };
  }

  #user(user: User, sessionId: bigint): { ids: ConnectionIds; sessionId: bigint } {
    const ids = new ConnectionIds('127.0.0.1');
    for (const credential of CREDENTIALS[user]) {
      this.access.authenticate('digest', Buffer.from(credential), ids);
    }
    return { ids, sessionId };
  }

  prepare(user: User, request: WriteRequest): Txn {
    const { ids, sessionId } = this.users[user];
    return prepare(this, { sessionId, ids: ids.list }, request);
  }

  /** Prepares and makes the change; what a client is answered. */
  write(user: User, request: WriteRequest): string {
    const txn = this.prepare(user, request);
    const { sessionId } = this.users[user];
    this.tree.apply({ sessionId, cxid: 1, zxid: ++this.zxid, timeMs: 1_000 }, txn, null);
    return outcomeOf(txn);
  }
}

function outcomeOf(txn: Txn): string {
  switch (txn.type) {
    case OP.error:
      return `${txn.code}`;
    case OP.multi:
      return `multi [${txn.txns.map(resultOf).join(', ')}]`;
    case OP.create:
    case OP.create2:
    case OP.createContainer:
    case OP.createTTL:
      return `ok ${txn.path}`;
    default:
      return 'ok';
  }
}

/** As the answer of a multi has it: by the type of the result. */
function resultOf(txn: PlainTxn): string {
  switch (txn.type) {
    case OP.error:
      return `${txn.code}`;
    case OP.create:
      return `create ${txn.path}`;
    case OP.create2:
    case OP.createContainer:
    case OP.createTTL:
      return `create2 ${txn.path}`;
    case OP.setData:
      return 'setData';
    case OP.check:
      return 'check';
    default:
      return 'delete';
  }
}
