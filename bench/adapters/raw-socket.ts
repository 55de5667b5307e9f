import net from 'node:net';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { type Meter, timedLoopStride } from '../load/meter.ts';
import type { Adapter, SocketClient, Workload } from './adapter.ts';

/** One libuv read; larger was not faster. */
const READ_BYTES = 64 * 1024;
const SESSION_TIMEOUT_MS = 30_000;
const GET_DATA = 4;
const SET_DATA = 5;
const CLOSE_SESSION = -11;

/**
 * The same bytes without a client: premade requests out, reply frames counted by their length
 * prefix, nothing decoded, no error looked for. The ceiling of throughput and the floor of latency
 * for whatever is built on a socket of Node.
 */
export const adapter: Adapter = {
  name: 'raw socket',
  version: `node ${process.versions.node}`,
  connect,
};

function connect(connectString: string): Promise<SocketClient> {
  const [host = '', port = ''] = connectString.split(':');
  const reads = Buffer.allocUnsafeSlow(READ_BYTES);
  const view = new DataView(reads.buffer);
  let receive: (byteCount: number) => void = () => {};
  const socket = net.connect({
    host,
    port: Number(port),
    noDelay: true,
    onread: {
      buffer: reads,
      callback: (byteCount) => {
        receive(byteCount);
        return true;
      },
    },
  });
  const replies = new ReplyCounter(view);
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => socket.write(connectRequest()));
    receive = (byteCount) => {
      if (replies.count(byteCount) === 0) return;
      socket.off('error', reject);
      // The close that follows tells the loop.
      socket.on('error', () => {});
      resolve({
        style: 'socket',
        run: (workload, meter) =>
          new Promise((drained) => {
            receive = closedLoop(socket, replies, workload, meter, drained);
          }),
        close: () => closeSession(socket),
      });
    };
  });
}

/** Counts frames that end in what was read, wherever the reads cut them. */
class ReplyCounter {
  readonly #view: DataView;
  /** Bytes of the frame at hand that are still to come. */
  #bodyLeft = 0;
  /** Bytes of a length prefix that came so far, and their value. */
  #prefixBytes = 0;
  #prefix = 0;

  constructor(view: DataView) {
    this.#view = view;
  }

  count(byteCount: number): number {
    const view = this.#view;
    let at = 0;
    let frames = 0;
    while (at < byteCount) {
      if (this.#bodyLeft > 0) {
        if (this.#bodyLeft > byteCount - at) {
          this.#bodyLeft -= byteCount - at;
          return frames;
        }
        at += this.#bodyLeft;
        this.#bodyLeft = 0;
        frames++;
      } else if (this.#prefixBytes === 0 && byteCount - at >= 4) {
        // Whole frames inside this read: the usual way, in locals.
        let next = at + 4 + view.getInt32(at);
        while (next <= byteCount) {
          frames++;
          at = next;
          if (byteCount - at < 4) break;
          next = at + 4 + view.getInt32(at);
        }
        if (next > byteCount) {
          this.#bodyLeft = next - byteCount;
          return frames;
        }
      } else {
        this.#prefix = (this.#prefix << 8) | view.getUint8(at++);
        if (++this.#prefixBytes === 4) {
          this.#bodyLeft = this.#prefix;
          this.#prefixBytes = 0;
          this.#prefix = 0;
        }
      }
    }
    return frames;
  }
}

/** Writes `depth` requests and then, for every read, as many as it completed, in one write. */
function closedLoop(
  socket: net.Socket,
  replies: ReplyCounter,
  workload: Workload,
  meter: Meter,
  drained: () => void,
): (byteCount: number) => void {
  const { depth } = workload;
  const request = premadeRequest(workload);
  const requestBytes = request.length;
  // Twice the depth, so that every write is one piece: where a piece would wrap, it starts at the
  // front instead. What lies there was answered already, so it has left for good.
  const slots = depth * 2;
  const ring = Buffer.alloc(slots * requestBytes);
  const view = new DataView(ring.buffer, ring.byteOffset, ring.length);
  for (let slot = 0; slot < slots; slot++) request.copy(ring, slot * requestBytes);
  const stride = timedLoopStride(depth);
  const sentMs = new Float64Array(depth);
  let nextSlot = 0;
  let sent = 0;
  let done = 0;

  function write(count: number): void {
    if (nextSlot + count > slots) nextSlot = 0;
    const from = nextSlot * requestBytes;
    nextSlot += count;
    const to = nextSlot * requestBytes;
    for (let at = from + 4; at < to; at += requestBytes) view.setInt32(at, ++sent);
    const nowMs = performance.now();
    for (let nth = Math.ceil((sent - count) / stride) * stride; nth < sent; nth += stride) {
      sentMs[nth % depth] = nowMs;
    }
    socket.write(ring.subarray(from, to));
  }

  function complete(count: number): void {
    const nowMs = performance.now();
    for (let nth = Math.ceil(done / stride) * stride; nth < done + count; nth += stride) {
      meter.latencies.record((nowMs - (sentMs[nth % depth] as number)) * 1000);
    }
    done += count;
    meter.completed += count;
  }

  socket.once('close', () => {
    if (meter.running) meter.fail(new Error('the server closed the connection'));
  });
  write(depth);
  return (byteCount) => {
    const count = replies.count(byteCount);
    if (count === 0) return;
    complete(count);
    if (meter.running) write(count);
    else if (done === sent) drained();
  };
}

function premadeRequest({ operation, path, data }: Workload): Buffer {
  const pathBytes = Buffer.from(path);
  const body = Buffer.alloc(12 + pathBytes.length + (operation === 'get' ? 1 : 8 + data.length));
  body.writeInt32BE(operation === 'get' ? GET_DATA : SET_DATA, 4);
  body.writeInt32BE(pathBytes.length, 8);
  const end = 12 + pathBytes.copy(body, 12);
  if (operation === 'set') {
    body.writeInt32BE(data.length, end);
    data.copy(body, end + 4);
    body.writeInt32BE(-1, end + 4 + data.length);
  }
  return framed(body);
}

function connectRequest(): Buffer {
  const body = Buffer.alloc(45);
  body.writeInt32BE(SESSION_TIMEOUT_MS, 12);
  body.writeInt32BE(16, 24);
  return framed(body);
}

function framed(body: Buffer): Buffer {
  const frame = Buffer.alloc(4 + body.length);
  frame.writeInt32BE(body.length);
  body.copy(frame, 4);
  return frame;
}

function closeSession(socket: net.Socket): Promise<void> {
  const body = Buffer.alloc(8);
  body.writeInt32BE(0x7fff_ffff);
  body.writeInt32BE(CLOSE_SESSION, 4);
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
    socket.end(framed(body));
  });
}
