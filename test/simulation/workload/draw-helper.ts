import type { ProtectedCreateOptions, ZooKeeperClient } from '../../../src/client/index.ts';
import { OP } from '../../../src/codec/operations.ts';
import type { RequestError } from '../../../src/errors.ts';
import { HELPER_ROUNDS_MAX } from '../../../src/limits.ts';
import type { NodeChange, Transaction } from '../ensemble/transaction.ts';
import type { HelperScene } from '../oracles/helper-scene.ts';
import { drawUuid } from '../random.ts';
import { HELPER } from './draw-many.ts';
import type { OperationContext } from './draw-operation.ts';
import { HELPER_TOPS, helperPath } from './helper-paths.ts';
import type { Operation } from './operation.ts';
import type { HelperKind } from './operation-kinds.ts';

const MODES = ['persistent', 'ephemeral', 'persistent-sequential', 'ephemeral-sequential'] as const;

/** A caller that asks for its node again gives up after so many calls. */
const CALLS_MAX = 6;

/** Callers often go before they have an answer: what they leave behind has to be deleted. */
const GOES_EARLY = 0.4;
const EARLY_MS = 30;

/** How long it waits for each of them, in ms. */
const CALL_MS = [20, 300, 2000];

/** The first round may be in vain because a server lags behind, and the last says why it failed. */
const ROUNDS_OF_OTHERS = HELPER_ROUNDS_MAX - 2;

/** Makes a call of a helper that writes. */
export function drawHelper(kind: HelperKind, context: OperationContext): Operation {
  switch (kind) {
    case 'create-protected':
    case 'create-protected-again':
      return createProtected(context, kind === 'create-protected-again');
    case 'ensure-path':
      return ensurePath(context);
    default:
      return deleteRecursive(context);
  }
}

function createProtected(context: OperationContext, again: boolean): Operation {
  const { random, chroot } = context;
  const { locks } = HELPER_TOPS;
  const parent = random.chance(0.7) ? locks : helperPath(random);
  const path = `${parent}/lock-`;
  const mode = random.pick(MODES);
  // Written more than once where the node of a session before has gone: not a tag that is looked for.
  const tag = `p${context.tag}`;
  const options = again
    ? { mode, protectionId: drawUuid(random), timeoutMs: random.pick(CALL_MS) }
    : { mode, timeoutMs: random.chance(GOES_EARLY) ? random.int(0, EARLY_MS) : undefined };
  return {
    ...HELPER,
    op: OP.create,
    protectedNode: {
      tag,
      chroot,
      ephemeral: mode.startsWith('ephemeral'),
      again,
      spared: parent === locks,
    },
    call: (zk, limits) => {
      if (again) return untilMade(zk, path, tag, options);
      return zk.createProtected(path, tag, { ...options, ...limits });
    },
    verdict: () => null,
  };
}

/** Asks for the same node until it is known whether it is there. */
async function untilMade(
  zk: ZooKeeperClient,
  path: string,
  tag: string,
  options: ProtectedCreateOptions,
): Promise<string> {
  for (let call = 1; ; call++) {
    try {
      return await zk.createProtected(path, tag, options);
    } catch (error) {
      if (call === CALLS_MAX || (error as RequestError).outcome !== 'unknown') throw error;
    }
  }
}

function ensurePath({ random, chroot }: OperationContext): Operation {
  const path = helperPath(random);
  const levels = levelsOf(chroot + path);
  return {
    ...HELPER,
    op: OP.exists,
    call: (zk, limits) => zk.ensurePath(path, limits),
    verdict: ({ error }, scene) => {
      if (error === null) {
        const missing = levels.find((level) => !scene.was(level, (node) => node !== null));
        return missing === undefined ? null : `${missing} was not there`;
      }
      if ((error as RequestError).code !== 'NONODE') return null;
      return enoughOthers(scene, ({ type, path }) => type === 2 && levels.includes(path));
    },
  };
}

function deleteRecursive({ random, chroot }: OperationContext): Operation {
  const path = helperPath(random);
  const top = chroot + path;
  return {
    ...HELPER,
    op: OP.delete,
    deletes: top,
    call: (zk, limits) => zk.deleteRecursive(path, limits),
    verdict: ({ error }, scene) => {
      if (error === null) {
        return scene.was(top, (node) => node === null) ? null : `${top} was there all the time`;
      }
      const { code } = error as RequestError;
      if (code === 'NONODE') return 'rejects because the node is gone';
      if (code !== 'NOTEMPTY') return null;
      return enoughOthers(scene, ({ type, path }) => type === 1 && path.startsWith(`${top}/`));
    },
  };
}

/** A helper that gives up because of what others do was disturbed in each of its rounds. */
function enoughOthers(
  scene: HelperScene,
  disturbs: (change: NodeChange) => boolean,
): string | null {
  const count = scene.written(({ changes }: Transaction) => changes.some(disturbs));
  return count >= ROUNDS_OF_OTHERS ? null : `gave up, disturbed ${count} times only`;
}

function levelsOf(path: string): string[] {
  const names = path.split('/').slice(1);
  return names.map((_, depth) => `/${names.slice(0, depth + 1).join('/')}`);
}
