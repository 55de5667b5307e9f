/**
 * Error numbers of the protocol and their names, as in Java's `KeeperException.Code`; where only
 * the C client has a number, its name without the leading Z.
 *
 * A server may send a number that is not listed (newer servers, other implementations). That is
 * never an error here: the number survives and gets a name like `UNKNOWN(-999)`.
 */

/**
 * What a caller can sensibly do after the error:
 * - `never`: the same request fails again until the caller changes something.
 * - `later`: the server did nothing and may do it after a pause, on the same connection.
 * - `other-connection`: this connection cannot answer; another one may. If the request was sent,
 *   whether it was applied is unknown, so repeating a write needs a check first.
 * - `new-session`: the session is over; a new one may do it.
 */
export type RetryClass = 'never' | 'later' | 'other-connection' | 'new-session';

/**
 * Where a number comes from:
 * - `server`: seen in replies.
 * - `client`: made by client libraries, never on the wire.
 * - `internal`: used between servers, or only the mark of a range.
 */
export type CodeOrigin = 'server' | 'client' | 'internal';

/** One row of the table. */
export interface ServerCode {
  /** As it is on the wire. */
  readonly code: number;
  /** Upper case, without separators: `NONODE`. */
  readonly name: string;
  /** Where it comes from. */
  readonly origin: CodeOrigin;
  /** What can be done after it. */
  readonly retry: RetryClass;
  /** One clause, lower case, no full stop. */
  readonly description: string;
}

/** Numbers by name. */
export const SERVER_CODE = {
  OK: 0,
  SYSTEMERROR: -1,
  RUNTIMEINCONSISTENCY: -2,
  DATAINCONSISTENCY: -3,
  CONNECTIONLOSS: -4,
  MARSHALLINGERROR: -5,
  UNIMPLEMENTED: -6,
  OPERATIONTIMEOUT: -7,
  BADARGUMENTS: -8,
  INVALIDSTATE: -9,
  UNKNOWNSESSION: -12,
  NEWCONFIGNOQUORUM: -13,
  RECONFIGINPROGRESS: -14,
  SSLCONNECTIONERROR: -15,
  APIERROR: -100,
  NONODE: -101,
  NOAUTH: -102,
  BADVERSION: -103,
  NOCHILDRENFOREPHEMERALS: -108,
  NODEEXISTS: -110,
  NOTEMPTY: -111,
  SESSIONEXPIRED: -112,
  INVALIDCALLBACK: -113,
  INVALIDACL: -114,
  AUTHFAILED: -115,
  CLOSING: -116,
  NOTHING: -117,
  SESSIONMOVED: -118,
  NOTREADONLY: -119,
  EPHEMERALONLOCALSESSION: -120,
  NOWATCHER: -121,
  REQUESTTIMEOUT: -122,
  RECONFIGDISABLED: -123,
  SESSIONCLOSEDREQUIRESASLAUTH: -124,
  QUOTAEXCEEDED: -125,
  THROTTLEDOP: -127,
} as const;

/** Name of a number that is in the table. */
export type ServerCodeName = keyof typeof SERVER_CODE;

type Row = readonly [CodeOrigin, RetryClass, string];

