import { type ACL, OP } from '../../../../src/codec/index.ts';
import type { WriteRequest } from '../../../../src/server/requests/prepare.ts';

/** Short ways to say what the cases of writes ask for. */

export type MultiStep = Extract<WriteRequest, { op: typeof OP.multi }>['operations'][number];

export const FLAG = {
  plain: 0,
  ephemeral: 1,
  sequential: 2,
  ephemeralSequential: 3,
  container: 4,
  ttl: 5,
  ttlSequential: 6,
} as const;

export function entry(perms: number, scheme: string | null, id: string | null): ACL {
  return { perms, id: { scheme, id } };
}

export const OPEN: ACL[] = [entry(31, 'world', 'anyone')];
export const OWN: ACL[] = [entry(31, 'auth', '')];

export interface CreateMore {
  readonly flags?: number;
  readonly data?: string | null;
  readonly acl?: ACL[] | null;
}

function fields(path: string | null, { flags = 0, data = 'x', acl = OPEN }: CreateMore) {
  return { path, data: data === null ? null : Buffer.from(data), acl, flags };
}

export function create(path: string | null, more: CreateMore = {}) {
  return { op: OP.create, ...fields(path, more) };
}

export function create2(path: string | null, more: CreateMore = {}) {
  return { op: OP.create2, ...fields(path, more) };
}

export function createContainer(path: string | null, more: CreateMore = {}) {
  return { op: OP.createContainer, ...fields(path, { flags: FLAG.container, ...more }) };
}

export function createTtl(path: string | null, ttl: bigint, more: CreateMore = {}) {
  return { op: OP.createTTL, ...fields(path, { flags: FLAG.ttl, ...more }), ttl };
}

export function remove(path: string | null, version = -1) {
  return { op: OP.delete, path, version };
}

export function setData(path: string | null, version = -1, data: string | null = 'y') {
  return { op: OP.setData, path, data: data === null ? null : Buffer.from(data), version };
}

export function setAcl(path: string | null, acl: ACL[] | null, version = -1) {
  return { op: OP.setACL, path, acl, version };
}

/** Within a multi only. */
export function check(path: string | null, version = -1) {
  return { op: OP.check, path, version };
}

export function getData(path: string) {
  return { op: OP.getData, path, watch: false };
}

export function getChildren(path: string) {
  return { op: OP.getChildren, path, watch: false };
}

export function multi(...operations: MultiStep[]) {
  return { op: OP.multi, operations };
}

export function reconfig(joiningServers: string | null = null) {
  return {
    op: OP.reconfig,
    joiningServers,
    leavingServers: null,
    newMembers: null,
    curConfigId: -1n,
  };
}

/** What clients can ask for and never should. */
export const deleteContainer = { op: OP.deleteContainer };
