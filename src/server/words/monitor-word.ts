import { readdirSync, readFileSync } from 'node:fs';
import { javaDouble } from './java-text.ts';
import { fullVersion } from './server-version.ts';
import type { ServerView } from './server-view.ts';
import { serverState } from './state-words.ts';
import type { NumberStatistics } from './statistics.ts';

/**
 * `mntr`: numbers for monitoring, in the order of a real server. What belongs to ensembles, to threads
 * and caches of the Java server, all percentiles, and what nobody counts here are left out rather than told as 0.
 */
export function monitorWord(view: ServerView): string {
  const lines = [
    ['version', fullVersion(view.options.release)],
    ['server_state', serverState(view)],
    ...gauges(view),
    ...Object.entries(view.statistics.counts),
    ...summary('updatelatency', view.statistics.updateLatency),
    ...summary('readlatency', view.statistics.readLatency),
  ];
  return lines.map(([name, value]) => `zk_${name}\t${value}\n`).join('');
}

type Line = readonly [name: string, value: string | number];

function gauges(view: ServerView): Line[] {
  const { statistics } = view;
  const { latency } = statistics;
  return [
    ['ephemerals_count', view.ephemeralCount],
    ['num_alive_connections', view.connections.size],
    ['avg_latency', javaDouble(latency.mean)],
    ['outstanding_requests', view.outstandingRequests],
    ['znode_count', view.nodeCount],
    ['global_sessions', view.sessionCount],
    ['packets_sent', statistics.packetsSent],
    ['packets_received', statistics.packetsReceived],
    ['watch_count', view.watches.count],
    // Real servers count only what happens during handshakes of TLS with Netty.
    ['auth_failed_count', 0],
    ['min_latency', latency.min],
    ['max_file_descriptor_count', fileDescriptorsMax()],
    ['approximate_data_size', view.approximateDataBytes],
    ['open_file_descriptor_count', fileDescriptors()],
    ['local_sessions', 0],
    ['uptime', Math.trunc(view.uptimeMs)],
    ['max_latency', latency.max],
  ];
}

function summary(name: string, numbers: NumberStatistics): Line[] {
  return [
    [`avg_${name}`, javaDouble(numbers.mean)],
    [`min_${name}`, numbers.min],
    [`max_${name}`, numbers.max],
    [`cnt_${name}`, numbers.count],
    [`sum_${name}`, numbers.sum],
  ];
}

/** -1 where the system does not tell, as in ZooKeeper. */
function fileDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return -1;
  }
}

function fileDescriptorsMax(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1');
    return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? -1);
  } catch {
    return -1;
  }
}
