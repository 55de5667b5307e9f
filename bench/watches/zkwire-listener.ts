import { connect, type WatchEvent } from 'zkwire';
import { zkwireVersion } from '../adapters/zkwire-version.ts';
import { lost } from './lost.ts';
import type { WatcherAdapter } from './watcher.ts';

/** Events told to a function, in the read path. */
export const adapter: WatcherAdapter = {
  name: 'zkwire (listener)',
  version: zkwireVersion,
  async connect(connectString, heard) {
    const client = await connect(connectString);
    const listener = (event: WatchEvent): void => {
      if (event.type === 'Ended') return;
      if (event.type === 'Resync') lost(event.reason);
      heard(event.path);
    };
    return {
      async watch(path, style) {
        if (style === 'one-shot') await client.exists(path, { watch: listener });
        else await client.watch(path, { listener, recursive: style === 'recursive' });
      },
      async exists(path) {
        await client.exists(path);
      },
      close: () => client.close(),
    };
  },
};
