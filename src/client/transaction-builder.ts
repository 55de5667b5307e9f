import type {
  AclOptions,
  CallOptions,
  CreateKind,
  NodeData,
  TransactionResult,
  TransactionResultOf,
  TransactionStep,
} from './types.ts';

/** Sends the steps as one request. */
export type CommitSteps = (
  steps: readonly TransactionStep[],
  options: CallOptions | undefined,
) => Promise<TransactionResult[]>;

/**
 * A transaction, step by step: `await zk.transaction().create('/a').check('/b', 3).commit()`.
 * `Results` grows with every step of the chain; for steps added in a loop, begin with
 * `zk.transaction<TransactionResult[]>()`.
 *
 * Steps are checked, and data is encoded, when it is committed.
 */
export class Transaction<Results extends readonly TransactionResult[] = []> {
  readonly #steps: TransactionStep[] = [];
  readonly #commit: CommitSteps;

  /** @internal made by `transaction()` */
  constructor(commit: CommitSteps) {
    this.#commit = commit;
  }

  /** Steps so far. */
  get length(): number {
    return this.#steps.length;
  }

  /** Makes a node; modes and ACL as for `create`. */
  create(
    path: string,
    data: NodeData = null,
    options: CreateKind & AclOptions = {},
  ): Transaction<[...Results, TransactionResultOf<'create'>]> {
    const { acl } = options;
    const kind = { mode: options.mode, ttlMs: options.ttlMs } as CreateKind;
    return this.#with({ op: 'create', path, data, acl, ...kind });
  }

  /** Writes data. `version` undefined or -1: any. */
  set(
    path: string,
    data: NodeData,
    version?: number,
  ): Transaction<[...Results, TransactionResultOf<'set'>]> {
    return this.#with({ op: 'set', path, data, version });
  }

  /** Deletes a node without children. `version` undefined or -1: any. */
  delete(path: string, version?: number): Transaction<[...Results, TransactionResultOf<'delete'>]> {
    return this.#with({ op: 'delete', path, version });
  }

  /** Goes on only if the node has this version; -1: if it exists. */
  check(path: string, version: number): Transaction<[...Results, TransactionResultOf<'check'>]> {
    return this.#with({ op: 'check', path, version });
  }

  /**
   * All steps or none; gives the result of each. Rejects with a TransactionError that names the step
   * when the server refuses: nothing was applied then, and it can be committed again.
   */
  commit(options?: CallOptions): Promise<Results> {
    return this.#commit(this.#steps, options) as Promise<TransactionResult[]> as Promise<never>;
  }

  #with(step: TransactionStep): Transaction<never> {
    this.#steps.push(step);
    return this as unknown as Transaction<never>;
  }
}
