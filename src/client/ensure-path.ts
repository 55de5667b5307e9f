import { type RequestError, ZkwireError } from '../errors.ts';
import { HELPER_ROUNDS_MAX } from '../limits.ts';
import type { WaitLimits } from '../pipeline/index.ts';
import type { RequestPort } from '../session/index.ts';
import { type BatchKind, batch } from './batch.ts';
import { pathsDownTo } from './node-paths.ts';
import { existsMany } from './read-many.ts';
import { sync } from './read-operations.ts';
import { readNothing } from './replies.ts';
import { checkPath, encodeCreate, ownAcl } from './requests.ts';
import { waitForRoom } from './room-wait.ts';
import type { AclOptions } from './types.ts';

/**
 * Makes a node and the nodes above it, those of the chroot too, where they are missing. One round trip
 * when all are there, two when some are missing: all levels are asked for at once, and made at once.
 */
export async function ensurePath(
  port: RequestPort,
  path: string,
  { acl: asked }: AclOptions,
  limits: WaitLimits | undefined,
): Promise<void> {
  checkPath(path, 'create');
  const options = { acl: asked && ownAcl(asked, 'create', path) };
  const levels = pathsDownTo(path);
  if (port.chroot !== '') levels.unshift('/');
  for (let round = 1; ; round++) {
    const missing = await firstMissing(port, levels, round, limits);
    if (missing < 0) return;
    if (missing === 0 && port.chroot !== '') {
      await ensurePath(withoutChroot(port), port.chroot, options, limits);
    }
    const failure = await makeAll(port, levels.slice(missing), options, limits);
    if (failure === null) return;
    // Somebody deletes what is made here: a few times that is chance.
    if (failure.code !== 'NONODE' || round === HELPER_ROUNDS_MAX) throw failure;
  }
}

/** Index of the first level that is not there, -1 when all are. */
async function firstMissing(
  port: RequestPort,
  levels: readonly string[],
  round: number,
  limits: WaitLimits | undefined,
): Promise<number> {
  // The server may lag behind: what it shows did not help the first time.
  while (round > 1 && !port.pipeline.hasRoom) {
    await waitForRoom(port, limits, { operation: 'sync', path: '/' });
  }
  const caughtUp = round > 1 ? sync(port, '/', limits) : null;
  const [stats] = await Promise.all([existsMany(port, levels, limits), caughtUp]);
  for (const [index, stat] of stats.entries()) {
    if (stat === null) return index;
    // A node that may not be seen is there (servers from 3.8.4 and 3.9.2 on check that).
    if (ZkwireError.is(stat) && stat.code !== 'NOAUTH') throw stat;
  }
  return -1;
}

/** Makes the levels, top down, in one go; null when the last one is there in the end. */
async function makeAll(
  port: RequestPort,
  levels: readonly string[],
  options: AclOptions,
  limits: WaitLimits | undefined,
): Promise<RequestError | null> {
  const kind: BatchKind<true> = {
    operation: 'create',
    encode: (to, path) => {
      encodeCreate(to, path, null, { acl: options.acl }, false);
    },
    decode: (reader) => {
      readNothing(reader);
      return true;
    },
    failed: (error) => (error.code === 'NODEEXISTS' ? true : error),
  };
  const made = await batch(port, levels, kind, limits);
  if (made.at(-1) === true) return null;
  // What fails below it follows from the first.
  return made.find((each) => each !== true) as RequestError;
}

/** The same session, with the paths of the server. */
function withoutChroot(port: RequestPort): RequestPort {
  return {
    get pipeline() {
      return port.pipeline;
    },
    chroot: '',
    watches: port.watches,
    waitLimits: port.waitLimits.bind(port),
    wait: port.wait.bind(port),
  };
}
