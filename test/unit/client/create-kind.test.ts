import { describe, expect, it } from 'vitest';
import { createWire } from '../../../src/client/create-kind.ts';
import type { CreateKind } from '../../../src/client/types.ts';

const kind = (mode: unknown, ttlMs?: unknown): CreateKind => ({ mode, ttlMs }) as CreateKind;

describe('createWire', () => {
  it.each([
    [undefined, 1, 0, false],
    ['persistent', 1, 0, false],
    ['ephemeral', 1, 1, false],
    ['persistent-sequential', 1, 2, true],
    ['ephemeral-sequential', 1, 3, true],
  ])('mode %s is create, with a Stat create2', (mode, op, flags, sequential) => {
    expect(createWire(kind(mode), false)).toEqual({ op, flags, ttlMs: 0n, sequential });
    expect(createWire(kind(mode), true)).toEqual({ op: 15, flags, ttlMs: 0n, sequential });
  });

  it('mode container has its own opcode', () => {
    const wire = { op: 19, flags: 4, ttlMs: 0n, sequential: false };
    expect(createWire(kind('container'), false)).toEqual(wire);
    expect(createWire(kind('container'), true)).toEqual(wire);
  });

  it.each([
    ['persistent-ttl', 5, false],
    ['persistent-sequential-ttl', 6, true],
  ])('mode %s is createTTL', (mode, flags, sequential) => {
    for (const ttlMs of [1, 2 ** 40 - 1]) {
      const wire = { op: 21, flags, ttlMs: BigInt(ttlMs), sequential };
      expect(createWire(kind(mode, ttlMs), false)).toEqual(wire);
    }
  });

  it.each([undefined, null, 0, -1, 1.5, 2 ** 40, Number.NaN, '5', 5n])(
    'needs a ttlMs that is none of %s',
    (ttlMs) => {
      expect(createWire(kind('persistent-ttl', ttlMs), false)).toBe(
        'create mode persistent-ttl needs ttlMs, a whole number of 1 to 2^40-1',
      );
    },
  );

  it('takes a ttlMs with no other mode', () => {
    expect(createWire(kind('ephemeral', 5), false)).toBe('create mode ephemeral takes no ttlMs');
    expect(createWire(kind(undefined, 5), false)).toBe('create mode persistent takes no ttlMs');
  });

  // createTTL with flags that are no TTL mode is one of the two requests never to send to a real server.
  it.each(['PERSISTENT', '', 'constructor', 'toString', '__proto__', 'hasOwnProperty', 5, 6, {}])(
    'knows no mode %s, with a ttlMs or without',
    (mode) => {
      const fault = `unknown create mode ${JSON.stringify(mode)}`;
      expect(createWire(kind(mode), false)).toBe(fault);
      expect(createWire(kind(mode, 5), false)).toBe(fault);
    },
  );
});
