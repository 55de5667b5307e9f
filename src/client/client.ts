import { EventEmitter } from 'node:events';
import { readGetDataResponse, type Stat } from '../codec/index.ts';
import { ConnectError, type RequestError } from '../errors.ts';
import type { PipelineCounters, WaitLimits } from '../pipeline/index.ts';
import {
  type Credential,
  parseConnectString,
  type Session,
  type SessionTicket,
  type StateEvent,
} from '../session/index.ts';
import { createWire } from './create-kind.ts';
import { LendingClient } from './lending-client.ts';
import {
  readChildren,
  readChildrenAndStat,
  readCreated,
  readCreatedPath,
  readCreatedPathBeforeStat,
  readJustStat,
  readNothing,
} from './replies.ts';
import {
  encodeCreate,
  encodeDelete,
  encodeExists,
  encodeGet,
  encodeGetChildren,
  encodeGetChildren2,
  encodeSet,
  encodeSync,
  OPEN_ACL,
} from './requests.ts';
import {
  encodeMulti,
  readTransaction,
  TransactionError,
  transactionOutcome,
} from './transaction.ts';
import type {
  CallOptions,
  ChildrenResult,
  CreateOptions,
  CreateResult,
  GetResult,
  NodeData,
  TransactionResult,
  TransactionStep,
  VersionOptions,
} from './types.ts';

/**
 * A ZooKeeper client on one connection. Requests are pipelined: calling many methods without
 * awaiting each is how to be fast. Replies come in the order of the calls.
 *
 * Every method rejects with a RequestError whose `outcome` says what happened: `not-sent` (safe to
 * repeat), `unknown` (it may have been applied) or `rejected` (the server said no).
 * Bytes that a promise gives belong to the caller.
 */
export class ZooKeeperClient extends EventEmitter<{ state: [StateEvent] }> {
  /** The callback API, which lends bytes instead of copying them. */
  readonly lending: LendingClient;
  readonly #session: Session;
  readonly #requestTimeoutMs: number | undefined;

  constructor(session: Session, requestTimeoutMs?: number) {
    super();
    this.#session = session;
    this.#requestTimeoutMs = requestTimeoutMs;
    this.lending = new LendingClient(session);
  }

  /** `host:port` of the server that requests go to; null while there is none. */
  get host(): string | null {
    return this.#session.host;
  }

  /** Changes when the session has expired and a new one was made. */
  get sessionId(): bigint {
    return this.#session.sessionId;
  }

  /** The session time-out that the server granted. */
  get sessionTimeoutMs(): number {
    return this.#session.sessionTimeoutMs;
  }

  /** Whether there is a connection with a session on it. */
  get connected(): boolean {
    return this.#session.host !== null;
  }

