import { OP, pathFault, SERVER_CODE } from '../../codec/index.ts';
import { PERMISSION } from '../auth/permissions.ts';
import type {
  CheckTxn,
  DeleteTxn,
  ErrorTxn,
  PlainTxn,
  SetAclTxn,
  SetDataTxn,
} from '../tree/txn.ts';
import { type NodeView, parentPath } from './node-view.ts';
import { ownedData } from './owned-data.ts';
import { prepareCreate } from './prepare-create.ts';
import { refusal } from './refusals.ts';
import type { Requester, StepRequest, WriteContext, WriteRequest } from './write-request.ts';

const { MARSHALLINGERROR, BADARGUMENTS, NONODE, NOAUTH, BADVERSION, NOTEMPTY, QUOTAEXCEEDED } =
  SERVER_CODE;

/** In a request: whatever version the znode has. */
const ANY_VERSION = -1;

/** The server's own znodes, which nobody deletes. */
const PERMANENT: ReadonlySet<string> = new Set([
  '/',
  '/zookeeper',
  '/zookeeper/quota',
  '/zookeeper/config',
]);

type Of<O extends WriteRequest['op']> = Extract<WriteRequest, { readonly op: O }>;

/** One change of one znode, alone or within a multi, against the znodes of `view`. */
export function prepareStep(
  context: WriteContext,
  view: NodeView,
  requester: Requester,
  request: StepRequest,
): PlainTxn {
  switch (request.op) {
    case OP.setData:
      return prepareSetData(context, view, requester, request);
    case OP.delete:
      return prepareDelete(context, view, requester, request);
    case OP.check:
      return prepareCheck(context, view, requester, request);
    default:
      return prepareCreate(context, view, requester, request);
  }
}

function prepareDelete(
  { access }: WriteContext,
  view: NodeView,
  requester: Requester,
  { path, version }: Of<typeof OP.delete>,
): DeleteTxn | ErrorTxn {
  if (path === null) return refusal(MARSHALLINGERROR);
  const slash = path.lastIndexOf('/');
  if (slash < 0 || isPermanent(path)) return refusal(BADARGUMENTS);
  const parent = view.node(parentPath(path, slash));
  if (parent === undefined) return refusal(NONODE);
  if (!access.allows(parent.acl, PERMISSION.DELETE, requester.ids)) return refusal(NOAUTH);
  const node = view.node(path);
  if (node === undefined) return refusal(NONODE);
  if (!isExpected(version, node.version)) return refusal(BADVERSION);
  if (node.childCount > 0) return refusal(NOTEMPTY);
  return { type: OP.delete, path };
}

function prepareSetData(
  { access, options, tree }: WriteContext,
  view: NodeView,
  requester: Requester,
  { path, data, version }: Of<typeof OP.setData>,
): SetDataTxn | ErrorTxn {
  if (path === null || pathFault(path) !== null) return refusal(BADARGUMENTS);
  const node = view.node(path);
  if (node === undefined) return refusal(NONODE);
  if (!access.allows(node.acl, PERMISSION.WRITE, requester.ids)) return refusal(NOAUTH);
  if (options.enforceQuota && !tree.setDataFitsQuota(path, node, data)) {
    return refusal(QUOTAEXCEEDED);
  }
  if (!isExpected(version, node.version)) return refusal(BADVERSION);
  return { type: OP.setData, path, data: ownedData(data), version: (node.version + 1) | 0 };
}

/** ACLs cannot be set within a multi. */
export function prepareSetAcl(
  { access }: WriteContext,
  view: NodeView,
  requester: Requester,
  { path, acl, version }: Of<typeof OP.setACL>,
): SetAclTxn | ErrorTxn {
  if (path === null || pathFault(path) !== null) return refusal(BADARGUMENTS);
  const fixed = access.fixed(acl, requester.ids);
  if (typeof fixed === 'number') return refusal(fixed);
  const node = view.node(path);
  if (node === undefined) return refusal(NONODE);
  if (!access.allows(node.acl, PERMISSION.ADMIN, requester.ids)) return refusal(NOAUTH);
  if (!isExpected(version, node.aversion)) return refusal(BADVERSION);
  return { type: OP.setACL, path, acl: fixed, version: (node.aversion + 1) | 0 };
}

function prepareCheck(
  { access }: WriteContext,
  view: NodeView,
  requester: Requester,
  { path, version }: Of<typeof OP.check>,
): CheckTxn | ErrorTxn {
  if (path === null || pathFault(path) !== null) return refusal(BADARGUMENTS);
  const node = view.node(path);
  if (node === undefined) return refusal(NONODE);
  if (!access.allows(node.acl, PERMISSION.READ, requester.ids)) return refusal(NOAUTH);
  if (!isExpected(version, node.version)) return refusal(BADVERSION);
  return { type: OP.check, path, version: (node.version + 1) | 0 };
}

/** The versions count up and overflow; a znode whose version is -1 cannot be asked for by it. */
function isExpected(wanted: number, version: number): boolean {
  return wanted === ANY_VERSION || wanted === version;
}

function isPermanent(path: string): boolean {
  return path.includes('\0') || PERMANENT.has(path);
}
