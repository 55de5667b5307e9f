import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import {
  startEnsemble,
  type ZooKeeperEnsemble,
  type ZooKeeperServer,
} from '../../../tools/zookeeper/index.ts';
import type { Cause } from '../cases.ts';
import type { FaultTimes } from '../reset-proxy.ts';
import { systemMs } from '../system-time.ts';
import { prepareNode } from './prepare-node.ts';
import { allServing, SERVER_OPTIONS, serviceBackMs } from './real-servers.ts';
import type { FaultTarget } from './target.ts';

/** Three servers, of which the leader is killed, or the one that the client uses is frozen. */
export async function openEnsembleTarget(cause: Cause): Promise<FaultTarget> {
  const ensemble = await startEnsemble(SERVER_OPTIONS);
  await prepareNode(ensemble.connectString);
  return cause === 'frozen' ? frozenTarget(ensemble) : leaderTarget(ensemble);
}

function leaderTarget(ensemble: ZooKeeperEnsemble): FaultTarget {
  let killed: ZooKeeperServer | null = null;
  let back: Promise<number> | null = null;
  return {
    connectString: ensemble.connectString,
    async inject() {
      const leader = await ensemble.waitForLeader();
      killed = leader;
      const startMs = systemMs();
      await leader.kill('SIGKILL');
      const doneMs = systemMs();
      back = whenElected(ensemble);
      return { startMs, doneMs };
    },
    async heal() {
      await killed?.restart({ waitUntilServing: false });
      await allServing(ensemble.servers);
    },
    backMs: async () => back,
    watches: async () => null,
    stop: () => ensemble.stop(),
  };
}

/** When a new leader serves. The old one's followers say for a moment that they still follow. */
async function whenElected(ensemble: ZooKeeperEnsemble): Promise<number> {
  while ((await ensemble.leader()) === undefined) await delay(5);
  return serviceBackMs(ensemble.servers);
}

/** The leader stays out of it: with a frozen leader the time of an election would be measured. */
async function frozenTarget(ensemble: ZooKeeperEnsemble): Promise<FaultTarget> {
  const leader = await ensemble.waitForLeader();
  const followers = ensemble.servers.filter((server) => server !== leader);
  let frozen: ZooKeeperServer | null = null;
  return {
    connectString: followers.map((server) => server.connectString).join(','),
    async inject() {
      frozen = await serverInUse(followers);
      return freeze(frozen);
    },
    async heal() {
      frozen?.resume();
      await allServing(ensemble.servers);
    },
    backMs: async () => null,
    watches: async () => null,
    stop: () => ensemble.stop(),
  };
}

/** The one with a session on it: there is one client at a time. */
async function serverInUse(servers: readonly ZooKeeperServer[]): Promise<ZooKeeperServer> {
  for (const server of servers) {
    if (/\bsid=0x[0-9a-f]+/.test(await server.fourLetterWord('cons'))) return server;
  }
  throw new Error('the client is connected to none of the servers');
}

/** Frozen is only what the kernel has stopped; a request that slips through before would count as answered. */
async function freeze(server: ZooKeeperServer): Promise<FaultTimes> {
  const startMs = systemMs();
  server.pause();
  while (!(await isStopped(server.pid))) await delay(1);
  return { startMs, doneMs: systemMs() };
}

async function isStopped(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat === '' || /\) T /.test(stat);
}
