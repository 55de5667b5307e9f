// GENERATED from schema/client.jute by tools/jute-gen. Do not edit: change the schema and run
// `npm run generate`.
//
// Reading is faithful: what the wire can carry as null is typed so. Writing is strict: a parameter
// takes null only where a correct peer may send it, which the grammar marks with `?`.

import { isSame, isZero, longAt, type JuteReader } from './jute-reader.ts';
import type { JuteWriter } from './jute-writer.ts';

/**
 * Whom an ACL entry is about: an authentication scheme, and an identity in the terms of that
 * scheme.
 */
export interface Id {
  /**
   * `world`, `auth`, `digest`, `ip`, `x509`, `sasl` or a scheme that the server was given as
   * a plug-in.
   */
  scheme: string | null;
  /**
   * `anyone` for world; empty for auth (the server puts in the identities of the session);
   * `user:hash` for digest; an address or address/bits for ip; a subject name for x509.
   * Characters beyond U+FFFF arrive from Java as two three-byte sequences.
   */
  id: string | null;
}

/** Id => scheme:ustring id:ustring */
export function readId(r: JuteReader): Id {
  const scheme = r.ustring();
  const id = r.ustring();
  return { scheme, id };
}

/** Id => scheme:ustring id:ustring */
export function writeId(w: JuteWriter, scheme: string, id: string): void {
  w.ustring(scheme);
  w.ustring(id);
}

/** Writes the fields of a Id object, nulls as they are. */
export function writeIdOf(w: JuteWriter, record: Id): void {
  writeId(w, record.scheme as string, record.id as string);
}

/** Bytes of the shortest ACL: bounds the count of a vector. */
export const ACL_MIN_BYTES = 12;

/** One entry of a node's access control list. */
export interface ACL {
  /**
   * What is allowed, as a sum: 1 read, 2 write, 4 create a child, 8 delete a child, 16 admin
   * (set the ACL); 31 is all.
   */
  perms: number;
  /** Who is allowed to. */
  id: Id;
}

/** ACL => perms:int id:Id */
export function readACL(r: JuteReader): ACL {
  const perms = r.int();
  const id = readId(r);
  return { perms, id };
}

/** ACL => perms:int id:Id */
export function writeACL(w: JuteWriter, perms: number, id: Id): void {
  w.int(perms);
  writeIdOf(w, id);
}

/** Writes the fields of a ACL object, nulls as they are. */
export function writeACLOf(w: JuteWriter, record: ACL): void {
  writeACL(w, record.perms, record.id);
}

/** Bytes of every Stat. */
export const STAT_BYTES = 68;

/** What the server tells about a node beside its data. */
export interface Stat {
  /** zxid of the transaction that created the node. */
  czxid: bigint;
  /** zxid of the transaction that last set the data. */
  mzxid: bigint;
  /** Time of creation, in ms since 1970, by the leader's clock. */
  ctime: bigint;
  /** Time at which the data was last set, in ms since 1970, by the leader's clock. */
  mtime: bigint;
  /** How often the data was set since creation. This is what conditional writes compare. */
  version: number;
  /** How often the set of children changed. The server computes it; a fresh root can show -1. */
  cversion: number;
  /** How often the ACL was set. */
  aversion: number;
  /**
   * Session that owns an ephemeral node; 0 for every other node, containers and TTL nodes
   * included.
   */
  ephemeralOwner: bigint;
  /** Bytes of data; 0 for null too. */
  dataLength: number;
  /** Number of direct children. */
  numChildren: number;
  /** zxid of the transaction that last added or removed a child. */
  pzxid: bigint;
}

/**
 * Stat => czxid:long mzxid:long ctime:long mtime:long version:int cversion:int aversion:int
 * ephemeralOwner:long dataLength:int numChildren:int pzxid:long
 */
export function readStat(r: JuteReader): Stat {
  const o = r.take(STAT_BYTES);
  const v = r.view;
  const czxid = longAt(v, o);
  const ctime = longAt(v, o + 16);
  return {
    czxid,
    mzxid: isSame(v, o + 8, o) ? czxid : longAt(v, o + 8),
    ctime,
    mtime: isSame(v, o + 24, o + 16) ? ctime : longAt(v, o + 24),
    version: v.getInt32(o + 32),
    cversion: v.getInt32(o + 36),
    aversion: v.getInt32(o + 40),
    ephemeralOwner: isZero(v, o + 44) ? 0n : longAt(v, o + 44),
    dataLength: v.getInt32(o + 52),
    numChildren: v.getInt32(o + 56),
    pzxid: isSame(v, o + 60, o) ? czxid : longAt(v, o + 60),
  };
}

/**
 * Stat => czxid:long mzxid:long ctime:long mtime:long version:int cversion:int aversion:int
 * ephemeralOwner:long dataLength:int numChildren:int pzxid:long
 */
export function writeStat(
  w: JuteWriter,
  czxid: bigint,
  mzxid: bigint,
  ctime: bigint,
  mtime: bigint,
  version: number,
  cversion: number,
  aversion: number,
  ephemeralOwner: bigint,
  dataLength: number,
  numChildren: number,
  pzxid: bigint,
): void {
  const o = w.reserve(STAT_BYTES);
  const v = w.view;
  v.setBigInt64(o, czxid);
  v.setBigInt64(o + 8, mzxid);
  v.setBigInt64(o + 16, ctime);
  v.setBigInt64(o + 24, mtime);
  v.setInt32(o + 32, version);
  v.setInt32(o + 36, cversion);
  v.setInt32(o + 40, aversion);
  v.setBigInt64(o + 44, ephemeralOwner);
  v.setInt32(o + 52, dataLength);
  v.setInt32(o + 56, numChildren);
  v.setBigInt64(o + 60, pzxid);
}

/** Writes the fields of a Stat object, nulls as they are. */
export function writeStatOf(w: JuteWriter, record: Stat): void {
  writeStat(
    w,
    record.czxid,
    record.mzxid,
    record.ctime,
    record.mtime,
    record.version,
    record.cversion,
    record.aversion,
    record.ephemeralOwner,
    record.dataLength,
    record.numChildren,
    record.pzxid,
  );
}

/** Bytes of every StatPersisted. */
export const STAT_PERSISTED_BYTES = 60;

/**
 * The part of a Stat that servers keep in snapshots. No client message has it; it is here so
 * that the data module is whole.
 */
