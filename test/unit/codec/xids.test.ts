import { describe, expect, it } from 'vitest';
import {
  nextXid,
  XID_AUTH,
  XID_MAX,
  XID_NOTIFICATION,
  XID_PING,
  XID_SET_WATCHES,
} from '../../../src/codec/xids.ts';

describe('xids', () => {
  it('has the reserved ones of the protocol', () => {
    expect([XID_NOTIFICATION, XID_PING, XID_AUTH, XID_SET_WATCHES]).toEqual([-1, -2, -4, -8]);
  });

  it.each([
    [1, 2],
    [41, 42],
    [2 ** 31 - 2, 2 ** 31 - 1],
    [2 ** 31 - 1, 1],
    [0, 1],
    [-1, 1],
    [-8, 1],
    [2 ** 31, 1],
    [Number.NaN, 1],
  ])('after %d comes %d', (xid, next) => {
    expect(nextXid(xid)).toBe(next);
  });

  it('stays within 1 to 2^31-1 around the wrap', () => {
    const seen: number[] = [];
    let xid = XID_MAX - 2;
    for (let count = 0; count < 5; count++) {
      seen.push(xid);
      xid = nextXid(xid);
    }
    expect(seen).toEqual([2147483645, 2147483646, 2147483647, 1, 2]);
  });
});
