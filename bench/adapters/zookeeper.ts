import { peerVersion } from '../peers.ts';
import type { Adapter } from './adapter.ts';
import { closePeer, connectPeer } from './zookeeper-peer.ts';

/** npm `zookeeper` as its README shows it: promises. */
export const adapter: Adapter = {
  name: 'zookeeper',
  version: peerVersion('zookeeper'),
  async connect(connectString) {
    const client = await connectPeer(connectString);
    return {
      style: 'promise',
      get: (path) => client.get(path, false),
      set: (path, data) => client.set(path, data, -1),
      dataOf: (result) => (result as [unknown, Buffer | null])[1],
      close: () => closePeer(client),
    };
  },
};
