import { connect } from 'zkwire';
import { zkwireVersion } from '../../adapters/zkwire-version.ts';
import { DATA, type ReconnectDriver } from './driver.ts';

/** zkwire as its README shows it, with all its defaults. */
export const driver: ReconnectDriver = {
  name: 'zkwire',
  version: zkwireVersion,
  policy:
    'the next server at once; after a whole round 100 ms doubling to 1 s, half of it jitter; gets wait for the next connection; silent for 2/3 of the session time-out is dead',
  async connect({ connectString, sessionTimeoutMs, path }) {
    const client = await connect(connectString, { sessionTimeoutMs });
    return {
      async get() {
        await client.get(path);
      },
      async set() {
        await client.set(path, DATA);
      },
      async watch(watched) {
        await client.exists(watched, { watch: () => {} });
      },
      sessionId: () => client.sessionId.toString(16),
      close: () => client.close(),
    };
  },
};
