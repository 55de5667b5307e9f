import { describe, OP, type Packet } from '../codec/index.ts';
import type { CheckContext } from './check-context.ts';
import { show } from './expect.ts';
import { fail } from './failure.ts';
import { firstDifference, MaskedConversation, type WireFrame } from './masked-conversation.ts';
import type { Recording } from './recordings.gen.ts';
import type { WireConnection } from './wire-connection.ts';
import { noteGrant } from './wire-session.ts';

function framesOf(recording: Recording): WireFrame[] {
  return recording.frames.map((text) => {
    const [, conn, mark, hex] = /^(\d+)([<>])(.*)$/.exec(text) as unknown as string[];
    const dir = mark === '>' ? 'c2s' : 's2c';
    return { conn: Number(conn), dir, body: Buffer.from(hex ?? '', 'hex') };
  });
}

interface Asked {
  readonly op: number;
  readonly path?: string | null;
}

/** What the recorded clients asked for, the parts of multis one by one. */
function asked(recording: Recording): Asked[] {
  const side = new MaskedConversation();
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
  const [then, now] = [new MaskedConversation(), new MaskedConversation()];
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
    // Not every recording closes its session.
    if (actual.kind === 'cresp') noteGrant(connection, body);
    compare(index, [expected, then.masked(expected)], [actual, now.masked(actual)]);
  }
}

type Side2 = readonly [Packet, Record<string, unknown>];

function compare(index: number, [packet, expected]: Side2, [came, actual]: Side2): void {
  const difference = firstDifference(expected, actual);
  if (difference === null) return;
  const { at } = difference;
  const what = `${at}: expected ${show(difference.expected)}, got ${show(difference.actual)}`;
  fail(`frame ${index}: ${what}\n  recorded: ${describe(packet)}\n  came:     ${describe(came)}`);
}
