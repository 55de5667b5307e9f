import type { Adapter } from './adapter.ts';
import { adapter as byAddress } from './zookeeper.ts';

/**
 * npm `zookeeper` given `localhost` instead of `127.0.0.1`. libzookeeper resolves its servers again
 * with every poll, so a name costs a look-up for every operation.
 */
export const adapter: Adapter = {
  name: 'zookeeper (by host name)',
  version: byAddress.version,
  syscallsAreCounted: false,
  connect: (connectString) =>
    byAddress.connect(connectString.replace(/^127\.0\.0\.1/, 'localhost')),
};
