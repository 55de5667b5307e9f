import { describe, expect, it } from 'vitest';
import { JuteWriter, STAT_BYTES, writeStatOf } from '../../../../src/codec/index.ts';
import { OPEN_ACL_UNSAFE } from '../../../../src/server/tree/acl-table.ts';
import { CONTAINER_OWNER, ownerOfTtl } from '../../../../src/server/tree/ephemeral-owner.ts';
import { statOf, writeStat, ZNode } from '../../../../src/server/tree/znode.ts';

function znode(ephemeralOwner = 0n, timeMs = 1_700_000_000_123): ZNode {
  return new ZNode(Buffer.from('abc'), OPEN_ACL_UNSAFE, 0x1_0000_0007n, timeMs, ephemeralOwner);
}

describe('the Stat of a znode', () => {
  it('is what clients see', () => {
    const node = znode(0x100_0000_0001n);
    node.mzxid = 0x1_0000_0009n;
    node.pzxid = 0x1_0000_0008n;
    node.mtimeMs += 5;
    node.version = 2;
    node.aversion = 3;
    node.cversion = 5;
    for (const name of ['a', 'b']) node.addChild(name, znode());
    expect(statOf(node)).toEqual({
      czxid: 0x1_0000_0007n,
      mzxid: 0x1_0000_0009n,
      pzxid: 0x1_0000_0008n,
      ctime: 1_700_000_000_123n,
      mtime: 1_700_000_000_128n,
      version: 2,
      // Five made, three of them gone.
      cversion: 8,
      aversion: 3,
      ephemeralOwner: 0x100_0000_0001n,
      dataLength: 3,
      numChildren: 2,
    });
  });

  it('hides the owner of containers and of znodes with a time to live', () => {
    for (const owner of [CONTAINER_OWNER, ownerOfTtl(1), ownerOfTtl(2 ** 40 - 1), 0n]) {
      expect(statOf(znode(owner)).ephemeralOwner).toBe(0n);
    }
    for (const owner of [1n, -2n, 2n ** 63n - 1n, CONTAINER_OWNER + 1n]) {
      expect(statOf(znode(owner)).ephemeralOwner).toBe(owner);
    }
  });

  it('counts no bytes when there are no data, and no children before the first', () => {
    const node = new ZNode(null, OPEN_ACL_UNSAFE, 1n, 0, 0n);
    expect(statOf(node)).toMatchObject({ dataLength: 0, numChildren: 0, cversion: 0 });
    expect(node.childNames).toEqual([]);
    expect(node.children).toBeNull();
  });

  it('turns around where its numbers do', () => {
    const node = znode();
    node.cversion = 2 ** 30;
    expect(statOf(node).cversion).toBe(-(2 ** 31));
  });

  it('is written as the codec writes it', () => {
    const times = [0, 1, 2 ** 32 - 1, 2 ** 32, 1_700_000_000_123, 2 ** 52 + 1, -1, -(2 ** 32) - 7];
    for (const timeMs of times) {
      for (const owner of [0n, 5n, -5n, CONTAINER_OWNER, ownerOfTtl(77)]) {
        const node = znode(owner, timeMs);
        node.mtimeMs = timeMs + 1;
        node.cversion = 2 ** 30;
        node.aversion = -1;
        node.addChild('a', znode());
        const [ours, codecs] = [JuteWriter.standalone(8), JuteWriter.standalone()];
        writeStat(ours, node);
        writeStatOf(codecs, statOf(node));
        expect(ours.finished(), `${timeMs} ${owner}`).toEqual(codecs.finished());
        expect(ours.offset).toBe(STAT_BYTES);
      }
    }
  });
});
