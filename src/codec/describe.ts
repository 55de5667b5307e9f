import { describeFields, describeId, describeList, describeText } from './describe-value.ts';
import type { DecodedMultiOperation, MultiResult } from './multi.ts';
import { multiFailure } from './multi.ts';
import { MULTI_REQUEST, MULTI_RESPONSE, OP, operationName } from './operations.ts';
import type { Packet, ReplyHeaderValue } from './packet.ts';
import { serverCodeLabel } from './server-codes.ts';
import { ADD_WATCH_MODE, EVENT_TYPE, KEEPER_STATE, nameIn, WATCHER_TYPE } from './watch-names.ts';

/**
 * A packet as one line of text, for traces, logs and people:
 *
 *     c0 > #1 create path="/a" data=3B"one" acl=[world:anyone cdrwa] flags=0
 *     c0 < #1 create zxid=0x600000014 ok path="/a"
 *     c0 < #8 exists zxid=0x600000014 NONODE(-101)
 *
 * `c0` is the connection, `>` means to the server, `#1` is the xid. Data is shown as its length and
 * a prefix, long texts and lists are cut with the number that is not shown, and nothing a peer
 * sends can break the line. Passwords, credentials, SASL tokens and hashes in digest ACLs are never
 * shown, and of undecoded bytes, which may hold them, only the number.
 */
export function describe(packet: Packet): string {
  const start = `c${packet.conn} ${packet.dir === 'c2s' ? '>' : '<'}`;
  return `${start} ${describeContent(packet)}${describeMarks(packet)}`;
}

function describeMarks(packet: Packet): string {
  const trailing = packet.trailing === undefined ? '' : ` trailing=${packet.trailing}B`;
  return packet.outOfOrder === undefined ? trailing : `${trailing} out-of-order`;
}

function describeContent(packet: Packet): string {
  if (packet.error !== undefined) {
    const { code, offset } = packet.error;
    return `${packet.kind} ${packet.bytes}B undecodable: ${code} at byte ${offset}`;
  }
  switch (packet.kind) {
    case 'creq':
      return `connect ${describeHandshake(packet)}`;
    case 'cresp':
      return describeConnectAnswer(packet);
    case 'req':
      return `#${packet.header?.xid} ${operationName(packet.op ?? 0)}${describeRecord(packet)}`;
    case 'resp':
      return describeReply(packet);
    case '4lw':
      return `4lw ${describeText(packet.text ?? '')}`;
    case 'incomplete':
      return `incomplete ${(packet.rest?.length ?? 0) + (packet.omitted ?? 0)}B`;
  }
}

function describeHandshake(packet: Packet): string {
  const readOnly = packet.readOnly === undefined ? '' : ` readOnly=${packet.readOnly}`;
  return `${describeFields(packet.record as object)}${readOnly}`;
}

function describeConnectAnswer(packet: Packet): string {
  if (packet.header !== undefined) {
    const header = packet.header as ReplyHeaderValue;
    return `connect zxid=${describeId(header.zxid)} ${serverCodeLabel(header.err)}`;
  }
  // Servers say "no such session" with a time-out of 0.
  const { timeOut } = packet.record as { timeOut: number };
  return `connect ${timeOut > 0 ? 'ok' : 'expired'} ${describeHandshake(packet)}`;
}

function describeReply(packet: Packet): string {
  const { xid, zxid, err } = packet.header as ReplyHeaderValue;
  const name = packet.op === OP.notification ? 'event' : `#${xid} ${operationName(packet.op ?? 0)}`;
  const start = `${name} zxid=${describeId(zxid)}`;
  if (err !== 0) return `${start} ${serverCodeLabel(err)}${describeRecord(packet)}`;
  if (packet.op === OP.notification) return `${start}${describeRecord(packet)}`;
  if (packet.op === OP.multi && packet.type === MULTI_RESPONSE) {
    const { index, err: failure } = multiFailure(packet.record as MultiResult[]);
    const verdict = index < 0 ? 'ok' : `failed at ${index} ${serverCodeLabel(failure)}`;
    return `${start} ${verdict}${describeRecord(packet)}`;
  }
  return `${start} ok${describeRecord(packet)}`;
}

/** The record with a blank in front; nothing when there is none. */
function describeRecord(packet: Packet): string {
  const { type, record } = packet;
  if (type === undefined) return '';
  switch (type) {
    case MULTI_REQUEST: {
      const operations = record as DecodedMultiOperation[];
      return ` ${describeList(operations, describeOperation)}`;
    }
    case MULTI_RESPONSE:
      return ` ${describeList(record as MultiResult[], describeResult)}`;
    case 'WatcherEvent':
      return describeEvent(record as EventRecord);
    case 'AddWatchRequest':
      return describeWatchRequest(record as { path: string | null; mode: number });
    case 'CheckWatchesRequest':
    case 'RemoveWatchesRequest':
      return describeWatchRequest(record as { path: string | null; type: number });
    default: {
      const fields = describeFields(record as object);
      return fields === '' ? '' : ` ${fields}`;
    }
  }
}

function describeOperation({ op, ...request }: DecodedMultiOperation): string {
  return `${operationName(op)} ${describeFields(request)}`;
}

function describeResult(result: MultiResult): string {
  if (result.op === OP.error) return serverCodeLabel(result.err);
  const { op, ...fields } = result;
  return `${operationName(op)} ${describeFields(fields)}`.trimEnd();
}

interface EventRecord {
  readonly type: number;
  readonly state: number;
  readonly path: string | null;
}

function describeEvent({ type, state, path }: EventRecord): string {
  const names = `${nameIn(EVENT_TYPE, type)} state=${nameIn(KEEPER_STATE, state)}`;
  return ` ${names} path=${describeText(path)}`;
}

function describeWatchRequest(
  record: { path: string | null } & ({ mode: number } | { type: number }),
): string {
  const what =
    'mode' in record
      ? `mode=${nameIn(ADD_WATCH_MODE, record.mode)}`
      : `type=${nameIn(WATCHER_TYPE, record.type)}`;
  return ` path=${describeText(record.path)} ${what}`;
}
