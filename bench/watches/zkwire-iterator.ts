import { connect, type WatchEvent, WatchQueue } from 'zkwire';
import { zkwireVersion } from '../adapters/zkwire-version.ts';
import { lost } from './lost.ts';
import type { WatcherAdapter } from './watcher.ts';

/** Events read with `for await`: a lasting watch has a loop of its own, one-shot watches share one. */
export const adapter: WatcherAdapter = {
  name: 'zkwire (for await)',
  version: zkwireVersion,
  async connect(connectString, heard) {
    const client = await connect(connectString);
    const oneShots = new WatchQueue();
    async function read(events: AsyncIterable<WatchEvent>): Promise<void> {
      for await (const event of events) {
        if (event.type === 'Ended') return;
        if (event.type === 'Resync') lost(event.reason);
        heard(event.path);
      }
    }
    void read(oneShots);
    return {
      async watch(path, style) {
        if (style === 'one-shot') await client.exists(path, { watch: oneShots });
        else void read(await client.watch(path, { recursive: style === 'recursive' }));
      },
      async exists(path) {
        await client.exists(path);
      },
      close: () => client.close(),
    };
  },
};
