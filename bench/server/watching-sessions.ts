import { connect as connectTcp, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { connect } from 'zkwire';
import { connectRequest } from '../adapters/raw-requests.ts';
import { EmbeddedProcess } from './embedded-process.ts';
import type { Measurement, PartContext } from './measurement.ts';

const PATH = '/watched-by-all';
/** Connections that are being made at a time: a listener's queue is 511 long. */
const TOGETHER = 100;
const ADD_WATCH = 106;
const SESSION_TIMEOUT_MS = 600_000;
/** Where the time-out stands in a handshake. */
const TIMEOUT_AT = 16;
/** Limit of one fan-out, far over what it must take. */
const FAN_OUT_MS_MAX = 30_000;

/** Many sessions that all watch one znode, and how soon all have heard of a change. */
export async function measureWatchers({ scale, say }: PartContext): Promise<Measurement[]> {
  const { sessions, fanOutTurns } = scale;
  say(`${sessions} sessions with a watch each`);
  const server = await EmbeddedProcess.start({
    port: 0,
    maxClientConnections: 0,
    listenBacklog: 4_096,
    maxSessionTimeoutMs: SESSION_TIMEOUT_MS,
  });
  const crowd = new Crowd(server.port);
  try {
    const client = await connect(server.connectString);
    await client.create(PATH, 'x');
    const before = await server.ask('memory');
    const startMs = performance.now();
    await crowd.gather(sessions);
    const gatheredMs = performance.now() - startMs;
    const after = await server.ask('memory');
    say(`connected in ${(gatheredMs / 1000).toFixed(1)} s; ${fanOutTurns} changes`);
    const fanOutMs: number[] = [];
    const serverMs: number[] = [];
    for (let turn = 0; turn < fanOutTurns; turn++) {
      const heard = crowd.allHear();
      const cpuUs = (await server.ask('cpu')).cpuUs as number;
      const changedMs = performance.now();
      await client.set(PATH, String(turn));
      await heard;
      fanOutMs.push(performance.now() - changedMs);
      serverMs.push((((await server.ask('cpu')).cpuUs as number) - cpuUs) / 1000);
    }
    const grown = (name: string): number =>
      (((after[name] as number) - (before[name] as number)) * 1e6) / sessions;
    await client.close();
    const count = sessions.toLocaleString('en');
    return [
      {
        id: 'fan-out',
        label: `one change told to ${count} watchers`,
        unit: 'ms',
        values: fanOutMs,
      },
      {
        id: 'fan-out-cpu',
        label: 'of that: CPU time of the server',
        unit: 'ms',
        values: serverMs,
      },
      {
        id: 'gather',
        label: `${count} sessions connect, each with a watch`,
        unit: 'ms',
        values: [gatheredMs],
      },
      {
        id: 'session-rss',
        label: 'RSS of the server for a connected session with a watch',
        unit: 'B',
        values: [grown('rssMB')],
      },
      {
        id: 'session-heap',
        label: 'of that: JavaScript heap',
        unit: 'B',
        values: [grown('heapMB')],
      },
    ];
  } finally {
    crowd.disperse();
    await server.stop();
  }
}

/** Bare sockets, each with a session and a persistent watch. */
class Crowd {
  readonly #port: number;
  readonly #sockets: Socket[] = [];
  #hear: () => void = () => {};
  #left = 0;

  constructor(port: number) {
    this.#port = port;
  }

  async gather(count: number): Promise<void> {
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < count) await this.#join(next++);
    };
    await Promise.all(Array.from({ length: TOGETHER }, lane));
  }

  /** Resolves when everybody has got an event. Each event is one read: nothing else comes. */
  allHear(): Promise<void> {
    this.#left = this.#sockets.length;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`${this.#left} watchers heard nothing in ${FAN_OUT_MS_MAX / 1000} s`));
      }, FAN_OUT_MS_MAX);
      this.#hear = () => {
        if (--this.#left > 0) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  disperse(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async #join(index: number): Promise<void> {
    // One address has not enough ports for tests that come soon after one another.
    const local =
      process.platform === 'linux' ? { localAddress: `127.0.0.${2 + (index % 8)}` } : {};
    const socket = connectTcp({ port: this.#port, host: '127.0.0.1', ...local });
    await answered(socket, patientRequest());
    await answered(socket, addWatchRequest());
    socket.on('data', () => this.#hear());
    this.#sockets.push(socket);
  }
}

function answered(socket: Socket, request: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      socket.off('error', reject).off('close', closed);
      socket.on('error', () => {});
      resolve();
    };
    const closed = (): void => reject(new Error('the server closed a connection'));
    socket.once('data', done).once('error', reject).once('close', closed);
    socket.write(request);
  });
}

/** Nobody pings: the sessions must outlive the run. */
function patientRequest(): Buffer {
  const frame = connectRequest();
  frame.writeInt32BE(SESSION_TIMEOUT_MS, TIMEOUT_AT);
  return frame;
}

function addWatchRequest(): Buffer {
  const path = Buffer.from(PATH);
  const frame = Buffer.alloc(4 + 8 + 4 + path.length + 4);
  frame.writeInt32BE(frame.length - 4, 0);
  frame.writeInt32BE(1, 4);
  frame.writeInt32BE(ADD_WATCH, 8);
  frame.writeInt32BE(path.length, 12);
  path.copy(frame, 16);
  return frame;
}
