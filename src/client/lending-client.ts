import { readGetDataResponse, type Stat } from '../codec/index.ts';
import type { ReplyCallback, WaitLimits } from '../pipeline/index.ts';
import type { RequestPort } from '../session/index.ts';
import { checkCallOptions } from './option-checks.ts';
import { inChroot, readChildren, readCreatedPath, readJustStat, readNothing } from './replies.ts';
import {
  encodeCreate,
  encodeDelete,
  encodeExists,
  encodeGet,
  encodeGetChildren,
  encodeSet,
  encodeSync,
} from './requests.ts';
import type { CallOptions, GetResult, NodeData } from './types.ts';

/**
 * The callback API: no promise and no copy a request.
 *
 * Bytes are **lent**: `data` is a view of the receive slab and valid until the callback returns;
 * copy what must live longer (`Buffer.from(data)`). Callbacks run in wire order inside the read
 * path, so keep them short; one that throws is reported and disturbs nothing. So is an async one, but
 * what is lent is only good until its first `await`.
 * Every method throws a RequestError (`not-sent`) when the request cannot be made at all. A call has no
 * limit but that of its own options: `requestTimeoutMs` of `connect` does not count here.
 */
export class LendingClient {
  readonly #port: RequestPort;

  /** @internal it is the client's `lending` */
  constructor(port: RequestPort) {
    this.#port = port;
  }

  /** `data` is lent, and null when the node was created without data. */
  get(path: string, callback: ReplyCallback<GetResult>, options?: CallOptions): void {
    const limits = this.#limits(options);
    encodeGet(this.#port, path, false);
    this.#port.pipeline.callback(readGetDataResponse, callback, limits);
  }

  /** `version` -1: any. */
  set(
    path: string,
    data: NodeData,
    version: number,
    callback: ReplyCallback<Stat>,
    options?: CallOptions,
  ): void {
    const limits = this.#limits(options);
    encodeSet(this.#port, path, data, version);
    this.#port.pipeline.callback(readJustStat, callback, limits);
  }

  /** A node that does not exist is a RequestError with code `NONODE`. */
  exists(path: string, callback: ReplyCallback<Stat>, options?: CallOptions): void {
    const limits = this.#limits(options);
    encodeExists(this.#port, path, false);
    this.#port.pipeline.callback(readJustStat, callback, limits);
  }

  /** Makes a persistent node that everybody may use; other modes: the promise API. */
  create(
    path: string,
    data: NodeData,
    callback: ReplyCallback<string>,
    options?: CallOptions,
  ): void {
    const limits = this.#limits(options);
    encodeCreate(this.#port, path, data, {}, false);
    this.#port.pipeline.callback(inChroot(this.#port.chroot, readCreatedPath), callback, limits);
  }

  /** Deletes a node that has no children. `version` -1: any. */
  delete(
    path: string,
    version: number,
    callback: ReplyCallback<undefined>,
    options?: CallOptions,
  ): void {
    const limits = this.#limits(options);
    encodeDelete(this.#port, path, version);
    this.#port.pipeline.callback(readNothing, callback, limits);
  }

  /** Names of a node's children, in no order. */
  getChildren(path: string, callback: ReplyCallback<string[]>, options?: CallOptions): void {
    const limits = this.#limits(options);
    encodeGetChildren(this.#port, path, false);
    this.#port.pipeline.callback(readChildren, callback, limits);
  }

  /** Waits until this server has caught up with the leader. */
  sync(path: string, callback: ReplyCallback<undefined>, options?: CallOptions): void {
    const limits = this.#limits(options);
    encodeSync(this.#port, path);
    this.#port.pipeline.callback(readNothing, callback, limits);
  }

  /** To be asked before a request is begun: reading options may run the caller's code. */
  #limits(options: CallOptions | undefined): WaitLimits | undefined {
    if (options === undefined) return undefined;
    checkCallOptions(options);
    return this.#port.waitLimits(options.timeoutMs, options.signal);
  }
}
