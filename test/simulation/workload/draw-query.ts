import type { ACL, AclResult, GetResult, Identity } from '../../../src/client/index.ts';
import { OP } from '../../../src/codec/operations.ts';
import type { RequestError } from '../../../src/errors.ts';
import type { History } from '../ensemble/history.ts';
import { FRAME_BYTES_MAX } from '../options.ts';
import { type OperationContext, somePath } from './draw-operation.ts';
import { childrenFault, dataFault, type Operation, statFault } from './operation.ts';
import type { QueryKind } from './operation-kinds.ts';

/** Longer than the client's limit. */
const TOO_LARGE: Buffer = Buffer.alloc(FRAME_BYTES_MAX + 1);

/** Permissions that leave the node usable, with or without the right to change them. */
const PERMISSIONS: readonly number[] = [31, 31, 31, 15];

/** Makes one of the rarer requests. */
export function drawQuery(kind: QueryKind, context: OperationContext): Operation {
  switch (kind) {
    case 'get-acl':
      return getAcl(context);
    case 'set-acl':
      return setAcl(context);
    case 'ephemerals':
      return ephemerals(context);
    case 'count':
      return count(context);
    case 'who-am-i':
      return whoAmI(context);
    case 'multi-read':
      return multiRead(context);
    case 'config':
      return config();
    case 'too-large':
      return tooLarge(context);
    default:
      return badPath();
  }
}

function getAcl(context: OperationContext): Operation {
  const path = somePath(context);
  const server = context.chroot + path;
  return {
    op: OP.getACL,
    path: server,
    write: false,
    tag: null,
    call: (zk, limits) => zk.getAcl(path, limits),
    check: (value, { history, zxid }) => {
      const node = history.nodeAt(server, zxid);
      if (node === null) return 'the node did not exist';
      const { acl, stat } = value as AclResult;
      const perms = acl.map((entry) => entry.perms).join();
      const right = node.acl.map((entry) => entry.perms).join();
      return perms === right ? statFault(stat, node) : `permissions are ${perms}, not ${right}`;
    },
  };
}

function setAcl(context: OperationContext): Operation {
  const path = somePath(context);
  const perms = context.random.pick(PERMISSIONS);
  const acl: ACL[] = [{ perms, id: { scheme: 'world', id: 'anyone' } }];
  return {
    op: OP.setACL,
    path: context.chroot + path,
    write: true,
    tag: null,
    call: (zk, limits) => zk.setAcl(path, acl, limits),
    check: (value, { transaction }) => {
      const node = transaction?.results[0]?.node;
      if (node == null) return 'the log has no result for it';
      return statFault(value as Parameters<typeof statFault>[0], node);
    },
  };
}

function ephemerals({ chroot }: OperationContext): Operation {
  return {
    op: OP.getEphemerals,
    path: chroot === '' ? '/' : chroot,
    write: false,
    tag: null,
    call: (zk, limits) => zk.getEphemerals('/', limits),
    check: (value, { history, zxid, session }) => {
      const right = pathsAt(history, zxid, (path, owner) => {
        return owner === session && path.startsWith(`${chroot}/`);
      });
      const told = (value as string[]).map((path) => chroot + path);
      return sameSet(told, right);
    },
  };
}

function count(context: OperationContext): Operation {
  const path = somePath(context);
  const server = context.chroot + path;
  return {
    op: OP.getAllChildrenNumber,
    path: server,
    write: false,
    tag: null,
    call: (zk, limits) => zk.getAllChildrenNumber(path, limits),
    check: (value, { history, zxid }) => {
      const right = pathsAt(history, zxid, (each) => each.startsWith(`${server}/`)).length;
      return value === right ? null : `${value} nodes below, not ${right}`;
    },
  };
}

function whoAmI({ identities }: OperationContext): Operation {
  return {
    op: OP.whoAmI,
    path: null,
    write: false,
    tag: null,
    call: (zk, limits) => zk.whoAmI(limits),
    check: (value) => {
      const told = (value as Identity[]).map(({ scheme, user }) => `${scheme}:${user}`);
      if (!told.some((each) => each.startsWith('ip:'))) return 'no ip';
      const missing = identities.find((each) => !told.includes(each));
      return missing === undefined ? null : `not known as ${missing}`;
    },
  };
}

function multiRead(context: OperationContext): Operation {
  const { random, chroot } = context;
  const steps = Array.from({ length: random.int(0, 4) }, () => {
    return { op: random.pick(['get', 'getChildren'] as const), path: somePath(context) };
  });
  return {
    op: OP.multiRead,
    path: null,
    write: false,
    tag: null,
    call: (zk, limits) => zk.multiRead(steps, limits),
    check: (value, { history, zxid }) => {
      for (const [index, { op, path }] of steps.entries()) {
        const node = history.nodeAt(chroot + path, zxid);
        const result = (value as (GetResult | { children: string[] } | RequestError)[])[index];
        if (result === undefined) return `no result ${index}`;
        if (result instanceof Error) {
          const { code } = result as RequestError;
          if (node === null && code === 'NONODE') continue;
          if (node !== null && code === 'NOAUTH') continue;
          return `result ${index} is ${code}`;
        }
        if (node === null) return `result ${index} of no node`;
        const fault =
          op === 'get'
            ? dataFault((result as GetResult).data, node)
            : childrenFault((result as { children: string[] }).children, node);
        if (fault !== null) return `result ${index}: ${fault}`;
      }
      return null;
    },
  };
}

function config(): Operation {
  return {
    op: OP.getData,
    path: '/zookeeper/config',
    write: false,
    tag: null,
    call: (zk, limits) => zk.getConfig(limits),
    check: (value, { history, zxid }) => {
      const node = history.nodeAt('/zookeeper/config', zxid);
      return node === null ? 'no config' : dataFault((value as GetResult).data, node);
    },
  };
}

function tooLarge(context: OperationContext): Operation {
  const path = somePath(context);
  return {
    op: OP.setData,
    path: context.chroot + path,
    write: true,
    tag: null,
    local: 'REQUEST_TOO_LARGE',
    call: (zk, limits) => zk.set(path, TOO_LARGE, limits),
    check: () => 'it was done',
  };
}

function badPath(): Operation {
  return {
    op: OP.getData,
    path: 'no-slash',
    write: false,
    tag: null,
    local: 'BAD_ARGUMENT',
    call: (zk, limits) => zk.get('no-slash', limits),
    check: () => 'it was done',
  };
}

function pathsAt(
  history: History,
  zxid: number,
  wanted: (path: string, owner: bigint) => boolean,
): string[] {
  const paths: string[] = [];
  for (const path of history.paths) {
    const node = history.nodeAt(path, zxid);
    if (node !== null && wanted(path, node.owner)) paths.push(path);
  }
  return paths;
}

function sameSet(told: readonly string[], right: readonly string[]): string | null {
  const one = told.toSorted().join();
  const other = right.toSorted().join();
  return one === other ? null : `told ${one}, not ${other}`;
}
