import fc from 'fast-check';
import { OP } from '../../src/codec/operations.ts';
import { RECORDS } from '../../src/codec/record-table.gen.ts';
import {
  MULTI_REQUEST_RECORDS,
  MULTI_RESPONSE_RECORDS,
  recordCodec,
} from '../conformance/golden-codec.ts';

/** Any text that UTF-8 can carry: short and long, ASCII and not, on both sides of every size by hand. */
const TEXT = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: 'binary-ascii', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom(16, 17, 24, 25, 1_000).map((length) => 'ä中a'.repeat(length)),
);

const BYTES = fc.oneof(
  { weight: 19, arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)) },
  // Around the sizes at which owned bytes change their place.
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(4_096, 4_097, 16_384, 16_385)
      .map((length) => Buffer.alloc(length, length)),
  },
);

const INT = fc.oneof(
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.constantFrom(0, -1, 2 ** 31 - 1, -(2 ** 31)),
);

const LONG = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n),
);

const SCALARS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  int: INT,
  long: LONG,
  boolean: fc.boolean(),
  ustring: fc.option(TEXT, { freq: 6 }),
  buffer: fc.option(BYTES, { freq: 6 }),
};

/** Any value of a jute type; null wherever the wire can carry it. */
function valueOfType(type: string): fc.Arbitrary<unknown> {
  const scalar = SCALARS[type];
  if (scalar !== undefined) return scalar;
  const element = /^vector<(.*)>$/.exec(type)?.[1];
  if (element === undefined) return recordOfType(type);
  return fc.option(fc.array(valueOfType(element), { maxLength: 6 }), { freq: 6 });
}

/** Any value of a record. */
export function recordOfType(type: string): fc.Arbitrary<object> {
  const fields = recordCodec(type).fields.map(({ name, type: fieldType }) => [
    name,
    valueOfType(fieldType),
  ]);
  return fc.record(Object.fromEntries(fields), { noNullPrototype: true });
}

/** The value of a record with the fewest bytes. */
export function smallestOfType(type: string): object {
  const fields = recordCodec(type).fields.map(({ name, type: fieldType }) => {
    if (fieldType === 'int') return [name, 0];
    if (fieldType === 'long') return [name, 0n];
    if (fieldType === 'boolean') return [name, false];
    return [name, fieldType in RECORDS ? smallestOfType(fieldType) : null];
  });
  return Object.fromEntries(fields);
}

/** Servers do not survive another mode here, so the writer refuses it. */
const TTL_FLAGS = fc.constantFrom(5, 6);

const OPERATIONS = Object.entries(MULTI_REQUEST_RECORDS).map(([op, type]) =>
  fc.tuple(recordOfType(type), TTL_FLAGS).map(([record, flags]) => ({
    op: Number(op),
    ...record,
    ...(Number(op) === OP.createTTL ? { flags } : {}),
  })),
);

const RESULTS = Object.entries(MULTI_RESPONSE_RECORDS).map(([op, type]) =>
  (type === null ? fc.constant({}) : recordOfType(type)).map((record) => ({
    op: Number(op),
    ...record,
  })),
);

export const MULTI_OPERATIONS: fc.Arbitrary<object[]> = fc.array(fc.oneof(...OPERATIONS), {
  maxLength: 8,
});
export const MULTI_RESULTS: fc.Arbitrary<object[]> = fc.array(fc.oneof(...RESULTS), {
  maxLength: 8,
});
