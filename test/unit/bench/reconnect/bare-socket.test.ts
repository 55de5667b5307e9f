import { afterEach, describe, expect, it } from 'vitest';
import { driver } from '../../../../bench/reconnect/drivers/bare-socket.ts';
import { ResetProxy } from '../../../../bench/reconnect/reset-proxy.ts';
import { startNullResponder } from '../../../../bench/servers/null-responder.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function behindProxy(addresses: number) {
  const responder = await startNullResponder({ payloadBytes: 100 });
  const proxy = await ResetProxy.listen(`127.0.0.1:${responder.port}`, addresses);
  closers.push(
    () => proxy.close(),
    () => responder.close(),
  );
  const { connectString } = proxy;
  const client = await driver.connect({ connectString, sessionTimeoutMs: 10_000, path: '/a' });
  closers.unshift(() => client.close());
  return { proxy, client };
}

describe('the bare socket', () => {
  it('reads and writes, one request after the other', async () => {
    const { client } = await behindProxy(1);
    await client.get();
    await client.set();
    await client.get();
    expect(client.sessionId()).toMatch(/^[0-9a-f]+$/);
  });

  it.each([1, 3])(
    'comes back with its session after resets, with %i addresses',
    async (addresses) => {
      const { proxy, client } = await behindProxy(addresses);
      const sessionId = client.sessionId();
      for (let round = 0; round < 5; round++) {
        await client.get();
        const caught = client.get();
        proxy.reset();
        await expect(caught).rejects.toThrow('connection lost');
      }
      await client.get();
      expect(client.sessionId()).toBe(sessionId);
    },
  );

  it('sets no watches', async () => {
    const { client } = await behindProxy(1);
    await expect(client.watch('/a')).rejects.toThrow('no watches');
  });
});
