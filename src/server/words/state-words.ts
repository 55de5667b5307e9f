import { lstatSync, readdirSync } from 'node:fs';
import { homedir, hostname, type as osType, release as osVersion, userInfo } from 'node:os';
import { join } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import { hexLong, javaDouble } from './java-text.ts';
import { fullVersion } from './server-version.ts';
import type { ServerView } from './server-view.ts';

/** `standalone`, or `read-only`. */
export function serverState(view: ServerView): string {
  return view.options.readOnly ? 'read-only' : 'standalone';
}

/** The first lines of `srvr` and `stat`. */
export function versionLines(view: ServerView): string {
  const version = `Zookeeper version: ${fullVersion(view.options.release)}\n`;
  if (!view.options.readOnly) return version;
  return `${version}READ-ONLY mode; serving only read-only clients\n`;
}

/** The last lines of `srvr` and `stat`. */
export function statisticsLines(view: ServerView): string {
  const { latency, packetsReceived, packetsSent } = view.statistics;
  return `Latency min/avg/max: ${latency.min}/${javaDouble(latency.mean)}/${latency.max}
Received: ${packetsReceived}
Sent: ${packetsSent}
Connections: ${view.connections.size}
Outstanding: ${view.outstandingRequests}
Zxid: 0x${hexLong(view.lastZxid)}
Mode: ${serverState(view)}
Node count: ${view.nodeCount}
`;
}

/** `conf`: the settings, by their names in `zoo.cfg`. */
export function confWord({ options, port, securePort }: ServerView): string {
  const dataDir = versionedDirectory(options.dataDir);
  const dataLogDir = versionedDirectory(options.dataLogDir);
  return `clientPort=${port ?? -1}
secureClientPort=${securePort ?? -1}
dataDir=${dataDir ?? ''}
dataDirSize=${directoryBytes(dataDir)}
dataLogDir=${dataLogDir ?? ''}
dataLogSize=${directoryBytes(dataLogDir)}
tickTime=${options.tickTimeMs}
maxClientCnxns=${options.maxClientConnections}
minSessionTimeout=${options.minSessionTimeoutMs}
maxSessionTimeout=${options.maxSessionTimeoutMs}
clientPortListenBacklog=${options.listenBacklog ?? -1}
serverId=0
`;
}

/** `dirs`: how large the files are, in bytes. */
export function dirsWord({ options }: ServerView): string {
  return `datadir_size: ${directoryBytes(versionedDirectory(options.dataDir))}
logdir_size: ${directoryBytes(versionedDirectory(options.dataLogDir))}
`;
}

/** Where the files are: format 2 is the only one there is. */
function versionedDirectory(directory: string | undefined): string | undefined {
  return directory === undefined ? undefined : join(directory, 'version-2');
}

function directoryBytes(directory: string | undefined): number {
  if (directory === undefined) return 0;
  let bytes = 0;
  for (const name of namesIn(directory)) {
    // A purge may delete one meanwhile.
    bytes += lstatSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Of Node's names for processors, those that Java has others for. */
const JAVA_ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'aarch64' };
const MIB: number = 1024 * 1024;

/** `envi`: where it runs. What is Java's is not there. */
export function enviWord({ options }: ServerView): string {
  const heap = getHeapStatistics();
  const mib = (bytes: number): string => `${Math.trunc(bytes / MIB)}MB`;
  return `Environment:
zookeeper.version=${fullVersion(options.release)}
host.name=${hostname()}
java.version=<NA>
java.vendor=<NA>
java.home=<NA>
java.class.path=<NA>
java.library.path=<NA>
java.io.tmpdir=<NA>
java.compiler=<NA>
os.name=${osType()}
os.arch=${JAVA_ARCHITECTURES[process.arch] ?? process.arch}
os.version=${osVersion()}
user.name=${userName()}
user.home=${homedir()}
user.dir=${process.cwd()}
os.memory.free=${mib(heap.total_heap_size - heap.used_heap_size)}
os.memory.max=${mib(heap.heap_size_limit)}
os.memory.total=${mib(heap.total_heap_size)}
`;
}

/** Containers run as users that have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return '<NA>';
  }
}
