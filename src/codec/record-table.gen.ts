// GENERATED from schema/client.jute by tools/jute-gen. Do not edit: change the schema and run
// `npm run generate`.

import type { JuteReader } from './jute-reader.ts';
import type { JuteWriter } from './jute-writer.ts';
import {
  type ACL,
  type AddWatchRequest,
  type AuthPacket,
  type CheckVersionRequest,
  type CheckWatchesRequest,
  type ClientInfo,
  type ConnectRequest,
  type ConnectResponse,
  type Create2Response,
  type CreateRequest,
  type CreateResponse,
  type CreateTTLRequest,
  type DeleteRequest,
  type ErrorResponse,
  type ExistsRequest,
  type ExistsResponse,
  type GetACLRequest,
  type GetACLResponse,
  type GetAllChildrenNumberRequest,
  type GetAllChildrenNumberResponse,
  type GetChildren2Request,
  type GetChildren2Response,
  type GetChildrenRequest,
  type GetChildrenResponse,
  type GetDataRequest,
  type GetDataResponse,
  type GetEphemeralsRequest,
  type GetEphemeralsResponse,
  type GetMaxChildrenRequest,
  type GetMaxChildrenResponse,
  type GetSASLRequest,
  type Id,
  type MultiHeader,
  type ReconfigRequest,
  type RemoveWatchesRequest,
  type ReplyHeader,
  type RequestHeader,
  type SetACLRequest,
  type SetACLResponse,
  type SetDataRequest,
  type SetDataResponse,
  type SetMaxChildrenRequest,
  type SetSASLRequest,
  type SetSASLResponse,
  type SetWatches,
  type SetWatches2,
  type Stat,
  type StatPersisted,
  type SyncRequest,
  type SyncResponse,
  type WatcherEvent,
  type WhoAmIResponse,
  readACL,
  readAddWatchRequest,
  readAuthPacket,
  readCheckVersionRequest,
  readCheckWatchesRequest,
  readClientInfo,
  readConnectRequest,
  readConnectResponse,
  readCreate2Response,
  readCreateRequest,
  readCreateResponse,
  readCreateTTLRequest,
  readDeleteRequest,
  readErrorResponse,
  readExistsRequest,
  readExistsResponse,
  readGetACLRequest,
  readGetACLResponse,
  readGetAllChildrenNumberRequest,
  readGetAllChildrenNumberResponse,
  readGetChildren2Request,
  readGetChildren2Response,
  readGetChildrenRequest,
  readGetChildrenResponse,
  readGetDataRequest,
  readGetDataResponse,
  readGetEphemeralsRequest,
  readGetEphemeralsResponse,
  readGetMaxChildrenRequest,
  readGetMaxChildrenResponse,
  readGetSASLRequest,
  readId,
  readMultiHeader,
  readReconfigRequest,
  readRemoveWatchesRequest,
  readReplyHeader,
  readRequestHeader,
  readSetACLRequest,
  readSetACLResponse,
  readSetDataRequest,
  readSetDataResponse,
  readSetMaxChildrenRequest,
  readSetSASLRequest,
  readSetSASLResponse,
  readSetWatches,
  readSetWatches2,
  readStat,
  readStatPersisted,
  readSyncRequest,
  readSyncResponse,
  readWatcherEvent,
  readWhoAmIResponse,
  writeACL,
  writeAddWatchRequest,
  writeAuthPacket,
  writeCheckVersionRequest,
  writeCheckWatchesRequest,
  writeClientInfo,
  writeConnectRequest,
  writeConnectResponse,
  writeCreate2Response,
  writeCreateRequest,
  writeCreateResponse,
  writeCreateTTLRequest,
  writeDeleteRequest,
  writeErrorResponse,
  writeExistsRequest,
  writeExistsResponse,
  writeGetACLRequest,
  writeGetACLResponse,
  writeGetAllChildrenNumberRequest,
  writeGetAllChildrenNumberResponse,
  writeGetChildren2Request,
  writeGetChildren2Response,
  writeGetChildrenRequest,
  writeGetChildrenResponse,
  writeGetDataRequest,
  writeGetDataResponse,
  writeGetEphemeralsRequest,
  writeGetEphemeralsResponse,
  writeGetMaxChildrenRequest,
  writeGetMaxChildrenResponse,
  writeGetSASLRequest,
  writeId,
  writeMultiHeader,
  writeReconfigRequest,
  writeRemoveWatchesRequest,
  writeReplyHeader,
  writeRequestHeader,
  writeSetACLRequest,
  writeSetACLResponse,
  writeSetDataRequest,
  writeSetDataResponse,
  writeSetMaxChildrenRequest,
  writeSetSASLRequest,
  writeSetSASLResponse,
  writeSetWatches,
  writeSetWatches2,
  writeStat,
  writeStatPersisted,
  writeSyncRequest,
  writeSyncResponse,
  writeWatcherEvent,
  writeWhoAmIResponse,
} from './records.gen.ts';