export interface StatPersisted {
  /** zxid of the transaction that created the node. */
  czxid: bigint;
  /** zxid of the transaction that last set the data. */
  mzxid: bigint;
  /** Time of creation, in ms since 1970. */
  ctime: bigint;
  /** Time at which the data was last set, in ms since 1970. */
  mtime: bigint;
  /** How often the data was set. */
  version: number;
  /** Number of children ever created, from which the cversion of a Stat is computed. */
  cversion: number;
  /** How often the ACL was set. */
  aversion: number;
  /** Owner session; also encodes that a node is a container or has a TTL. */
  ephemeralOwner: bigint;
  /** zxid of the transaction that last added or removed a child. */
  pzxid: bigint;
}

/**
 * StatPersisted => czxid:long mzxid:long ctime:long mtime:long version:int cversion:int
 * aversion:int ephemeralOwner:long pzxid:long
 */
export function readStatPersisted(r: JuteReader): StatPersisted {
  const o = r.take(STAT_PERSISTED_BYTES);
  const v = r.view;
  return {
    czxid: longAt(v, o),
    mzxid: longAt(v, o + 8),
    ctime: longAt(v, o + 16),
    mtime: longAt(v, o + 24),
    version: v.getInt32(o + 32),
    cversion: v.getInt32(o + 36),
    aversion: v.getInt32(o + 40),
    ephemeralOwner: longAt(v, o + 44),
    pzxid: longAt(v, o + 52),
  };
}

/**
 * StatPersisted => czxid:long mzxid:long ctime:long mtime:long version:int cversion:int
 * aversion:int ephemeralOwner:long pzxid:long
 */
export function writeStatPersisted(
  w: JuteWriter,
  czxid: bigint,
  mzxid: bigint,
  ctime: bigint,
  mtime: bigint,
  version: number,
  cversion: number,
  aversion: number,
  ephemeralOwner: bigint,
  pzxid: bigint,
): void {
  const o = w.reserve(STAT_PERSISTED_BYTES);
  const v = w.view;
  v.setBigInt64(o, czxid);
  v.setBigInt64(o + 8, mzxid);
  v.setBigInt64(o + 16, ctime);
  v.setBigInt64(o + 24, mtime);
  v.setInt32(o + 32, version);
  v.setInt32(o + 36, cversion);
  v.setInt32(o + 40, aversion);
  v.setBigInt64(o + 44, ephemeralOwner);
  v.setBigInt64(o + 52, pzxid);
}

/** Bytes of the shortest ClientInfo: bounds the count of a vector. */
export const CLIENT_INFO_MIN_BYTES = 8;

/** One identity of the session that asks. Since 3.7. */
export interface ClientInfo {
  /** Scheme by which the session authenticated. Every session has `ip`. */
  authScheme: string | null;
  /** Name within the scheme, without secrets; empty when the scheme has no name to show. */
  user: string | null;
}

/** ClientInfo => authScheme:ustring user:ustring */
export function readClientInfo(r: JuteReader): ClientInfo {
  const authScheme = r.ustring();
  const user = r.ustring();
  return { authScheme, user };
}

/** ClientInfo => authScheme:ustring user:ustring */
export function writeClientInfo(w: JuteWriter, authScheme: string, user: string): void {
  w.ustring(authScheme);
  w.ustring(user);
}

/** Writes the fields of a ClientInfo object, nulls as they are. */
export function writeClientInfoOf(w: JuteWriter, record: ClientInfo): void {
  writeClientInfo(w, record.authScheme as string, record.user as string);
}

/**
 * First frame of a client. It has no RequestHeader. The last byte is absent from clients before
 * 3.4 and some others, which jute cannot say: the codec handles that by hand.
 */
export interface ConnectRequest {
  /** 0. ZooKeeper servers do not check it. */
  protocolVersion: number;
  /**
   * Greatest zxid that this client saw in a reply. A server that is behind it closes the
   * connection without a word.
   */
  lastZxidSeen: bigint;
  /** Session time-out wanted, in ms. The server clamps it. */
  timeOut: number;
  /** Session to resume; 0 for a new one. */
  sessionId: bigint;
  /** Password of the session to resume, 16 bytes; 16 zero bytes for a new session. */
  passwd: Buffer | null;
  /** The client can do with a server that is cut off from its quorum. */
  readOnly: boolean;
}

/**
 * ConnectRequest => protocolVersion:int lastZxidSeen:long timeOut:int sessionId:long passwd:buffer
 * readOnly:boolean
 */
export function readConnectRequest(r: JuteReader): ConnectRequest {
  const o = r.take(24);
  const v = r.view;
  const protocolVersion = v.getInt32(o);
  const lastZxidSeen = longAt(v, o + 4);
  const timeOut = v.getInt32(o + 12);
  const sessionId = longAt(v, o + 16);
  const passwd = r.buffer();
  const readOnly = r.bool();
  return { protocolVersion, lastZxidSeen, timeOut, sessionId, passwd, readOnly };
}

/**
 * ConnectRequest => protocolVersion:int lastZxidSeen:long timeOut:int sessionId:long passwd:buffer
 * readOnly:boolean
 */
export function writeConnectRequest(
  w: JuteWriter,
  protocolVersion: number,
  lastZxidSeen: bigint,
  timeOut: number,
  sessionId: bigint,
  passwd: Uint8Array,
  readOnly: boolean,
): void {
  const o = w.reserve(24);
  const v = w.view;
  v.setInt32(o, protocolVersion);
  v.setBigInt64(o + 4, lastZxidSeen);
  v.setInt32(o + 12, timeOut);
  v.setBigInt64(o + 16, sessionId);
  w.buffer(passwd);
  w.bool(readOnly);
}

/**
 * First frame of a server. It has no ReplyHeader. The last byte is absent when the request had
 * none. A time-out of 0 says that the session that was to be resumed is gone.
 */
export interface ConnectResponse {
  /** 0. */
  protocolVersion: number;
  /** Session time-out granted, in ms; 0 or less when the session has expired. */
  timeOut: number;
  /** The session; 0 when it has expired. */
  sessionId: bigint;
  /** 16 bytes with which the session can be resumed; zero bytes when it has expired. */
  passwd: Buffer | null;
  /** The server is in read-only mode. */
  readOnly: boolean;
}

