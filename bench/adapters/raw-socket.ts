import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { type Meter, timedLoopStride } from '../load/meter.ts';
import {
  type Adapter,
  isMixedSet,
  MIXED_CYCLE,
  type SocketClient,
  type Workload,
} from './adapter.ts';
import { openRawSocket, type RawSocket } from './open-raw-socket.ts';
import { premadeRequest, XID_OFFSET } from './raw-requests.ts';

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

async function connect(connectString: string): Promise<SocketClient> {
  const raw = await openRawSocket(connectString);
  return {
    style: 'socket',
    run: (workload, meter) =>
      new Promise((drained) => {
        raw.onReplies = closedLoop(raw, workload, meter, drained);
      }),
    close: () => raw.close(),
  };
}

/** Writes `depth` requests and then, for every read, as many as it completed, in one write. */
function closedLoop(
  raw: RawSocket,
  workload: Workload,
  meter: Meter,
  drained: () => void,
): (count: number) => void {
  const { socket } = raw;
  const { depth } = workload;
  const requests = ringOf(workload);
  // Twice the depth, so that every write is one piece: where a piece would wrap, it starts at the
  // front instead. What lies there was answered already, so it has left for good.
  const slots = requests.length;
  const ring = Buffer.concat(requests);
  const view = new DataView(ring.buffer, ring.byteOffset, ring.length);
  /** Where each slot begins, and behind them where the last one ends. */
  const offsets = new Uint32Array(slots + 1);
  for (let slot = 0; slot < slots; slot++) {
    offsets[slot + 1] = (offsets[slot] as number) + (requests[slot] as Buffer).length;
  }
  const stride = timedLoopStride(depth);
  const sentMs = new Float64Array(depth);
  let nextSlot = 0;
  let xid = raw.lastXid;
  let sent = 0;
  let done = 0;

  function write(count: number): void {
    if (nextSlot + count > slots) nextSlot = 0;
    const from = offsets[nextSlot] as number;
    const end = nextSlot + count;
    for (let slot = nextSlot; slot < end; slot++) {
      view.setInt32((offsets[slot] as number) + XID_OFFSET, ++xid);
    }
    nextSlot = end;
    const to = offsets[end] as number;
    sent += count;
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
  return (count) => {
    complete(count);
    if (meter.running) write(count);
    else if (done === sent) {
      raw.lastXid = xid;
      drained();
    }
  };
}

/** Slots of a ring for a mix, in depths: what is left out where it wraps is then little of the cycle. */
const MIXED_DEPTHS = 8;

/** What lies in the ring: the same request over and over, or reads and writes as they are mixed. */
function ringOf(workload: Workload): Buffer[] {
  const { operation, depth } = workload;
  if (operation !== 'mixed') {
    const request = premadeRequest(workload);
    return Array.from({ length: depth * 2 }, () => request);
  }
  const get = premadeRequest({ ...workload, operation: 'get' });
  const set = premadeRequest({ ...workload, operation: 'set' });
  const cycles = Math.ceil((depth * MIXED_DEPTHS) / MIXED_CYCLE);
  return Array.from({ length: cycles * MIXED_CYCLE }, (_, nth) => (isMixedSet(nth) ? set : get));
}
