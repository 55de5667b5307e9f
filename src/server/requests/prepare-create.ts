import {
  type ACL,
  CREATE_MODES,
  isTtlFlag,
  OP,
  pathFault,
  SERVER_CODE,
  TTL_MS_MAX,
} from '../../codec/index.ts';
import { PERMISSION } from '../auth/permissions.ts';
import { kindOf, NO_OWNER, NODE_KIND } from '../tree/ephemeral-owner.ts';
import type { CreateContainerTxn, CreateTtlTxn, CreateTxn, ErrorTxn } from '../tree/txn.ts';
import { type NodeView, parentPath } from './node-view.ts';
import { ownedData } from './owned-data.ts';
import { refusal } from './refusals.ts';
import type { AnyCreateRequest, Requester, WriteContext } from './write-request.ts';

const {
  MARSHALLINGERROR,
  UNIMPLEMENTED,
  BADARGUMENTS,
  NONODE,
  NOAUTH,
  NOCHILDRENFOREPHEMERALS,
  NODEEXISTS,
  QUOTAEXCEEDED,
} = SERVER_CODE;

/** Digits behind the name of a sequential node, or one less and a sign. */
const COUNTER_CHARS = 10;

/** Any of the creates. The order of the checks is that of a real server: it decides which refusal is told. */
export function prepareCreate(
  context: WriteContext,
  view: NodeView,
  requester: Requester,
  request: AnyCreateRequest,
): CreateTxn | CreateContainerTxn | CreateTtlTxn | ErrorTxn {
  const { access, options } = context;
  const mode = CREATE_MODES[request.flags];
  if (mode === undefined) return refusal(BADARGUMENTS);
  const modeCode = modeFault(request, options.extendedTypesEnabled);
  if (modeCode !== 0) return refusal(modeCode);
  if (request.path === null) return refusal(MARSHALLINGERROR);
  const slash = request.path.lastIndexOf('/');
  if (slash < 0 || request.path.includes('\0')) return refusal(BADARGUMENTS);

  const acl = access.fixed(request.acl, requester.ids);
  if (typeof acl === 'number') return refusal(acl);
  const parent = view.node(parentPath(request.path, slash));
  if (parent === undefined) return refusal(NONODE);
  if (!access.allows(parent.acl, PERMISSION.CREATE, requester.ids)) return refusal(NOAUTH);

  const path = mode.sequential ? request.path + counterText(parent.cversion) : request.path;
  if (pathFault(path) !== null) return refusal(BADARGUMENTS);
  if (view.node(path) !== undefined) return refusal(NODEEXISTS);
  if (isEphemeral(parent.ephemeralOwner)) return refusal(NOCHILDRENFOREPHEMERALS);
  if (options.enforceQuota && !context.tree.createFitsQuota(path, request.data)) {
    return refusal(QUOTAEXCEEDED);
  }
  return createTxn(request, path, acl, mode.ephemeral, (parent.cversion + 1) | 0);
}

function createTxn(
  request: AnyCreateRequest,
  path: string,
  acl: readonly ACL[],
  ephemeral: boolean,
  parentCversion: number,
): CreateTxn | CreateContainerTxn | CreateTtlTxn {
  const data = ownedData(request.data);
  switch (request.op) {
    case OP.createContainer:
      return { type: request.op, path, data, acl, parentCversion };
    case OP.createTTL:
      return { type: request.op, path, data, acl, parentCversion, ttlMs: Number(request.ttl) };
    default:
      // With the flag of a container too: the operation decides.
      return { type: request.op, path, data, acl, ephemeral, parentCversion };
  }
}

/** The code of what is wrong with mode and time to live, or 0. */
function modeFault(request: AnyCreateRequest, extendedTypesEnabled: boolean): number {
  if (request.op !== OP.createTTL && !isTtlFlag(request.flags)) return 0;
  // A real server does not survive this where the time is negative, and says this where it is not.
  if (!isTtlFlag(request.flags)) return BADARGUMENTS;
  if (!extendedTypesEnabled) return UNIMPLEMENTED;
  if (request.op !== OP.createTTL) return BADARGUMENTS;
  return request.ttl < 1n || request.ttl > TTL_MS_MAX ? BADARGUMENTS : 0;
}

/** `%010d` of Java; the counter is a signed number that overflows. */
function counterText(counter: number): string {
  if (counter >= 0) return counter.toString().padStart(COUNTER_CHARS, '0');
  return `-${(-counter).toString().padStart(COUNTER_CHARS - 1, '0')}`;
}

function isEphemeral(owner: bigint): boolean {
  return owner !== NO_OWNER && kindOf(owner) === NODE_KIND.ephemeral;
}
