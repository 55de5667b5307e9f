import fc from 'fast-check';
import { GOLDENS, type Golden } from '../conformance/golden-fixtures.ts';
import { lengthFieldsOf } from '../conformance/length-fields.ts';

/** A golden to start from, with where its lengths and counts are. */
export interface Seed {
  readonly golden: Golden;
  readonly frame: Buffer;
  readonly lengthOffsets: readonly number[];
}

/** Larger goldens would take most of the time and are much like the small ones. */
const SEED_BYTES_MAX = 4 * 1024;

export const SEEDS: readonly Seed[] = GOLDENS.flatMap(([, goldens]) => goldens)
  .filter(({ hex }) => hex.length / 2 <= SEED_BYTES_MAX)
  .map((golden) => ({
    golden,
    frame: Buffer.from(golden.hex, 'hex'),
    lengthOffsets: [0, ...lengthFieldsOf(golden).map(({ at }) => at)],
  }));

const KINDS = [
  'flip',
  'overwrite',
  'word',
  'length',
  'lengthBy',
  'truncate',
  'insert',
  'repeat',
  'remove',
  'splice',
  'junk',
] as const;

/** One step away from a golden. The numbers mean what the kind makes of them, within what is there. */
interface Mutation {
  readonly kind: (typeof KINDS)[number];
  readonly at: number;
  readonly value: number;
}

/** Words that lengths, counts, types and codes are tried with. */
const WORDS: readonly number[] = [
  ...[0, 1, 2, 3, 4, 5, 8, 13, 14, 15, 16, 255, 256, 0xffff, 0x10000, 0xfffff, 0x100000],
  ...[-1, -2, -3, -4, -8, -11, -101, -112, 0x7fffffff, -0x80000000, 0x3fffffff, 0x40000000],
];

const INSERTED_BYTES_MAX = 64;

const MUTATION: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom(...KINDS),
  at: fc.nat(0xffff),
  value: fc.nat(0x7fffffff),
});

/** A frame that began as a golden. */
export interface Hostile {
  readonly seed: Seed;
  readonly mutations: readonly Mutation[];
  /** The length prefix is made to fit, so that what is wrong lies deeper. */
  readonly prefixed: boolean;
}

/** Frames that began as one of these; with `mutationsMin` 0 some are as they were. */
export function hostileOf(seeds: readonly Seed[], mutationsMin: number): fc.Arbitrary<Hostile> {
  return fc.record({
    seed: fc.constantFrom(...seeds),
    mutations: fc.array(MUTATION, { minLength: mutationsMin, maxLength: 4 }),
    prefixed: fc.nat(7).map((number) => number > 0),
  });
}

/** The bytes of a hostile frame; `xid`, when given, takes the place of the golden's own before anything else. */
export function bytesOf({ seed, mutations, prefixed }: Hostile, xid?: number): Buffer {
  let bytes: Buffer = Buffer.from(seed.frame);
  if (xid !== undefined) bytes.writeInt32BE(xid, 4);
  for (const mutation of mutations) bytes = mutated(bytes, seed, mutation);
  if (prefixed && bytes.length >= 4) bytes.writeInt32BE(bytes.length - 4, 0);
  return bytes;
}

function mutated(bytes: Buffer, seed: Seed, { kind, at, value }: Mutation): Buffer {
  // Behind the prefix more often than not: the prefix itself is among the lengths.
  const place = bytes.length > 4 ? 4 + (at % (bytes.length - 4)) : 0;
  switch (kind) {
    case 'flip':
      if (place < bytes.length) bytes[place] = (bytes[place] as number) ^ (1 << (value & 7));
      return bytes;
    case 'overwrite':
      if (place < bytes.length) bytes[place] = value & 0xff;
      return bytes;
    case 'word':
      return withWord(bytes, place, WORDS[value % WORDS.length] as number);
    case 'length':
      return withWord(bytes, lengthOffset(seed, at), WORDS[value % WORDS.length] as number);
    case 'lengthBy': {
      const offset = lengthOffset(seed, at);
      if (offset + 4 > bytes.length) return bytes;
      return withWord(bytes, offset, (bytes.readInt32BE(offset) + (value & 1 ? 1 : -1)) | 0);
    }
    case 'truncate':
      return bytes.subarray(0, place);
    case 'insert':
      return joined(bytes, place, Buffer.alloc(value % INSERTED_BYTES_MAX, (value >>> 8) & 0xff));
    case 'repeat':
      return joined(bytes, place, bytes.subarray(place, place + (value % 256)));
    case 'remove':
      return Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + (value % 32))]);
    case 'splice': {
      const { frame } = SEEDS[value % SEEDS.length] as Seed;
      return Buffer.concat([bytes.subarray(0, place), frame.subarray(at % frame.length)]);
    }
    case 'junk':
      return withJunk(bytes, place, value);
  }
}

function lengthOffset(seed: Seed, at: number): number {
  return seed.lengthOffsets[at % seed.lengthOffsets.length] as number;
}

function withWord(bytes: Buffer, at: number, word: number): Buffer {
  if (at + 4 <= bytes.length) bytes.writeInt32BE(word, at);
  return bytes;
}

function joined(bytes: Buffer, at: number, inserted: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)]);
}

/** Everything from `at` on becomes noise. */
function withJunk(bytes: Buffer, at: number, value: number): Buffer {
  let state = value | 1;
  for (let index = at; index < bytes.length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}
