import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JuteWriter } from '../../../src/codec/index.ts';
import type {
  ConnectErrorCode,
  LinkErrorCode,
  Outcome,
  RequestErrorCode,
  WireErrorCode,
} from '../../../src/errors.ts';
import { notification, reply } from '../../unit/pipeline/frames.ts';
import { acceptance, type Conduct, childrenReply } from './scripted-server.ts';

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

/** Names of 97 bytes: with their lengths 10,000 of them make a reply of a megabyte. */
const MEGABYTE_OF_CHILDREN: readonly string[] = Array.from({ length: 10_000 }, (_, index) =>
  `child-${index}-`.padEnd(97, 'x'),
);
const DRIP_BYTES = 64;

const BURST_NOTIFICATIONS = 200_000;

/** What a server without end would send, had it an end. */
const FLOOD_BYTES = 256 * 1024 * 1024;

export const HOSTILE_SCRIPTS: readonly HostileScript[] = [
  frameLength(-1, 'BAD_FRAME_LENGTH'),
  frameLength(-5, 'BAD_FRAME_LENGTH'),
  {
    name: 'a frame length of 2^31-1 with a flood behind it',
    conduct: { getChildren: flood },
    outcome: violation('CONNECTION_LOSS', 'FRAME_TOO_LARGE'),
  },
  {
    name: 'a reply of a megabyte in drops of 64 bytes',
    conduct: { getChildren: drip },
    outcome: { children: MEGABYTE_OF_CHILDREN },
  },
  {
    name: '200,000 notifications in one burst',
    conduct: { getChildren: burst },
    outcome: { children: ['behind'], notifications: BURST_NOTIFICATIONS },
  },
  body('a record that ends in the middle', '00000002 00000006 616263646566 0000', 'TRUNCATED'),
  body('a vector count of 2^31-1', '7fffffff', 'BAD_COUNT'),
  body(
    'a vector count of 2^31-1 and bytes behind it',
    `7fffffff ${'00000001 61'.repeat(1000)}`,
    'BAD_COUNT',
  ),
  body('a string length of -9', '00000001 fffffff7', 'BAD_LENGTH'),
  body('a string length of 2^31-16', '00000001 7ffffff0', 'BAD_LENGTH'),
  body('a name that is not UTF-8', '00000001 00000004 61c0af62', 'BAD_TEXT'),
  {
    name: 'a reply to a request that was never made',
    conduct: { getChildren: (socket, xid) => void socket.write(childrenReply(xid + 7, ['wrong'])) },
    outcome: violation('CONNECTION_LOSS', 'UNEXPECTED_XID'),
  },
  {
    name: 'a reply header of seven bytes',
    conduct: { getChildren: (socket) => void socket.write(hex('00000007 00000001 000000')) },
    outcome: violation('CONNECTION_LOSS', 'BAD_FRAME_LENGTH'),
  },
  {
    name: 'the end in the middle of a frame',
    conduct: {
      getChildren: (socket, xid) => void socket.end(childrenReply(xid, ['half']).subarray(0, -3)),
    },
    outcome: { code: 'CONNECTION_LOSS', outcome: 'unknown', link: 'LINK_CLOSED' },
  },
  {
    name: 'bytes behind the record',
    conduct: { getChildren: trailing },
    outcome: { children: ['first'] },
  },
  handshake(
    'an HTTP answer to the handshake',
    'FRAME_TOO_LARGE',
    Buffer.from('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'),
  ),
  handshake('an answer of three bytes', 'BAD_HANDSHAKE', hex('00000003 000000')),
  handshake('a negative password length', 'BAD_LENGTH', withPasswordLength(-9)),
];

function violation(code: RequestErrorCode, wire: WireErrorCode): ScriptOutcome {
  return { code, outcome: 'unknown', link: 'PROTOCOL_VIOLATION', wire };
}

function frameLength(length: number, wire: WireErrorCode): HostileScript {
  const prefix = Buffer.alloc(4);
  prefix.writeInt32BE(length);
  return {
    name: `a frame length of ${length}`,
    conduct: { getChildren: (socket) => void socket.write(prefix) },
    outcome: violation('CONNECTION_LOSS', wire),
  };
}

/** A reply with the right header and this body. */
function body(name: string, bytes: string, wire: WireErrorCode): HostileScript {
  const content = hex(bytes);
  return {
    name,
    conduct: {
      getChildren: (socket, xid) =>
        void socket.write(reply(xid, { body: (writer) => writeRaw(writer, content) })),
    },
    outcome: violation('BAD_REPLY', wire),
  };
}

function handshake(name: string, wire: WireErrorCode, answer: Buffer): HostileScript {
  return {
    name,
    conduct: { handshake: (socket) => void socket.write(answer) },
    outcome: { connect: 'BAD_HANDSHAKE', wire },
  };
}

function hex(digits: string): Buffer {
  return Buffer.from(digits.replaceAll(' ', ''), 'hex');
}

function writeRaw(writer: JuteWriter, bytes: Buffer): void {
  // Reserving may move the writer to other memory.
  const at = writer.reserve(bytes.length);
  bytes.copy(writer.bytes, at);
}

function withPasswordLength(length: number): Buffer {
  const answer = acceptance(0x77n);
  answer.writeInt32BE(length, 20);
  return answer;
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

async function flood(socket: Socket): Promise<void> {
  const block = Buffer.alloc(64 * 1024, 0x7f);
  socket.write(hex('7fffffff'));
  for (let sent = 0; sent < FLOOD_BYTES && socket.writable; sent += block.length) {
    socket.write(block);
    await drained(socket);
  }
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

async function drip(socket: Socket, xid: number): Promise<void> {
  const frame = childrenReply(xid, MEGABYTE_OF_CHILDREN);
  socket.setNoDelay(true);
  for (let at = 0; at < frame.length; at += DRIP_BYTES) {
    socket.write(frame.subarray(at, at + DRIP_BYTES));
    await nextTurn();
  }
}

function burst(socket: Socket, xid: number): void {
  const event = notification('/some/path');
  socket.write(Buffer.alloc(BURST_NOTIFICATIONS * event.length, event));
  socket.write(childrenReply(xid, ['behind']));
}

/** Newer servers append fields. The second reply must be read from where its frame begins. */
function trailing(socket: Socket, xid: number): void {
  const body = hex('00000001 00000005 6669727374 00000025 00000002 7fffffff');
  socket.write(reply(xid, { body: (writer) => writeRaw(writer, body) }));
}
