import { isDeepStrictEqual } from 'node:util';
import {
  Conversation,
  type ConversationOptions,
  OP,
  type Packet,
  packetToJson,
} from '../codec/index.ts';

/** One frame of a conversation, without its length. */
export interface WireFrame {
  readonly conn: number;
  readonly dir: 'c2s' | 's2c';
  readonly body: Buffer;
}

/** What a {@link MaskedConversation} is told besides. */
export interface MaskOptions extends ConversationOptions {
  /** Mask zxids too; default: they count from the first. For when several connections race. */
  readonly anyZxid?: boolean;
}

/** One side of a comparison: a conversation as it goes on, and what stands for what in it. */
export class MaskedConversation {
  readonly #conversation: Conversation;
  readonly #sessions: string[] = [];
  readonly #paths: Map<string, string> = new Map();
  readonly #anyZxid: boolean;
  #firstZxid: bigint | null = null;
  #packet: Packet | null = null;

  constructor(options: MaskOptions = {}) {
    this.#anyZxid = options.anyZxid ?? false;
    this.#conversation = new Conversation((packet) => {
      this.#packet = packet;
    }, options);
  }

  /** The next frame, decoded. */
  push({ conn, dir, body }: WireFrame): Packet {
    const prefix = Buffer.alloc(4);
    prefix.writeInt32BE(body.length);
    this.#packet = null;
    this.#conversation.push(conn, dir, Buffer.concat([prefix, body]));
    const packet = this.#packet as Packet | null;
    if (packet === null) throw new Error('a whole frame is no packet');
    if (packet.kind === 'req') this.#remember(packet);
    return packet;
  }

  /** What the server sent, as plain data in which what differs from run to run has given way to what it stands for. */
  masked(packet: Packet): Record<string, unknown> {
    const json = packetToJson(packet);
    if (packet.header === undefined) {
      return packet.kind === 'cresp' && packet.record !== undefined
        ? this.#maskedSession(json)
        : json;
    }
    const isEvent = packet.op === OP.notification;
    const { xid } = packet.header as { xid: number };
    const zxid = (packet.header as { zxid: bigint }).zxid;
    if (!isEvent && zxid > 0n) this.#firstZxid ??= zxid;
    json.header = { ...(json.header as object), zxid: isEvent ? 'any' : this.#zxid(zxid) };
    // The server's own nodes are as it was set up.
    if (this.#takePath(packet.conn, xid).startsWith('/zookeeper')) return { header: json.header };
    if (packet.type === 'WhoAmIResponse' || packet.op === OP.sasl) delete json.bytes;
    return this.#value(json, '') as Record<string, unknown>;
  }

  #remember(packet: Packet): void {
    const path = (packet.record as { path?: string | null } | undefined)?.path;
    if (packet.header === undefined || typeof path !== 'string') return;
    const { xid } = packet.header as { xid: number };
    this.#paths.set(`${packet.conn} ${xid}`, path);
  }

  #takePath(conn: number, xid: number): string {
    const path = this.#paths.get(`${conn} ${xid}`) ?? '';
    this.#paths.delete(`${conn} ${xid}`);
    return path;
  }

  #maskedSession(json: Record<string, unknown>): Record<string, unknown> {
    const record = json.record as { timeOut: number; sessionId: string; passwd: string };
    this.#sessions.push(record.sessionId);
    const { timeOut, sessionId, passwd } = record;
    const masked = { timeOut: timeOut > 0, sessionId: sessionId !== '0', passwd: passwd.length };
    return { ...json, record: { ...record, ...masked } };
  }

  #zxid(zxid: bigint): string {
    if (this.#anyZxid && zxid > 0n) return 'any';
    return zxid <= 0n || this.#firstZxid === null ? `${zxid}` : `first+${zxid - this.#firstZxid}`;
  }

  #value(value: unknown, name: string): unknown {
    if (Array.isArray(value)) return value.map((each) => this.#value(each, name));
    if (typeof value === 'object' && value !== null) {
      const masked: Record<string, unknown> = {};
      for (const [key, each] of Object.entries(value)) masked[key] = this.#value(each, key);
      if (masked.authScheme === 'ip') masked.user = 'any';
      return masked;
    }
    if (typeof value !== 'string') return value;
    switch (name) {
      case 'czxid':
      case 'mzxid':
      case 'pzxid':
        return this.#zxid(BigInt(value));
      case 'ctime':
      case 'mtime':
        return value === '0' ? value : 'any';
      case 'ephemeralOwner':
        return value === '0' ? value : `session ${this.#sessions.indexOf(value)}`;
      case 'token':
        // A SASL challenge is another one each time.
        return 'any';
      default:
        return value;
    }
  }
}

/** Where two values differ, and how. */
export interface Difference {
  /** Names from the outside in: `record.stat.version`. */
  readonly at: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** The first difference between two pieces of plain data; null when they are the same. */
export function firstDifference(expected: unknown, actual: unknown, at = ''): Difference | null {
  if (isParent(expected) && isParent(actual)) {
    const names = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    for (const name of names) {
      const found = firstDifference(
        expected[name],
        actual[name],
        at === '' ? name : `${at}.${name}`,
      );
      if (found !== null) return found;
    }
    return null;
  }
  return isDeepStrictEqual(actual, expected) ? null : { at, expected, actual };
}

function isParent(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