/** One field of a record. */
export interface RecordField {
  /** As Apache has it. */
  readonly name: string;
  /** In jute notation: `long`, `vector<ACL>`. */
  readonly type: string;
  /** A correct peer may send null. */
  readonly nullable: boolean;
}

/** A record for code that handles any of them. */
export interface RecordCodec<T> {
  /** As Apache has it: `GetDataRequest`. */
  readonly name: string;
  /** Module that declares it: `org.apache.zookeeper.proto`. */
  readonly module: string;
  /** `GetDataRequest => path:ustring watch:boolean`; `?` marks what may be null. */
  readonly grammar: string;
  /** Bytes of the shortest value. */
  readonly minBytes: number;
  /** Bytes of every value, or null when they differ. */
  readonly fixedBytes: number | null;
  /** In wire order. */
  readonly fields: readonly RecordField[];
  /** Reads a value. Throws a WireError. */
  read(r: JuteReader): T;
  /** Writes what `read` gave, nulls included, strict or not. */
  write(w: JuteWriter, record: T): void;
}

/** Type of `RECORDS`. */
export interface Records {
  readonly Id: RecordCodec<Id>;
  readonly ACL: RecordCodec<ACL>;
  readonly Stat: RecordCodec<Stat>;
  readonly StatPersisted: RecordCodec<StatPersisted>;
  readonly ClientInfo: RecordCodec<ClientInfo>;
  readonly ConnectRequest: RecordCodec<ConnectRequest>;
  readonly ConnectResponse: RecordCodec<ConnectResponse>;
  readonly SetWatches: RecordCodec<SetWatches>;
  readonly SetWatches2: RecordCodec<SetWatches2>;
  readonly RequestHeader: RecordCodec<RequestHeader>;
  readonly MultiHeader: RecordCodec<MultiHeader>;
  readonly AuthPacket: RecordCodec<AuthPacket>;
  readonly ReplyHeader: RecordCodec<ReplyHeader>;
  readonly GetDataRequest: RecordCodec<GetDataRequest>;
  readonly SetDataRequest: RecordCodec<SetDataRequest>;
  readonly ReconfigRequest: RecordCodec<ReconfigRequest>;
  readonly SetDataResponse: RecordCodec<SetDataResponse>;
  readonly GetSASLRequest: RecordCodec<GetSASLRequest>;
  readonly SetSASLRequest: RecordCodec<SetSASLRequest>;
  readonly SetSASLResponse: RecordCodec<SetSASLResponse>;
  readonly CreateRequest: RecordCodec<CreateRequest>;
  readonly CreateTTLRequest: RecordCodec<CreateTTLRequest>;
  readonly DeleteRequest: RecordCodec<DeleteRequest>;
  readonly GetChildrenRequest: RecordCodec<GetChildrenRequest>;
  readonly GetAllChildrenNumberRequest: RecordCodec<GetAllChildrenNumberRequest>;
  readonly GetChildren2Request: RecordCodec<GetChildren2Request>;
  readonly CheckVersionRequest: RecordCodec<CheckVersionRequest>;
  readonly GetMaxChildrenRequest: RecordCodec<GetMaxChildrenRequest>;
  readonly GetMaxChildrenResponse: RecordCodec<GetMaxChildrenResponse>;
  readonly SetMaxChildrenRequest: RecordCodec<SetMaxChildrenRequest>;
  readonly SyncRequest: RecordCodec<SyncRequest>;
  readonly SyncResponse: RecordCodec<SyncResponse>;
  readonly GetACLRequest: RecordCodec<GetACLRequest>;
  readonly SetACLRequest: RecordCodec<SetACLRequest>;
  readonly SetACLResponse: RecordCodec<SetACLResponse>;
  readonly AddWatchRequest: RecordCodec<AddWatchRequest>;
  readonly WatcherEvent: RecordCodec<WatcherEvent>;
  readonly ErrorResponse: RecordCodec<ErrorResponse>;
  readonly CreateResponse: RecordCodec<CreateResponse>;
  readonly Create2Response: RecordCodec<Create2Response>;
  readonly ExistsRequest: RecordCodec<ExistsRequest>;
  readonly ExistsResponse: RecordCodec<ExistsResponse>;
  readonly GetDataResponse: RecordCodec<GetDataResponse>;
  readonly GetChildrenResponse: RecordCodec<GetChildrenResponse>;
  readonly GetAllChildrenNumberResponse: RecordCodec<GetAllChildrenNumberResponse>;
  readonly GetChildren2Response: RecordCodec<GetChildren2Response>;
  readonly GetACLResponse: RecordCodec<GetACLResponse>;
  readonly CheckWatchesRequest: RecordCodec<CheckWatchesRequest>;
  readonly RemoveWatchesRequest: RecordCodec<RemoveWatchesRequest>;
  readonly GetEphemeralsRequest: RecordCodec<GetEphemeralsRequest>;
  readonly GetEphemeralsResponse: RecordCodec<GetEphemeralsResponse>;
  readonly WhoAmIResponse: RecordCodec<WhoAmIResponse>;
}

/** Name of a record of the schema. */
export type RecordName = keyof Records;

