import type { JuteReader } from '../../../src/codec/jute-reader.ts';
import type { JuteWriter } from '../../../src/codec/jute-writer.ts';
import {
  type MultiAnswer,
  readMultiRequest,
  writeMultiResponse,
} from '../../../src/codec/multi.ts';
import { OP } from '../../../src/codec/operations.ts';
import {
  type ClientInfo,
  type Id,
  readAddWatchRequest,
  readExistsRequest,
  readGetACLRequest,
  readGetAllChildrenNumberRequest,
  readGetChildrenRequest,
  readGetDataRequest,
  readGetEphemeralsRequest,
  readRemoveWatchesRequest,
  readSetWatches,
  readSetWatches2,
  writeErrorResponse,
  writeGetACLResponse,
  writeGetAllChildrenNumberResponse,
  writeGetChildren2Response,
  writeGetChildrenResponse,
  writeGetDataResponse,
  writeGetEphemeralsResponse,
  writeStatOf,
  writeWhoAmIResponse,
} from '../../../src/codec/records.gen.ts';
import { SERVER_CODE } from '../../../src/codec/server-codes.ts';
import { allows, PERMISSION } from './acl.ts';
import type { Dialect } from './answers.ts';
import { type NodeState, statOf } from './node-state.ts';
import type { Replica, Watcher } from './replica.ts';
import { WATCH } from './watch-table.ts';

/** What a read is answered with. */
export interface ReadAnswer {
  readonly err: number;
  readonly body?: (writer: JuteWriter) => void;
  /** The server closes the connection after it. */
  readonly close?: boolean;
}

/** Who reads, and where. */
export interface ReadContext extends Watcher {
  readonly ids: readonly Id[];
  readonly sessionId: bigint | null;
  readonly server: {
    readonly replica: Replica;
    readonly ensemble: { readonly dialect: Dialect };
  };
}

const NOTHING: ReadAnswer = { err: 0 };

/** Answers everything that is no transaction, from the server's own copy. */
export function answerRead(op: number, reader: JuteReader, from: ReadContext): ReadAnswer {
  const { replica } = from.server;
  switch (op) {
    case OP.ping:
      return NOTHING;
    case OP.getData: {
      const { path, watch } = readGetDataRequest(reader);
      return readable(from, path, (node) => {
        if (watch) replica.watchData(path ?? '', from);
        return (out) => writeGetDataResponse(out, node.data, statOf(node));
      });
    }
    case OP.exists:
      return exists(reader, from);
    case OP.getChildren:
    case OP.getChildren2: {
      const { path, watch } = readGetChildrenRequest(reader);
      return readable(from, path, (node) => {
        if (watch) replica.watchChildren(path ?? '', from);
        const { children } = node;
        return op === OP.getChildren
          ? (out) => writeGetChildrenResponse(out, children)
          : (out) => writeGetChildren2Response(out, children, statOf(node));
      });
    }
    case OP.getACL:
      return getAcl(reader, from);
    case OP.getAllChildrenNumber: {
      const { path } = readGetAllChildrenNumberRequest(reader);
      const below = path === '/' ? '/' : `${path}/`;
      return readable(from, path, () => {
        const all = [...replica.tree.keys()].filter((key) => key !== '/' && key.startsWith(below));
        return (out) => writeGetAllChildrenNumberResponse(out, all.length);
      });
    }
    case OP.getEphemerals: {
      const { prefixPath } = readGetEphemeralsRequest(reader);
      const paths = ownedBy(replica, from.sessionId, prefixPath ?? '');
      return { err: 0, body: (out) => writeGetEphemeralsResponse(out, paths) };
    }
    case OP.whoAmI:
      return { err: 0, body: (out) => writeWhoAmIResponse(out, from.ids.map(shownId)) };
    case OP.multiRead:
      return multiRead(reader, from);
    default:
      return aboutWatches(op, reader, from);
  }
}

function aboutWatches(op: number, reader: JuteReader, from: ReadContext): ReadAnswer {
  const { replica } = from.server;
  switch (op) {
    case OP.setWatches:
      replica.setWatches(readSetWatches(reader), from);
      return NOTHING;
    case OP.setWatches2:
      replica.setWatches(readSetWatches2(reader), from);
      return NOTHING;
    case OP.addWatch: {
      const { path, mode } = readAddWatchRequest(reader);
      if (mode !== 0 && mode !== 1) return { err: SERVER_CODE.MARSHALLINGERROR };
      replica.addWatch(path ?? '', from, mode);
      return { err: 0, body: (out) => writeErrorResponse(out, 0) };
    }
    case OP.checkWatches:
    case OP.removeWatches: {
      const { path, type } = readRemoveWatchesRequest(reader);
      const bits = watchBits(type, from.server.ensemble.dialect);
      if (bits === null) return { err: SERVER_CODE.MARSHALLINGERROR };
      const remove = op === OP.removeWatches;
      const had = replica.removeWatches(path ?? '', from, bits.child, bits.data, remove);
      return had ? NOTHING : { err: SERVER_CODE.NOWATCHER };
    }
    default:
      return { err: SERVER_CODE.UNIMPLEMENTED, close: true };
  }
}