/**
 * ConnectResponse => protocolVersion:int timeOut:int sessionId:long passwd:buffer readOnly:boolean
 */
export function readConnectResponse(r: JuteReader): ConnectResponse {
  const o = r.take(16);
  const v = r.view;
  const protocolVersion = v.getInt32(o);
  const timeOut = v.getInt32(o + 4);
  const sessionId = longAt(v, o + 8);
  const passwd = r.buffer();
  const readOnly = r.bool();
  return { protocolVersion, timeOut, sessionId, passwd, readOnly };
}

/**
 * ConnectResponse => protocolVersion:int timeOut:int sessionId:long passwd:buffer readOnly:boolean
 */
export function writeConnectResponse(
  w: JuteWriter,
  protocolVersion: number,
  timeOut: number,
  sessionId: bigint,
  passwd: Uint8Array,
  readOnly: boolean,
): void {
  const o = w.reserve(16);
  const v = w.view;
  v.setInt32(o, protocolVersion);
  v.setInt32(o + 4, timeOut);
  v.setBigInt64(o + 8, sessionId);
  w.buffer(passwd);
  w.bool(readOnly);
}

/**
 * Registers one-shot watches again after a reconnect (op 101). Events that it sets off arrive
 * before its reply, which has no body. Servers refuse null vectors with -5: send empty ones.
 */
export interface SetWatches {
  /**
   * What changed after this zxid is reported at once; normally the greatest zxid seen in a
   * reply.
   */
  relativeZxid: bigint;
  /** Paths watched for changes of data. */
  dataWatches: (string | null)[] | null;
  /** Paths watched while there was no such node. */
  existWatches: (string | null)[] | null;
  /** Paths watched for changes of the set of children. */
  childWatches: (string | null)[] | null;
}

/**
 * SetWatches => relativeZxid:long dataWatches:vector<ustring> existWatches:vector<ustring>
 * childWatches:vector<ustring>
 */
export function readSetWatches(r: JuteReader): SetWatches {
  const relativeZxid = r.long();
  const dataWatches = readUstringVector(r);
  const existWatches = readUstringVector(r);
  const childWatches = readUstringVector(r);
  return { relativeZxid, dataWatches, existWatches, childWatches };
}

/**
 * SetWatches => relativeZxid:long dataWatches:vector<ustring> existWatches:vector<ustring>
 * childWatches:vector<ustring>
 */
export function writeSetWatches(
  w: JuteWriter,
  relativeZxid: bigint,
  dataWatches: readonly string[],
  existWatches: readonly string[],
  childWatches: readonly string[],
): void {
  w.long(relativeZxid);
  writeUstringVector(w, dataWatches);
  writeUstringVector(w, existWatches);
  writeUstringVector(w, childWatches);
}

/**
 * SetWatches with the persistent kinds (op 105, since 3.6). Persistent watches are armed again
 * without a replay of what was missed.
 */
export interface SetWatches2 {
  /** What changed after this zxid is reported at once, for one-shot watches only. */
  relativeZxid: bigint;
  /** Paths watched for changes of data. */
  dataWatches: (string | null)[] | null;
  /** Paths watched while there was no such node. */
  existWatches: (string | null)[] | null;
  /** Paths watched for changes of the set of children. */
  childWatches: (string | null)[] | null;
  /** Paths with a persistent watch. */
  persistentWatches: (string | null)[] | null;
  /** Paths with a persistent watch of the whole subtree. */
  persistentRecursiveWatches: (string | null)[] | null;
}

/**
 * SetWatches2 => relativeZxid:long dataWatches:vector<ustring> existWatches:vector<ustring>
 * childWatches:vector<ustring> persistentWatches:vector<ustring>
 * persistentRecursiveWatches:vector<ustring>
 */
export function readSetWatches2(r: JuteReader): SetWatches2 {
  const relativeZxid = r.long();
  const dataWatches = readUstringVector(r);
  const existWatches = readUstringVector(r);
  const childWatches = readUstringVector(r);
  const persistentWatches = readUstringVector(r);
  const persistentRecursiveWatches = readUstringVector(r);
  return {
    relativeZxid,
    dataWatches,
    existWatches,
    childWatches,
    persistentWatches,
    persistentRecursiveWatches,
  };
}

/**
 * SetWatches2 => relativeZxid:long dataWatches:vector<ustring> existWatches:vector<ustring>
 * childWatches:vector<ustring> persistentWatches:vector<ustring>
 * persistentRecursiveWatches:vector<ustring>
 */
export function writeSetWatches2(
  w: JuteWriter,
  relativeZxid: bigint,
  dataWatches: readonly string[],
  existWatches: readonly string[],
  childWatches: readonly string[],
  persistentWatches: readonly string[],
  persistentRecursiveWatches: readonly string[],
): void {
  w.long(relativeZxid);
  writeUstringVector(w, dataWatches);
  writeUstringVector(w, existWatches);
  writeUstringVector(w, childWatches);
  writeUstringVector(w, persistentWatches);
  writeUstringVector(w, persistentRecursiveWatches);
}

/** Bytes of every RequestHeader. */
export const REQUEST_HEADER_BYTES = 8;

/** Starts every frame of a client but the first. */
export interface RequestHeader {
  /**
   * Number that the reply repeats. 1 to 2^31-1 for requests; -2 ping, -4 auth, -8 setWatches
   * of some clients.
   */
  xid: number;
  /** Operation code. It decides which record follows. */
  type: number;
}

/** RequestHeader => xid:int type:int */
export function readRequestHeader(r: JuteReader): RequestHeader {
  const o = r.take(REQUEST_HEADER_BYTES);
  const v = r.view;
  return {
    xid: v.getInt32(o),
    type: v.getInt32(o + 4),
  };
}

/** RequestHeader => xid:int type:int */
export function writeRequestHeader(w: JuteWriter, xid: number, type: number): void {
  const o = w.reserve(REQUEST_HEADER_BYTES);
  const v = w.view;
  v.setInt32(o, xid);
  v.setInt32(o + 4, type);
}

/** Bytes of every MultiHeader. */
export const MULTI_HEADER_BYTES = 9;

/**
 * Stands before each part of a multi, of a multiRead and of their answers; a last one ends the
 * list.
 */
export interface MultiHeader {
  /** Operation code of the part that follows; -1 for an error result and for the end. */
  type: number;
  /** False before a part, true at the end of the list. */
  done: boolean;
  /** -1 in requests and at the end; in answers 0 or the error of the part. */
  err: number;
}