const ROWS: Readonly<Record<ServerCodeName, Row>> = {
  OK: ['server', 'never', 'done'],
  SYSTEMERROR: ['internal', 'never', 'mark of the range of system errors'],
  RUNTIMEINCONSISTENCY: ['server', 'never', 'not tried: an earlier operation of the multi failed'],
  DATAINCONSISTENCY: ['server', 'never', 'the server found its own data inconsistent'],
  CONNECTIONLOSS: ['client', 'other-connection', 'the connection ended before an answer came'],
  MARSHALLINGERROR: ['server', 'never', 'the server could not decode the request'],
  // The connection ends with it when the opcode itself is unknown (zxid -1); not when a feature is
  // switched off, as createTTL without extendedTypesEnabled.
  UNIMPLEMENTED: ['server', 'never', 'the server does not know or has not enabled the operation'],
  OPERATIONTIMEOUT: ['client', 'other-connection', 'no answer came within the time limit'],
  BADARGUMENTS: ['server', 'never', 'the server refuses the arguments'],
  INVALIDSTATE: ['client', 'never', 'the C client handle is in a state that forbids the call'],
  UNKNOWNSESSION: ['internal', 'new-session', 'the session is not known'],
  NEWCONFIGNOQUORUM: ['server', 'later', 'no quorum of the new configuration is connected'],
  RECONFIGINPROGRESS: ['server', 'later', 'another reconfiguration is under way'],
  SSLCONNECTIONERROR: ['client', 'other-connection', 'the C client could not set up TLS'],
  APIERROR: ['internal', 'never', 'mark of the range of API errors'],
  NONODE: ['server', 'never', 'the node does not exist'],
  NOAUTH: ['server', 'never', 'the session lacks the permission'],
  BADVERSION: ['server', 'never', 'the version does not match'],
  NOCHILDRENFOREPHEMERALS: ['server', 'never', 'ephemeral nodes cannot have children'],
  NODEEXISTS: ['server', 'never', 'the node exists already'],
  NOTEMPTY: ['server', 'never', 'the node has children'],
  SESSIONEXPIRED: ['server', 'new-session', 'the session has expired'],
  INVALIDCALLBACK: ['client', 'never', 'an invalid callback was given'],
  INVALIDACL: ['server', 'never', 'the ACL is empty or cannot be understood'],
  AUTHFAILED: ['server', 'never', 'authentication failed; the server closes the connection'],
  CLOSING: ['client', 'never', 'the C client is closing'],
  NOTHING: ['client', 'never', 'the C client has nothing to process'],
  SESSIONMOVED: ['server', 'other-connection', 'the session is served by another server now'],
  NOTREADONLY: ['server', 'other-connection', 'a read-only server cannot do this'],
  EPHEMERALONLOCALSESSION: ['server', 'never', 'a local session cannot own ephemeral nodes'],
  NOWATCHER: ['server', 'never', 'there is no such watch'],
  REQUESTTIMEOUT: ['client', 'other-connection', 'no answer came within the request time-out'],
  RECONFIGDISABLED: ['server', 'never', 'reconfiguration is disabled on the server'],
  SESSIONCLOSEDREQUIRESASLAUTH: [
    'server',
    'never',
    'the server wants SASL first; it closes the connection',
  ],
  QUOTAEXCEEDED: ['server', 'never', 'a quota on the path is exceeded'],
  THROTTLEDOP: ['server', 'later', 'not executed: the server is overloaded'],
};

/** Every known number, in descending order from 0. */
export const SERVER_CODES: readonly ServerCode[] = (Object.keys(ROWS) as ServerCodeName[]).map(
  (name) => {
    const [origin, retry, description] = ROWS[name];
    return { code: SERVER_CODE[name], name, origin, retry, description };
  },
);

const BY_CODE: ReadonlyMap<number, ServerCode> = new Map(
  SERVER_CODES.map((row) => [row.code, row]),
);

/** The row of a number, or undefined when it is not known. Never throws. */
export function serverCode(code: number): ServerCode | undefined {
  return BY_CODE.get(code);
}

/** `NONODE`; `UNKNOWN(-999)` for a number that is not known. */
export function serverCodeName(code: number): string {
  return BY_CODE.get(code)?.name ?? `UNKNOWN(${code})`;
}

/** Name and number: `NONODE(-101)`, `UNKNOWN(-999)`; `OK` for 0. */
export function serverCodeLabel(code: number): string {
  if (code === 0) return 'OK';
  const row = BY_CODE.get(code);
  return row === undefined ? serverCodeName(code) : `${row.name}(${code})`;
}

/** What can be done after the error. A number that is not known is `never` retried. */
export function retryClass(code: number): RetryClass {
  return BY_CODE.get(code)?.retry ?? 'never';
}
