import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { connect, type ZooKeeperClient } from '../../client/index.ts';
import { ZkwireError } from '../../errors.ts';
import { parseConnectString } from '../../session/index.ts';
import type { Command } from '../command.ts';
import { parseOptions } from '../command-options.ts';
import { ProgressLine, type ProgressStream } from '../progress-line.ts';
import { INTERRUPTED_EXIT_CODE, withStopSignal } from '../stop-signal.ts';
import { UsageError } from '../usage-error.ts';
import { type LoadResult, measureLoad } from './bench-load.ts';
import {
  BENCH_OPERATIONS,
  BenchNodes,
  type BenchOperation,
  CREATED_MAX,
} from './bench-operations.ts';
import { resultTable } from './bench-report.ts';
import { type BenchServer, startBenchServer } from './bench-server.ts';

const USAGE = `zkwire bench [HOST:PORT] [options]

Measures how many requests a second a ZooKeeper answers, and how soon, with zkwire's own client in
this process. Without HOST:PORT it starts the embedded server in a process of its own and measures
that. HOST:PORT may be a whole connect string: host:port,host:port/chroot.

It LOADS the server as much as it can. All it makes is below one znode of its own,
/zkwire-bench-..., which is removed at the end. A few seconds on a busy machine say little: run it
twice, and compare only what was measured on the same machines.

  --op OPERATION      get, set, create, exists, children (of ten) or mixed (4 get, 1 set; default get)
  --size BYTES        data of a node (default 100)
  --depth LIST        requests under way on each connection (default 1,16,128,1024)
  --seconds N         for each depth, after a warm-up of a quarter of it (default 3)
  --connections N     default 1
  --json              one JSON object instead of a table
  --help

us/op is CPU time: of this process with all connections, and of the server if it is ours.
create makes at most ${CREATED_MAX} nodes (or 256 MiB) a depth and ends early then.
Exit code: 0 done; 1 a request failed or the server cannot be reached; 2 the command line is wrong;
130 interrupted.`;

/** What `zkwire bench` needs of the process around it. */
export interface BenchSurroundings {
  readonly stdout: ProgressStream;
  readonly stderr: ProgressStream;
  /** Ends it early; its nodes are removed all the same. */
  readonly stopSignal: AbortSignal;
  /** Path of the `zkwire` program, for the server. */
  readonly program: string;
}

interface BenchRequest {
  readonly connectString: string | undefined;
  readonly operation: BenchOperation;
  readonly dataBytes: number;
  readonly depths: readonly number[];
  readonly seconds: number;
  readonly connections: number;
  readonly json: boolean;
}