  /** Data and Stat of a node. A node without data gives `data: null`. */
  get(path: string, options?: CallOptions): Promise<GetResult> {
    try {
      encodeGet(this.#session.pipeline, path);
      return this.#session.pipeline.promise(readGetDataResponse, this.#limits(options));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Writes a node's data and gives its new Stat. */
  set(path: string, data: NodeData, options?: VersionOptions): Promise<Stat> {
    try {
      encodeSet(this.#session.pipeline, path, data, options?.version ?? -1);
      return this.#session.pipeline.promise(readJustStat, this.#limits(options));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Stat of a node, or null when there is none. */
  exists(path: string, options?: CallOptions): Promise<Stat | null> {
    const { pipeline } = this.#session;
    return new Promise((resolve, reject) => {
      encodeExists(pipeline, path);
      const settle = (error: RequestError | null, stat: Stat | undefined): void => {
        if (error === null) resolve(stat as Stat);
        else if (error.code === 'NONODE') resolve(null);
        else reject(error);
      };
      pipeline.callback(readJustStat, settle, this.#limits(options));
    });
  }

  /** Makes a node and gives its path (with the counter when it is sequential). */
  create(
    path: string,
    data?: NodeData,
    options?: CreateOptions & { readonly withStat?: false | undefined },
  ): Promise<string>;
  /** Makes a node and gives its path and Stat. */
  create(
    path: string,
    data: NodeData | undefined,
    options: CreateOptions & { readonly withStat: true },
  ): Promise<CreateResult>;
  create(
    path: string,
    data: NodeData | undefined,
    options: CreateOptions & { readonly withStat?: boolean | undefined },
  ): Promise<string | CreateResult>;
  create(
    path: string,
    data: NodeData = null,
    options: CreateOptions & { readonly withStat?: boolean | undefined } = {},
  ): Promise<string | CreateResult> {
    const { pipeline } = this.#session;
    try {
      const withStat = options.withStat === true;
      const wire = createWire(options, withStat);
      encodeCreate(pipeline, path, data, options.acl ?? OPEN_ACL, wire);
      const limits = this.#limits(options);
      if (withStat) return pipeline.promise(readCreated, limits);
      return pipeline.promise(
        hasStatAnyway(options.mode) ? readCreatedPathBeforeStat : readCreatedPath,
        limits,
      );
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Deletes a node that has no children. */
  delete(path: string, options?: VersionOptions): Promise<void> {
    try {
      encodeDelete(this.#session.pipeline, path, options?.version ?? -1);
      return this.#session.pipeline.promise(readNothing, this.#limits(options));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Names of a node's children, in no order. */
  getChildren(
    path: string,
    options?: CallOptions & { readonly withStat?: false | undefined },
  ): Promise<string[]>;
  /** Names of a node's children and its Stat. */
  getChildren(
    path: string,
    options: CallOptions & { readonly withStat: true },
  ): Promise<ChildrenResult>;
  getChildren(
    path: string,
    options: CallOptions & { readonly withStat?: boolean | undefined },
  ): Promise<string[] | ChildrenResult>;
  getChildren(
    path: string,
    options?: CallOptions & { readonly withStat?: boolean | undefined },
  ): Promise<string[] | ChildrenResult> {
    const { pipeline } = this.#session;
    try {
      if (options?.withStat === true) {
        encodeGetChildren2(pipeline, path);
        return pipeline.promise(readChildrenAndStat, this.#limits(options));
      }
      encodeGetChildren(pipeline, path);
      return pipeline.promise(readChildren, this.#limits(options));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Waits until this server has caught up with the leader. Reads made after the call see it, no await needed between. */
  sync(path: string, options?: CallOptions): Promise<void> {
    try {
      encodeSync(this.#session.pipeline, path);
      return this.#session.pipeline.promise(readNothing, this.#limits(options));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * All steps or none. Rejects with a TransactionError that names the step when the server refuses;
   * nothing was applied then.
   */
  multi(steps: readonly TransactionStep[], options?: CallOptions): Promise<TransactionResult[]> {
    const { pipeline } = this.#session;
    return new Promise((resolve, reject) => {
      encodeMulti(pipeline, steps);
      // The caller may change its list while the request is under way.
      const asked = steps.slice();
      pipeline.callback(
        (reader) => readTransaction(reader, asked.length),
        (error, results) => {
          if (results === undefined) return reject(error);
          const outcome = transactionOutcome(asked, results, xid, pipeline.host);
          if (outcome instanceof TransactionError) reject(outcome);
          else resolve(outcome);
        },
        this.#limits(options),
      );
      const xid = pipeline.lastXid;
    });
  }

  /** Whether one more request is accepted now; if not, methods reject with PIPELINE_FULL. */
  get hasRoom(): boolean {
    return this.#session.pipeline.hasRoom;
  }

  /** Resolves when there is room for a request again; check `hasRoom` after it. */
  room(): Promise<void> {
    return this.#session.pipeline.room();
  }

  counters(): PipelineCounters {
    return this.#session.pipeline.counters();
  }

  /**
   * Adds an identity to the session, on this connection and all later ones, in order. Resolves once a
   * server has taken it. Rejects with an AuthError when it was refused: the client is done then.
   */
  addAuth(credential: Credential): Promise<void> {
    return this.#session.addAuth(credential);
  }

  /**
   * Takes a new list of servers. Moves to another server when this one is not among them, or when the
   * load has to be spread over more of them; no request is lost by that. The chroot cannot change.
   * Throws a ConnectError `BAD_CONNECT_STRING`.
   */
  updateServers(connectString: string): void {
    const { servers, chroot } = parseConnectString(connectString);
    if (chroot !== this.#session.chroot) {
      const detail = `the chroot cannot change from ${JSON.stringify(this.#session.chroot)} to ${JSON.stringify(chroot)}`;
      throw new ConnectError('BAD_CONNECT_STRING', undefined, `connect string: ${detail}`);
    }
    this.#session.updateServers(servers);
  }

  /**
   * Leaves the session alive on the servers and gives what another client, in this process or another,
   * needs to go on with it: option `resume`. Requests made before are still answered.
   */
  detach(): Promise<SessionTicket> {
    return this.#session.detach();
  }

  /** Ends the session (its ephemeral nodes go) and the connection. Requests made before are still answered. */
  close(): Promise<void> {
    return this.#session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #limits(options: CallOptions | undefined): WaitLimits | undefined {
    const timeoutMs = options?.timeoutMs ?? this.#requestTimeoutMs;
    return this.#session.waitLimits(timeoutMs, options?.signal);
  }
}

/** Containers and TTL nodes are answered with a Stat whether it was asked for or not. */
function hasStatAnyway(mode: string | undefined): boolean {
  return mode !== undefined && (mode === 'container' || mode.endsWith('-ttl'));
}
