import { type RequestError, ZkwireError } from '../errors.ts';
import { HELPER_ROUNDS_MAX } from '../limits.ts';
import type { WaitLimits } from '../pipeline/index.ts';
import type { RequestPort } from '../session/index.ts';
import { type BatchKind, batch } from './batch.ts';
import { childPath } from './node-paths.ts';
import { getChildrenMany } from './read-many.ts';
import { sync } from './read-operations.ts';
import { readNothing } from './replies.ts';
import { checkNotRoot, checkPath, encodeDelete } from './requests.ts';
import { waitForRoom } from './room-wait.ts';

/** A node that somebody else has deleted is as good as deleted here. */
const DELETE: BatchKind<true> = {
  operation: 'delete',
  encode: (port, path) => encodeDelete(port, path, -1),
  decode: (reader) => {
    readNothing(reader);
    return true;
  },
  failed: (error) => (error.code === 'NONODE' ? true : error),
};

/**
 * Deletes a node and all below it, children before their parents, many requests at a time. What
 * others make there meanwhile is looked for again, a few times.
 */
export async function deleteRecursive(
  port: RequestPort,
  path: string,
  limits: WaitLimits | undefined,
): Promise<void> {
  checkPath(path, 'delete');
  checkNotRoot(path, 'delete');
  for (let round = 1; ; round++) {
    const paths = await subtree(port, path, limits);
    // The server works through a connection in order, so they need not be waited for level by level.
    const results = await batch(port, paths.reverse(), DELETE, limits);
    const failures = results.filter((result) => result !== true);
    const failure = failures.find(({ code }) => code !== 'NOTEMPTY') ?? failures[0];
    if (failure === undefined) return;
    if (failure.code !== 'NOTEMPTY' || round === HELPER_ROUNDS_MAX) throw failure;
    // The server that lists may lag behind the one that refused.
    while (!port.pipeline.hasRoom) await waitForRoom(port, limits, { operation: 'sync', path });
    await sync(port, path, limits);
  }
}

/** A node and all below it, level by level. */
async function subtree(
  port: RequestPort,
  path: string,
  limits: WaitLimits | undefined,
): Promise<string[]> {
  const paths: string[] = [];
  for (let level = [path]; level.length > 0; ) {
    const lists = await getChildrenMany(port, level, limits);
    const next: string[] = [];
    for (const [index, names] of lists.entries()) {
      if (isFailure(names)) {
        if (names.code !== 'NONODE') throw names;
        continue;
      }
      const parent = level[index]!;
      paths.push(parent);
      for (const name of names) next.push(childPath(parent, name));
    }
    level = next;
  }
  return paths;
}

function isFailure(value: string[] | RequestError): value is RequestError {
  return ZkwireError.is(value);
}
