import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runScript } from '../child-process.ts';
import { type JobPhase, type JobResult, nodePath } from '../jobs.ts';
import { childNames } from '../servers/canned-replies.ts';
import type { BenchServer } from '../servers/server-process.ts';
import {
  CHILDREN_DEPTH,
  CONNECTIONS_DEPTH,
  type ConnectionGrowthCase,
  type GrowthCase,
  type LoadGrowthCase,
  PAYLOAD_DEPTH,
  USUAL_PAYLOAD_BYTES,
} from './cases.ts';
import { childrenName, type GrowthServers, nullName } from './growth-servers.ts';
import { type GrowthWork, type LoadPoint, pointKey } from './growth-work.ts';

const CHILD = join(dirname(fileURLToPath(import.meta.url)), 'growth-child.js');
/** Over what a turn should take: for a loaded machine, and so that a client that hangs costs no more. */
const TURN_GRACE_MS = 20_000;
const TURN_STRETCH = 4;
/** A name with its length in front. */
const CHILD_BYTES = 4 + (childNames(1)[0] as string).length;
const CHILDREN_PATH = '/zkwire-bench-children';

/** One turn of one case, in a process of its own. */
export async function measureGrowth(each: GrowthCase, servers: GrowthServers): Promise<JobResult> {
  const timeoutMs = each.turnMs * TURN_STRETCH + TURN_GRACE_MS;
  switch (each.curve) {
    case 'watches': {
      const { connectString } = servers.of('growth');
      const { style, xs: counts, events, warmup } = each;
      const work: GrowthWork = { kind: 'watches', style, connectString, counts, events, warmup };
      return runScript(CHILD, work, { timeoutMs, execArgv: ['--expose-gc'] });
    }
    case 'connections':
      return measureConnections(each, servers, timeoutMs);
    default: {
      const { client, operation, needs, times } = each;
      const points = each.xs.map((x) => pointOf(each, x, servers));
      const work: GrowthWork = { kind: 'load', client, operation, needs, points, ...times };
      return runScript(CHILD, work, { timeoutMs });
    }
  }
}

function pointOf({ curve }: LoadGrowthCase, x: number, servers: GrowthServers): LoadPoint {
  const usual = { x, payloadBytes: USUAL_PAYLOAD_BYTES, childCount: 0 };
  const at = (name: string): string => servers.of(name).connectString;
  switch (curve) {
    case 'payload': {
      const sized = { payloadBytes: x, frameBytes: x, depth: PAYLOAD_DEPTH };
      return { ...usual, ...sized, connectString: at(nullName(x)), path: nodePath(x) };
    }
    case 'depth': {
      const connectString = at(nullName(USUAL_PAYLOAD_BYTES));
      const frameBytes = USUAL_PAYLOAD_BYTES;
      return { ...usual, frameBytes, depth: x, connectString, path: nodePath(frameBytes) };
    }
    case 'children': {
      const sized = { childCount: x, frameBytes: x * CHILD_BYTES, depth: CHILDREN_DEPTH };
      return { ...usual, ...sized, connectString: at(childrenName(x)), path: CHILDREN_PATH };
    }
  }
}

/** With the CPU time of the server for an operation. */
async function measureConnections(
  { target, xs, times }: ConnectionGrowthCase,
  servers: GrowthServers,
  timeoutMs: number,
): Promise<JobResult> {
  const server = servers.of(target === 'null' ? nullName(USUAL_PAYLOAD_BYTES) : 'embedded');
  const marks = new CpuMarks(server);
  const { connectString } = server;
  const work: GrowthWork = {
    kind: 'connections',
    connectString,
    counts: xs,
    sharedDepth: CONNECTIONS_DEPTH.shared,
    ownDepth: CONNECTIONS_DEPTH.own,
    ...times,
  };
  const execArgv = ['--expose-gc'];
  const onPhase = (_phase: JobPhase): void => marks.mark();
  const result = await runScript<JobResult>(CHILD, work, { timeoutMs, execArgv, onPhase });
  const values = { ...result.values };
  for (const [nth, x] of xs.entries()) {
    const operations = values[pointKey('operations', x)];
    const usedUs = await marks.between(2 * nth, 2 * nth + 1);
    const known = typeof operations === 'number' && usedUs !== null;
    values[pointKey('serverCpuUsPerOp', x)] = known ? usedUs / operations : null;
  }
  return { ...result, values };
}

/** CPU time of a server at the beginning and end of each measurement; asked one after the other. */
class CpuMarks {
  readonly #server: BenchServer;
  readonly #marks: Promise<number | null>[] = [];

  constructor(server: BenchServer) {
    this.#server = server;
  }

  mark(): void {
    const last = this.#marks.at(-1) ?? Promise.resolve(null);
    this.#marks.push(last.then(() => this.#server.cpuUs()).catch(() => null));
  }

  async between(from: number, to: number): Promise<number | null> {
    const [fromUs, toUs] = await Promise.all([this.#marks[from], this.#marks[to]]);
    return typeof fromUs === 'number' && typeof toUs === 'number' ? toUs - fromUs : null;
  }
}
