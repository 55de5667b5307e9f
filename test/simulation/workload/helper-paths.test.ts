import { describe, expect, it } from 'vitest';
import { OP } from '../../../src/codec/operations.ts';
import { Random } from '../random.ts';
import { somePath } from './draw-operation.ts';
import { helperPath, isOfHelpers } from './helper-paths.ts';

const frame = (path: string | null, op: number = OP.getData): Parameters<typeof isOfHelpers>[0] => {
  return { xid: 1, op, path, body: Buffer.alloc(0), atMs: 0 };
};

describe('isOfHelpers', () => {
  it.each([
    ['/h', ''],
    ['/h/k/l', ''],
    ['/p/_c_x-lock-', ''],
    ['/s', ''],
    ['/', ''],
    ['/app/deep/h/k', '/app/deep'],
    ['/app/deep', '/app/deep'],
    ['/app', '/app/deep'],
    ['/', '/app/deep'],
  ])('knows %s below "%s"', (path, chroot) => {
    expect(isOfHelpers(frame(path), chroot)).toBe(true);
  });

  it.each([
    ['/a/x', ''],
    ['/hello', ''],
    ['/h', '/app'],
    ['/zookeeper/config', '/app'],
    ['/app/a', '/app'],
    [null, ''],
  ])('leaves %s below "%s" to the others', (path, chroot) => {
    expect(isOfHelpers(frame(path), chroot)).toBe(false);
  });

  it('leaves the ephemeral nodes of all paths to the others', () => {
    expect(isOfHelpers(frame('/app', OP.getEphemerals), '/app')).toBe(false);
  });

  it('parts what is drawn', () => {
    const random = new Random(1);
    for (let draw = 0; draw < 200; draw++) {
      const ordinary = somePath({ random, nameTail: 'n'.repeat(draw % 3) });
      expect(isOfHelpers(frame(`/app${ordinary}`), '/app')).toBe(false);
      expect(isOfHelpers(frame(`/app${helperPath(random)}`), '/app')).toBe(true);
    }
  });
});
