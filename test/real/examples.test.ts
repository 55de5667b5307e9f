import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type ZooKeeperClient } from '../../src/client/index.ts';
import { startServer, type ZooKeeperServer } from '../../tools/zookeeper/index.ts';
import { ROOT, runNode } from '../unit/package/run-node.ts';
import { FaultProxy } from './support/fault-proxy.ts';
import { describeReal } from './support/real-zookeeper.ts';

/** An example that runs until it is stopped. */
class RunningExample implements AsyncDisposable {
  readonly lines: string[] = [];
  readonly child: ChildProcess;

  constructor(name: string, ...args: string[]) {
    const file = join(ROOT, 'examples', name);
    this.child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    createInterface({ input: this.child.stdout! }).on('line', (line) => this.lines.push(line));
  }

  /** Resolves when it has printed such a line, counted from line `from` on. */
  async prints(line: RegExp, from = 0): Promise<string> {
    const found = (): string | undefined => this.lines.slice(from).find((each) => line.test(each));
    await expect.poll(found, { interval: 20 }).toBeDefined();
    return found() as string;
  }

  /** Asks it to end and gives its exit code. */
  async end(): Promise<number | null> {
    // Not `exit`: its last lines may come behind that.
    const close = once(this.child, 'close');
    this.child.kill('SIGTERM');
    return (await close)[0] as number | null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exit = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await exit;
    }
  }
}

describeReal('examples on a real server', () => {
  let server: ZooKeeperServer;
  let zk: ZooKeeperClient;

  beforeAll(async () => {
    server = await startServer({ fastStart: true, tickTimeMs: 500 });
    zk = await connect(server.connectString);
  });

  afterAll(async () => {
    await zk?.close();
    await server?.stop();
  });

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

  describe('resilient-service.mjs', () => {
    it('registers again after an expiry, and is gone at once when it ends', async () => {
      await using service = new RunningExample(
        'resilient-service.mjs',
        server.connectString,
        '10.0.0.9:80',
      );
      const node = async (from = 0): Promise<string> =>
        (await service.prints(/^registered as/, from)).slice('registered as '.length);
      const before = await node();
      expect((await zk.get(before)).data?.toString()).toBe('10.0.0.9:80');
      // Asleep for longer than its session lives: as a laptop, or a paused virtual machine.
      service.child.kill('SIGSTOP');
      await expect.poll(() => zk.exists(before)).toBeNull();
      const told = service.lines.length;
      service.child.kill('SIGCONT');
      await service.prints(/^expired/, told);
      const after = await node(told);
      expect(after).not.toBe(before);
      expect(await zk.getChildren('/services/shop')).toEqual([after.split('/').at(-1)]);
      expect(await service.end()).toBe(0);
      expect(service.lines.at(-1)).toBe('closed');
      expect(await zk.getChildren('/services/shop')).toEqual([]);
    });

    it('keeps its node over lost connections', async () => {
      await using proxy = await FaultProxy.listen(server);
      await using service = new RunningExample('resilient-service.mjs', proxy.connectString);
      await service.prints(/^registered as/);
      const [child] = await zk.getChildren('/services/shop');
      for (let round = 1; round <= 3; round++) {
        const { accepted } = proxy.counters();
        proxy.reset();
        await expect.poll(() => proxy.counters().accepted).toBeGreaterThan(accepted);
        await delay(50);
      }
      expect(await zk.getChildren('/services/shop')).toEqual([child]);
      expect(service.lines.filter((line) => line.startsWith('registered'))).toHaveLength(1);
      expect(await service.end()).toBe(0);
    });
  });

  describe('watch-configuration.mjs', () => {
    it('follows what changes, and mends what it has missed', async () => {
      await zk.create('/config', 'top');
      await zk.create('/config/colour', 'red');
      await zk.create('/config/size', '1');
      await using proxy = await FaultProxy.listen(server);
      await using copy = new RunningExample('watch-configuration.mjs', proxy.connectString);
      await copy.prints(/^\/config\/size = 1$/);
      expect(copy.lines[0]).toBe('watching /config');
      expect(copy.lines.slice(1).sort()).toEqual([
        '/config = top',
        '/config/colour = red',
        '/config/size = 1',
      ]);

      await zk.set('/config/colour', 'green');
      await copy.prints(/^\/config\/colour = green$/);
      await zk.delete('/config/colour');
      await copy.prints(/^\/config\/colour is gone$/);

      // Cut off while things change: no event tells of these.
      await proxy.freeze();
      await zk.set('/config/size', '2');
      await zk.create('/config/shape', 'round');
      const told = copy.lines.length;
      proxy.reset();
      await proxy.thaw();
      await copy.prints(/^\/config\/size = 2$/, told);
      await copy.prints(/^\/config\/shape = round$/, told);
      expect(copy.lines[told]).toBe('reading /config again after reconnect');
      expect(await copy.end()).toBe(0);
    });

    it('watches anew after an expiry', async () => {
      await zk.create('/other', 'one');
      const args = [server.connectString, '/other'] as const;
      await using copy = new RunningExample('watch-configuration.mjs', ...args);
      await copy.prints(/^\/other = one$/);
      const sessions = async (): Promise<number> =>
        new Set((await server.fourLetterWord('dump')).match(/0x[\da-f]{8,}/g)).size;
      // What other examples have left behind is gone: ours and the copy's are there.
      await expect.poll(sessions).toBe(2);
      copy.child.kill('SIGSTOP');
      await expect.poll(sessions).toBe(1);
      await zk.set('/other', 'two');
      copy.child.kill('SIGCONT');
      await copy.prints(/^the watch has ended: expired$/);
      await copy.prints(/^\/other = two$/);
      await zk.deleteRecursive('/other');
      await copy.prints(/^\/other is gone$/);
      expect(await copy.end()).toBe(0);
    });
  });
});