/** MultiHeader => type:int done:boolean err:int */
export function readMultiHeader(r: JuteReader): MultiHeader {
  const o = r.take(MULTI_HEADER_BYTES);
  const v = r.view;
  return {
    type: v.getInt32(o),
    done: v.getUint8(o + 4) !== 0,
    err: v.getInt32(o + 5),
  };
}

/** MultiHeader => type:int done:boolean err:int */
export function writeMultiHeader(w: JuteWriter, type: number, done: boolean, err: number): void {
  const o = w.reserve(MULTI_HEADER_BYTES);
  const v = w.view;
  v.setInt32(o, type);
  v.setUint8(o + 4, done ? 1 : 0);
  v.setInt32(o + 5, err);
}

/**
 * Adds an identity to the session (op 100, xid -4). The reply has no body; after a failure the
 * server closes.
 */
export interface AuthPacket {
  /** 0. Servers do not look at it. */
  type: number;
  /** Authentication scheme, such as `digest`. */
  scheme: string | null;
  /**
   * Credentials in the terms of the scheme: `user:password` for digest. Null where the scheme
   * takes none.
   */
  auth: Buffer | null;
}

/** AuthPacket => type:int scheme:ustring auth:buffer? */
export function readAuthPacket(r: JuteReader): AuthPacket {
  const type = r.int();
  const scheme = r.ustring();
  const auth = r.buffer();
  return { type, scheme, auth };
}

/** AuthPacket => type:int scheme:ustring auth:buffer? */
export function writeAuthPacket(
  w: JuteWriter,
  type: number,
  scheme: string,
  auth: Uint8Array | null,
): void {
  w.int(type);
  w.ustring(scheme);
  w.buffer(auth);
}

/** Bytes of every ReplyHeader. */
export const REPLY_HEADER_BYTES = 16;

/** Starts every frame of a server but the first. When err is not 0 nothing follows. */
export interface ReplyHeader {
  /** xid of the request; -1 for a watch event, -2 for the answer to a ping. */
  xid: number;
  /** Last zxid that the server had applied. In events -1, or since 3.9 the zxid of the change. */
  zxid: bigint;
  /** 0, or a server code (negative). */
  err: number;
}

/** ReplyHeader => xid:int zxid:long err:int */
export function readReplyHeader(r: JuteReader): ReplyHeader {
  const o = r.take(REPLY_HEADER_BYTES);
  const v = r.view;
  return {
    xid: v.getInt32(o),
    zxid: longAt(v, o + 4),
    err: v.getInt32(o + 12),
  };
}

/** ReplyHeader => xid:int zxid:long err:int */
export function writeReplyHeader(w: JuteWriter, xid: number, zxid: bigint, err: number): void {
  const o = w.reserve(REPLY_HEADER_BYTES);
  const v = w.view;
  v.setInt32(o, xid);
  v.setBigInt64(o + 4, zxid);
  v.setInt32(o + 12, err);
}

/** Asks for data and Stat of a node (op 4; also a part of a multiRead). */
export interface GetDataRequest {
  /** Path of the node. */
  path: string | null;
  /**
   * Leave a one-shot watch for the next change of data or the deletion. No watch is left when
   * there is no node.
   */
  watch: boolean;
}

/** GetDataRequest => path:ustring watch:boolean */
export function readGetDataRequest(r: JuteReader): GetDataRequest {
  const path = r.ustring();
  const watch = r.bool();
  return { path, watch };
}

/** GetDataRequest => path:ustring watch:boolean */
export function writeGetDataRequest(w: JuteWriter, path: string, watch: boolean): void {
  w.ustring(path);
  w.bool(watch);
}

/** Replaces the data of a node (op 5; also a part of a multi). */
export interface SetDataRequest {
  /** Path of the node. */
  path: string | null;
  /** The new data. Null and empty stay distinct. */
  data: Buffer | null;
  /** Version that the node must have; -1 for any. */
  version: number;
}

/** SetDataRequest => path:ustring data:buffer? version:int */
export function readSetDataRequest(r: JuteReader): SetDataRequest {
  const path = r.ustring();
  const data = r.buffer();
  const version = r.int();
  return { path, data, version };
}

/** SetDataRequest => path:ustring data:buffer? version:int */
export function writeSetDataRequest(
  w: JuteWriter,
  path: string,
  data: Uint8Array | null,
  version: number,
): void {
  w.ustring(path);
  w.buffer(data);
  w.int(version);
}

/**
 * Changes the members of the ensemble (op 16, since 3.5): either joining and leaving servers,
 * or the whole list of new members.
 */
export interface ReconfigRequest {
  /** Servers to add or change, with commas between them, as in a `server.N=` line. */
  joiningServers: string | null;
  /** Numbers of the servers to remove, with commas between them. */
  leavingServers: string | null;
  /** All servers of the new ensemble, with commas between them. */
  newMembers: string | null;
  /** Version of the configuration that must be the present one; -1 for any. */
  curConfigId: bigint;
}

/**
 * ReconfigRequest => joiningServers:ustring? leavingServers:ustring? newMembers:ustring?
 * curConfigId:long
 */
export function readReconfigRequest(r: JuteReader): ReconfigRequest {
  const joiningServers = r.ustring();
  const leavingServers = r.ustring();
  const newMembers = r.ustring();
  const curConfigId = r.long();
  return { joiningServers, leavingServers, newMembers, curConfigId };
}

/**
 * ReconfigRequest => joiningServers:ustring? leavingServers:ustring? newMembers:ustring?
 * curConfigId:long
 */
export function writeReconfigRequest(
  w: JuteWriter,
  joiningServers: string | null,
  leavingServers: string | null,
  newMembers: string | null,
  curConfigId: bigint,
): void {
  w.ustring(joiningServers);
  w.ustring(leavingServers);
  w.ustring(newMembers);
  w.long(curConfigId);
}

/** Bytes of every SetDataResponse. */
export const SET_DATA_RESPONSE_BYTES = 68;

/** Answers setData. */
export interface SetDataResponse {
  /** The node after the change. */
  stat: Stat;
}

/** SetDataResponse => stat:Stat */
export function readSetDataResponse(r: JuteReader): SetDataResponse {
  return { stat: readStat(r) };
}