/** Which watches a watcher type names, in the table of children and in that of data. */
function watchBits(type: number, dialect: Dialect): { child: number; data: number } | null {
  const all = WATCH.once | WATCH.persistent | WATCH.recursive;
  const once = dialect.watchModes === 'one' ? all : WATCH.once;
  switch (type) {
    case 1:
      return { child: once, data: 0 };
    case 2:
      return { child: 0, data: once };
    case 3:
      return { child: all, data: all };
    case 4:
      return dialect.watcherTypes ? { child: WATCH.persistent, data: WATCH.persistent } : null;
    case 5:
      return dialect.watcherTypes ? { child: WATCH.recursive, data: WATCH.recursive } : null;
    default:
      return null;
  }
}

function readable(
  { server, ids }: ReadContext,
  path: string | null,
  read: (node: NodeState) => (writer: JuteWriter) => void,
): ReadAnswer {
  const node = server.replica.tree.get(path ?? '');
  if (node === undefined) return { err: SERVER_CODE.NONODE };
  if (!allows(node.acl, PERMISSION.read, ids)) return { err: SERVER_CODE.NOAUTH };
  return { err: 0, body: read(node) };
}

function exists(reader: JuteReader, from: ReadContext): ReadAnswer {
  const { replica, ensemble } = from.server;
  const { path, watch } = readExistsRequest(reader);
  if (path === null) return { err: SERVER_CODE.MARSHALLINGERROR };
  const node = replica.tree.get(path);
  if (node === undefined) {
    if (watch) replica.watchData(path, from);
    return { err: SERVER_CODE.NONODE };
  }
  if (ensemble.dialect.existsNeedsRead && !allows(node.acl, PERMISSION.read, from.ids)) {
    return { err: SERVER_CODE.NOAUTH };
  }
  if (watch) replica.watchData(path, from);
  return { err: 0, body: (out) => writeStatOf(out, statOf(node)) };
}

function getAcl(reader: JuteReader, from: ReadContext): ReadAnswer {
  const { path } = readGetACLRequest(reader);
  const node = from.server.replica.tree.get(path ?? '');
  if (node === undefined) return { err: SERVER_CODE.NONODE };
  if (!allows(node.acl, PERMISSION.read | PERMISSION.admin, from.ids)) {
    return { err: SERVER_CODE.NOAUTH };
  }
  // Who may not change the ACL does not see the hashes in it (CVE-2019-0201).
  const full = allows(node.acl, PERMISSION.admin, from.ids);
  const acl = node.acl.map(({ perms, id }) => ({ perms, id: full ? id : masked(id) }));
  return { err: 0, body: (out) => writeGetACLResponse(out, acl, statOf(node)) };
}

function masked(id: Id): Id {
  if (id.scheme !== 'digest') return id;
  return { scheme: id.scheme, id: `${id.id?.split(':')[0]}:x` };
}

function shownId({ scheme, id }: Id): ClientInfo {
  const user = scheme === 'digest' ? (id?.split(':')[0] ?? '') : id;
  return { authScheme: scheme, user };
}

function ownedBy(replica: Replica, session: bigint | null, prefix: string): string[] {
  const paths: string[] = [];
  for (const [path, node] of replica.tree) {
    if (node.owner !== 0n && node.owner === session && path.startsWith(prefix)) paths.push(path);
  }
  return paths;
}

function multiRead(reader: JuteReader, from: ReadContext): ReadAnswer {
  const answers: MultiAnswer[] = [];
  for (const step of readMultiRequest(reader)) {
    if (step.op !== OP.getData && step.op !== OP.getChildren) {
      return { err: SERVER_CODE.MARSHALLINGERROR };
    }
    // The watch flag is ignored here.
    const node = from.server.replica.tree.get(step.path ?? '');
    if (node === undefined) {
      answers.push({ op: OP.error, err: SERVER_CODE.NONODE });
    } else if (!allows(node.acl, PERMISSION.read, from.ids)) {
      answers.push({ op: OP.error, err: SERVER_CODE.NOAUTH });
    } else if (step.op === OP.getData) {
      answers.push({ op: OP.getData, data: node.data, stat: statOf(node) });
    } else {
      answers.push({ op: OP.getChildren, children: node.children });
    }
  }
  return { err: 0, body: (out) => writeMultiResponse(out, answers) };
}