const OPTIONS = {
  op: { type: 'string', default: 'get' },
  size: { type: 'string', default: '100' },
  depth: { type: 'string', default: '1,16,128,1024' },
  seconds: { type: 'string', default: '3' },
  connections: { type: 'string', default: '1' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** What one request can carry with the default of jute.maxbuffer, and some more for the path. */
const DATA_BYTES_MAX = 1_000_000;
/** As many as the client holds under way on a connection, with room for pings. */
const DEPTH_MAX = 65_000;
const CONNECTIONS_MAX = 1_000;
const SECONDS_MAX = 3_600;

function parseRequest(argv: readonly string[]): BenchRequest | null {
  const { values, positionals } = parseOptions({
    args: [...argv],
    options: OPTIONS,
    allowPositionals: true,
    strict: true,
  });
  if (values.help) return null;
  const [connectString, ...others] = positionals;
  if (others.length > 0) throw new UsageError(`'${others[0]}' is one argument too many`);
  if (connectString !== undefined) parseConnectString(connectString);
  const operation = BENCH_OPERATIONS.find((each) => each === values.op);
  if (operation === undefined) {
    throw new UsageError(`--op is one of ${BENCH_OPERATIONS.join(', ')}, not '${values.op}'`);
  }
  const seconds = Number(values.seconds);
  if (!(seconds > 0 && seconds <= SECONDS_MAX)) {
    throw new UsageError(`--seconds must be above 0 and up to 3600, not '${values.seconds}'`);
  }
  return {
    connectString,
    operation,
    dataBytes: whole(values.size, '--size', 0, DATA_BYTES_MAX),
    depths: values.depth.split(',').map((depth) => whole(depth, '--depth', 1, DEPTH_MAX)),
    seconds,
    connections: whole(values.connections, '--connections', 1, CONNECTIONS_MAX),
    json: values.json,
  };
}

function whole(text: string, option: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < min || value > max) {
    throw new UsageError(`${option} must be a whole number from ${min} to ${max}, not '${text}'`);
  }
  return value;
}

/** Runs `zkwire bench`; resolves to the exit code. */
export async function bench(argv: readonly string[], io: BenchSurroundings): Promise<number> {
  try {
    const request = parseRequest(argv);
    if (request === null) io.stdout.write(`${USAGE}\n`);
    else await measureServer(request, io);
    return 0;
  } catch (error) {
    const message = io.stopSignal.aborted ? stopMessage(error) : errorText(error);
    io.stderr.write(`zkwire bench: ${message}\n`);
    const isUsage =
      error instanceof UsageError || (ZkwireError.is(error) && error.code === 'BAD_CONNECT_STRING');
    if (isUsage) io.stderr.write("Try 'zkwire bench --help'.\n");
    if (io.stopSignal.aborted) return INTERRUPTED_EXIT_CODE;
    return isUsage ? 2 : 1;
  }
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What to say of a failure behind the signal. A connect that it cut off calls that ABORTED. */
function stopMessage(error: unknown): string {
  return ZkwireError.is(error) && error.code === 'ABORTED' ? 'interrupted' : errorText(error);
}

async function measureServer(request: BenchRequest, io: BenchSurroundings): Promise<void> {
  const { connectString } = request;
  if (connectString !== undefined) {
    io.stderr.write(`zkwire bench: ${connectString} is put under load now\n`);
    await measure(request, connectString, null, io);
    return;
  }
  const server = await startBenchServer(io.program, io.stopSignal);
  try {
    await measure(request, server.connectString, server, io);
  } finally {
    await server.stop();
  }
}

async function measure(
  request: BenchRequest,
  connectString: string,
  server: BenchServer | null,
  io: BenchSurroundings,
): Promise<void> {
  const clients: ZooKeeperClient[] = [];
  try {
    for (let n = 0; n < request.connections; n++) {
      clients.push(await connect(connectString, { signal: io.stopSignal }));
    }
    const nodes = new BenchNodes(
      `/zkwire-bench-${randomBytes(6).toString('hex')}`,
      request.dataBytes,
    );
    const results = await withNodes(nodes, connectString, clients[0]!, () =>
      measureDepths(request, nodes, clients, server, io),
    );
    report(request, connectString, server, results, io);
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}

/** Makes the nodes and removes them, whatever happens in between. */
async function withNodes<T>(
  nodes: BenchNodes,
  connectString: string,
  zk: ZooKeeperClient,
  use: () => Promise<T>,
): Promise<T> {
  let result: T;
  try {
    await nodes.make(zk);
    result = await use();
  } catch (error) {
    try {
      // The old connection may be lost, or busy with what is under way on it.
      await using other = await connect(connectString);
      await nodes.remove(other);
    } catch {
      throw new Error(`${(error as Error).message}; ${nodes.base} could not be removed`);
    }
    throw error;
  }
  await nodes.remove(zk);
  return result;
}

async function measureDepths(
  request: BenchRequest,
  nodes: BenchNodes,
  clients: readonly ZooKeeperClient[],
  server: BenchServer | null,
  io: BenchSurroundings,
): Promise<LoadResult[]> {
  const { operation, depths, seconds } = request;
  const results: LoadResult[] = [];
  const progress = new ProgressLine(io.stderr);
  for (const depth of depths) {
    progress.show(`${operation}, depth ${depth}: ${results.length + 1}/${depths.length}`);
    try {
      results.push(
        await measureLoad({
          clients,
          issue: nodes.issuer(operation),
          issuesMax: nodes.issuesMax(operation),
          depth,
          measureMs: seconds * 1_000,
          serverCpuUs: () => server?.cpuUs() ?? null,
          signal: io.stopSignal,
        }),
      );
      await nodes.removeCreated(clients[0]!);
    } finally {
      progress.clear();
    }
  }
  return results;
}

function report(
  request: BenchRequest,
  connectString: string,
  server: BenchServer | null,
  results: readonly LoadResult[],
  io: BenchSurroundings,
): void {
  const { operation, dataBytes, connections, json } = request;
  const isEmbedded = server !== null;
  if (json) {
    const about = { server: connectString, isEmbedded, operation, dataBytes, connections };
    io.stdout.write(`${JSON.stringify({ ...about, results }, null, 2)}\n`);
    return;
  }
  const whose = isEmbedded ? 'the embedded server in a process of its own' : connectString;
  const many = connections === 1 ? '1 connection' : `${connections} connections`;
  io.stdout.write(`${operation}, ${dataBytes} bytes, ${many}, ${whose}\n`);
  const columns = io.stdout.isTTY === true ? io.stdout.columns : undefined;
  io.stdout.write(`${resultTable(results, columns)}\n`);
}

function run(argv: string[]): Promise<number> {
  const { stdout, stderr } = process;
  const program = fileURLToPath(new URL('../main.js', import.meta.url));
  return withStopSignal((stopSignal) => bench(argv, { stdout, stderr, stopSignal, program }), {
    reason: new Error('interrupted'),
  });
}

/** `zkwire bench`: how much load a server bears. */
export const benchCommand: Command = { usage: USAGE, run };
