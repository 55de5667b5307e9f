import { startServer } from '../../../tools/zookeeper/index.ts';
import { systemMs } from '../system-time.ts';
import { prepareNode } from './prepare-node.ts';
import { SERVER_OPTIONS, serviceBackMs } from './real-servers.ts';
import type { FaultTarget } from './target.ts';

/** A standalone ZooKeeper that is killed and started again at once. */
export async function openRestartTarget(): Promise<FaultTarget> {
  const server = await startServer(SERVER_OPTIONS);
  await prepareNode(server.connectString);
  let back: Promise<number> | null = null;
  return {
    connectString: server.connectString,
    async inject() {
      const startMs = systemMs();
      await server.kill('SIGKILL');
      const doneMs = systemMs();
      await server.restart({ waitUntilServing: false });
      back = serviceBackMs([server]);
      return { startMs, doneMs };
    },
    async heal() {
      await back;
    },
    backMs: async () => back,
    watches: async () => null,
    stop: () => server.stop(),
  };
}
