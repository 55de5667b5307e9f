import {
  type ACL,
  JuteReader,
  type MultiResult,
  operationName,
  readGetACLResponse,
  readGetChildren2Response,
  readGetChildrenResponse,
  readGetDataResponse,
  readMultiResponse,
  readStat,
  SERVER_CODE,
  type ServerCodeName,
  type Stat,
} from '../codec/index.ts';
import { codeName } from './expect.ts';
import { fail } from './failure.ts';
import { hexOf } from './wire-connection.ts';

/** Bytes of a ReplyHeader. */
const HEADER_BYTES = 16;

/** A watch event. */
export interface WireEvent {
  /** What happened, by its number on the wire. */
  readonly type: number;
  /** Of the connection, by its number on the wire. */
  readonly state: number;
  /** Of the node. */
  readonly path: string | null;
  /** Of the frame's header: -1 before 3.9. */
  readonly zxid: bigint;
}

/** A reply to a request of ours: its header, and the bytes behind it. */
export class Reply {
  /** Of the request. */
  readonly xid: number;
  /** Of the last transaction that the server had applied. */
  readonly zxid: bigint;
  /** 0, or why the server refused. */
  readonly err: number;
  /** What follows the header. */
  readonly body: Buffer;
  /** Header and body. */
  readonly frame: Buffer;
  readonly #op: number;

  /** Fails when the frame, a reply to an operation `op`, is too short for a header. */
  constructor(frame: Buffer, op: number) {
    if (frame.length < HEADER_BYTES) {
      fail(`expected a reply of at least 16 bytes to ${operationName(op)}, got ${hexOf(frame)}`);
    }
    this.frame = frame;
    this.xid = frame.readInt32BE(0);
    this.zxid = frame.readBigInt64BE(4);
    this.err = frame.readInt32BE(12);
    this.body = frame.subarray(HEADER_BYTES);
    this.#op = op;
  }

  /** Which request it answers, for messages. */
  get name(): string {
    return operationName(this.#op);
  }

  /** Fails unless the server did it. */
  ok(): this {
    if (this.err !== 0) fail(`expected ${this.name} to be done, got ${codeName(this.err)}`);
    return this;
  }

  /** Fails unless the server refused it with this code, in a frame that is a header and no more. */
  refused(name: ServerCodeName): this {
    const code = SERVER_CODE[name];
    if (this.err !== code) {
      fail(`expected ${this.name} to be refused with ${codeName(code)}, got ${codeName(this.err)}`);
    }
    if (this.body.length > 0) {
      fail(`expected no body behind ${codeName(code)} of ${this.name}, got ${hexOf(this.body)}`);
    }
    return this;
  }

  /** Fails unless the body is exactly these bytes. */
  bodyIs(expected: Uint8Array): this {
    this.ok();
    if (!this.body.equals(expected)) {
      fail(
        `expected the body of ${this.name} to be ${hexOf(expected)}, got ${hexOf(this.body)} ` +
          `(they differ from byte ${firstDifference(this.body, expected)} on)`,
      );
    }
    return this;
  }

  /** Fails when the reply has a body or an error. */
  empty(): this {
    return this.bodyIs(Buffer.alloc(0));
  }

  /** The body decoded; fails when it cannot be, or when bytes are left over. */
  read<T>(readBody: (reader: JuteReader) => T): T {
    this.ok();
    const reader = JuteReader.over(this.body);
    let value: T;
    try {
      value = readBody(reader);
    } catch (error) {
      fail(`the body of ${this.name} cannot be decoded: ${error}; it is ${hexOf(this.body)}`);
    }
    if (reader.remaining > 0) {
      fail(`${reader.remaining} bytes too many in the body of ${this.name}: ${hexOf(this.body)}`);
    }
    return value;
  }

  /** Body of exists, setData, setACL. */
  stat(): Stat {
    return this.read(readStat);
  }

  /** Body of create and sync. */
  text(): string | null {
    return this.read((r) => r.ustring());
  }

  /** Body of create2, createContainer, createTTL. */
  created(): { path: string | null; stat: Stat } {
    return this.read((r) => ({ path: r.ustring(), stat: readStat(r) }));
  }

  /** Body of getData. */
  data(): { data: Buffer | null; stat: Stat } {
    return this.read(readGetDataResponse);
  }

  /** Body of getChildren. */
  children(): string[] {
    return (this.read(readGetChildrenResponse).children ?? []) as string[];
  }

  /** Body of getChildren2. */
  childrenAndStat(): { children: string[]; stat: Stat } {
    const { children, stat } = this.read(readGetChildren2Response);
    return { children: (children ?? []) as string[], stat };
  }

  /** Body of getACL. */
  acl(): { acl: ACL[]; stat: Stat } {
    const { acl, stat } = this.read(readGetACLResponse);
    return { acl: acl ?? [], stat };
  }

  /** Body of multi and multiRead. */
  results(): MultiResult[] {
    return this.read(readMultiResponse);
  }

  /** Body of whoAmI, in no order that is promised. */
  identities(): { scheme: string; user: string }[] {
    return this.read((r) => {
      const count = Math.max(0, r.count(8));
      return Array.from({ length: count }, () => ({
        scheme: r.ustring() ?? '',
        user: r.ustring() ?? '',
      }));
    });
  }

  /** Body of getEphemerals. */
  texts(): (string | null)[] {
    return this.read((r) => {
      const count = r.count(4);
      return Array.from({ length: Math.max(0, count) }, () => r.ustring());
    });
  }
}

function firstDifference(one: Uint8Array, other: Uint8Array): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  return at;
}
