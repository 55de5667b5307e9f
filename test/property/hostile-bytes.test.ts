import { getHeapStatistics } from 'node:v8';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  describe as describePacket,
  OwnedBytes,
  type Packet,
  packetToJson,
} from '../../src/codec/index.ts';
import { WIRE_ERROR_CODES, WireError } from '../../src/errors.ts';
import { FRAME_BODY_BYTES_MAX } from '../../src/limits.ts';
import { decodeFrame, type FrameShape } from '../conformance/golden-codec.ts';
import { conversationPackets } from '../conformance/golden-conversation.ts';
import { cpuMs } from './cpu-time.ts';
import { bytesOf, type Hostile, hostileOf, SEEDS } from './mutations.ts';
import { fastCheckOptions, seedNote } from './seed.ts';

/** Inputs tried; the environment can ask for more. */
const INPUTS = Number(process.env.ZKWIRE_TEST_INPUTS ?? 200_000);
const TIME_LIMIT_MS = 300_000 + INPUTS * 2;

/** What decoding a frame may allocate. */
const TIMES_MAX = 8;
const EXTRA_BYTES_MAX = 64 * 1024;
/** A compiler at work allocates too: only what exceeds the limit each time counts. */
const ATTEMPTS = 4;

/** A frame of some hundred bytes takes microseconds; but the collector of garbage counts too. */
const INPUT_MS_MAX = 5_000;

const outcomes = new Map<string, number>();
let greatestBytes = 0;
let slowestMs = 0;

function count(outcome: string): void {
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
}

function checkError(code: string, offset: number, frameBytes: number): void {
  if (!(code in WIRE_ERROR_CODES)) throw new Error(`unknown code ${code}`);
  if (!(Number.isInteger(offset) && offset >= 0 && offset <= frameBytes)) {
    throw new Error(`${code} at byte ${offset} of ${frameBytes}`);
  }
}

/** Decodes; gives what came of it. Anything but a WireError passes through. */
function decodeOnce(shape: FrameShape, frame: Buffer, owned: boolean): WireError | null {
  try {
    decodeFrame(shape, frame, owned ? new OwnedBytes() : null);
    return null;
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
}

function heapBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

/** Fails when decoding allocates too much. A collection in between makes the difference too small, which is no failure. */
function checkAllocation(shape: FrameShape, frame: Buffer, owned: boolean): WireError | null {
  const limit = TIMES_MAX * frame.length + EXTRA_BYTES_MAX;
  for (let attempt = 1; ; attempt++) {
    const before = heapBytes();
    const error = decodeOnce(shape, frame, owned);
    const bytes = heapBytes() - before;
    if (bytes <= limit) {
      greatestBytes = Math.max(greatestBytes, bytes);
      return error;
    }
    if (attempt === ATTEMPTS) throw new Error(`${bytes} bytes for a frame of ${frame.length}`);
  }
}

/** A frame that is longer, says its prefix, waits for the rest: that is for the conversation. */
function isWhole(frame: Buffer): boolean {
  if (frame.length < 4) return false;
  const bodyBytes = frame.readInt32BE(0);
  return bodyBytes <= frame.length - 4 || bodyBytes > FRAME_BODY_BYTES_MAX;
}

function checkDecoders({ seed, prefixed }: Hostile, frame: Buffer): void {
  if (!isWhole(frame)) {
    if (prefixed && frame.length >= 4) throw new Error('the prefix was not corrected');
    count('incomplete');
    return;
  }
  const { golden } = seed;
  const lent = checkAllocation(golden, frame, false);
  const owned = checkAllocation(golden, frame, true);
  if (lent?.code !== owned?.code || lent?.offset !== owned?.offset) {
    throw new Error(`lent ${lent?.message}, owned ${owned?.message}`);
  }
  if (lent !== null) checkError(lent.code, lent.offset, frame.length);
  count(lent?.code ?? 'decoded');
}

const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}]/u;
const LINE_CHARS_MAX = 64 * 1024;

function checkPacket(packet: Packet, frameBytes: number): void {
  if (packet.error !== undefined) checkError(packet.error.code, packet.error.offset, frameBytes);
  const line = describePacket(packet);
  if (UNPRINTABLE.test(line)) throw new Error(`not one line of text: ${JSON.stringify(line)}`);
  if (line.length > LINE_CHARS_MAX) throw new Error(`a line of ${line.length} characters`);
  JSON.stringify(packetToJson(packet));
}

/** In both directions: a client may hear what a server should, and the other way round. */
function checkConversations({ seed }: Hostile, frame: Buffer): void {
  const { kind, op } = seed.golden;
  const xid = frame.length >= 8 ? frame.readInt32BE(4) : 1;
  const handshake = op === null;
  const request = { kind: handshake ? 'creq' : 'req', direction: 'c2s', op } as const;
  const reply = { kind: handshake ? 'cresp' : 'resp', direction: 's2c', op } as const;
  for (const shape of kind === 'creq' || kind === 'req' ? [request, reply] : [reply, request]) {
    for (const packet of conversationPackets(shape, xid, [frame]))
      checkPacket(packet, frame.length);
  }
}

// The test runner translates stacks, by maps that are larger than anything here: what is measured is not its work.
const { prepareStackTrace } = Error;
beforeAll(() => {
  Reflect.deleteProperty(Error, 'prepareStackTrace');
});
afterAll(() => {
  Error.prepareStackTrace = prepareStackTrace;
});

describe('hostile bytes', () => {
  it(`${INPUTS} mutated goldens end in a value or a typed error`, {
    timeout: TIME_LIMIT_MS,
  }, () => {
    const property = fc.property(hostileOf(SEEDS, 1), (hostile) => {
      const frame = bytesOf(hostile);
      const tookMs = cpuMs(() => {
        checkDecoders(hostile, frame);
        checkConversations(hostile, frame);
      });
      slowestMs = Math.max(slowestMs, tookMs);
    });
    const start = performance.now();
    fc.assert(property, fastCheckOptions(INPUTS));
    const inputs = [...outcomes.values()].reduce((sum, number) => sum + number, 0);
    const parts = [...outcomes].sort((a, b) => b[1] - a[1]).map(([name, n]) => `${name} ${n}`);
    console.log(
      `hostile bytes: ${inputs} inputs in ${((performance.now() - start) / 1000).toFixed(1)} s, ` +
        `${seedNote()}\n  ${parts.join(', ')}\n  most allocated by one decode: ${greatestBytes} bytes; ` +
        `slowest input: ${slowestMs.toFixed(1)} ms`,
    );
    expect(inputs).toBeGreaterThanOrEqual(INPUTS);
    expect(slowestMs).toBeLessThan(INPUT_MS_MAX);
    // Mutations must reach every kind of refusal that a decoder has, and leave some frames decodable.
    for (const code of ['TRUNCATED', 'BAD_LENGTH', 'BAD_COUNT', 'BAD_MULTI', 'BAD_HANDSHAKE']) {
      expect(outcomes.get(code), code).toBeGreaterThan(INPUTS / 1000);
    }
    for (const outcome of ['decoded', 'incomplete', 'BAD_FRAME_LENGTH', 'FRAME_TOO_LARGE']) {
      expect(outcomes.get(outcome), outcome).toBeGreaterThan(INPUTS / 10_000);
    }
  });
});
