import { describe } from 'vitest';
import {
  testServerKind,
  tryFindZooKeeper,
  ZooKeeperNotFound,
} from '../../../tools/zookeeper/index.ts';

const found = tryFindZooKeeper();
/** False when the servers of `startServer` are zkwire's own. */
export const isApache: boolean = testServerKind() === 'apache';

/** True when this machine has no ZooKeeper to test against. */
export const isZooKeeperMissing: boolean = found instanceof ZooKeeperNotFound;

/**
 * `describe` for tests that need a standalone server as `startServer` starts it: skipped, with the
 * reason printed, where that is a ZooKeeper and there is none.
 */
export const describeReal = describe.skipIf(isZooKeeperMissing && isApache);

/**
 * `describe` for tests that need an Apache ZooKeeper: an ensemble, its Java programs, or something to
 * compare with. Skipped too where `ZKWIRE_TEST_SERVER` wants the tests of the embedded server.
 */
export const describeApache = describe.skipIf(isZooKeeperMissing || !isApache);

if (!isApache) {
  process.stderr.write('ZKWIRE_TEST_SERVER=embedded: what needs an Apache ZooKeeper is skipped\n');
} else if (found instanceof ZooKeeperNotFound) {
  process.stderr.write(`tests against a real server are skipped: ${found.message}\n`);
}
