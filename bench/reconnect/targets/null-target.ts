import { startNullResponderProcess } from '../../servers/server-process.ts';
import type { Scenario } from '../cases.ts';
import { startProxy } from './forked-proxy.ts';
import type { FaultTarget } from './target.ts';

/** Resets in front of a server that answers at once: what is measured is the client. */
export async function openNullTarget({ addresses }: Scenario): Promise<FaultTarget> {
  const server = await startNullResponderProcess({ payloadBytes: 100 });
  const proxy = await startProxy(server.connectString, addresses);
  return {
    connectString: proxy.connectString,
    inject: () => proxy.reset(),
    heal: async () => {},
    backMs: async () => null,
    watches: async () => null,
    async stop() {
      await proxy.stop();
      await server.stop();
    },
  };
}
