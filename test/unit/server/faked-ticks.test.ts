import { afterEach, expect, it, vi } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { createServer } from '../../../src/server/index.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

it('serves, and tells of watches, while somebody has faked process.nextTick and queueMicrotask', async () => {
  const server = await createServer();
  const zk = await connect(server.connectString);
  const other = await connect(server.connectString);
  await zk.create('/app', 'before');
  vi.spyOn(process, 'nextTick').mockImplementation(() => undefined);
  vi.spyOn(globalThis, 'queueMicrotask').mockImplementation(() => undefined);
  const told = new Promise((resolve) => {
    void other.get('/app', { watch: (event) => resolve(event.type) });
  });
  await other.exists('/');
  await zk.set('/app', 'after');
  const data = (await zk.get('/app')).data?.toString();
  expect([data, await told]).toEqual(['after', 'NodeDataChanged']);
  vi.restoreAllMocks();
  await Promise.all([zk.close(), other.close()]);
  await server.close();
});