/** SetDataResponse => stat:Stat */
export function writeSetDataResponse(w: JuteWriter, stat: Stat): void {
  writeStatOf(w, stat);
}

/** One step of a SASL exchange, from the client (op 102, since 3.4). */
export interface GetSASLRequest {
  /** Token of the mechanism; empty in a first step where the server speaks first. */
  token: Buffer | null;
}

/** GetSASLRequest => token:buffer */
export function readGetSASLRequest(r: JuteReader): GetSASLRequest {
  return { token: r.buffer() };
}

/** GetSASLRequest => token:buffer */
export function writeGetSASLRequest(w: JuteWriter, token: Uint8Array): void {
  w.buffer(token);
}

/** Declared by ZooKeeper without an operation that uses it. */
export interface SetSASLRequest {
  /** Token of the mechanism. */
  token: Buffer | null;
}

/** SetSASLRequest => token:buffer */
export function readSetSASLRequest(r: JuteReader): SetSASLRequest {
  return { token: r.buffer() };
}

/** SetSASLRequest => token:buffer */
export function writeSetSASLRequest(w: JuteWriter, token: Uint8Array): void {
  w.buffer(token);
}

/** One step of a SASL exchange, from the server. */
export interface SetSASLResponse {
  /**
   * Token of the mechanism. Null when the server has nothing more to say, which includes
   * servers without SASL.
   */
  token: Buffer | null;
}

/** SetSASLResponse => token:buffer? */
export function readSetSASLResponse(r: JuteReader): SetSASLResponse {
  return { token: r.buffer() };
}

/** SetSASLResponse => token:buffer? */
export function writeSetSASLResponse(w: JuteWriter, token: Uint8Array | null): void {
  w.buffer(token);
}

/**
 * Creates a node (op 1), with Stat in the answer (op 15), or a container (op 19); also a part
 * of a multi.
 */
export interface CreateRequest {
  /** Path of the node; the server appends ten digits in sequential modes. */
  path: string | null;
  /** The data. Null and empty stay distinct. */
  data: Buffer | null;
  /** Who may do what. Null and empty are refused with -114. */
  acl: ACL[] | null;
  /**
   * Create mode: 0 persistent, 1 ephemeral, plus 2 for sequential; 4 container. The operation
   * decides, not the flag: a container needs op 19.
   */
  flags: number;
}

/** CreateRequest => path:ustring data:buffer? acl:vector<ACL> flags:int */
export function readCreateRequest(r: JuteReader): CreateRequest {
  const path = r.ustring();
  const data = r.buffer();
  const acl = readACLVector(r);
  const flags = r.int();
  return { path, data, acl, flags };
}

/** CreateRequest => path:ustring data:buffer? acl:vector<ACL> flags:int */
export function writeCreateRequest(
  w: JuteWriter,
  path: string,
  data: Uint8Array | null,
  acl: readonly ACL[],
  flags: number,
): void {
  w.ustring(path);
  w.buffer(data);
  writeACLVector(w, acl);
  w.int(flags);
}

/**
 * Creates a node that goes when it has had no children and no change for a while (op 21, since
 * 3.5.3).
 */
export interface CreateTTLRequest {
  /** Path of the node; the server appends ten digits in the sequential mode. */
  path: string | null;
  /** The data. Null and empty stay distinct. */
  data: Buffer | null;
  /** Who may do what. Null and empty are refused with -114. */
  acl: ACL[] | null;
  /**
   * Create mode: 5 persistent with TTL, 6 the same, sequential. Never another: servers in
   * wide use do not survive it.
   */
  flags: number;
  /** Time to live in ms, 1 to 2^40-1. */
  ttl: bigint;
}

/** CreateTTLRequest => path:ustring data:buffer? acl:vector<ACL> flags:int ttl:long */
export function readCreateTTLRequest(r: JuteReader): CreateTTLRequest {
  const path = r.ustring();
  const data = r.buffer();
  const acl = readACLVector(r);
  const o = r.take(12);
  const v = r.view;
  const flags = v.getInt32(o);
  const ttl = longAt(v, o + 4);
  return { path, data, acl, flags, ttl };
}

/** CreateTTLRequest => path:ustring data:buffer? acl:vector<ACL> flags:int ttl:long */
export function writeCreateTTLRequest(
  w: JuteWriter,
  path: string,
  data: Uint8Array | null,
  acl: readonly ACL[],
  flags: number,
  ttl: bigint,
): void {
  w.ustring(path);
  w.buffer(data);
  writeACLVector(w, acl);
  const o = w.reserve(12);
  const v = w.view;
  v.setInt32(o, flags);
  v.setBigInt64(o + 4, ttl);
}

/** Deletes a node without children (op 2; also a part of a multi). The reply has no body. */
export interface DeleteRequest {
  /** Path of the node. */
  path: string | null;
  /** Version that the node must have; -1 for any. */
  version: number;
}

/** DeleteRequest => path:ustring version:int */
export function readDeleteRequest(r: JuteReader): DeleteRequest {
  const path = r.ustring();
  const version = r.int();
  return { path, version };
}

/** DeleteRequest => path:ustring version:int */
export function writeDeleteRequest(w: JuteWriter, path: string, version: number): void {
  w.ustring(path);
  w.int(version);
}

/** Asks for the names of the children (op 8; also a part of a multiRead). */
export interface GetChildrenRequest {
  /** Path of the parent. */
  path: string | null;
  /** Leave a one-shot watch for the next child that comes or goes, or the deletion. */
  watch: boolean;
}

/** GetChildrenRequest => path:ustring watch:boolean */
export function readGetChildrenRequest(r: JuteReader): GetChildrenRequest {
  const path = r.ustring();
  const watch = r.bool();
  return { path, watch };
}

/** GetChildrenRequest => path:ustring watch:boolean */
export function writeGetChildrenRequest(w: JuteWriter, path: string, watch: boolean): void {
  w.ustring(path);
  w.bool(watch);
}

/** Asks for the number of nodes below a node, at any depth (op 104, since 3.6). */
export interface GetAllChildrenNumberRequest {
  /** Path of the node at the top; it is not counted. */
  path: string | null;
}

/** GetAllChildrenNumberRequest => path:ustring */
export function readGetAllChildrenNumberRequest(r: JuteReader): GetAllChildrenNumberRequest {
  return { path: r.ustring() };
}

