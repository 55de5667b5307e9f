import { JuteWriter, OP, type OperationCode, type TtlFlags } from '../codec/index.ts';

/** A request without its xid: an operation, and the bytes of its record. */
export interface WireRequest {
  /** The operation's number in the request header. */
  readonly op: number;
  /** What follows the header. */
  readonly body: Buffer;
}

/** A part of a multi: what is a request too, and `check`, which never is one by itself. */
export interface MultiStep {
  readonly step: number;
  readonly body: Buffer;
}

/** One entry of an ACL; null as on the wire. */
export interface AclEntry {
  readonly perms: number;
  readonly scheme: string | null;
  readonly id: string | null;
}

/** Permission bits. */
export const PERMS = { read: 1, write: 2, create: 4, delete: 8, admin: 16, all: 31 } as const;

/** One entry, as `[perms, scheme, id]` would be. */
export function entry(perms: number, scheme: string | null, id: string | null): AclEntry {
  return { perms, scheme, id };
}

/** Everybody may do everything. */
export const OPEN: readonly AclEntry[] = [entry(PERMS.all, 'world', 'anyone')];

/** What a create takes beside its path. */
export interface CreateParts {
  /** Default `v`. */
  readonly data?: string | Uint8Array | null;
  /** Default {@link OPEN}. */
  readonly acl?: readonly AclEntry[] | null;
  /** Default 0, persistent. */
  readonly flags?: number;
}

/** Create flags. */
export const FLAGS = { ephemeral: 1, sequential: 2, ephemeralSequential: 3, container: 4 } as const;

type Path = string | null;

/** A request of any operation with any bytes. */
export function raw(op: number, body: Uint8Array = Buffer.alloc(0)): WireRequest {
  return { op, body: Buffer.from(body) };
}

/** Jute values one after the other. */
export function encoded(write: (w: JuteWriter) => void): Buffer {
  const writer = JuteWriter.standalone();
  write(writer);
  return writer.finished();
}

function request(op: OperationCode, write: (w: JuteWriter) => void): WireRequest {
  return { op, body: encoded(write) };
}

/** Bytes of a text, null as it is. */
function bytesOf(data: string | Uint8Array | null): Uint8Array | null {
  return typeof data === 'string' ? Buffer.from(data) : data;
}

/** A vector of ACL entries; null is length -1. */
function writeAcl(w: JuteWriter, acl: readonly AclEntry[] | null): void {
  w.count(acl === null ? -1 : acl.length);
  for (const { perms, scheme, id } of acl ?? []) {
    w.int(perms);
    w.ustring(scheme);
    w.ustring(id);
  }
}

function writeCreate(w: JuteWriter, path: Path, parts: CreateParts): void {
  w.ustring(path);
  w.buffer(bytesOf(parts.data === undefined ? 'v' : parts.data));
  writeAcl(w, parts.acl === undefined ? OPEN : parts.acl);
  w.int(parts.flags ?? 0);
}

function createWith(op: OperationCode, path: Path, parts: CreateParts): WireRequest {
  return request(op, (w) => writeCreate(w, path, parts));
}

/** create (1). */
export function create(path: Path, parts: CreateParts = {}): WireRequest {
  return createWith(OP.create, path, parts);
}

/** create2 (15). */
export function create2(path: Path, parts: CreateParts = {}): WireRequest {
  return createWith(OP.create2, path, parts);
}

/** createContainer (19); flag 4 unless the parts have another. */
export function createContainer(path: Path, parts: CreateParts = {}): WireRequest {
  return createWith(OP.createContainer, path, { flags: FLAGS.container, ...parts });
}

/** createTTL (21), with one of the two modes that have a TTL. */
export function createTtl(
  path: Path,
  ttlMs: bigint,
  parts: Omit<CreateParts, 'flags'> & { readonly flags?: TtlFlags } = {},
): WireRequest {
  return request(OP.createTTL, (w) => {
    writeCreate(w, path, { ...parts, flags: parts.flags ?? 5 });
    w.long(ttlMs);
  });
}

/** delete (2). */
export function remove(path: Path, version = -1): WireRequest {
  return request(OP.delete, (w) => {
    w.ustring(path);
    w.int(version);
  });
}

function watched(op: OperationCode, path: Path, watch: boolean): WireRequest {
  return request(op, (w) => {
    w.ustring(path);
    w.bool(watch);
  });
}

/** exists (3). */
export function exists(path: Path, watch = false): WireRequest {
  return watched(OP.exists, path, watch);
}

/** getData (4). */
export function getData(path: Path, watch = false): WireRequest {
  return watched(OP.getData, path, watch);
}

/** setData (5). */
export function setData(path: Path, data: string | Uint8Array | null, version = -1): WireRequest {
  return request(OP.setData, (w) => {
    w.ustring(path);
    w.buffer(bytesOf(data));
    w.int(version);
  });
}

function pathOnly(op: OperationCode, path: Path): WireRequest {
  return request(op, (w) => w.ustring(path));
}

/** getACL (6). */
export function getAcl(path: Path): WireRequest {
  return pathOnly(OP.getACL, path);
}

