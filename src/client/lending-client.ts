import { readGetDataResponse, type Stat } from '../codec/index.ts';
import type { ReplyCallback } from '../pipeline/index.ts';
import type { RequestPort } from '../session/index.ts';
import { createWire } from './create-kind.ts';
import { readChildren, readCreatedPath, readJustStat, readNothing } from './replies.ts';
import {
  encodeCreate,
  encodeDelete,
  encodeExists,
  encodeGet,
  encodeGetChildren,
  encodeSet,
  encodeSync,
  OPEN_ACL,
} from './requests.ts';
import type { GetResult, NodeData } from './types.ts';

/**
 * The callback API: no promise and no copy a request.
 *
 * Bytes are **lent**: `data` is a view of the receive slab and valid until the callback returns;
 * copy what must live longer (`Buffer.from(data)`). Callbacks run in wire order inside the read
 * path, so keep them short; one that throws is reported and disturbs nothing.
 * Every method throws a RequestError (`not-sent`) when the request cannot be made at all.
 */
export class LendingClient {
  readonly #port: RequestPort;

  constructor(port: RequestPort) {
    this.#port = port;
  }

  /** `data` is lent, and null when the node was created without data. */
  get(path: string, callback: ReplyCallback<GetResult>): void {
    encodeGet(this.#port.pipeline, path);
    this.#port.pipeline.callback(readGetDataResponse, callback);
  }

  /** `version` -1: any. */
  set(path: string, data: NodeData, version: number, callback: ReplyCallback<Stat>): void {
    encodeSet(this.#port.pipeline, path, data, version);
    this.#port.pipeline.callback(readJustStat, callback);
  }

  /** A node that does not exist is a RequestError with code `NONODE`. */
  exists(path: string, callback: ReplyCallback<Stat>): void {
    encodeExists(this.#port.pipeline, path);
    this.#port.pipeline.callback(readJustStat, callback);
  }

  /** Makes a persistent node that everybody may use; other modes: the promise API. */
  create(path: string, data: NodeData, callback: ReplyCallback<string>): void {
    encodeCreate(this.#port.pipeline, path, data, OPEN_ACL, createWire({}, false));
    this.#port.pipeline.callback(readCreatedPath, callback);
  }

  delete(path: string, version: number, callback: ReplyCallback<undefined>): void {
    encodeDelete(this.#port.pipeline, path, version);
    this.#port.pipeline.callback(readNothing, callback);
  }

  getChildren(path: string, callback: ReplyCallback<string[]>): void {
    encodeGetChildren(this.#port.pipeline, path);
    this.#port.pipeline.callback(readChildren, callback);
  }

  sync(path: string, callback: ReplyCallback<undefined>): void {
    encodeSync(this.#port.pipeline, path);
    this.#port.pipeline.callback(readNothing, callback);
  }
}
