import { readFile } from 'node:fs/promises';
import type { BenchServer } from './servers/server-process.ts';

export interface RealServer extends BenchServer {
  version: string;
}

/** Room for the server's own caches; its default in tests is smaller. */
const HEAP_MIB = 1024;
/** The unit of times in /proc is 1/100 s on every Linux that Node runs on. */
const TICK_US = 10_000;

/** Starts a standalone ZooKeeper, with these further lines in its zoo.cfg; a text says why there is none. */
export async function startRealServer(
  configLines: readonly string[] = [],
): Promise<RealServer | string> {
  // Loaded only when it is wanted: the null responder needs none of it.
  const { startServer, tryFindZooKeeper } = await import('../tools/zookeeper/index.ts');
  const installation = tryFindZooKeeper();
  if (installation instanceof Error) return firstLine(installation);
  const options = { installation, heapMiB: HEAP_MIB, logLevel: 'WARN' as const, configLines };
  const server = await startServer(options).catch((cause: Error) => cause);
  if (server instanceof Error) return firstLine(server);
  return {
    version: server.version,
    connectString: server.connectString,
    cpuUs: () => cpuUsOf(server.pid),
    stop: () => server.stop(),
  };
}

function firstLine({ message }: Error): string {
  return message.split('\n')[0] ?? message;
}

/** CPU time of a process of ours; null where there is no /proc. */
async function cpuUsOf(pid: number): Promise<number | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may hold blanks; utime and stime are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_US;
  } catch {
    return null;
  }
}
