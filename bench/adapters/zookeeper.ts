import { peerVersion } from '../peers.ts';
import type { Adapter } from './adapter.ts';
import { closePeer, connectPeer, SEQUENTIAL } from './zookeeper-peer.ts';

/** npm `zookeeper` as its README shows it: promises. It has no transactions. */
export const adapter: Adapter = {
  name: 'zookeeper',
  version: peerVersion('zookeeper'),
  // libzookeeper calls recv() and send().
  syscallsAreCounted: false,
  async connect(connectString) {
    const client = await connectPeer(connectString);
    return {
      style: 'promise',
      get: (path) => client.get(path, false),
      set: (path, data) => client.set(path, data, -1),
      exists: (path) => client.exists(path, false),
      create: (path, data) => client.create(path, data, SEQUENTIAL),
      getChildren: (path) => client.get_children(path, false),
      dataOf: (result) => (result as [unknown, Buffer | null])[1],
      close: () => closePeer(client),
    };
  },
};
