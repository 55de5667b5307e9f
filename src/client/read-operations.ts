import { type JuteReader, readGetDataResponse, type Stat } from '../codec/index.ts';
import type { RequestError } from '../errors.ts';
import type { Decode, WaitLimits } from '../pipeline/index.ts';
import type { RequestPort } from '../session/index.ts';
import {
  readAcl,
  readChildren,
  readChildrenAndStat,
  readEphemeralsIn,
  readIdentities,
  readJustStat,
  readNothing,
  readNumber,
} from './replies.ts';
import {
  encodeExists,
  encodeGet,
  encodeGetAcl,
  encodeGetAllChildrenNumber,
  encodeGetChildren,
  encodeGetChildren2,
  encodeGetConfig,
  encodeGetEphemerals,
  encodeSync,
  encodeWhoAmI,
} from './requests.ts';
import type { AclResult, ChildrenResult, GetResult, Identity } from './types.ts';
import type { OneShotWatch } from './watch-modes.ts';

/**
 * Reads, one function an operation: encode, commit, and what the reply becomes. All throw RequestError
 * `not-sent` when the request cannot be made. A watch stands before the frame after its reply is looked at.
 */

export function getData(
  port: RequestPort,
  path: string,
  watch: OneShotWatch | undefined,
  limits: WaitLimits | undefined,
): Promise<GetResult> {
  encodeGet(port, path, watch?.flag === true);
  const decode = watch === undefined ? readGetDataResponse : watching(readGetDataResponse, watch);
  return port.pipeline.promise(decode, limits);
}

export function getConfig(
  port: RequestPort,
  watch: OneShotWatch | undefined,
  limits: WaitLimits | undefined,
): Promise<GetResult> {
  encodeGetConfig(port, watch?.flag === true);
  const decode = watch === undefined ? readGetDataResponse : watching(readGetDataResponse, watch);
  return port.pipeline.promise(decode, limits);
}

/** A node that is not there is null, and can be watched too. */
export function exists(
  port: RequestPort,
  path: string,
  watch: OneShotWatch | undefined,
  limits: WaitLimits | undefined,
): Promise<Stat | null> {
  const { pipeline } = port;
  return new Promise((resolve, reject) => {
    encodeExists(port, path, watch?.flag === true);
    const refused = (error: Error): void => {
      if ((error as RequestError).code === 'NONODE') {
        watch?.add('exist');
        resolve(null);
      } else reject(error);
    };
    const decode = watch === undefined ? readJustStat : watching(readJustStat, watch);
    pipeline.settle(decode, resolve, refused, limits);
  });
}

export function getChildren(
  port: RequestPort,
  path: string,
  watch: OneShotWatch | undefined,
  limits: WaitLimits | undefined,
): Promise<string[]> {
  encodeGetChildren(port, path, watch?.flag === true);
  const decode = watch === undefined ? readChildren : watching(readChildren, watch, 'child');
  return port.pipeline.promise(decode, limits);
}

export function getChildrenAndStat(
  port: RequestPort,
  path: string,
  watch: OneShotWatch | undefined,
  limits: WaitLimits | undefined,
): Promise<ChildrenResult> {
  encodeGetChildren2(port, path, watch?.flag === true);
  const read = readChildrenAndStat;
  return port.pipeline.promise(watch === undefined ? read : watching(read, watch, 'child'), limits);
}

export function getAcl(
  port: RequestPort,
  path: string,
  limits: WaitLimits | undefined,
): Promise<AclResult> {
  encodeGetAcl(port, path);
  return port.pipeline.promise(readAcl, limits);
}

export function sync(
  port: RequestPort,
  path: string,
  limits: WaitLimits | undefined,
): Promise<void> {
  encodeSync(port, path);
  return port.pipeline.promise(readNothing, limits);
}

export function getEphemerals(
  port: RequestPort,
  prefix: string,
  limits: WaitLimits | undefined,
): Promise<string[]> {
  encodeGetEphemerals(port, prefix);
  return port.pipeline.promise(readEphemeralsIn(port.chroot), limits);
}

export function getAllChildrenNumber(
  port: RequestPort,
  path: string,
  limits: WaitLimits | undefined,
): Promise<number> {
  encodeGetAllChildrenNumber(port, path);
  return port.pipeline.promise(readNumber, limits);
}

export function whoAmI(port: RequestPort, limits: WaitLimits | undefined): Promise<Identity[]> {
  encodeWhoAmI(port);
  return port.pipeline.promise(readIdentities, limits);
}

/** Adds the watch once the reply is known to be good. */
function watching<T>(
  decode: (reader: JuteReader) => T,
  watch: OneShotWatch,
  kind: 'data' | 'child' = 'data',
): Decode<T> {
  return (reader) => {
    const value = decode(reader);
    watch.add(kind);
    return value;
  };
}
