import { OP, readGetDataResponse, type Stat } from '../codec/index.ts';
import type { WaitLimits } from '../pipeline/index.ts';
import type { RequestPort } from '../session/index.ts';
import {
  inChroot,
  readCreatedIn,
  readCreatedPath,
  readCreatedPathBeforeStat,
  readJustStat,
  readNothing,
} from './replies.ts';
import { encodeCreate, encodeDelete, encodeReconfig, encodeSet, encodeSetAcl } from './requests.ts';
import type {
  ACL,
  AclOptions,
  CreateKind,
  CreateResult,
  GetResult,
  NodeData,
  ReconfigChange,
} from './types.ts';

/** Writes, one function an operation. All throw RequestError `not-sent` when the request cannot be made. */

export function setData(
  port: RequestPort,
  path: string,
  data: NodeData,
  version: number,
  limits: WaitLimits | undefined,
): Promise<Stat> {
  encodeSet(port, path, data, version);
  return port.pipeline.promise(readJustStat, limits);
}

/** Containers and TTL nodes are answered with a Stat whether it was asked for or not. */
export function create(
  port: RequestPort,
  path: string,
  data: NodeData,
  options: CreateKind & AclOptions,
  limits: WaitLimits | undefined,
): Promise<string> {
  const { op } = encodeCreate(port, path, data, options, false);
  const decode = op === OP.create ? readCreatedPath : readCreatedPathBeforeStat;
  return port.pipeline.promise(inChroot(port.chroot, decode), limits);
}

export function createWithStat(
  port: RequestPort,
  path: string,
  data: NodeData,
  options: CreateKind & AclOptions,
  limits: WaitLimits | undefined,
): Promise<CreateResult> {
  encodeCreate(port, path, data, options, true);
  return port.pipeline.promise(readCreatedIn(port.chroot), limits);
}

export function deleteNode(
  port: RequestPort,
  path: string,
  version: number,
  limits: WaitLimits | undefined,
): Promise<void> {
  encodeDelete(port, path, version);
  return port.pipeline.promise(readNothing, limits);
}

export function setAcl(
  port: RequestPort,
  path: string,
  acl: readonly ACL[],
  aversion: number,
  limits: WaitLimits | undefined,
): Promise<Stat> {
  encodeSetAcl(port, path, acl, aversion);
  return port.pipeline.promise(readJustStat, limits);
}

export function reconfig(
  port: RequestPort,
  change: ReconfigChange,
  configId: bigint,
  limits: WaitLimits | undefined,
): Promise<GetResult> {
  encodeReconfig(port, change, configId);
  return port.pipeline.promise(readGetDataResponse, limits);
}
