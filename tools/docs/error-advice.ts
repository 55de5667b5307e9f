import type { ServerCodeName } from 'zkwire/codec';
import type {
  AuthErrorCode,
  ConnectErrorCode,
  LinkErrorCode,
  Outcome,
  RequestErrorCode,
  ServiceErrorCode,
  StorageErrorCode,
  WireErrorCode,
} from 'zkwire/errors';

/** What may have become of a request that failed with a code, and what to do. */
export type RequestAdvice = readonly [outcomes: readonly Outcome[], todo: string];

// The compiler holds these complete: a code without advice does not build.

export const REQUEST_ADVICE: Readonly<Record<RequestErrorCode, RequestAdvice>> = {
  CONNECTION_LOSS: [
    ['unknown', 'not-sent'],
    'a read: repeat it. A write: look whether it was applied',
  ],
  CONNECTION_CLOSED: [['not-sent'], 'nothing: this client is done'],
  NOT_CONNECTED: [['not-sent'], 'repeat it later; wait for the state `session`'],
  SESSION_LOST: [
    ['not-sent'],
    'step down from what the session stands for; repeat it when there is a session',
  ],
  SESSION_EXPIRED: [
    ['not-sent', 'unknown'],
    'make ephemeral nodes and watches again, then repeat what still makes sense',
  ],
  AUTH_FAILED: [['not-sent', 'unknown'], 'correct the credential and make a new client'],
  REQUEST_TIMEOUT: [['unknown', 'not-sent'], 'as CONNECTION_LOSS; or a longer `timeoutMs`'],
  ABORTED: [['unknown', 'not-sent'], 'as CONNECTION_LOSS, if you want it after all'],
  PIPELINE_FULL: [['not-sent'], '`await zk.room()`, then repeat it'],
  REQUEST_TOO_LARGE: [
    ['not-sent'],
    'smaller data, or a larger `frameBytesMax` where servers have a larger `jute.maxbuffer`',
  ],
  BAD_ARGUMENT: [['not-sent'], 'correct the call'],
  BAD_REPLY: [['unknown'], 'report it: server or client is wrong'],
  REPLY_TOO_LARGE: [
    ['unknown'],
    'a larger `frameBytesMax`, or ask for less; a write was most likely applied',
  ],
};

export const CONNECT_ADVICE: Readonly<Record<ConnectErrorCode, string>> = {
  BAD_CONNECT_STRING: 'correct it: `host[:port],...[/chroot]`',
  CONNECT_FAILED: 'is a server there, and the port open? `connectRounds: Infinity` waits for it',
  TLS_FAILED: 'look at `cause`: certificate, name, `ca`, or a port without TLS',
  CONNECT_TIMEOUT: 'a slow network wants a larger `connectTimeoutMs`',
  HANDSHAKE_CLOSED: 'the log of the server says which; clients that are not closed add up',
  HANDSHAKE_REFUSED: 'the log of the server says why',
  SESSION_EXPIRED: 'the ticket came too late: connect without it',
  BAD_HANDSHAKE: 'no ZooKeeper on this port, or TLS',
  ABORTED: 'nothing: you asked for it',
};

export const LINK_ADVICE: Readonly<Record<LinkErrorCode, string>> = {
  LINK_CLOSED: 'nothing: the client connects again',
  LINK_FAILED: 'nothing: the client connects again',
  TLS_FAILED: 'look at `cause`',
  LINK_DESTROYED: 'nothing: you closed it, or the client left this server',
  LINK_FAULT: 'nothing: your test asked for it',
  PEER_SILENT: 'nothing: the client goes to the next server',
  PROTOCOL_VIOLATION: 'report it; no ZooKeeper there, or something in between changes bytes',
};

