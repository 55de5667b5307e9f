import { expect, it } from 'vitest';
import {
  CONTAINER_OWNER,
  kindOf,
  NODE_KIND,
  ownerOfTtl,
  TTL_MS_MAX,
  ttlMsOf,
} from '../../../../src/server/tree/ephemeral-owner.ts';

const long = (hex: string): bigint => BigInt.asIntN(64, BigInt(hex));

it('owners are persisted as Apache has them', () => {
  expect(CONTAINER_OWNER).toBe(long('0x8000000000000000'));
  expect(ownerOfTtl(1)).toBe(long('0xff00000000000001'));
  expect(ownerOfTtl(TTL_MS_MAX)).toBe(long('0xff0000ffffffffff'));
  expect(ttlMsOf(long('0xff0000ffffffffff'))).toBe(TTL_MS_MAX);
  expect(ttlMsOf(long('0xff000000000004d2'))).toBe(1234);
});

it('an owner tells what kind a znode is of', () => {
  const kinds: [string, number][] = [
    ['0x0', NODE_KIND.persistent],
    ['0x1', NODE_KIND.ephemeral],
    ['0x10000d4f2c30000', NODE_KIND.ephemeral],
    ['0x7fffffffffffffff', NODE_KIND.ephemeral],
    ['0x8000000000000000', NODE_KIND.container],
    ['0x8000000000000001', NODE_KIND.ephemeral],
    // The largest server number with extended types is 254.
    ['0xfeffffffffffffff', NODE_KIND.ephemeral],
    ['0xff00000000000000', NODE_KIND.ttl],
    ['0xff0000ffffffffff', NODE_KIND.ttl],
    // Another extended type, which no release has.
    ['0xff00010000000000', NODE_KIND.ephemeral],
    ['0xffffffffffffffff', NODE_KIND.ephemeral],
  ];
  for (const [hex, kind] of kinds) expect(kindOf(long(hex)), hex).toBe(kind);
});
