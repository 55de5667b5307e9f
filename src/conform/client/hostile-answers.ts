import { OP, RECORDS } from '../../codec/index.ts';
import { encoded } from '../requests.ts';
import { acceptanceFrame, eventFrame, replyFrame, statWith } from '../script/server-frames.ts';

/** A request of which the children are asked. */
export interface ChildrenRequest {
  readonly xid: number;
  /** getChildren or getChildren2. */
  readonly op: number;
}

/** One way in which a server misbehaves towards a client that asks for the children of a node. */
export interface HostileAnswer {
  readonly id: string;
  readonly title: string;
  /** What it is an answer to. */
  readonly to: 'handshake' | 'children';
  /** What the client must give: these children, or an error. */
  readonly children: readonly string[] | null;
  /** What is written, piece by piece, each once the client has taken the one before. */
  parts(request: ChildrenRequest): Iterable<Uint8Array>;
  /** Every piece is read by itself: a turn of the event loop lies between two. */
  readonly drips?: boolean;
  /** The server ends the connection behind it. */
  readonly ends?: boolean;
}

/** Names of 97 bytes: with their lengths 10,000 of them make a reply of a megabyte. */
const MEGABYTE_OF_CHILDREN: readonly string[] = Array.from({ length: 10_000 }, (_, index) =>
  `child-${index}-`.padEnd(97, 'x'),
);

const DRIP_BYTES = 64;

/** Events that come in one piece. */
export const BURST_NOTIFICATIONS = 200_000;

/** What a server without end would send, had it an end. */
const FLOOD_BYTES = 256 * 1024 * 1024;

/** The ways in which servers were seen, or are feared, to break clients. */
export const HOSTILE_ANSWERS: readonly HostileAnswer[] = [
  frameLength(-1),
  frameLength(-5),
  {
    id: 'frame-length-flood',
    title: 'a frame length of 2^31-1 with a flood behind it',
    to: 'children',
    children: null,
    parts: flood,
  },
  {
    id: 'drip',
    title: 'a reply of a megabyte in drops of 64 bytes',
    to: 'children',
    children: MEGABYTE_OF_CHILDREN,
    parts: (request) => pieces(childrenFrame(request, MEGABYTE_OF_CHILDREN)),
    drips: true,
  },
  {
    id: 'burst',
    title: '200,000 notifications in one burst',
    to: 'children',
    children: ['behind'],
    parts: burst,
  },
  body(
    'truncated-record',
    'a record that ends in the middle',
    '00000002 00000006 616263646566 0000',
  ),
  body('count', 'a vector count of 2^31-1', '7fffffff'),
  body(
    'count-with-bytes',
    'a vector count of 2^31-1 and bytes behind it',
    `7fffffff ${'00000001 61'.repeat(1000)}`,
  ),
  body('string-length-negative', 'a string length of -9', '00000001 fffffff7'),
  body('string-length-huge', 'a string length of 2^31-16', '00000001 7ffffff0'),
  body('not-utf8', 'a name that is not UTF-8', '00000001 00000004 61c0af62', 'with the Stat'),
  {
    id: 'unknown-xid',
    title: 'a reply to a request that was never made',
    to: 'children',
    children: null,
    parts: ({ xid, op }) => [childrenFrame({ xid: xid + 7, op }, ['wrong'])],
  },
  {
    id: 'short-header',
    title: 'a reply header of seven bytes',
    to: 'children',
    children: null,
    parts: () => [hex('00000007 00000001 000000')],
  },
  {
    id: 'end-in-frame',
    title: 'the end in the middle of a frame',
    to: 'children',
    children: null,
    parts: (request) => [childrenFrame(request, ['half']).subarray(0, -3)],
    ends: true,
  },
  {
    id: 'trailing-bytes',
    title: 'bytes behind the record',
    to: 'children',
    children: ['first'],
    parts: trailing,
  },
  handshake(
    'http',
    'an HTTP answer to the handshake',
    Buffer.from('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'),
  ),
  handshake('handshake-of-three-bytes', 'an answer of three bytes', hex('00000003 000000')),
  handshake('password-length', 'a negative password length', withPasswordLength(-9)),
];

/** A whole reply to a request for children. */
function childrenFrame(request: ChildrenRequest, children: readonly string[]): Buffer {
  const names = encoded((writer) => {
    writer.count(children.length);
    for (const child of children) writer.ustring(child);
  });
  return replyFrame(request.xid, 1n, 0, Buffer.concat([names, statOf(request)]));
}

/** What getChildren2 has behind the names. */
function statOf({ op }: ChildrenRequest): Buffer {
  if (op !== OP.getChildren2) return Buffer.alloc(0);
  return encoded((writer) => RECORDS.Stat.write(writer, statWith()));
}

function frameLength(length: number): HostileAnswer {
  const prefix = Buffer.alloc(4);
  prefix.writeInt32BE(length);
  return {
    id: `frame-length-minus-${-length}`,
    title: `a frame length of ${length}`,
    to: 'children',
    children: null,
    parts: () => [prefix],
  };
}

/** A reply with the right header and this body. */
function body(id: string, title: string, bytes: string, stat?: 'with the Stat'): HostileAnswer {
  const content = hex(bytes);
  return {
    id,
    title,
    to: 'children',
    children: null,
    parts: (request) => {
      const rest = stat === undefined ? [] : [statOf(request)];
      return [replyFrame(request.xid, 1n, 0, Buffer.concat([content, ...rest]))];
    },
  };
}

function handshake(id: string, title: string, answer: Buffer): HostileAnswer {
  return { id, title, to: 'handshake', children: null, parts: () => [answer] };
}

function withPasswordLength(length: number): Buffer {
  const grant = { timeOutMs: 12_000, sessionId: 0x77n, readOnly: false };
  const answer = acceptanceFrame({ ...grant, passwd: Buffer.alloc(16, 0x5a) });
  answer.writeInt32BE(length, 20);
  return answer;
}

function hex(digits: string): Buffer {
  return Buffer.from(digits.replaceAll(' ', ''), 'hex');
}

function* flood(): Generator<Uint8Array> {
  const block = Buffer.alloc(64 * 1024, 0x7f);
  yield hex('7fffffff');
  for (let sent = 0; sent < FLOOD_BYTES; sent += block.length) yield block;
}

function* pieces(frame: Buffer): Generator<Uint8Array> {
  for (let at = 0; at < frame.length; at += DRIP_BYTES) yield frame.subarray(at, at + DRIP_BYTES);
}

function* burst(request: ChildrenRequest): Generator<Uint8Array> {
  const event = eventFrame(3, '/some/path', -1n);
  yield Buffer.alloc(BURST_NOTIFICATIONS * event.length, event);
  yield childrenFrame(request, ['behind']);
}

/** Newer servers append fields. The next reply must be read from where its frame begins. */
function* trailing(request: ChildrenRequest): Generator<Uint8Array> {
  const names = hex('00000001 00000005 6669727374');
  const more = hex('00000025 00000002 7fffffff');
  yield replyFrame(request.xid, 1n, 0, Buffer.concat([names, statOf(request), more]));
}
