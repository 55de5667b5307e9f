/**
 * The operation codes of the protocol and what the jute schema cannot say about them: which record
 * goes with which code, in which direction.
 */

import type { RecordName } from './record-table.gen.ts';

/** Operation codes by name, as in Apache's `ZooDefs.OpCode`. 10 is unused. */
export const OP = {
  notification: 0,
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  getACL: 6,
  setACL: 7,
  getChildren: 8,
  sync: 9,
  ping: 11,
  getChildren2: 12,
  check: 13,
  multi: 14,
  create2: 15,
  reconfig: 16,
  checkWatches: 17,
  removeWatches: 18,
  createContainer: 19,
  deleteContainer: 20,
  createTTL: 21,
  multiRead: 22,
  auth: 100,
  setWatches: 101,
  sasl: 102,
  getEphemerals: 103,
  getAllChildrenNumber: 104,
  setWatches2: 105,
  addWatch: 106,
  whoAmI: 107,
  createSession: -10,
  closeSession: -11,
  error: -1,
} as const;

/** Name of an operation, as `OP` has it. */
export type OperationName = keyof typeof OP;
/** Number of an operation, as `OP` has it. */
export type OperationCode = (typeof OP)[OperationName];

/**
 * - `read`: changes nothing that other sessions see (watches of this session included).
 * - `write`: a transaction of the ensemble.
 * - `session`: about the connection or the session itself.
 */
export type OperationAccess = 'read' | 'write' | 'session';

/** What a request is made of: a record of `RECORDS`, a multi, or the path that only servers send to each other. */
export type RequestRecordName = RecordName | 'MultiOperationRecord' | 'DeleteContainerRequest';

/** What an answer is made of: a record of `RECORDS`, or that of a multi. */
export type ResponseRecordName = RecordName | 'MultiResponse';

/** One row of the table. */
export interface Operation {
  /** As `OP` has it. */
  readonly name: OperationName;
  /** As it is on the wire. */
  readonly code: OperationCode;
  /** What it does to the data. */
  readonly access: OperationAccess;
  /** Record after the RequestHeader; null when there is none. */
  readonly request: RequestRecordName | null;
  /** Record after a ReplyHeader whose err is 0; null when there is none. */
  readonly response: ResponseRecordName | null;
  /** The request or the response carries node data, so its size is the caller's. */
  readonly carriesData: boolean;
  /** First ZooKeeper release that has it. */
  readonly since: string;
  /** Clients never send it as a request of its own. */
  readonly internal: boolean;
}

type Row = readonly [
  access: OperationAccess,
  request: RequestRecordName | null,
  response: ResponseRecordName | null,
  since: string,
  marks?: 'data' | 'internal',
];

/** Record names of multi and multiRead: hand-written framing (multi.ts), not part of the schema. */
export const MULTI_REQUEST = 'MultiOperationRecord';
/** See {@link MULTI_REQUEST}. */
export const MULTI_RESPONSE = 'MultiResponse';

const ROWS: Readonly<Record<OperationName, Row>> = {
  notification: ['session', null, 'WatcherEvent', '3.0', 'internal'],
  create: ['write', 'CreateRequest', 'CreateResponse', '3.0', 'data'],
  delete: ['write', 'DeleteRequest', null, '3.0'],
  exists: ['read', 'ExistsRequest', 'ExistsResponse', '3.0'],
  getData: ['read', 'GetDataRequest', 'GetDataResponse', '3.0', 'data'],
  setData: ['write', 'SetDataRequest', 'SetDataResponse', '3.0', 'data'],
  getACL: ['read', 'GetACLRequest', 'GetACLResponse', '3.0'],
  setACL: ['write', 'SetACLRequest', 'SetACLResponse', '3.0'],
  getChildren: ['read', 'GetChildrenRequest', 'GetChildrenResponse', '3.0'],
  sync: ['read', 'SyncRequest', 'SyncResponse', '3.0'],
  ping: ['session', null, null, '3.0'],
  getChildren2: ['read', 'GetChildren2Request', 'GetChildren2Response', '3.3'],
  // Only inside a multi: sent on its own it harms servers in wide use (3.8.0 among them).
  check: ['write', 'CheckVersionRequest', null, '3.4', 'internal'],
  multi: ['write', MULTI_REQUEST, MULTI_RESPONSE, '3.4', 'data'],
  create2: ['write', 'CreateRequest', 'Create2Response', '3.5.0', 'data'],
  // The answer is the new configuration, in the shape of a getData.
  reconfig: ['write', 'ReconfigRequest', 'GetDataResponse', '3.5.0', 'data'],
  checkWatches: ['read', 'CheckWatchesRequest', null, '3.5.0'],
  removeWatches: ['read', 'RemoveWatchesRequest', null, '3.5.0'],
  createContainer: ['write', 'CreateRequest', 'Create2Response', '3.5.1', 'data'],
  deleteContainer: ['write', 'DeleteContainerRequest', null, '3.5.1', 'internal'],
  createTTL: ['write', 'CreateTTLRequest', 'Create2Response', '3.5.3', 'data'],
  multiRead: ['read', MULTI_REQUEST, MULTI_RESPONSE, '3.6', 'data'],
  auth: ['session', 'AuthPacket', null, '3.0'],
  setWatches: ['read', 'SetWatches', null, '3.0'],
  sasl: ['session', 'GetSASLRequest', 'SetSASLResponse', '3.4'],
  getEphemerals: ['read', 'GetEphemeralsRequest', 'GetEphemeralsResponse', '3.6'],
  getAllChildrenNumber: [
    'read',
    'GetAllChildrenNumberRequest',
    'GetAllChildrenNumberResponse',
    '3.6',
  ],
  setWatches2: ['read', 'SetWatches2', null, '3.6'],
  addWatch: ['read', 'AddWatchRequest', 'ErrorResponse', '3.6'],
  whoAmI: ['read', null, 'WhoAmIResponse', '3.7'],
  createSession: ['session', null, null, '3.0', 'internal'],
  closeSession: ['session', null, null, '3.0'],
  error: ['session', null, 'ErrorResponse', '3.0', 'internal'],
};

