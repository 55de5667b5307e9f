import { peerVersion } from '../peers.ts';
import type { Adapter } from './adapter.ts';
import { closePeer, connectPeer, SEQUENTIAL } from './zookeeper-peer.ts';

/**
 * The addon under npm `zookeeper`, without its wrapper: that builds a log line for every call, also
 * when nobody logs. Not documented for users; measured to show how much is the wrapper.
 */
export const adapter: Adapter = {
  name: 'zookeeper (native)',
  version: peerVersion('zookeeper'),
  syscallsAreCounted: false,
  async connect(connectString) {
    const client = await connectPeer(connectString);
    const { native } = client;
    return {
      style: 'callback',
      get: (path, done) => {
        native.a_get(path, false, (code, error, _stat, data) => {
          done(errorOf(code, error), data ?? null);
        });
      },
      set: (path, data, done) => {
        native.a_set(path, data, -1, (code, error) => done(errorOf(code, error)));
      },
      exists: (path, done) => {
        native.a_exists(path, false, (code, error) => done(errorOf(code, error)));
      },
      create: (path, data, done) => {
        native.a_create(path, data, SEQUENTIAL, (code, error) => done(errorOf(code, error)));
      },
      getChildren: (path, done) => {
        native.a_get_children(path, false, (code, error, names) => {
          done(errorOf(code, error), names);
        });
      },
      close: () => closePeer(client),
    };
  },
};

function errorOf(code: number, error: string): Error | null {
  return code === 0 ? null : new Error(`${code} ${error}`);
}
