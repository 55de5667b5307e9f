import { readFile } from 'node:fs/promises';
import type { BenchServer } from './servers/server-process.ts';

export interface RealServer extends BenchServer {
  version: string;
}

/** Room for the server's own caches; its default in tests is smaller. */
const HEAP_MIB = 1024;
/** Three servers share the machine that one has for itself otherwise. */
const MEMBER_HEAP_MIB = 512;
/** The unit of times in /proc is 1/100 s on every Linux that Node runs on. */
const TICK_US = 10_000;

/** Version of the ZooKeeper that would be started; a text says why there is none. */
export async function findRealServer(): Promise<{ version: string } | string> {
  const { tryFindZooKeeper } = await import('../tools/zookeeper/index.ts');
  const installation = tryFindZooKeeper();
  return installation instanceof Error ? firstLine(installation) : installation;
}

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

/**
 * Starts three servers and gives the address of a **follower**: most servers are, so most clients are at one.
 * It reads by itself and sends writes on to the leader. CPU time is that of all three.
 */
export async function startRealEnsemble(): Promise<RealServer | string> {
  const { startEnsemble, tryFindZooKeeper } = await import('../tools/zookeeper/index.ts');
  const installation = tryFindZooKeeper();
  if (installation instanceof Error) return firstLine(installation);
  const options = { installation, heapMiB: MEMBER_HEAP_MIB, logLevel: 'WARN' as const };
  const ensemble = await startEnsemble(options).catch((cause: Error) => cause);
  if (ensemble instanceof Error) return firstLine(ensemble);
  const leader = await ensemble.waitForLeader();
  const follower = ensemble.servers.find((server) => server !== leader);
  if (follower === undefined) throw new Error('an ensemble without a follower');
  return {
    version: follower.version,
    connectString: follower.connectString,
    async cpuUs() {
      const each = await Promise.all(ensemble.servers.map(({ pid }) => cpuUsOf(pid)));
      return each.reduce((sum, us) => (sum === null || us === null ? null : sum + us), 0);
    },
    stop: () => ensemble.stop(),
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
