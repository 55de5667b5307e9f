import type {
  ACL,
  CheckVersionRequest,
  CreateRequest,
  CreateTTLRequest,
  DecodedMultiOperation,
  DeleteRequest,
  Id,
  OP,
  ReconfigRequest,
  SetACLRequest,
  SetDataRequest,
} from '../../codec/index.ts';
import type { AccessControl } from '../auth/access-control.ts';
import type { ServerRelease } from '../server-release.ts';
import type { DataTree } from '../tree/data-tree.ts';

/** Who asks. */
export interface Requester {
  readonly sessionId: bigint;
  /** As `ConnectionIds` lists them. */
  readonly ids: readonly Id[];
}

/** What decides about writes, beside tree and ACLs. */
export interface WriteOptions {
  readonly release: ServerRelease;
  /** TTL nodes can be created. */
  readonly extendedTypesEnabled: boolean;
  /** Writes over a hard quota are refused. */
  readonly enforceQuota: boolean;
  /** Which refusal a reconfig gets: a single server has no ensemble to change. */
  readonly reconfigEnabled: boolean;
}

/** What requests are checked against. */
export interface WriteContext {
  readonly tree: DataTree;
  readonly access: AccessControl;
  readonly options: WriteOptions;
}

type WithAcl<T extends { acl: ACL[] | null }> = Readonly<Omit<T, 'acl'>> & {
  readonly acl: readonly ACL[] | null;
};

/** A create in any of its forms, as it came. */
export type AnyCreateRequest =
  | ({
      readonly op: typeof OP.create | typeof OP.create2 | typeof OP.createContainer;
    } & WithAcl<CreateRequest>)
  | ({ readonly op: typeof OP.createTTL } & WithAcl<CreateTTLRequest>);

/** What changes one znode and can be part of a multi, as it came. */
export type StepRequest =
  | AnyCreateRequest
  | ({ readonly op: typeof OP.delete } & Readonly<DeleteRequest>)
  | ({ readonly op: typeof OP.setData } & Readonly<SetDataRequest>)
  | ({ readonly op: typeof OP.check } & Readonly<CheckVersionRequest>);

/** Everything that takes a zxid, as it came: nothing is checked, buffers are lent. */
export type WriteRequest =
  | StepRequest
  | ({ readonly op: typeof OP.setACL } & WithAcl<SetACLRequest>)
  | { readonly op: typeof OP.deleteContainer }
  | ({ readonly op: typeof OP.reconfig } & Readonly<ReconfigRequest>)
  | { readonly op: typeof OP.multi; readonly operations: readonly DecodedMultiOperation[] };
