import { randomUUID } from 'node:crypto';
import { retryClass } from '../codec/index.ts';
import { RequestError } from '../errors.ts';
import { HELPER_ROUNDS_MAX, PROTECTED_NODES_MAX } from '../limits.ts';
import type { WaitLimits } from '../pipeline/index.ts';
import type { RequestPort } from '../session/index.ts';
import { childPath, parentPath } from './node-paths.ts';
import { exists, getChildren, sync } from './read-operations.ts';
import { badArgument, checkPath, ownAcl } from './requests.ts';
import { waitForRoom } from './room-wait.ts';
import type { AclOptions, CallOptions, CreateKind, NodeData } from './types.ts';
import { create, deleteNode } from './write-operations.ts';

/** A session by its number, since a node of another session is not ours. */
export interface ProtectedPort extends RequestPort {
  readonly sessionId: bigint;
}

/** Options of `createProtected`. */
export type ProtectedCreateOptions = CallOptions &
  CreateKind &
  AclOptions & {
    /**
     * UUID in the name of the node, as of `randomUUID()`. For a call that goes on where an earlier one
     * with the same has failed: it looks for the node before it makes one. Default: a new one.
     */
    readonly protectionId?: string | undefined;
  };

/** What is made, and how it is known again. */
interface Wanted {
  readonly parent: string;
  /** What the names of the node and of no other begin with. */
  readonly mark: string;
  /** Path to create; servers append a counter to it when it is sequential. */
  readonly path: string;
  readonly data: NodeData;
  readonly options: ProtectedCreateOptions;
  /** It goes when its session does. */
  readonly ephemeral: boolean;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** While there is no session to ask, asking again leads to the same. */
const NO_SESSION_NOW: ReadonlySet<string> = new Set(['SESSION_LOST', 'NOT_CONNECTED']);

/** There will be none. */
const DONE: ReadonlySet<string> = new Set(['CONNECTION_CLOSED', 'AUTH_FAILED']);

/** Until somebody who deletes a node that nobody waits for looks for room again. */
const ROOM_PAUSE_MS = 100;

/** Nobody waits any more. */
const GIVEN_UP: ReadonlySet<string> = new Set(['ABORTED', 'REQUEST_TIMEOUT']);

/**
 * Creates nodes that are found again when nobody knows whether the create was applied: each has a UUID
 * in its name, `_c_<uuid>-name`, as Curator's protected nodes.
 */
export class ProtectedCreator {
  readonly #port: ProtectedPort;
  /** Resolves with the next session; rejects when the client is done. */
  readonly #nextSession: () => Promise<void>;
  #reclaims = 0;

  constructor(port: ProtectedPort, nextSession: () => Promise<void>) {
    this.#port = port;
    this.#nextSession = nextSession;
  }

  async create(
    path: string,
    data: NodeData,
    options: ProtectedCreateOptions,
    limits: WaitLimits | undefined,
  ): Promise<string> {
    const wanted = wantedNode(path, data, options);
    try {
      return await this.#createOnce(wanted, limits);
    } catch (error) {
      const { outcome, code } = error as RequestError;
      const isOver = outcome !== 'unknown' || DONE.has(code);
      // With an id of the caller's own, the next call with it takes the node.
      if (!isOver && options.protectionId === undefined) this.#reclaimLater(wanted);
      throw error;
    }
  }

  /** Goes on until there is one node, or none for sure, or no way to know. */
  async #createOnce(wanted: Wanted, limits: WaitLimits | undefined): Promise<string> {
    /** The create that may have been applied. */
    let doubt: RequestError | null = null;
    let inDoubt = wanted.options.protectionId !== undefined;
    for (let round = 1; ; round++) {
      try {
        const found = inDoubt ? await this.#find(wanted, limits) : null;
        if (found !== null) return found;
      } catch (error) {
        if (round === HELPER_ROUNDS_MAX || !isWorthSearching(error)) throw undecided(doubt, error);
        continue;
      }
      inDoubt = true;
      try {
        const { path, data, options } = wanted;
        return await create(this.#port, path, data, options, limits);
      } catch (error) {
        const { outcome, code } = error as RequestError;
        // The name is nobody else's: it is the node of the call that this one goes on with.
        const isMade = outcome === 'unknown' || code === 'NODEEXISTS';
        if (!isMade || GIVEN_UP.has(code) || round === HELPER_ROUNDS_MAX) throw error;
        doubt = error as RequestError;
      }
    }
  }

