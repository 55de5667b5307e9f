import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { OP } from '../../../src/codec/index.ts';
import {
  BURST_NOTIFICATIONS,
  HOSTILE_ANSWERS,
  type HostileAnswer,
} from '../../../src/conform/client/hostile-answers.ts';
import type {
  ConnectErrorCode,
  LinkErrorCode,
  Outcome,
  RequestErrorCode,
  WireErrorCode,
} from '../../../src/errors.ts';
import { reply } from '../../unit/pipeline/frames.ts';
import type { Conduct } from './scripted-server.ts';

/** One way in which a server misbehaves, and what a client must make of one `getChildren` on it. */
export interface HostileScript {
  readonly name: string;
  readonly conduct: Conduct;
  readonly outcome: ScriptOutcome;
}

export type ScriptOutcome =
  /** Nothing was wrong with the data: the caller gets it. */
  | { readonly children: readonly string[]; readonly notifications?: number }
  /** The request fails, the connection with it, for this reason. */
  | {
      readonly code: RequestErrorCode;
      readonly outcome: Outcome;
      readonly link: LinkErrorCode;
      readonly wire?: WireErrorCode;
    }
  /** There never was a session. */
  | { readonly connect: ConnectErrorCode; readonly wire: WireErrorCode };

/** What zkwire makes of each: the bytes are those that `zkwire conform client` shows to every client. */
const FAILURES: Readonly<Record<string, ScriptOutcome>> = {
  'frame-length-minus-1': violation('CONNECTION_LOSS', 'BAD_FRAME_LENGTH'),
  'frame-length-minus-5': violation('CONNECTION_LOSS', 'BAD_FRAME_LENGTH'),
  'frame-length-flood': violation('CONNECTION_LOSS', 'FRAME_TOO_LARGE'),
  'truncated-record': violation('BAD_REPLY', 'TRUNCATED'),
  count: violation('BAD_REPLY', 'BAD_COUNT'),
  'count-with-bytes': violation('BAD_REPLY', 'BAD_COUNT'),
  'string-length-negative': violation('BAD_REPLY', 'BAD_LENGTH'),
  'string-length-huge': violation('BAD_REPLY', 'BAD_LENGTH'),
  'not-utf8': violation('BAD_REPLY', 'BAD_TEXT'),
  'unknown-xid': violation('CONNECTION_LOSS', 'UNEXPECTED_XID'),
  'short-header': violation('CONNECTION_LOSS', 'BAD_FRAME_LENGTH'),
  'end-in-frame': { code: 'CONNECTION_LOSS', outcome: 'unknown', link: 'LINK_CLOSED' },
  http: { connect: 'BAD_HANDSHAKE', wire: 'FRAME_TOO_LARGE' },
  'handshake-of-three-bytes': { connect: 'BAD_HANDSHAKE', wire: 'BAD_HANDSHAKE' },
  'password-length': { connect: 'BAD_HANDSHAKE', wire: 'BAD_LENGTH' },
};

const NOTIFICATIONS: Readonly<Record<string, number>> = { burst: BURST_NOTIFICATIONS };

export const HOSTILE_SCRIPTS: readonly HostileScript[] = HOSTILE_ANSWERS.map((answer) => ({
  name: answer.title,
  conduct:
    answer.to === 'handshake'
      ? { handshake: (socket) => void play(answer, socket, 0) }
      : { getChildren: (socket, xid) => play(answer, socket, xid) },
  outcome: outcomeOf(answer),
}));

function outcomeOf({ id, children }: HostileAnswer): ScriptOutcome {
  if (children !== null) return { children, notifications: NOTIFICATIONS[id] ?? 0 };
  const failure = FAILURES[id];
  if (failure === undefined) throw new Error(`it is not said what becomes of ${id}`);
  return failure;
}

async function play(answer: HostileAnswer, socket: Socket, xid: number): Promise<void> {
  socket.setNoDelay(true);
  for (const part of answer.parts({ xid, op: OP.getChildren })) {
    if (!socket.writable) return;
    socket.write(part);
    await drained(socket);
    if (answer.drips === true) await nextTurn();
  }
  if (answer.ends === true) socket.end();
}

function violation(code: RequestErrorCode, wire: WireErrorCode): ScriptOutcome {
  return { code, outcome: 'unknown', link: 'PROTOCOL_VIOLATION', wire };
}

/** Waits while the other side holds back. Resolves too when the connection is over. */
async function drained(socket: Socket): Promise<void> {
  if (!socket.writableNeedDrain) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
  });
}

/** Over every client's limit, and still a length that one may skip. */
export const TOO_LARGE_BYTES: number = 48 * 1024 * 1024;

/** A reply with the right header, of so many bytes that nobody takes it. What follows waits for it. */
export async function tooLarge(socket: Socket, xid: number): Promise<void> {
  const block = Buffer.alloc(64 * 1024, 0x7f);
  const header = reply(xid);
  header.writeInt32BE(header.length - 4 + TOO_LARGE_BYTES);
  socket.write(header);
  for (let sent = 0; sent < TOO_LARGE_BYTES; sent += block.length) {
    socket.write(block);
    await drained(socket);
  }
}