export const AUTH_ADVICE: Readonly<Record<AuthErrorCode, string>> = {
  AUTH_REFUSED: 'does the server have this scheme? Is it `user:password`?',
  AUTH_REQUIRED: 'give `auth` or `sasl`',
  SASL_REFUSED: 'correct user or password',
  SASL_NOT_OFFERED: 'set SASL up on the server, or leave `sasl` out',
  SASL_BAD_CHALLENGE: 'report it: who is this server?',
  SASL_SERVER_UNPROVEN: 'do not trust this server; its settings let failed logins in',
  SASL_FAILED: 'look at `cause`',
};

export const WIRE_ADVICE: Readonly<Record<WireErrorCode, string>> = {
  TRUNCATED: 'the bytes are cut off, or of another record',
  BAD_LENGTH: 'the bytes are of another record, or damaged',
  BAD_COUNT: 'the bytes are of another record, or damaged',
  BAD_TEXT: 'written by a peer that does not send UTF-8',
  BAD_FRAME_LENGTH: 'no frame begins here',
  FRAME_TOO_LARGE: 'a larger limit, if the peer is to be trusted',
  BAD_MULTI: 'look at the parts and the last MultiHeader',
  BAD_HANDSHAKE: 'the peer does not speak this protocol',
  UNKNOWN_OPCODE: 'a newer server or client; the frame can still be skipped',
  UNEXPECTED_XID: 'requests and replies are of different connections, or one is missing',
  UNEXPECTED_NULL: 'report it to who wrote the server',
};

export const STORAGE_ADVICE: Readonly<Record<StorageErrorCode, string>> = {
  BAD_HEADER: 'is it the right directory?',
  BAD_LENGTH: 'a backup, or `onDamagedLog`',
  BAD_CHECKSUM: 'a backup, or `onDamagedLog`; look at the disk',
  BAD_END: 'a backup, or `onDamagedLog`',
  BAD_RECORD: 'a backup, or `onDamagedLog`',
  ZXID_GAP: 'put the missing log file back',
  LOG_DAMAGED: "a backup, or `onDamagedLog: 'truncate'`, which loses what is behind the damage",
  SNAPSHOT_COMPRESSED: 'have its server write one plain or with gz',
  DIRECTORY_IN_USE: 'end the other server, or take another directory',
  DIRECTORY_UNUSABLE: 'look at its permissions',
  WRITE_FAILED: 'make room, or replace the disk; then start the server again',
};

export const SERVICE_ADVICE: Readonly<Record<ServiceErrorCode, string>> = {
  NO_INSTANCE: 'try again later: somebody may register',
};

/** What servers answer when the same request would fail again. */
export const SERVER_ADVICE: Readonly<Partial<Record<ServerCodeName, string>>> = {
  RUNTIMEINCONSISTENCY: 'look at `failedStep` of the TransactionError',
  DATAINCONSISTENCY: 'look at the log of the server',
  MARSHALLINGERROR: 'a feature that this server does not have, or data that it takes for too large',
  UNIMPLEMENTED: 'a newer server, or a setting of it (`extendedTypesEnabled` for TTL nodes)',
  BADARGUMENTS: 'correct path, mode or time to live',
  NONODE: 'make the node, or those above it: `ensurePath`',
  NOAUTH: '`getAcl` shows who may; `addAuth` makes one that',
  BADVERSION: 'somebody else wrote: read again, decide again',
  NOCHILDRENFOREPHEMERALS: 'another parent',
  NODEEXISTS: 'use what is there, or a sequential mode',
  NOTEMPTY: '`deleteRecursive`, if all of it may go',
  INVALIDACL: 'at least one entry of a known scheme; `auth` wants a credential first',
  AUTHFAILED: 'correct the credential',
  EPHEMERALONLOCALSESSION: 'a server without local sessions, or a persistent node',
  NOWATCHER: 'nothing: it is gone already',
  RECONFIGDISABLED: '`reconfigEnabled` on the servers',
  SESSIONCLOSEDREQUIRESASLAUTH: 'give `sasl`',
  QUOTAEXCEEDED: 'delete something, or raise the quota',
};
