import type { ClientName } from '../cases.ts';
import type { Adapter } from './adapter.ts';

const MODULES: Record<ClientName, () => Promise<{ adapter: Adapter }>> = {
  'raw-socket': () => import('./raw-socket.ts'),
  'raw-promise': () => import('./raw-promise.ts'),
  'zkwire-promise': () => import('./zkwire-promise.ts'),
  'zkwire-callback': () => import('./zkwire-callback.ts'),
  zookeeper: () => import('./zookeeper.ts'),
  'zookeeper-native': () => import('./zookeeper-native.ts'),
  'zookeeper-by-name': () => import('./zookeeper-by-name.ts'),
  'node-zookeeper-client': () => import('./node-zookeeper-client.ts'),
};

/** Loads that client's module and no other's. */
export async function loadAdapter(client: ClientName): Promise<Adapter> {
  return (await MODULES[client]()).adapter;
}
