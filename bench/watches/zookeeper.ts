import { closePeer, connectPeer, type ZooKeeperPeer } from '../adapters/zookeeper-peer.ts';
import { peerVersion } from '../peers.ts';
import type { WatcherAdapter } from './watcher.ts';

type OnEvent = (type: number, state: number, path: string) => void;

/** What more of npm `zookeeper` is used here. It has one-shot watches only. */
interface WatchingPeer extends ZooKeeperPeer {
  exists(path: string, watch: boolean): Promise<unknown>;
  aw_exists(path: string, onEvent: OnEvent, done: (code: number) => void): void;
}

export const adapter: WatcherAdapter = {
  name: 'zookeeper',
  version: peerVersion('zookeeper'),
  async connect(connectString, heard) {
    const client = (await connectPeer(connectString)) as WatchingPeer;
    const onEvent: OnEvent = (_type, _state, path) => heard(path);
    return {
      watch: (path) =>
        new Promise((resolve, reject) => {
          client.aw_exists(path, onEvent, (code) => {
            if (code === 0) resolve();
            else reject(new Error(`exists failed with ${code}`));
          });
        }),
      async exists(path) {
        await client.exists(path, false);
      },
      close: () => closePeer(client),
    };
  },
};
