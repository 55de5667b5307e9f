import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { afterReads } from '../../../../src/server/sessions/after-reads.ts';

const CLIENTS = 20;

/** Connects and writes while the thread of the server is blocked; tells that by a flag. */
const CLIENT = `
const { connect } = require('node:net');
const { workerData: { port, flag } } = require('node:worker_threads');
let left = ${CLIENTS};
for (let count = 0; count < ${CLIENTS}; count++) {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write('x', () => {
    if (--left > 0) return;
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
  });
}`;

describe('afterReads', () => {
  it('comes after what clients wrote that connected while the loop was blocked', async () => {
    const sockets: Socket[] = [];
    let reads = 0;
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => {});
      socket.on('data', () => reads++);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const flag = new Int32Array(new SharedArrayBuffer(4));
    const { port } = server.address() as AddressInfo;
    const worker = new Worker(CLIENT, { eval: true, workerData: { port, flag } });
    // Blocks: nothing is accepted.
    expect(Atomics.wait(flag, 0, 0, 240_000)).not.toBe('timed-out');
    expect(sockets.length).toBe(0);
    await new Promise<void>((resolve) => afterReads(resolve, () => sockets.length));
    expect([sockets.length, reads]).toEqual([CLIENTS, CLIENTS]);
    await worker.terminate();
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it('comes even if connections never stop coming', async () => {
    let accepted = 0;
    await new Promise<void>((resolve) => afterReads(resolve, () => accepted++));
    expect(accepted).toBe(5001);
  });

  it('comes after two turns when nobody connects', async () => {
    let isDone = false;
    const done = (): void => {
      isDone = true;
    };
    afterReads(done, () => 0);
    await turn();
    expect(isDone).toBe(false);
    await turn();
    await turn();
    expect(isDone).toBe(true);
  });
});