  /** Path of the node if there is one that is this session's; null: there is none, and none can come any more. */
  async #find(wanted: Wanted, limits: WaitLimits | undefined): Promise<string | null> {
    const port = this.#port;
    const { parent, mark, ephemeral } = wanted;
    await room(port, limits, 'sync', parent);
    // What an earlier connection has sent is behind the servers once they have answered this one.
    const caughtUp = sync(port, parent, limits);
    caughtUp.catch(() => {});
    await room(port, limits, 'getChildren', parent);
    const names = await getChildren(port, parent, undefined, limits).catch(noParent);
    await caughtUp;
    for (const name of names.filter((each) => each.startsWith(mark))) {
      const path = childPath(parent, name);
      if (!ephemeral) return path;
      const stat = await exists(port, path, undefined, limits);
      if (stat === null) continue;
      if (stat.ephemeralOwner === port.sessionId) return path;
      // Made by a session of before, and about to go with it: it holds nothing for this one.
      await deleteNode(port, path, -1, limits).catch(notThere);
    }
    return null;
  }

  /** Nobody will know of the node that may be there: it goes, as soon as the session allows. */
  #reclaimLater(wanted: Wanted): void {
    if (this.#reclaims >= PROTECTED_NODES_MAX) return;
    this.#reclaims++;
    const finished = (): void => {
      this.#reclaims--;
    };
    this.#reclaim(wanted).then(finished, finished);
  }

  async #reclaim(wanted: Wanted): Promise<void> {
    for (let round = 1; round <= HELPER_ROUNDS_MAX; ) {
      try {
        const found = await this.#find(wanted, undefined);
        if (found !== null) await deleteNode(this.#port, found, -1, undefined);
        return;
      } catch (error) {
        const { outcome, code, serverCode = 0 } = error as RequestError;
        if (code === 'PIPELINE_FULL') {
          await pause(this.#port);
          continue;
        }
        const refusal = outcome === 'rejected' ? retryClass(serverCode) : null;
        if (refusal === 'never') return;
        round++;
        // A read-only server is left as soon as there is another one.
        const isLater = refusal === 'other-connection' || NO_SESSION_NOW.has(code);
        if (isLater) await this.#nextSession();
      }
    }
  }
}

/** What the name of a node that is protected by this UUID begins with, as Curator has it. */
export function protectionMark(protectionId: string): string {
  return `_c_${protectionId}-`;
}

/** Keeps copies: the caller may change its bytes and its options before the node is made. */
function wantedNode(path: string, bytes: NodeData, asked: ProtectedCreateOptions): Wanted {
  const data = bytes instanceof Uint8Array ? Buffer.from(bytes) : bytes;
  const options = { ...asked, acl: asked.acl && ownAcl(asked.acl, 'create', path) };
  const mode = String(options.mode);
  const { protectionId = randomUUID() } = options;
  if (typeof protectionId !== 'string' || !UUID.test(protectionId)) {
    throw badArgument('create', path, 'protectionId must be a UUID');
  }
  checkPath(path, 'create', mode.includes('sequential'));
  const parent = parentPath(path);
  const name = path.slice(path.lastIndexOf('/') + 1);
  const mark = protectionMark(protectionId);
  const ephemeral = mode.startsWith('ephemeral');
  return { parent, mark, path: childPath(parent, mark + name), data, options, ephemeral };
}

/** Another search may find out more: on the next connection, in the next session, or when the server is less busy. */
function isWorthSearching(error: unknown): boolean {
  const { outcome, code, serverCode = 0 } = error as RequestError;
  if (outcome === 'rejected') return retryClass(serverCode) === 'later';
  return !GIVEN_UP.has(code);
}

/** The search has failed; what it was for may be there or not. */
function undecided(doubt: RequestError | null, error: unknown): unknown {
  if (doubt === null || !(error instanceof RequestError)) return error;
  const { operation, path, xid, host } = doubt;
  const failure = { code: error.code, outcome: 'unknown', operation, path, xid, host } as const;
  const detail = `the node was looked for in vain after ${doubt.code}`;
  return new RequestError({ ...failure, cause: error }, detail);
}

/** So many wait for room already that no more may: others go first. For ever once the client is done. */
function pause(port: RequestPort): Promise<void> {
  return new Promise((resolve) => {
    const limits = port.waitLimits(ROOM_PAUSE_MS, undefined);
    if (limits !== undefined) port.wait(limits, () => resolve());
  });
}

/** For the requests that follow from one that was accepted. */
async function room(
  port: RequestPort,
  limits: WaitLimits | undefined,
  operation: string,
  path: string,
): Promise<void> {
  while (!port.pipeline.hasRoom) await waitForRoom(port, limits, { operation, path });
}

/** Who has no node has no children either. */
export function noParent(error: RequestError): string[] {
  if (error.code === 'NONODE') return [];
  throw error;
}

/** What is to go may have gone. */
export function notThere(error: RequestError): void {
  if (error.code !== 'NONODE') throw error;
}
