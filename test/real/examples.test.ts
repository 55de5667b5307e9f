import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type ZooKeeperServer } from '../../tools/zookeeper/index.ts';
import { ROOT, runNode } from '../unit/package/run-node.ts';
import { describeReal } from './support/real-zookeeper.ts';

describeReal('examples on a real server', () => {
  let server: ZooKeeperServer;

  beforeAll(async () => {
    server = await startServer({ fastStart: true });
  }, 60_000);

  afterAll(() => server?.stop());

  it('embed-transport.mjs asks what the client does not offer', async () => {
    const lines = await runNode(['examples/embed-transport.mjs', server.connectString], ROOT);
    expect(lines[0]).toMatch(/^\d+ nodes below \/zookeeper$/);
    expect(lines.slice(1)).toEqual(['1 request, 1 reply, 1 write', 'over: LINK_DESTROYED']);
  });

  it('callback-lending.mjs sums up what it was lent', async () => {
    const args = ['examples/callback-lending.mjs', server.connectString, '5000'];
    expect(await runNode(args, ROOT)).toEqual([
      '5000 answers, 500000 bytes, the first began with xxx',
    ]);
  });
});
