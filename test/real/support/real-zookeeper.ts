import { describe } from 'vitest';
import { tryFindZooKeeper, ZooKeeperNotFound } from '../../../tools/zookeeper/index.ts';

const found = tryFindZooKeeper();

/** True when this machine has no ZooKeeper to test against. */
export const isZooKeeperMissing: boolean = found instanceof ZooKeeperNotFound;

/** `describe` for tests that need a real ZooKeeper: skipped, with the reason printed, without one. */
export const describeReal = describe.skipIf(isZooKeeperMissing);

if (found instanceof ZooKeeperNotFound) {
  process.stderr.write(`tests against a real server are skipped: ${found.message}\n`);
}
