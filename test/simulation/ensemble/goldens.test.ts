import { describe, expect, it } from 'vitest';
import { Conversation, type Packet, packetToJson } from '../../../src/codec/index.ts';
import { OP } from '../../../src/codec/operations.ts';
import { type Capture, SESSIONS } from '../../conformance/golden-fixtures.ts';
import { Random } from '../random.ts';
import { Scheduler } from '../scheduler.ts';
import { DIALECT_3_8_0, DIALECT_3_9_5 } from './answers.ts';
import { Ensemble } from './ensemble.ts';
import type { ServerConnection } from './server-connection.ts';
import type { ServerSocket } from './server-socket.ts';
import type { WriteRequest } from './write-request.ts';

interface Piece {
  readonly conn: number;
  readonly dir: 'c2s' | 's2c';
  readonly bytes: Buffer;
}

/**
 * What others did while the recording ran: after so many frames of the client, the handshake
 * counted. `cut`: the client's connection was.
 */
type Others = readonly (readonly [afterFrames: number, ...deeds: (WriteRequest | 'cut')[]])[];

const make = (path: string, text: string | null): WriteRequest => {
  const acl = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];
  const data = text === null ? null : Buffer.from(text);
  return { kind: 'create', op: OP.create, path, data, acl, flags: 0, ttlMs: 0 };
};
const put = (path: string, text: string): WriteRequest => {
  return { kind: 'set', path, data: Buffer.from(text), version: -1 };
};
const drop = (path: string): WriteRequest => ({ kind: 'delete', path, version: -1 });
/** Somebody's session was opened or closed: nothing but a zxid. */
const elsewhere: WriteRequest = { kind: 'create-session' };

const OTHERS: Readonly<Record<string, Others>> = {
  'c-watches': [
    [2, make('/c-watch', 'v')],
    [3, put('/c-watch', 'w')],
    [4, make('/c-watch/child', 'v')],
    [5, drop('/c-watch/child')],
    [11, elsewhere],
  ],
  'go-watches': [
    [2, make('/go-watch', 'v')],
    [3, put('/go-watch', 'w')],
    [4, make('/go-watch/child', 'v')],
    [5, drop('/go-watch/child'), elsewhere],
  ],
  'kazoo-watches': [
    [2, make('/kazoo-watch', 'v')],
    [3, put('/kazoo-watch', 'w')],
    [4, make('/kazoo-watch/child', 'v')],
    [6, drop('/kazoo-watch/child'), elsewhere],
  ],
  'c-reconnect': [
    [0, make('/c-re', 'v')],
    [5, 'cut', make('/c-re/new', 'v')],
    [9, elsewhere],
  ],
  'go-reconnect': [
    [0, make('/go-re', 'v')],
    [5, 'cut', make('/go-re/new', 'v')],
    [8, put('/go-re', 'w'), elsewhere],
  ],
  'java-reconnect': [
    [0, make('/java-re', null), make('/java-re/data', null)],
    [6, 'cut', put('/java-re/data', 'w'), make('/java-re/new', null)],
    [16, drop('/java-re/new'), elsewhere],
  ],
};

/** Recordings that the model cannot answer, and why. */
const NOT_REPLAYED: Readonly<Record<string, string>> = {
  'java-readonly': 'the model serves read-only clients only when it has lost its ensemble',
  'java-readonly-refused': 'the model has no read-only servers without local sessions',
  'java-reconfig': 'the model refuses reconfiguration',
  'kazoo-reconfig': 'the model refuses reconfiguration',
  'java-sasl': 'the model has no SASL users',
  'java-sasl-refused': 'the model has no SASL users',
};

interface Start {
  readonly zxid: number;
  readonly identities: readonly { readonly id: bigint; readonly password: Buffer }[];
}

function piecesOf(capture: Capture): Piece[] {
  return capture.records.map(({ conn, dir, hex }) => {
    return { conn, dir, bytes: Buffer.from(hex, 'hex') };
  });
}

function packetsOf(pieces: readonly Piece[]): Packet[] {
  const packets: Packet[] = [];
  const conversation = new Conversation((packet) => packets.push(packet));
  for (const { conn, dir, bytes } of pieces) conversation.push(conn, dir, bytes);
  conversation.end();
  return packets;
}

