import { JuteReader, MULTI_HEADER_BYTES, OP } from '../../src/codec/index.ts';

/** What stands in a masked frame where a server's own value stood. */
const MASK = {
  /** Before the list began. */
  old: 1n << 60n,
  /** A time that goes with its zxid, as it did wherever else that zxid was seen. */
  timeOfZxid: 2n << 60n,
  /** A time that does not. */
  otherTime: 3n << 60n,
  /** Sessions, by their number in the list. */
  session: 1n << 56n,
} as const;

/** Offsets in a Stat. */
const STAT = { czxid: 0, mzxid: 8, ctime: 16, mtime: 24, cversion: 36, owner: 44, pzxid: 60 };
const STAT_BYTES = 68;
const HEADER_ZXID = 8;
const BODY = 20;

/**
 * Replaces in frames what two servers cannot have in common, and nothing else: zxids are counted
 * from the list's first, sessions by their place in it; of a time only that it belongs to its zxid;
 * of a session's password only its length.
 */
export class Masks {
  /** The zxid after which the list began. */
  #base = 0n;
  #sessions: bigint[] = [];
  readonly #timeOfZxid = new Map<bigint, bigint>();

  /** A new list begins after `zxid`. */
  begin(zxid: bigint): void {
    this.#base = zxid;
    this.#sessions = [];
    this.#timeOfZxid.clear();
  }

  session(id: bigint): void {
    if (!this.#sessions.includes(id)) this.#sessions.push(id);
  }

  /** A masked copy of a handshake's answer; the same bytes when it is none. */
  handshake(frame: Buffer): Buffer {
    // A new session's 36 or 37 bytes; anything else stays as it is.
    if (frame.length < 40 || frame.readInt32BE(20) !== 16) return frame;
    const masked = Buffer.from(frame);
    masked.writeBigInt64BE(this.#maskedSession(frame.readBigInt64BE(12)), 12);
    const expired = frame.readInt32BE(8) <= 0;
    if (!expired) masked.fill(0xaa, 24, 40);
    return masked;
  }

  /**
   * A masked copy of a reply to `op`, or of an event (op 0). Errors have no body, but for a multiRead
   * that fails half-way: 3.8.0 sends what it had.
   */
  reply(frame: Buffer, op: number): Buffer {
    if (frame.length < BODY) return frame;
    const masked = Buffer.from(frame);
    masked.writeBigInt64BE(this.#zxid(frame.readBigInt64BE(HEADER_ZXID)), HEADER_ZXID);
    if (frame.length === BODY) return masked;
    try {
      for (const at of statsOf(op, JuteReader.over(frame, BODY))) this.#stat(masked, at);
    } catch {
      // Not what it should be: compared as it is.
    }
    return masked;
  }

  /** The answer to a four-letter word. */
  text(text: string): string {
    return text
      .replace(
        /^(Zookeeper version|Latency \S+|Received|Sent|Connections|Outstanding): .*$/gm,
        '$1',
      )
      .replace(
        /^Zxid: 0x([0-9a-f]+)$/gm,
        (_, hex: string) => `Zxid: ${this.#zxid(BigInt(`0x${hex}`))}`,
      );
  }

  #zxid(zxid: bigint): bigint {
    if (zxid <= 0n) return zxid;
    return zxid > this.#base ? zxid - this.#base : MASK.old;
  }

  #maskedSession(id: bigint): bigint {
    const index = this.#sessions.indexOf(id);
    return index < 0 ? id : MASK.session + BigInt(index);
  }

  #stat(frame: Buffer, at: number): void {
    const czxid = frame.readBigInt64BE(at + STAT.czxid);
    const mzxid = frame.readBigInt64BE(at + STAT.mzxid);
    this.#time(frame, at + STAT.ctime, czxid);
    this.#time(frame, at + STAT.mtime, mzxid);
    for (const offset of [STAT.czxid, STAT.mzxid, STAT.pzxid]) {
      const zxid = frame.readBigInt64BE(at + offset);
      frame.writeBigInt64BE(this.#zxid(zxid), at + offset);
    }
    // The nodes of a fresh server count the lists that there were.
    if (czxid <= this.#base) frame.writeInt32BE(0, at + STAT.cversion);
    const owner = frame.readBigInt64BE(at + STAT.owner);
    frame.writeBigInt64BE(this.#maskedSession(owner), at + STAT.owner);
  }

  #time(frame: Buffer, at: number, zxid: bigint): void {
    const time = frame.readBigInt64BE(at);
    if (time === 0n) return;
    if (!this.#timeOfZxid.has(zxid)) this.#timeOfZxid.set(zxid, time);
    const agrees = this.#timeOfZxid.get(zxid) === time;
    frame.writeBigInt64BE(agrees ? MASK.timeOfZxid : MASK.otherTime, at);
  }
}

/** Where the Stats of a successful reply stand. */
function statsOf(op: number, reader: JuteReader): number[] {
  switch (op) {
    case OP.create2:
    case OP.createContainer:
    case OP.createTTL:
      reader.ustring();
      return [reader.take(STAT_BYTES)];
    case OP.exists:
    case OP.setData:
    case OP.setACL:
      return [reader.take(STAT_BYTES)];
    case OP.getData:
      reader.buffer();
      return [reader.take(STAT_BYTES)];
    case OP.getACL:
      skipAcl(reader);
      return [reader.take(STAT_BYTES)];
    case OP.getChildren2:
      skipNames(reader);
      return [reader.take(STAT_BYTES)];
    case OP.multi:
    case OP.multiRead:
      return statsOfResults(reader);
    default:
      return [];
  }
}

function statsOfResults(reader: JuteReader): number[] {
  const stats: number[] = [];
  for (;;) {
    const at = reader.take(MULTI_HEADER_BYTES);
    if (reader.view.getUint8(at + 4) !== 0) return stats;
    const type = reader.view.getInt32(at);
    if (type === OP.create) reader.ustring();
    else if (type === OP.getChildren) skipNames(reader);
    else if (type === OP.error) reader.int();
    else stats.push(...statsOf(type, reader));
  }
}

function skipAcl(reader: JuteReader): void {
  for (let left = reader.count(12); left > 0; left--) {
    reader.int();
    reader.ustring();
    reader.ustring();
  }
}

function skipNames(reader: JuteReader): void {
  for (let left = reader.count(4); left > 0; left--) reader.ustring();
}
