import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resetSocket } from '../../src/reset-socket.ts';

describe('resetSocket', () => {
  let server: Server;
  let near: Socket;
  let far: Socket;

  beforeEach(async () => {
    server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const accepted = once(server, 'connection');
    near = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await once(near, 'connect');
    [far] = (await accepted) as [Socket];
    far.resume();
  });

  afterEach(() => {
    near.destroy();
    far.destroy();
    server.close();
  });

  it('resets', async () => {
    const failed = once(far, 'error');
    resetSocket(near);
    expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' });
    resetSocket(near);
  });

  it('closes a socket whose end is under way', async () => {
    const errors: Error[] = [];
    near.on('error', (error) => errors.push(error));
    near.end('last words');
    const gone = once(near, 'close');
    resetSocket(near);
    await gone;
    expect(errors).toEqual([]);
  });
});
