import process from 'node:process';
import type { Adapter, Operation, PromiseClient } from './adapter.ts';
import { openRawSocket, type RawSocket } from './open-raw-socket.ts';
import { premadeRequest, XID_OFFSET } from './raw-requests.ts';

/** More than the usual depths, and a power of two. */
const SLOTS = 4_096;

/**
 * The raw socket with one promise a request and one write a tick: still no codec, no bytes handed out,
 * no error looked for. The ceiling of any promise API on a socket of Node.
 */
export const adapter: Adapter = {
  name: 'raw socket + promises',
  version: `node ${process.versions.node}`,
  connect: async (connectString, { depthMax = SLOTS } = {}) =>
    promiseClient(await openRawSocket(connectString), depthMax),
};

function promiseClient(raw: RawSocket, depthMax: number): PromiseClient {
  const slots = Math.max(SLOTS, 2 ** Math.ceil(Math.log2(depthMax)));
  const mask = slots - 1;
  const waiting = new Array<() => void>(slots);
  let ring = Buffer.alloc(0);
  let view = new DataView(ring.buffer);
  let requestBytes = 0;
  let sent = 0;
  let flushed = 0;
  let answered = 0;

  /** Every request of a process is the same: they lie premade in a ring. */
  function prepare(operation: Operation, path: string, data: Buffer): void {
    const request = premadeRequest({ operation, path, data });
    requestBytes = request.length;
    ring = Buffer.concat(Array.from({ length: slots }, () => request));
    view = new DataView(ring.buffer, ring.byteOffset, ring.length);
  }

  function flush(): void {
    while (flushed < sent) {
      const from = flushed & mask;
      const to = Math.min(slots, from + sent - flushed);
      raw.socket.write(ring.subarray(from * requestBytes, to * requestBytes));
      flushed += to - from;
    }
  }

  const wait = (resolve: () => void): void => {
    waiting[sent & mask] = resolve;
  };

  function request(): Promise<void> {
    if (sent === flushed) process.nextTick(flush);
    const waited = new Promise<void>(wait);
    view.setInt32((sent & mask) * requestBytes + XID_OFFSET, ++sent);
    return waited;
  }

  raw.onReplies = (count) => {
    for (const end = answered + count; answered < end; answered++) waiting[answered & mask]?.();
  };

  return {
    style: 'promise',
    get(path) {
      if (requestBytes === 0) prepare('get', path, Buffer.alloc(0));
      return request();
    },
    set(path, data) {
      if (requestBytes === 0) prepare('set', path, data);
      return request();
    },
    dataOf: null,
    close: () => raw.close(),
  };
}