/** Every operation, in the order of `OP`. */
export const OPERATIONS: readonly Operation[] = (Object.keys(OP) as OperationName[]).map((name) => {
  const [access, request, response, since, mark] = ROWS[name];
  return {
    name,
    code: OP[name],
    access,
    request,
    response,
    carriesData: mark === 'data',
    since,
    internal: mark === 'internal',
  };
});

const CODE_MIN: number = Math.min(...OPERATIONS.map((operation) => operation.code));
const CODE_MAX: number = Math.max(...OPERATIONS.map((operation) => operation.code));
const BY_CODE: readonly (Operation | undefined)[] = Array.from(
  { length: CODE_MAX - CODE_MIN + 1 },
  (_, index) => OPERATIONS.find((operation) => operation.code === index + CODE_MIN),
);

/** The row of a code, or undefined when it is not known. Never throws. */
export function operationOf(code: number): Operation | undefined {
  return code >= CODE_MIN && code <= CODE_MAX ? BY_CODE[code - CODE_MIN] : undefined;
}

/** `getData`; `op(999)` for a code that is not known. */
export function operationName(code: number): string {
  return operationOf(code)?.name ?? `op(${code})`;
}

/**
 * A create mode. The opcode decides what the server makes, not the flag: op 1 or 15 with the
 * container flag is answered OK and makes a plain persistent node.
 */
export interface CreateMode {
  /** `flags` of the CreateRequest or CreateTTLRequest. */
  readonly flag: number;
  /** Java's `CreateMode` name. */
  readonly name: string;
  /** The node goes with its session. */
  readonly ephemeral: boolean;
  /** The server appends the parent's counter as ten digits. */
  readonly sequential: boolean;
  /** Opcode when only the path is wanted back. */
  readonly op: OperationCode;
  /** Opcode when the Stat is wanted too. For containers and TTL nodes it always comes. */
  readonly opWithStat: OperationCode;
  /** First ZooKeeper release that has it. */
  readonly since: string;
}

/** Create modes; the index is the flag. */
export const CREATE_MODES: readonly CreateMode[] = [
  createMode(0, 'PERSISTENT', OP.create, OP.create2, '3.0'),
  createMode(1, 'EPHEMERAL', OP.create, OP.create2, '3.0'),
  createMode(2, 'PERSISTENT_SEQUENTIAL', OP.create, OP.create2, '3.0'),
  createMode(3, 'EPHEMERAL_SEQUENTIAL', OP.create, OP.create2, '3.0'),
  createMode(4, 'CONTAINER', OP.createContainer, OP.createContainer, '3.5.1'),
  createMode(5, 'PERSISTENT_WITH_TTL', OP.createTTL, OP.createTTL, '3.5.3'),
  createMode(6, 'PERSISTENT_SEQUENTIAL_WITH_TTL', OP.createTTL, OP.createTTL, '3.5.3'),
];

/** Longest TTL that a server accepts, in ms: 40 bits. The shortest is 1. */
export const TTL_MS_MAX: bigint = 2n ** 40n - 1n;

/** True for the two create modes that carry a TTL: the only ones that may be sent with createTTL. */
export function isTtlFlag(flag: number): boolean {
  return flag === 5 || flag === 6;
}

function createMode(
  flag: number,
  name: string,
  op: OperationCode,
  opWithStat: OperationCode,
  since: string,
): CreateMode {
  return {
    flag,
    name,
    ephemeral: name.startsWith('EPHEMERAL'),
    sequential: name.includes('SEQUENTIAL'),
    op,
    opWithStat,
    since,
  };
}
