import { RequestError, type TransactionStep, type ZooKeeperClient } from '../../client/index.ts';
import type { CommandCall } from './command-definition.ts';
import { ShellFailure } from './shell-failure.ts';

/** Transactions under way at a time, as in Java's client. */
const TRANSACTIONS_MAX = 10;

/** A transaction must fit into a frame: paths up to this many characters go into one, whatever the batch size. */
const PATH_CHARS_MAX: number = 256 * 1024;

/**
 * Deletes a node and all below it, children before their parents, `batch` nodes in a transaction. Gives how
 * many. Rejects with the first refusal; the transactions before it are done then.
 */
export async function deleteSubtree(
  zk: ZooKeeperClient,
  path: string,
  batch: number,
  limits: CommandCall['limits'],
  onProgress: (text: string) => void,
): Promise<number> {
  const paths: string[] = [];
  for await (const entry of zk.walk(path, { signal: limits.signal })) {
    paths.push(entry.path);
    onProgress(`${paths.length} nodes found`);
  }
  let deleted = 0;
  let failure: unknown = null;
  const underWay = new Set<Promise<void>>();
  for (const steps of batches(paths.reverse(), batch)) {
    if (underWay.size >= TRANSACTIONS_MAX) await Promise.race(underWay);
    if (failure !== null) break;
    const transaction = zk.multi(steps, limits).then(
      () => {
        deleted += steps.length;
        onProgress(`${deleted} of ${paths.length} nodes deleted`);
      },
      (error: unknown) => {
        failure ??= error;
      },
    );
    underWay.add(transaction);
    void transaction.then(() => underWay.delete(transaction));
  }
  await Promise.all(underWay);
  if (failure !== null) throw someLeft(failure);
  return deleted;
}

function* batches(paths: readonly string[], batch: number): Generator<TransactionStep[]> {
  let steps: TransactionStep[] = [];
  let chars = 0;
  for (const path of paths) {
    if (steps.length === batch || (chars + path.length > PATH_CHARS_MAX && steps.length > 0)) {
      yield steps;
      steps = [];
      chars = 0;
    }
    steps.push({ op: 'delete', path });
    chars += path.length;
  }
  if (steps.length > 0) yield steps;
}

/** A refusal in the words of `zkCli.sh`, which do not tell why; the code does. */
function someLeft(error: unknown): unknown {
  if (!(error instanceof RequestError) || error.outcome !== 'rejected') return error;
  const { code, path = null, serverCode = null } = error;
  const message = 'Failed to delete some node(s) in the subtree!';
  return new ShellFailure(code, message, { path, serverCode, cause: error });
}
