import { startServer } from '../../../tools/zookeeper/index.ts';
import type { Scenario } from '../cases.ts';
import { startProxy } from './forked-proxy.ts';
import { prepareNode } from './prepare-node.ts';
import { SERVER_OPTIONS, watchesOn } from './real-servers.ts';
import type { FaultTarget } from './target.ts';

/** Resets in front of a standalone ZooKeeper. */
export async function openResetTarget({ addresses }: Scenario): Promise<FaultTarget> {
  const server = await startServer(SERVER_OPTIONS);
  await prepareNode(server.connectString);
  const proxy = await startProxy(server.connectString, addresses);
  return {
    connectString: proxy.connectString,
    inject: () => proxy.reset(),
    heal: async () => {},
    backMs: async () => null,
    watches: () => watchesOn(server),
    async stop() {
      await proxy.stop();
      await server.stop();
    },
  };
}
