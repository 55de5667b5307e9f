import { describe, expect, it } from 'vitest';
import type { ACL } from '../../../../src/codec/index.ts';
import {
  AclTable,
  OPEN_ACL_ID,
  OPEN_ACL_UNSAFE,
  READ_ACL_UNSAFE,
} from '../../../../src/server/tree/acl-table.ts';

const of = (perms: number, scheme: string, id: string): ACL => ({ perms, id: { scheme, id } });

describe('AclTable', () => {
  it('has one array for equal lists', () => {
    const table = new AclTable();
    const kept = table.retain([of(1, 'ip', '10.0.0.1'), of(2, 'digest', 'a:b')]);
    expect(table.retain([of(1, 'ip', '10.0.0.1'), of(2, 'digest', 'a:b')])).toBe(kept);
    expect(table.retain(kept)).toBe(kept);
    const others = [
      [of(2, 'digest', 'a:b'), of(1, 'ip', '10.0.0.1')],
      [of(1, 'ip', '10.0.0.1')],
      [of(3, 'ip', '10.0.0.1'), of(2, 'digest', 'a:b')],
      [of(1, 'i', 'p10.0.0.1'), of(2, 'digest', 'a:b')],
    ];
    for (const other of others) expect(table.retain(other)).toBe(other);
    expect(table.size).toBe(5);
  });

  it('does not count the open one, however it comes', () => {
    const table = new AclTable();
    expect(table.retain([of(31, 'world', 'anyone')])).toBe(OPEN_ACL_UNSAFE);
    expect(table.idOf(OPEN_ACL_UNSAFE)).toBe(OPEN_ACL_ID);
    table.release(OPEN_ACL_UNSAFE);
    expect(table.size).toBe(0);
    const similar = [of(15, 'world', 'anyone'), of(31, 'ip', 'anyone'), of(31, 'world', 'any')];
    for (const acl of similar) expect(table.retain([acl])).toEqual([acl]);
    expect(table.retain([])).toEqual([]);
    expect(table.size).toBe(4);
  });

  it('numbers lists, and forgets one with its last use', () => {
    const table = new AclTable();
    const read = table.retain(READ_ACL_UNSAFE);
    const digest = table.retain([of(31, 'digest', 'a:b')]);
    table.retain(digest);
    expect([table.idOf(read), table.idOf(digest)]).toEqual([1, 2]);
    expect(table.entries()).toEqual([
      [1, read],
      [2, digest],
    ]);
    table.release(digest);
    table.release(read);
    expect(table.entries()).toEqual([[2, digest]]);
    table.release(digest);
    expect(table.size).toBe(0);
    // A number is not used twice: a snapshot in the making may have it.
    expect(table.idOf(table.retain(digest))).toBe(3);
    expect(table.entries()).toEqual([[3, digest]]);
    table.clear();
    expect(table.entries()).toEqual([]);
    expect(table.idOf(table.retain(READ_ACL_UNSAFE))).toBe(1);
  });
});