/** GetAllChildrenNumberRequest => path:ustring */
export function writeGetAllChildrenNumberRequest(w: JuteWriter, path: string): void {
  w.ustring(path);
}

/** Asks for the names of the children and the Stat of the parent (op 12, since 3.3). */
export interface GetChildren2Request {
  /** Path of the parent. */
  path: string | null;
  /** Leave a one-shot watch for the next child that comes or goes, or the deletion. */
  watch: boolean;
}

/** GetChildren2Request => path:ustring watch:boolean */
export function readGetChildren2Request(r: JuteReader): GetChildren2Request {
  const path = r.ustring();
  const watch = r.bool();
  return { path, watch };
}

/** GetChildren2Request => path:ustring watch:boolean */
export function writeGetChildren2Request(w: JuteWriter, path: string, watch: boolean): void {
  w.ustring(path);
  w.bool(watch);
}

/**
 * Makes a multi fail unless a node has a version (op 13). Only as a part of a multi, never on
 * its own.
 */
export interface CheckVersionRequest {
  /** Path of the node. */
  path: string | null;
  /** Version that the node must have; -1 for any, which checks that it exists. */
  version: number;
}

/** CheckVersionRequest => path:ustring version:int */
export function readCheckVersionRequest(r: JuteReader): CheckVersionRequest {
  const path = r.ustring();
  const version = r.int();
  return { path, version };
}

/** CheckVersionRequest => path:ustring version:int */
export function writeCheckVersionRequest(w: JuteWriter, path: string, version: number): void {
  w.ustring(path);
  w.int(version);
}

/** Declared by ZooKeeper without an operation that uses it. */
export interface GetMaxChildrenRequest {
  /** Path of the node. */
  path: string | null;
}

/** GetMaxChildrenRequest => path:ustring */
export function readGetMaxChildrenRequest(r: JuteReader): GetMaxChildrenRequest {
  return { path: r.ustring() };
}

/** GetMaxChildrenRequest => path:ustring */
export function writeGetMaxChildrenRequest(w: JuteWriter, path: string): void {
  w.ustring(path);
}

/** Bytes of every GetMaxChildrenResponse. */
export const GET_MAX_CHILDREN_RESPONSE_BYTES = 4;

/** Declared by ZooKeeper without an operation that uses it. */
export interface GetMaxChildrenResponse {
  /** Greatest number of children allowed. */
  max: number;
}

/** GetMaxChildrenResponse => max:int */
export function readGetMaxChildrenResponse(r: JuteReader): GetMaxChildrenResponse {
  return { max: r.int() };
}

/** GetMaxChildrenResponse => max:int */
export function writeGetMaxChildrenResponse(w: JuteWriter, max: number): void {
  w.int(max);
}

/** Declared by ZooKeeper without an operation that uses it. */
export interface SetMaxChildrenRequest {
  /** Path of the node. */
  path: string | null;
  /** Greatest number of children allowed. */
  max: number;
}

/** SetMaxChildrenRequest => path:ustring max:int */
export function readSetMaxChildrenRequest(r: JuteReader): SetMaxChildrenRequest {
  const path = r.ustring();
  const max = r.int();
  return { path, max };
}

/** SetMaxChildrenRequest => path:ustring max:int */
export function writeSetMaxChildrenRequest(w: JuteWriter, path: string, max: number): void {
  w.ustring(path);
  w.int(max);
}

/** Has the server catch up with the leader before it answers what was sent later (op 9). */
export interface SyncRequest {
  /** Path that the answer repeats. The whole tree is brought up to date. */
  path: string | null;
}

/** SyncRequest => path:ustring */
export function readSyncRequest(r: JuteReader): SyncRequest {
  return { path: r.ustring() };
}

/** SyncRequest => path:ustring */
export function writeSyncRequest(w: JuteWriter, path: string): void {
  w.ustring(path);
}

/** Answers sync. */
export interface SyncResponse {
  /** Path of the request. */
  path: string | null;
}

/** SyncResponse => path:ustring */
export function readSyncResponse(r: JuteReader): SyncResponse {
  return { path: r.ustring() };
}

/** SyncResponse => path:ustring */
export function writeSyncResponse(w: JuteWriter, path: string): void {
  w.ustring(path);
}

/** Asks for ACL and Stat of a node (op 6). */
export interface GetACLRequest {
  /** Path of the node. */
  path: string | null;
}

/** GetACLRequest => path:ustring */
export function readGetACLRequest(r: JuteReader): GetACLRequest {
  return { path: r.ustring() };
}

/** GetACLRequest => path:ustring */
export function writeGetACLRequest(w: JuteWriter, path: string): void {
  w.ustring(path);
}

/** Replaces the ACL of a node (op 7). Not possible in a multi. */
export interface SetACLRequest {
  /** Path of the node. */
  path: string | null;
  /** Who may do what. Null and empty are refused with -114. */
  acl: ACL[] | null;
  /** aversion (not version) that the node must have; -1 for any. */
  version: number;
}

/** SetACLRequest => path:ustring acl:vector<ACL> version:int */
export function readSetACLRequest(r: JuteReader): SetACLRequest {
  const path = r.ustring();
  const acl = readACLVector(r);
  const version = r.int();
  return { path, acl, version };
}

/** SetACLRequest => path:ustring acl:vector<ACL> version:int */
export function writeSetACLRequest(
  w: JuteWriter,
  path: string,
  acl: readonly ACL[],
  version: number,
): void {
  w.ustring(path);
  writeACLVector(w, acl);
  w.int(version);
}

/** Bytes of every SetACLResponse. */
export const SET_ACL_RESPONSE_BYTES = 68;

/** Answers setACL. */
export interface SetACLResponse {
  /** The node after the change. */
  stat: Stat;
}

/** SetACLResponse => stat:Stat */
export function readSetACLResponse(r: JuteReader): SetACLResponse {
  return { stat: readStat(r) };
}

/** SetACLResponse => stat:Stat */
export function writeSetACLResponse(w: JuteWriter, stat: Stat): void {
  writeStatOf(w, stat);
}

/**
 * Adds a watch that stays until it is removed (op 106, since 3.6). Answered by an
 * ErrorResponse, even on success.
 */
export interface AddWatchRequest {
  /** Path to watch. The node need not exist. */
  path: string | null;
  /**
   * 0 persistent (this node: data and children), 1 persistent recursive (the whole subtree,
   * without events about sets of children).
   */
  mode: number;
}

