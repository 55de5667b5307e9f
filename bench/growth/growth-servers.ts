import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LaneServers } from '../lanes/lane.ts';
import { EmbeddedProcess } from '../server/embedded-process.ts';
import {
  type BenchServer,
  startNullResponderProcess,
  startServerProcess,
} from '../servers/server-process.ts';
import { type GrowthCase, USUAL_PAYLOAD_BYTES } from './cases.ts';
import { SESSION_TIMEOUT_MS } from './growth-work.ts';

const RESPONDER = join(dirname(fileURLToPath(import.meta.url)), 'growth-responder-process.js');
/** What the names of null responders begin with; their payload or the number of their children follows. */
const NULL = 'null-';
const CHILDREN = 'children-';
/** Connections that wait to be accepted. */
const LISTEN_BACKLOG = 4_096;

/** The servers of a group, each a process of its own. */
export class GrowthServers implements LaneServers {
  readonly #servers = new Map<string, BenchServer>();

  static async start(group: readonly GrowthCase[]): Promise<GrowthServers> {
    const servers = new GrowthServers();
    try {
      for (const name of new Set(group.flatMap(serverNames))) {
        servers.#servers.set(name, await startNamed(name));
      }
      return servers;
    } catch (cause) {
      await servers.stop();
      throw cause;
    }
  }

  of(name: string): BenchServer {
    const server = this.#servers.get(name);
    if (server === undefined) throw new Error(`no server ${name} was started`);
    return server;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => server.stop()));
  }
}

/** The null responder whose nodes have so many bytes. */
export function nullName(payloadBytes: number): string {
  return `${NULL}${payloadBytes}`;
}

/** The one whose nodes have so many children. */
export function childrenName(childCount: number): string {
  return `${CHILDREN}${childCount}`;
}

function serverNames(each: GrowthCase): string[] {
  switch (each.curve) {
    case 'payload':
      return each.xs.map(nullName);
    case 'depth':
      return [nullName(USUAL_PAYLOAD_BYTES)];
    case 'children':
      return each.xs.map(childrenName);
    case 'watches':
      return ['growth'];
    case 'connections':
      return [each.target === 'null' ? nullName(USUAL_PAYLOAD_BYTES) : 'embedded'];
  }
}

function startNamed(name: string): Promise<BenchServer> {
  if (name === 'growth') return startServerProcess(RESPONDER, {});
  if (name === 'embedded') return startEmbedded();
  if (name.startsWith(CHILDREN)) {
    const childCount = Number(name.slice(CHILDREN.length));
    return startNullResponderProcess({ payloadBytes: 0, childCount });
  }
  return startNullResponderProcess({ payloadBytes: Number(name.slice(NULL.length)) });
}

/** Without the limit of 60 connections from one address. */
async function startEmbedded(): Promise<BenchServer> {
  const embedded = await EmbeddedProcess.start({
    port: 0,
    maxClientConnections: 0,
    listenBacklog: LISTEN_BACKLOG,
    maxSessionTimeoutMs: SESSION_TIMEOUT_MS,
  });
  return {
    connectString: embedded.connectString,
    cpuUs: async () => (await embedded.ask('cpu')).cpuUs ?? null,
    stop: () => embedded.stop(),
  };
}