/** Every record of the schema by name, in the order of the schema. */
export const RECORDS: Records = {
  Id: {
    name: 'Id',
    module: 'org.apache.zookeeper.data',
    grammar: 'Id => scheme:ustring id:ustring',
    minBytes: 8,
    fixedBytes: null,
    fields: [
      { name: 'scheme', type: 'ustring', nullable: false },
      { name: 'id', type: 'ustring', nullable: false },
    ],
    read: readId,
    write(w, record) {
      writeId(w, record.scheme as string, record.id as string);
    },
  },
  ACL: {
    name: 'ACL',
    module: 'org.apache.zookeeper.data',
    grammar: 'ACL => perms:int id:Id',
    minBytes: 12,
    fixedBytes: null,
    fields: [
      { name: 'perms', type: 'int', nullable: false },
      { name: 'id', type: 'Id', nullable: false },
    ],
    read: readACL,
    write(w, record) {
      writeACL(w, record.perms, record.id);
    },
  },
  Stat: {
    name: 'Stat',
    module: 'org.apache.zookeeper.data',
    grammar: 'Stat => czxid:long mzxid:long ctime:long mtime:long version:int cversion:int aversion:int ephemeralOwner:long dataLength:int numChildren:int pzxid:long',
    minBytes: 68,
    fixedBytes: 68,
    fields: [
      { name: 'czxid', type: 'long', nullable: false },
      { name: 'mzxid', type: 'long', nullable: false },
      { name: 'ctime', type: 'long', nullable: false },
      { name: 'mtime', type: 'long', nullable: false },
      { name: 'version', type: 'int', nullable: false },
      { name: 'cversion', type: 'int', nullable: false },
      { name: 'aversion', type: 'int', nullable: false },
      { name: 'ephemeralOwner', type: 'long', nullable: false },
      { name: 'dataLength', type: 'int', nullable: false },
      { name: 'numChildren', type: 'int', nullable: false },
      { name: 'pzxid', type: 'long', nullable: false },
    ],
    read: readStat,
    write(w, record) {
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
    },
  },
  StatPersisted: {
    name: 'StatPersisted',
    module: 'org.apache.zookeeper.data',
    grammar: 'StatPersisted => czxid:long mzxid:long ctime:long mtime:long version:int cversion:int aversion:int ephemeralOwner:long pzxid:long',
    minBytes: 60,
    fixedBytes: 60,
    fields: [
      { name: 'czxid', type: 'long', nullable: false },
      { name: 'mzxid', type: 'long', nullable: false },
      { name: 'ctime', type: 'long', nullable: false },
      { name: 'mtime', type: 'long', nullable: false },
      { name: 'version', type: 'int', nullable: false },
      { name: 'cversion', type: 'int', nullable: false },
      { name: 'aversion', type: 'int', nullable: false },
      { name: 'ephemeralOwner', type: 'long', nullable: false },
      { name: 'pzxid', type: 'long', nullable: false },
    ],
    read: readStatPersisted,
    write(w, record) {
      writeStatPersisted(
        w,
        record.czxid,
        record.mzxid,
        record.ctime,
        record.mtime,
        record.version,
        record.cversion,
        record.aversion,
        record.ephemeralOwner,
        record.pzxid,
      );
    },
  },
  ClientInfo: {
    name: 'ClientInfo',
    module: 'org.apache.zookeeper.data',
    grammar: 'ClientInfo => authScheme:ustring user:ustring',
    minBytes: 8,
    fixedBytes: null,
    fields: [
      { name: 'authScheme', type: 'ustring', nullable: false },
      { name: 'user', type: 'ustring', nullable: false },
    ],
    read: readClientInfo,
    write(w, record) {
      writeClientInfo(w, record.authScheme as string, record.user as string);
    },
  },
  ConnectRequest: {
    name: 'ConnectRequest',
    module: 'org.apache.zookeeper.proto',
    grammar: 'ConnectRequest => protocolVersion:int lastZxidSeen:long timeOut:int sessionId:long passwd:buffer readOnly:boolean',
    minBytes: 29,
    fixedBytes: null,
    fields: [
      { name: 'protocolVersion', type: 'int', nullable: false },
      { name: 'lastZxidSeen', type: 'long', nullable: false },
      { name: 'timeOut', type: 'int', nullable: false },
      { name: 'sessionId', type: 'long', nullable: false },
      { name: 'passwd', type: 'buffer', nullable: false },
      { name: 'readOnly', type: 'boolean', nullable: false },
    ],
    read: readConnectRequest,
    write(w, record) {
      writeConnectRequest(
        w,
        record.protocolVersion,
        record.lastZxidSeen,
        record.timeOut,
        record.sessionId,
        record.passwd as Uint8Array,
        record.readOnly,
      );
    },
  },
  ConnectResponse: {
    name: 'ConnectResponse',
    module: 'org.apache.zookeeper.proto',
    grammar: 'ConnectResponse => protocolVersion:int timeOut:int sessionId:long passwd:buffer readOnly:boolean',
    minBytes: 21,
    fixedBytes: null,
    fields: [
      { name: 'protocolVersion', type: 'int', nullable: false },
      { name: 'timeOut', type: 'int', nullable: false },
      { name: 'sessionId', type: 'long', nullable: false },
      { name: 'passwd', type: 'buffer', nullable: false },
      { name: 'readOnly', type: 'boolean', nullable: false },
    ],
    read: readConnectResponse,
    write(w, record) {
      writeConnectResponse(
        w,
        record.protocolVersion,
        record.timeOut,
        record.sessionId,
        record.passwd as Uint8Array,
        record.readOnly,
      );
    },
  },
  SetWatches: {
    name: 'SetWatches',
    module: 'org.apache.zookeeper.proto',
    grammar: 'SetWatches => relativeZxid:long dataWatches:vector<ustring> existWatches:vector<ustring> childWatches:vector<ustring>',
    minBytes: 20,
    fixedBytes: null,
    fields: [
      { name: 'relativeZxid', type: 'long', nullable: false },
      { name: 'dataWatches', type: 'vector<ustring>', nullable: false },
      { name: 'existWatches', type: 'vector<ustring>', nullable: false },
      { name: 'childWatches', type: 'vector<ustring>', nullable: false },
    ],
    read: readSetWatches,
    write(w, record) {
      writeSetWatches(
        w,
        record.relativeZxid,
        record.dataWatches as readonly string[],
        record.existWatches as readonly string[],
        record.childWatches as readonly string[],
      );
    },
  },
  SetWatches2: {
    name: 'SetWatches2',
    module: 'org.apache.zookeeper.proto',
    grammar: 'SetWatches2 => relativeZxid:long dataWatches:vector<ustring> existWatches:vector<ustring> childWatches:vector<ustring> persistentWatches:vector<ustring> persistentRecursiveWatches:vector<ustring>',
    minBytes: 28,
    fixedBytes: null,
    fields: [
      { name: 'relativeZxid', type: 'long', nullable: false },
      { name: 'dataWatches', type: 'vector<ustring>', nullable: false },
      { name: 'existWatches', type: 'vector<ustring>', nullable: false },
      { name: 'childWatches', type: 'vector<ustring>', nullable: false },
      { name: 'persistentWatches', type: 'vector<ustring>', nullable: false },
      { name: 'persistentRecursiveWatches', type: 'vector<ustring>', nullable: false },
    ],
    read: readSetWatches2,
    write(w, record) {
      writeSetWatches2(
        w,
        record.relativeZxid,
        record.dataWatches as readonly string[],
        record.existWatches as readonly string[],
        record.childWatches as readonly string[],
        record.persistentWatches as readonly string[],
        record.persistentRecursiveWatches as readonly string[],
      );
    },
  },
  RequestHeader: {
    name: 'RequestHeader',
    module: 'org.apache.zookeeper.proto',
    grammar: 'RequestHeader => xid:int type:int',
    minBytes: 8,
    fixedBytes: 8,
    fields: [
      { name: 'xid', type: 'int', nullable: false },
      { name: 'type', type: 'int', nullable: false },
    ],
    read: readRequestHeader,
    write(w, record) {
      writeRequestHeader(w, record.xid, record.type);
    },
  },
  MultiHeader: {
    name: 'MultiHeader',
    module: 'org.apache.zookeeper.proto',
    grammar: 'MultiHeader => type:int done:boolean err:int',
    minBytes: 9,
    fixedBytes: 9,
    fields: [
      { name: 'type', type: 'int', nullable: false },
      { name: 'done', type: 'boolean', nullable: false },
      { name: 'err', type: 'int', nullable: false },
    ],
    read: readMultiHeader,
    write(w, record) {
      writeMultiHeader(w, record.type, record.done, record.err);
    },
  },
  AuthPacket: {
    name: 'AuthPacket',
    module: 'org.apache.zookeeper.proto',
    grammar: 'AuthPacket => type:int scheme:ustring auth:buffer?',
    minBytes: 12,
    fixedBytes: null,
    fields: [
      { name: 'type', type: 'int', nullable: false },
      { name: 'scheme', type: 'ustring', nullable: false },
      { name: 'auth', type: 'buffer', nullable: true },
    ],
    read: readAuthPacket,
    write(w, record) {
      writeAuthPacket(w, record.type, record.scheme as string, record.auth);
    },
  },
  ReplyHeader: {
    name: 'ReplyHeader',
    module: 'org.apache.zookeeper.proto',
    grammar: 'ReplyHeader => xid:int zxid:long err:int',
    minBytes: 16,
    fixedBytes: 16,
    fields: [
      { name: 'xid', type: 'int', nullable: false },
      { name: 'zxid', type: 'long', nullable: false },
      { name: 'err', type: 'int', nullable: false },
    ],
    read: readReplyHeader,
    write(w, record) {
      writeReplyHeader(w, record.xid, record.zxid, record.err);
    },
  },
  GetDataRequest: {
    name: 'GetDataRequest',
    module: 'org.apache.zookeeper.proto',
    grammar: 'GetDataRequest => path:ustring watch:boolean',
    minBytes: 5,
    fixedBytes: null,
    fields: [
      { name: 'path', type: 'ustring', nullable: false },
      { name: 'watch', type: 'boolean', nullable: false },
    ],
    read: readGetDataRequest,
    write(w, record) {
      writeGetDataRequest(w, record.path as string, record.watch);
    },
  },
  SetDataRequest: {
    name: 'SetDataRequest',
    module: 'org.apache.zookeeper.proto',
    grammar: 'SetDataRequest => path:ustring data:buffer? version:int',
    minBytes: 12,
    fixedBytes: null,
    fields: [
      { name: 'path', type: 'ustring', nullable: false },
      { name: 'data', type: 'buffer', nullable: true },
      { name: 'version', type: 'int', nullable: false },
    ],
    read: readSetDataRequest,
    write(w, record) {
      writeSetDataRequest(w, record.path as string, record.data, record.version);
    },
  },
  ReconfigRequest: {
    name: 'ReconfigRequest',
    module: 'org.apache.zookeeper.proto',
    grammar: 'ReconfigRequest => joiningServers:ustring? leavingServers:ustring? newMembers:ustring? curConfigId:long',
    minBytes: 20,
    fixedBytes: null,
    fields: [
      { name: 'joiningServers', type: 'ustring', nullable: true },
      { name: 'leavingServers', type: 'ustring', nullable: true },
      { name: 'newMembers', type: 'ustring', nullable: true },
      { name: 'curConfigId', type: 'long', nullable: false },
    ],
    read: readReconfigRequest,
    write(w, record) {
      writeReconfigRequest(
        w,
        record.joiningServers,
        record.leavingServers,
        record.newMembers,
        record.curConfigId,
      );
    },
  },
  SetDataResponse: {
    name: 'SetDataResponse',
    module: 'org.apache.zookeeper.proto',
    grammar: 'SetDataResponse => stat:Stat',
    minBytes: 68,
    fixedBytes: 68,
    fields: [
      { name: 'stat', type: 'Stat', nullable: false },
    ],
    read: readSetDataResponse,
    write(w, record) {
      writeSetDataResponse(w, record.stat);
    },
  },
  GetSASLRequest: {
    name: 'GetSASLRequest',
    module: 'org.apache.zookeeper.proto',
    grammar: 'GetSASLRequest => token:buffer',
    minBytes: 4,
    fixedBytes: null,
    fields: [
      { name: 'token', type: 'buffer', nullable: false },
    ],
    read: readGetSASLRequest,
    write(w, record) {
      writeGetSASLRequest(w, record.token as Uint8Array);
    },
  },
  SetSASLRequest: {
    name: 'SetSASLRequest',
    module: 'org.apache.zookeeper.proto',
    grammar: 'SetSASLRequest => token:buffer',
    minBytes: 4,
    fixedBytes: null,
    fields: [
      { name: 'token', type: 'buffer', nullable: false },
    ],
    read: readSetSASLRequest,
    write(w, record) {
      writeSetSASLRequest(w, record.token as Uint8Array);
    },
  },
  SetSASLResponse: {
    name: 'SetSASLResponse',
    module: 'org.apache.zookeeper.proto',
    grammar: 'SetSASLResponse => token:buffer?',
    minBytes: 4,
    fixedBytes: null,
    fields: [
      { name: 'token', type: 'buffer', nullable: true },
    ],
    read: readSetSASLResponse,
    write(w, record) {
      writeSetSASLResponse(w, record.token);
    },
  },
  CreateRequest: {
    name: 'CreateRequest',
    module: 'org.apache.zookeeper.proto',
    grammar: 'CreateRequest => path:ustring data:buffer? acl:vector<ACL> flags:int',
    minBytes: 16,
    fixedBytes: null,
    fields: [
      { name: 'path', type: 'ustring', nullable: false },
      { name: 'data', type: 'buffer', nullable: true },
      { name: 'acl', type: 'vector<ACL>', nullable: false },
      { name: 'flags', type: 'int', nullable: false },
    ],
    read: readCreateRequest,
    write(w, record) {
      writeCreateRequest(
        w,
        record.path as string,
        record.data,
        record.acl as readonly ACL[],
        record.flags,
      );
    },
  },
  CreateTTLRequest: {
    name: 'CreateTTLRequest',
    module: 'org.apache.zookeeper.proto',
    grammar: 'CreateTTLRequest => path:ustring data:buffer? acl:vector<ACL> flags:int ttl:long',
    minBytes: 24,
    fixedBytes: null,
    fields: [
      { name: 'path', type: 'ustring', nullable: false },
      { name: 'data', type: 'buffer', nullable: true },
      { name: 'acl', type: 'vector<ACL>', nullable: false },
      { name: 'flags', type: 'int', nullable: false },
      { name: 'ttl', type: 'long', nullable: false },
    ],
    read: readCreateTTLRequest,
    write(w, record) {
      writeCreateTTLRequest(
        w,
        record.path as string,
        record.data,
        record.acl as readonly ACL[],
        record.flags,
        record.ttl,
      );
    },
  },
  DeleteRequest: {
    name: 'DeleteRequest',
    module: 'org.apache.zookeeper.proto',
    grammar: 'DeleteRequest => path:ustring version:int',
    minBytes: 8,
    fixedBytes: null,
    fields: [
      { name: 'path', type: 'ustring', nullable: false },
      { name: 'version', type: 'int', nullable: false },
    ],
    read: readDeleteRequest,
    write(w, record) {
      writeDeleteRequest(w, record.path as string, record.version);
    },
  },
  GetChildrenRequest: {
    name: 'GetChildrenRequest',
    module: 'org.apache.zookeeper.proto',
    grammar: 'GetChildrenRequest => path:ustring watch:boolean',
    minBytes: 5,
    fixedBytes: null,
    fields: [
      { name: 'path', type: 'ustring', nullable: false },
      { name: 'watch', type: 'boolean', nullable: false },
    ],
    read: readGetChildrenRequest,
    write(w, record) {
      writeGetChildrenRequest(w, record.path as string, record.watch);
    },
  },
  GetAllChildrenNumberRequest: {
    name: 'GetAllChildrenNumberRequest',
    module: 'org.apache.zookeeper.proto',
    grammar: 'GetAllChildrenNumberRequest => path:ustring',
    minBytes: 4,
    fixedBytes: null,
    fields: [
      { name: 'path', type: 'ustring', nullable: false },
    ],
    read: readGetAllChildrenNumberRequest,
    write(w, record) {
      writeGetAllChildrenNumberRequest(w, record.path as string);
    },
  },
  GetChildren2Request: {
    name: 'GetChildren2Request',
    module: 'org.apache.zookeeper.proto',
    grammar: 'GetChildren2Request => path:ustring watch:boolean',
    minBytes: 5,
    fixedBytes: null,
    fields: [
      { name: 'path', type: 'ustring', nullable: false },
      { name: 'watch', type: 'boolean', nullable: false },
    ],
    read: readGetChildren2Request,
    write(w, record) {
      writeGetChildren2Request(w, record.path as string, record.watch);
    },
  },
  CheckVersionRequest: {
    name: 'CheckVersionRequest',
    module: 'org.apache.zookeeper.proto',
    grammar: 'CheckVersionRequest => path:ustring version:int',
    minBytes: 8,
    fixedBytes: null,
    fields: [
      { name: 'path', type: 'ustring', nullable: false },
      { name: 'version', type: 'int', nullable: false },
    ],
    read: readCheckVersionRequest,
    write(w, record) {
      writeCheckVersionRequest(w, record.path as string, record.version);
    },
  },
  GetMaxChildrenRequest: {
    name: 'GetMaxChildrenRequest',
    module: 'org.apache.zookeeper.proto',
    grammar: 'GetMaxChildrenRequest => path:ustring',
    minBytes: 4,
    fixedBytes: null,
    fields: [
      { name: 'path', type: 'ustring', nullable: false },
    ],
    read: readGetMaxChildrenRequest,
    write(w, record) {
      writeGetMaxChildrenRequest(w, record.path as string);
    },
  },
  GetMaxChildrenResponse: {
    name: 'GetMaxChildrenResponse',
    module: 'org.apache.zookeeper.proto',
    grammar: 'GetMaxChildrenResponse => max:int',
    minBytes: 4,
    fixedBytes: 4,
    fields: [
      { name: 'max', type: 'int', nullable: false },
    ],
    read: readGetMaxChildrenResponse,
    write(w, record) {
      writeGetMaxChildrenResponse(w, record.max);
    },
  },
  SetMaxChildrenRequest: {
    name: 'SetMaxChildrenRequest',
    module: 'org.apache.zookeeper.proto',
    grammar: 'SetMaxChildrenRequest => path:ustring max:int',
    minBytes: 8,
    fixedBytes: null,
    fields: [
      { name: 'path', type: 'ustring', nullable: false },
      { name: 'max', type: 'int', nullable: false },
    ],
    read: readSetMaxChildrenRequest,
    write(w, record) {
      writeSetMaxChildrenRequest(w, record.path as string, record.max);
    },
  },
  SyncRequest: {
    name: 'SyncRequest',
    module: 'org.apache.zookeeper.proto',
    grammar: 'SyncRequest => path:ustring',
    minBytes: 4,
    fixedBytes: null,
    fields: [
      { name: 'path', type: 'ustring', nullable: false },
    ],
    read: readSyncRequest,
    write(w, record) {
      writeSyncRequest(w, record.path as string);
    },
  },
  SyncResponse: {
    name: 'SyncResponse',
    module: 'org.apache.zookeeper.proto',
    grammar: 'SyncResponse => path:ustring',
    minBytes: 4,
    fixedBytes: null,
    fields: [
      { name: 'path', type: 'ustring', nullable: false },
    ],
    read: readSyncResponse,
    write(w, record) {
      writeSyncResponse(w, record.path as string);
    },
  },
  GetACLRequest: {
    name: 'GetACLRequest',
    module: 'org.apache.zookeeper.proto',
    grammar: 'GetACLRequest => path:ustring',
    minBytes: 4,
    fixedBytes: null,
    fields: [
      { name: 'path', type: 'ustring', nullable: false },
    ],
    read: readGetACLRequest,
    write(w, record) {
      writeGetACLRequest(w, record.path as string);
    },
  },
  SetACLRequest: {
    name: 'SetACLRequest',
    module: 'org.apache.zookeeper.proto',
    grammar: 'SetACLRequest => path:ustring acl:vector<ACL> version:int',
    minBytes: 12,
    fixedBytes: null,
    fields: [
      { name: 'path', type: 'ustring', nullable: false },
      { name: 'acl', type: 'vector<ACL>', nullable: false },
      { name: 'version', type: 'int', nullable: false },
    ],
    read: readSetACLRequest,
    write(w, record) {
      writeSetACLRequest(w, record.path as string, record.acl as readonly ACL[], record.version);
    },
  },
  SetACLResponse: {
    name: 'SetACLResponse',
    module: 'org.apache.zookeeper.proto',
    grammar: 'SetACLResponse => stat:Stat',
    minBytes: 68,
    fixedBytes: 68,
    fields: [
      { name: 'stat', type: 'Stat', nullable: false },
    ],
    read: readSetACLResponse,
    write(w, record) {
      writeSetACLResponse(w, record.stat);
    },
  },
  AddWatchRequest: {
    name: 'AddWatchRequest',
    module: 'org.apache.zookeeper.proto',
    grammar: 'AddWatchRequest => path:ustring mode:int',
    minBytes: 8,
    fixedBytes: null,
    fields: [
      { name: 'path', type: 'ustring', nullable: false },
      { name: 'mode', type: 'int', nullable: false },
    ],
    read: readAddWatchRequest,
    write(w, record) {
      writeAddWatchRequest(w, record.path as string, record.mode);
    },
  },
  WatcherEvent: {
    name: 'WatcherEvent',
    module: 'org.apache.zookeeper.proto',
    grammar: 'WatcherEvent => type:int state:int path:ustring',
    minBytes: 12,
    fixedBytes: null,
    fields: [
      { name: 'type', type: 'int', nullable: false },
      { name: 'state', type: 'int', nullable: false },
      { name: 'path', type: 'ustring', nullable: false },
    ],
    read: readWatcherEvent,
    write(w, record) {
      writeWatcherEvent(w, record.type, record.state, record.path as string);
    },
  },
  ErrorResponse: {
    name: 'ErrorResponse',
    module: 'org.apache.zookeeper.proto',
    grammar: 'ErrorResponse => err:int',
    minBytes: 4,
    fixedBytes: 4,
    fields: [
      { name: 'err', type: 'int', nullable: false },
    ],
    read: readErrorResponse,
    write(w, record) {
      writeErrorResponse(w, record.err);
    },
  },
  CreateResponse: {
    name: 'CreateResponse',
    module: 'org.apache.zookeeper.proto',
    grammar: 'CreateResponse => path:ustring',
    minBytes: 4,
    fixedBytes: null,
    fields: [
      { name: 'path', type: 'ustring', nullable: false },
    ],
    read: readCreateResponse,
    write(w, record) {
      writeCreateResponse(w, record.path as string);
    },
  },
  Create2Response: {
    name: 'Create2Response',
    module: 'org.apache.zookeeper.proto',
    grammar: 'Create2Response => path:ustring stat:Stat',
    minBytes: 72,
    fixedBytes: null,
    fields: [
      { name: 'path', type: 'ustring', nullable: false },
      { name: 'stat', type: 'Stat', nullable: false },
    ],
    read: readCreate2Response,
    write(w, record) {
      writeCreate2Response(w, record.path as string, record.stat);
    },
  },
  ExistsRequest: {
    name: 'ExistsRequest',
    module: 'org.apache.zookeeper.proto',
    grammar: 'ExistsRequest => path:ustring watch:boolean',
    minBytes: 5,
    fixedBytes: null,
    fields: [
      { name: 'path', type: 'ustring', nullable: false },
      { name: 'watch', type: 'boolean', nullable: false },
    ],
    read: readExistsRequest,
    write(w, record) {
      writeExistsRequest(w, record.path as string, record.watch);
    },
  },
  ExistsResponse: {
    name: 'ExistsResponse',
    module: 'org.apache.zookeeper.proto',
    grammar: 'ExistsResponse => stat:Stat',
    minBytes: 68,
    fixedBytes: 68,
    fields: [
      { name: 'stat', type: 'Stat', nullable: false },
    ],
    read: readExistsResponse,
    write(w, record) {
      writeExistsResponse(w, record.stat);
    },
  },
  GetDataResponse: {
    name: 'GetDataResponse',
    module: 'org.apache.zookeeper.proto',
    grammar: 'GetDataResponse => data:buffer? stat:Stat',
    minBytes: 72,
    fixedBytes: null,
    fields: [
      { name: 'data', type: 'buffer', nullable: true },
      { name: 'stat', type: 'Stat', nullable: false },
    ],
    read: readGetDataResponse,
    write(w, record) {
      writeGetDataResponse(w, record.data, record.stat);
    },
  },
  GetChildrenResponse: {
    name: 'GetChildrenResponse',
    module: 'org.apache.zookeeper.proto',
    grammar: 'GetChildrenResponse => children:vector<ustring>',
    minBytes: 4,
    fixedBytes: null,
    fields: [
      { name: 'children', type: 'vector<ustring>', nullable: false },
    ],
    read: readGetChildrenResponse,
    write(w, record) {
      writeGetChildrenResponse(w, record.children as readonly string[]);
    },
  },
  GetAllChildrenNumberResponse: {
    name: 'GetAllChildrenNumberResponse',
    module: 'org.apache.zookeeper.proto',
    grammar: 'GetAllChildrenNumberResponse => totalNumber:int',
    minBytes: 4,
    fixedBytes: 4,
    fields: [
      { name: 'totalNumber', type: 'int', nullable: false },
    ],
    read: readGetAllChildrenNumberResponse,
    write(w, record) {
      writeGetAllChildrenNumberResponse(w, record.totalNumber);
    },
  },
  GetChildren2Response: {
    name: 'GetChildren2Response',
    module: 'org.apache.zookeeper.proto',
    grammar: 'GetChildren2Response => children:vector<ustring> stat:Stat',
    minBytes: 72,
    fixedBytes: null,
    fields: [
      { name: 'children', type: 'vector<ustring>', nullable: false },
      { name: 'stat', type: 'Stat', nullable: false },
    ],
    read: readGetChildren2Response,
    write(w, record) {
      writeGetChildren2Response(w, record.children as readonly string[], record.stat);
    },
  },
  GetACLResponse: {
    name: 'GetACLResponse',
    module: 'org.apache.zookeeper.proto',
    grammar: 'GetACLResponse => acl:vector<ACL> stat:Stat',
    minBytes: 72,
    fixedBytes: null,
    fields: [
      { name: 'acl', type: 'vector<ACL>', nullable: false },
      { name: 'stat', type: 'Stat', nullable: false },
    ],
    read: readGetACLResponse,
    write(w, record) {
      writeGetACLResponse(w, record.acl as readonly ACL[], record.stat);
    },
  },
  CheckWatchesRequest: {
    name: 'CheckWatchesRequest',
    module: 'org.apache.zookeeper.proto',
    grammar: 'CheckWatchesRequest => path:ustring type:int',
    minBytes: 8,
    fixedBytes: null,
    fields: [
      { name: 'path', type: 'ustring', nullable: false },
      { name: 'type', type: 'int', nullable: false },
    ],
    read: readCheckWatchesRequest,
    write(w, record) {
      writeCheckWatchesRequest(w, record.path as string, record.type);
    },
  },
  RemoveWatchesRequest: {
    name: 'RemoveWatchesRequest',
    module: 'org.apache.zookeeper.proto',
    grammar: 'RemoveWatchesRequest => path:ustring type:int',
    minBytes: 8,
    fixedBytes: null,
    fields: [
      { name: 'path', type: 'ustring', nullable: false },
      { name: 'type', type: 'int', nullable: false },
    ],
    read: readRemoveWatchesRequest,
    write(w, record) {
      writeRemoveWatchesRequest(w, record.path as string, record.type);
    },
  },
  GetEphemeralsRequest: {
    name: 'GetEphemeralsRequest',
    module: 'org.apache.zookeeper.proto',
    grammar: 'GetEphemeralsRequest => prefixPath:ustring?',
    minBytes: 4,
    fixedBytes: null,
    fields: [
      { name: 'prefixPath', type: 'ustring', nullable: true },
    ],
    read: readGetEphemeralsRequest,
    write(w, record) {
      writeGetEphemeralsRequest(w, record.prefixPath);
    },
  },
  GetEphemeralsResponse: {
    name: 'GetEphemeralsResponse',
    module: 'org.apache.zookeeper.proto',
    grammar: 'GetEphemeralsResponse => ephemerals:vector<ustring>',
    minBytes: 4,
    fixedBytes: null,
    fields: [
      { name: 'ephemerals', type: 'vector<ustring>', nullable: false },
    ],
    read: readGetEphemeralsResponse,
    write(w, record) {
      writeGetEphemeralsResponse(w, record.ephemerals as readonly string[]);
    },
  },
  WhoAmIResponse: {
    name: 'WhoAmIResponse',
    module: 'org.apache.zookeeper.proto',
    grammar: 'WhoAmIResponse => clientInfo:vector<ClientInfo>',
    minBytes: 4,
    fixedBytes: null,
    fields: [
      { name: 'clientInfo', type: 'vector<ClientInfo>', nullable: false },
    ],
    read: readWhoAmIResponse,
    write(w, record) {
      writeWhoAmIResponse(w, record.clientInfo as readonly ClientInfo[]);
    },
  },
};