/** AddWatchRequest => path:ustring mode:int */
export function readAddWatchRequest(r: JuteReader): AddWatchRequest {
  const path = r.ustring();
  const mode = r.int();
  return { path, mode };
}

/** AddWatchRequest => path:ustring mode:int */
export function writeAddWatchRequest(w: JuteWriter, path: string, mode: number): void {
  w.ustring(path);
  w.int(mode);
}

/** Follows a ReplyHeader with xid -1: something that was watched has happened. */
export interface WatcherEvent {
  /** 1 node created, 2 node deleted, 3 data changed, 4 set of children changed. */
  type: number;
  /** State of the connection as the server sees it; 3 is connected. */
  state: number;
  /** Path of the node, from the root of the server's tree. */
  path: string | null;
}

/** WatcherEvent => type:int state:int path:ustring */
export function readWatcherEvent(r: JuteReader): WatcherEvent {
  const o = r.take(8);
  const v = r.view;
  const type = v.getInt32(o);
  const state = v.getInt32(o + 4);
  const path = r.ustring();
  return { type, state, path };
}

/** WatcherEvent => type:int state:int path:ustring */
export function writeWatcherEvent(w: JuteWriter, type: number, state: number, path: string): void {
  const o = w.reserve(8);
  const v = w.view;
  v.setInt32(o, type);
  v.setInt32(o + 4, state);
  w.ustring(path);
}

/** Bytes of every ErrorResponse. */
export const ERROR_RESPONSE_BYTES = 4;

/** An error number: a failed part of a multi or multiRead, and the answer to addWatch (0 there). */
export interface ErrorResponse {
  /** 0, or a server code (negative). */
  err: number;
}

/** ErrorResponse => err:int */
export function readErrorResponse(r: JuteReader): ErrorResponse {
  return { err: r.int() };
}

/** ErrorResponse => err:int */
export function writeErrorResponse(w: JuteWriter, err: number): void {
  w.int(err);
}

/** Answers create (op 1). */
export interface CreateResponse {
  /** Path of the new node, with its digits in sequential modes. */
  path: string | null;
}

/** CreateResponse => path:ustring */
export function readCreateResponse(r: JuteReader): CreateResponse {
  return { path: r.ustring() };
}

/** CreateResponse => path:ustring */
export function writeCreateResponse(w: JuteWriter, path: string): void {
  w.ustring(path);
}

/** Answers create2, createContainer and createTTL. */
export interface Create2Response {
  /** Path of the new node, with its digits in sequential modes. */
  path: string | null;
  /** The new node. */
  stat: Stat;
}

/** Create2Response => path:ustring stat:Stat */
export function readCreate2Response(r: JuteReader): Create2Response {
  const path = r.ustring();
  const stat = readStat(r);
  return { path, stat };
}

/** Create2Response => path:ustring stat:Stat */
export function writeCreate2Response(w: JuteWriter, path: string, stat: Stat): void {
  w.ustring(path);
  writeStatOf(w, stat);
}

/**
 * Asks for the Stat of a node, if it is there (op 3). A missing node is error -101, not an
 * answer.
 */
export interface ExistsRequest {
  /** Path of the node. */
  path: string | null;
  /** Leave a one-shot watch, also when there is no node: then for its creation. */
  watch: boolean;
}

/** ExistsRequest => path:ustring watch:boolean */
export function readExistsRequest(r: JuteReader): ExistsRequest {
  const path = r.ustring();
  const watch = r.bool();
  return { path, watch };
}

/** ExistsRequest => path:ustring watch:boolean */
export function writeExistsRequest(w: JuteWriter, path: string, watch: boolean): void {
  w.ustring(path);
  w.bool(watch);
}

/** Bytes of every ExistsResponse. */
export const EXISTS_RESPONSE_BYTES = 68;

/** Answers exists. */
export interface ExistsResponse {
  /** The node. */
  stat: Stat;
}

/** ExistsResponse => stat:Stat */
export function readExistsResponse(r: JuteReader): ExistsResponse {
  return { stat: readStat(r) };
}

/** ExistsResponse => stat:Stat */
export function writeExistsResponse(w: JuteWriter, stat: Stat): void {
  writeStatOf(w, stat);
}

/** Answers getData, and reconfig (with the new configuration as data). */
export interface GetDataResponse {
  /** The data; null for a node that was created or set with null. */
  data: Buffer | null;
  /** The node. */
  stat: Stat;
}

/** GetDataResponse => data:buffer? stat:Stat */
export function readGetDataResponse(r: JuteReader): GetDataResponse {
  const data = r.buffer();
  const stat = readStat(r);
  return { data, stat };
}

/** GetDataResponse => data:buffer? stat:Stat */
export function writeGetDataResponse(w: JuteWriter, data: Uint8Array | null, stat: Stat): void {
  w.buffer(data);
  writeStatOf(w, stat);
}

/** Answers getChildren. */
export interface GetChildrenResponse {
  /** Names (not paths) in no particular order. */
  children: (string | null)[] | null;
}

/** GetChildrenResponse => children:vector<ustring> */
export function readGetChildrenResponse(r: JuteReader): GetChildrenResponse {
  return { children: readUstringVector(r) };
}

/** GetChildrenResponse => children:vector<ustring> */
export function writeGetChildrenResponse(w: JuteWriter, children: readonly string[]): void {
  writeUstringVector(w, children);
}

/** Bytes of every GetAllChildrenNumberResponse. */
export const GET_ALL_CHILDREN_NUMBER_RESPONSE_BYTES = 4;

/** Answers getAllChildrenNumber. */
export interface GetAllChildrenNumberResponse {
  /** Nodes below the one asked for, at any depth. */
  totalNumber: number;
}

/** GetAllChildrenNumberResponse => totalNumber:int */
export function readGetAllChildrenNumberResponse(r: JuteReader): GetAllChildrenNumberResponse {
  return { totalNumber: r.int() };
}

/** GetAllChildrenNumberResponse => totalNumber:int */
export function writeGetAllChildrenNumberResponse(w: JuteWriter, totalNumber: number): void {
  w.int(totalNumber);
}

/** Answers getChildren2. */
export interface GetChildren2Response {
  /** Names (not paths) in no particular order. */
  children: (string | null)[] | null;
  /** The parent. */
  stat: Stat;
}