/** What the model answers to the client's side of a recorded conversation. */
function replay(name: string, pieces: readonly Piece[], start: Start): Piece[] {
  const random = new Random(1);
  const scheduler = new Scheduler(random);
  const dialect = name.includes('3.9.5') ? DIALECT_3_9_5 : DIALECT_3_8_0;
  const options = { servers: 1, tickMs: 2000, hopMaxMs: 0, readOnlyMode: false };
  const ensemble = new Ensemble({ scheduler, random, dialect, ...options });
  ensemble.history.startAt(start.zxid);
  ensemble.servers[0]!.replica.zxid = start.zxid;
  ensemble.sessions.identities.push(...start.identities);
  const both: Piece[] = [];
  const connections = new Map<number, ServerConnection>();
  const settle = (): void => {
    const endMs = scheduler.nowMs + 1;
    while (scheduler.nextMs <= endMs) scheduler.step();
  };
  let frames = 0;
  const others = (): void => {
    for (const [afterFrames, ...deeds] of OTHERS[name] ?? []) {
      if (afterFrames !== frames) continue;
      for (const deed of deeds) {
        if (deed !== 'cut') ensemble.write(deed, 0, '');
        else for (const connection of connections.values()) connection.over('fin');
      }
      settle();
    }
  };
  others();
  const counter = new Conversation(() => {
    frames++;
  });
  for (const piece of pieces) {
    const { conn, dir, bytes } = piece;
    if (dir === 's2c') continue;
    both.push(piece);
    let connection = connections.get(conn);
    if (connection === undefined) {
      const socket: ServerSocket = {
        ordinal: conn,
        ended: false,
        grantedSession: 0n,
        grantedLines: 0,
        loggedIn: false,
        armed: new Map(),
        unexecuted: new Set(),
        serverWrite: (frame) => void both.push({ conn, dir: 's2c', bytes: frame }),
        serverClose: () => {},
        reset: () => {},
        vanish: () => {},
      };
      connection = ensemble.servers[0]!.accept(socket);
      connections.set(conn, connection);
    }
    connection.received(bytes);
    settle();
    const before = frames;
    counter.push(conn, dir, bytes);
    if (frames > before) others();
  }
  return both;
}

/** What the server was when the recording began. */
function startOf(name: string, pieces: readonly Piece[]): Start {
  const identities: { id: bigint; password: Buffer }[] = [];
  const asked = new Map<number, bigint>();
  for (const { conn, kind, record } of packetsOf(pieces)) {
    const hello = record as { sessionId: bigint; passwd: Buffer };
    if (kind === 'creq') asked.set(conn, hello.sessionId);
    if (kind !== 'cresp' || asked.get(conn) !== 0n) continue;
    identities.push({ id: hello.sessionId, password: Buffer.from(hello.passwd) });
  }
  const recorded = firstZxid(pieces);
  const replayed = firstZxid(replay(name, pieces, { zxid: 0, identities }));
  return { zxid: recorded - replayed, identities };
}

function firstZxid(pieces: readonly Piece[]): number {
  for (const { header } of packetsOf(pieces)) {
    const zxid = (header as { zxid?: bigint } | undefined)?.zxid;
    if (zxid !== undefined && zxid > 0n) return Number(zxid);
  }
  return 0;
}

/** Frames of the server by connection, without what differs from run to run. */
function answersByConnection(pieces: readonly Piece[]): Record<string, unknown[]> {
  const streams: Record<string, unknown[]> = {};
  for (const packet of packetsOf(pieces)) {
    if (packet.dir === 'c2s') continue;
    const shown = JSON.stringify(packetToJson(packet), (name, value) => {
      if (name === 'ctime' || name === 'mtime') return '-';
      return SETS.has(name) ? sorted(value) : value;
    });
    // Java writes characters above U+FFFF as two broken halves.
    const text = shown.replaceAll('😀', '\ufffd\ufffd');
    const sized = text.includes('\ufffd') ? text.replace(/"bytes":\d+/, '') : text;
    streams[packet.conn] = [...(streams[packet.conn] ?? []), sized];
  }
  return streams;
}

/** The order of these is that of a Java HashSet, and means nothing. */
const SETS: ReadonlySet<string> = new Set(['children', 'clientInfo', 'ephemerals']);

function sorted(list: readonly unknown[]): unknown[] {
  return list.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

describe('the model server against recorded real ones', () => {
  it.each(SESSIONS.filter(([name]) => NOT_REPLAYED[name] === undefined))('%s', (name, capture) => {
    const pieces = piecesOf(capture);
    const answers = replay(name, pieces, startOf(name, pieces));
    expect(answersByConnection(answers)).toEqual(answersByConnection(pieces));
  });

  for (const [name, reason] of Object.entries(NOT_REPLAYED)) {
    it.skip(`${name}: ${reason}`, () => {});
  }
});
