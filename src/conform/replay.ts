import { Conversation, describe, OP, type Packet, packetToJson } from '../codec/index.ts';
import type { CheckContext } from './check-context.ts';
import { equal, show } from './expect.ts';
import { fail } from './failure.ts';
import type { Recording } from './recordings.gen.ts';
import type { WireConnection } from './wire-connection.ts';

interface Frame {
  readonly conn: number;
  readonly dir: 'c2s' | 's2c';
  readonly body: Buffer;
}

function framesOf(recording: Recording): Frame[] {
  return recording.frames.map((text) => {
    const [, conn, mark, hex] = /^(\d+)([<>])(.*)$/.exec(text) as unknown as string[];
    const dir = mark === '>' ? 'c2s' : 's2c';
    return { conn: Number(conn), dir, body: Buffer.from(hex ?? '', 'hex') };
  });
}

/** One side of the comparison: the conversation as it goes on, and what stands for what in it. */
class Side {
  readonly #conversation: Conversation;
  readonly #sessions: string[] = [];
  readonly #paths: Map<string, string> = new Map();
  #firstZxid: bigint | null = null;
  #packet: Packet | null = null;

  constructor() {
    this.#conversation = new Conversation((packet) => {
      this.#packet = packet;
    });
  }

  /** The next frame, decoded. */
  push({ conn, dir, body }: Frame): Packet {
    const prefix = Buffer.alloc(4);
    prefix.writeInt32BE(body.length);
    this.#conversation.push(conn, dir, Buffer.concat([prefix, body]));
    const packet = this.#packet;
    if (packet === null) throw new Error('a whole frame is no packet');
    if (packet.kind === 'req') this.#remember(packet);
    return packet;
  }

  /** The packet as plain data in which what differs from run to run has given way to what it stands for. */
  masked(packet: Packet): Record<string, unknown> {
    const json = packetToJson(packet);
    if (packet.kind === 'cresp') return this.#maskedSession(json);
    const isEvent = packet.op === 0;
    const { xid } = packet.header as { xid: number };
    const zxid = (packet.header as { zxid: bigint }).zxid;
    if (!isEvent && zxid > 0n) this.#firstZxid ??= zxid;
    json.header = { ...(json.header as object), zxid: isEvent ? 'any' : this.#zxid(zxid) };
    // The server's own nodes are as it was set up.
    if (this.#paths.get(`${packet.conn} ${xid}`)?.startsWith('/zookeeper')) {
      return { header: json.header };
    }
    if (packet.type === 'WhoAmIResponse') delete json.bytes;
    return this.#value(json, '') as Record<string, unknown>;
  }

  #remember(packet: Packet): void {
    const path = (packet.record as { path?: string } | undefined)?.path;
    const { xid } = packet.header as { xid: number };
    this.#paths.set(`${packet.conn} ${xid}`, path ?? '');
  }

  #maskedSession(json: Record<string, unknown>): Record<string, unknown> {
    const record = json.record as { timeOut: number; sessionId: string; passwd: string };
    this.#sessions.push(record.sessionId);
    const { timeOut, sessionId, passwd } = record;
    const masked = { timeOut: timeOut > 0, sessionId: sessionId !== '0', passwd: passwd.length };
    return { ...json, record: { ...record, ...masked } };
  }

  #zxid(zxid: bigint): string {
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
      default:
        return value;
    }
  }
}

interface Asked {
  readonly op: number;
  readonly path?: string | null;
}

/** What the recorded clients asked for, the parts of multis one by one. */
function asked(recording: Recording): Asked[] {
  const side = new Side();
  return framesOf(recording).flatMap((frame): Asked[] => {
    const { op, kind, record } = side.push(frame);
    if (kind !== 'req' || op === undefined) return [];
    return Array.isArray(record) ? (record as Asked[]) : [{ ...(record as object), op }];
  });
}

/** Operations that make nodes. */
const CREATES: readonly number[] = [OP.create, OP.create2, OP.createContainer, OP.createTTL];

/** Top-level znodes that a recording makes. */
export function topNodes(recording: Recording): string[] {
  const made = asked(recording).filter(({ op }) => CREATES.includes(op));
  return [...new Set(made.flatMap(({ path }) => /^\/[^/]+$/.exec(path ?? '')?.[0] ?? []))];
}

/** Whether a recording has this operation, alone or in a multi. */
export function uses(recording: Recording, op: number): boolean {
  return asked(recording).some((each) => each.op === op);
}

/**
 * Sends what the recorded client sent, byte for byte, each frame when everything recorded before it
 * has come, and compares what comes with what came then: every field and the length of every frame,
 * but for times, session ids, passwords and addresses; zxids count from the first reply on.
 */
export async function replay(t: CheckContext, recording: Recording): Promise<void> {
  const [then, now] = [new Side(), new Side()];
  const connections = new Map<number, WireConnection>();
  for (const [index, frame] of framesOf(recording).entries()) {
    const { conn, dir } = frame;
    const connection = connections.get(conn) ?? (await t.connection());
    connections.set(conn, connection);
    const expected = then.push(frame);
    if (dir === 'c2s') {
      now.push(frame);
      connection.sendFrame(frame.body);
      continue;
    }
    const body = await connection.next();
    if (body === null) fail(`frame ${index}: expected ${describe(expected)}, got the end`);
    const actual = now.push({ conn, dir, body });
    compare(index, [expected, then.masked(expected)], [actual, now.masked(actual)]);
  }
}

type Side2 = readonly [Packet, Record<string, unknown>];

function compare(index: number, [packet, expected]: Side2, [came, actual]: Side2): void {
  const path = firstDifference(expected, actual, '');
  if (path === null) return;
  fail(`frame ${index}: ${path}\n  recorded: ${describe(packet)}\n  came:     ${describe(came)}`);
}

/** Where two values differ first, and how; null when they are the same. */
function firstDifference(expected: unknown, actual: unknown, at: string): string | null {
  if (isParent(expected) && isParent(actual)) {
    const names = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    for (const name of names) {
      const found = firstDifference(expected[name], actual[name], `${at}.${name}`);
      if (found !== null) return found;
    }
    return null;
  }
  try {
    equal(actual, expected, at);
    return null;
  } catch {
    return `${at.slice(1)}: expected ${show(expected)}, got ${show(actual)}`;
  }
}

function isParent(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