/** setACL (7). */
export function setAcl(path: Path, acl: readonly AclEntry[] | null, version = -1): WireRequest {
  return request(OP.setACL, (w) => {
    w.ustring(path);
    writeAcl(w, acl);
    w.int(version);
  });
}

/** getChildren (8). */
export function getChildren(path: Path, watch = false): WireRequest {
  return watched(OP.getChildren, path, watch);
}

/** getChildren2 (12). */
export function getChildren2(path: Path, watch = false): WireRequest {
  return watched(OP.getChildren2, path, watch);
}

/** sync (9). */
export function sync(path: Path): WireRequest {
  return pathOnly(OP.sync, path);
}

/** check, as a step of a multi. */
export function check(path: Path, version = -1): MultiStep {
  return {
    step: OP.check,
    body: encoded((w) => {
      w.ustring(path);
      w.int(version);
    }),
  };
}

type Step = WireRequest | MultiStep;

function steps(op: OperationCode, list: readonly Step[]): WireRequest {
  return request(op, (w) => {
    for (const each of list) {
      w.int('step' in each ? each.step : each.op);
      w.bool(false);
      w.int(-1);
      const at = w.reserve(each.body.length);
      w.bytes.set(each.body, at);
    }
    w.int(-1);
    w.bool(true);
    w.int(-1);
  });
}

/** multi (14). */
export function multi(list: readonly Step[]): WireRequest {
  return steps(OP.multi, list);
}

/** multiRead (22). */
export function multiRead(list: readonly Step[]): WireRequest {
  return steps(OP.multiRead, list);
}

/** reconfig (16) that adds a server. */
export function reconfig(joining: string | null): WireRequest {
  return request(OP.reconfig, (w) => {
    w.ustring(joining);
    w.ustring(null);
    w.ustring(null);
    w.long(-1n);
  });
}

function pathAndNumber(op: OperationCode, path: Path, number: number): WireRequest {
  return request(op, (w) => {
    w.ustring(path);
    w.int(number);
  });
}

/** checkWatches (17). */
export function checkWatches(path: Path, type: number): WireRequest {
  return pathAndNumber(OP.checkWatches, path, type);
}

/** removeWatches (18). */
export function removeWatches(path: Path, type: number): WireRequest {
  return pathAndNumber(OP.removeWatches, path, type);
}

/** addWatch (106). */
export function addWatch(path: Path, mode: number): WireRequest {
  return pathAndNumber(OP.addWatch, path, mode);
}

/** auth (100). */
export function auth(scheme: string | null, credential: string | null): WireRequest {
  return request(OP.auth, (w) => {
    w.int(0);
    w.ustring(scheme);
    w.buffer(bytesOf(credential));
  });
}

/** sasl (102). */
export function sasl(token: Uint8Array | null): WireRequest {
  return request(OP.sasl, (w) => w.buffer(token));
}

/** The lists of a setWatches; null is length -1, absent is empty. */
export interface WatchLists {
  readonly data?: readonly string[] | null;
  readonly exist?: readonly string[] | null;
  readonly child?: readonly string[] | null;
  readonly persistent?: readonly string[] | null;
  readonly recursive?: readonly string[] | null;
}

function writeTexts(w: JuteWriter, texts: readonly string[] | null | undefined): void {
  w.count(texts === null ? -1 : (texts?.length ?? 0));
  for (const text of texts ?? []) w.ustring(text);
}

/** setWatches (101). */
export function setWatches(relativeZxid: bigint, lists: WatchLists): WireRequest {
  return request(OP.setWatches, (w) => {
    w.long(relativeZxid);
    for (const list of [lists.data, lists.exist, lists.child]) writeTexts(w, list);
  });
}

/** setWatches2 (105). */
export function setWatches2(relativeZxid: bigint, lists: WatchLists): WireRequest {
  const { data, exist, child, persistent, recursive } = lists;
  return request(OP.setWatches2, (w) => {
    w.long(relativeZxid);
    for (const list of [data, exist, child, persistent, recursive]) writeTexts(w, list);
  });
}

/** getEphemerals (103). */
export function getEphemerals(prefix: string | null): WireRequest {
  return pathOnly(OP.getEphemerals, prefix);
}

/** getAllChildrenNumber (104). */
export function getAllChildrenNumber(path: Path): WireRequest {
  return pathOnly(OP.getAllChildrenNumber, path);
}

/** whoAmI (107). */
export function whoAmI(): WireRequest {
  return raw(OP.whoAmI);
}

/** ping (11). */
export function ping(): WireRequest {
  return raw(OP.ping);
}

/** closeSession (-11). */
export function closeSession(): WireRequest {
  return raw(OP.closeSession);
}

/** The body of the frame that carries a request. */
export function frameOf(xid: number, { op, body }: WireRequest): Buffer {
  const frame = Buffer.allocUnsafe(8 + body.length);
  frame.writeInt32BE(xid);
  frame.writeInt32BE(op, 4);
  frame.set(body, 8);
  return frame;
}