/** GetChildren2Response => children:vector<ustring> stat:Stat */
export function readGetChildren2Response(r: JuteReader): GetChildren2Response {
  const children = readUstringVector(r);
  const stat = readStat(r);
  return { children, stat };
}

/** GetChildren2Response => children:vector<ustring> stat:Stat */
export function writeGetChildren2Response(
  w: JuteWriter,
  children: readonly string[],
  stat: Stat,
): void {
  writeUstringVector(w, children);
  writeStatOf(w, stat);
}

/** Answers getACL. */
export interface GetACLResponse {
  /** Who may do what. Without admin permission digest identities come back as `user:x`. */
  acl: ACL[] | null;
  /** The node. */
  stat: Stat;
}

/** GetACLResponse => acl:vector<ACL> stat:Stat */
export function readGetACLResponse(r: JuteReader): GetACLResponse {
  const acl = readACLVector(r);
  const stat = readStat(r);
  return { acl, stat };
}

/** GetACLResponse => acl:vector<ACL> stat:Stat */
export function writeGetACLResponse(w: JuteWriter, acl: readonly ACL[], stat: Stat): void {
  writeACLVector(w, acl);
  writeStatOf(w, stat);
}

/**
 * Asks whether this connection has a watch (op 17, since 3.5). No body in the reply; error -121
 * when there is none.
 */
export interface CheckWatchesRequest {
  /** Path that is watched. */
  path: string | null;
  /** 1 children, 2 data, 3 any; 4 persistent and 5 persistent recursive since 3.9. */
  type: number;
}

/** CheckWatchesRequest => path:ustring type:int */
export function readCheckWatchesRequest(r: JuteReader): CheckWatchesRequest {
  const path = r.ustring();
  const type = r.int();
  return { path, type };
}

/** CheckWatchesRequest => path:ustring type:int */
export function writeCheckWatchesRequest(w: JuteWriter, path: string, type: number): void {
  w.ustring(path);
  w.int(type);
}

/**
 * Removes watches of this connection (op 18, since 3.5). No body in the reply; error -121 when
 * there is none.
 */
export interface RemoveWatchesRequest {
  /** Path that is watched. */
  path: string | null;
  /** 1 children, 2 data, 3 any; 4 persistent and 5 persistent recursive since 3.9. */
  type: number;
}

/** RemoveWatchesRequest => path:ustring type:int */
export function readRemoveWatchesRequest(r: JuteReader): RemoveWatchesRequest {
  const path = r.ustring();
  const type = r.int();
  return { path, type };
}

/** RemoveWatchesRequest => path:ustring type:int */
export function writeRemoveWatchesRequest(w: JuteWriter, path: string, type: number): void {
  w.ustring(path);
  w.int(type);
}

/** Asks for the ephemeral nodes of this session (op 103, since 3.6). */
export interface GetEphemeralsRequest {
  /** What the paths must start with. Null, blank and `/` give all. */
  prefixPath: string | null;
}

/** GetEphemeralsRequest => prefixPath:ustring? */
export function readGetEphemeralsRequest(r: JuteReader): GetEphemeralsRequest {
  return { prefixPath: r.ustring() };
}

/** GetEphemeralsRequest => prefixPath:ustring? */
export function writeGetEphemeralsRequest(w: JuteWriter, prefixPath: string | null): void {
  w.ustring(prefixPath);
}

/** Answers getEphemerals. */
export interface GetEphemeralsResponse {
  /** Paths from the root of the server's tree, in no particular order. */
  ephemerals: (string | null)[] | null;
}

/** GetEphemeralsResponse => ephemerals:vector<ustring> */
export function readGetEphemeralsResponse(r: JuteReader): GetEphemeralsResponse {
  return { ephemerals: readUstringVector(r) };
}

/** GetEphemeralsResponse => ephemerals:vector<ustring> */
export function writeGetEphemeralsResponse(w: JuteWriter, ephemerals: readonly string[]): void {
  writeUstringVector(w, ephemerals);
}

/** Answers whoAmI (op 107, since 3.7), a request without a body. */
export interface WhoAmIResponse {
  /** Identities of the session, in no particular order. */
  clientInfo: ClientInfo[] | null;
}

/** WhoAmIResponse => clientInfo:vector<ClientInfo> */
export function readWhoAmIResponse(r: JuteReader): WhoAmIResponse {
  return { clientInfo: readClientInfoVector(r) };
}

/** WhoAmIResponse => clientInfo:vector<ClientInfo> */
export function writeWhoAmIResponse(w: JuteWriter, clientInfo: readonly ClientInfo[]): void {
  writeClientInfoVector(w, clientInfo);
}

function readUstringVector(r: JuteReader): (string | null)[] | null {
  const n = r.count(4);
  if (n < 0) return null;
  const items = new Array<string | null>(n);
  for (let i = 0; i < n; i++) items[i] = r.ustring();
  return items;
}

function writeUstringVector(w: JuteWriter, items: readonly string[] | null): void {
  if (items === null) {
    w.count(-1);
    return;
  }
  const n = items.length;
  w.count(n);
  for (let i = 0; i < n; i++) w.ustring(items[i]!);
}

function readACLVector(r: JuteReader): ACL[] | null {
  const n = r.count(ACL_MIN_BYTES);
  if (n < 0) return null;
  const items = new Array<ACL>(n);
  for (let i = 0; i < n; i++) items[i] = readACL(r);
  return items;
}

function writeACLVector(w: JuteWriter, items: readonly ACL[] | null): void {
  if (items === null) {
    w.count(-1);
    return;
  }
  const n = items.length;
  w.count(n);
  for (let i = 0; i < n; i++) writeACLOf(w, items[i]!);
}

function readClientInfoVector(r: JuteReader): ClientInfo[] | null {
  const n = r.count(CLIENT_INFO_MIN_BYTES);
  if (n < 0) return null;
  const items = new Array<ClientInfo>(n);
  for (let i = 0; i < n; i++) items[i] = readClientInfo(r);
  return items;
}

function writeClientInfoVector(w: JuteWriter, items: readonly ClientInfo[] | null): void {
  if (items === null) {
    w.count(-1);
    return;
  }
  const n = items.length;
  w.count(n);
  for (let i = 0; i < n; i++) writeClientInfoOf(w, items[i]!);
}
