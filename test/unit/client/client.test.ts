import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { CreateOptions } from '../../../src/client/index.ts';
import { dataReply, reply } from '../pipeline/frames.ts';
import { settled, shown } from '../pipeline/pipelines.ts';
import { scriptedClient } from './scripted-client.ts';

describe('limits of a call', () => {
  it('have a default for all calls', async () => {
    const { zk, clock } = await scriptedClient({ requestTimeoutMs: 1000 });
    const log: string[] = [];
    const note = (name: string, answer: Promise<unknown>): void => {
      answer.catch((error: unknown) => log.push(`${name} ${shown(error)}`));
    };
    note('default', zk.get('/a'));
    note('shorter', zk.exists('/a', { timeoutMs: 100 }));
    note('longer', zk.multi([], { timeoutMs: 2000 }));
    note('no time', zk.delete('/a', { timeoutMs: 0 }));
    await settled();
    for (const ms of [150, 900, 1000]) {
      clock.advance(ms);
      await settled();
    }
    expect(log).toEqual([
      'no time REQUEST_TIMEOUT/not-sent',
      'shorter REQUEST_TIMEOUT/unknown',
      'default REQUEST_TIMEOUT/unknown',
      'longer REQUEST_TIMEOUT/unknown',
    ]);
    expect(zk.counters().inflight).toBe(3);
  });

  it('are signals too', async () => {
    const { zk, sent } = await scriptedClient();
    const controller = new AbortController();
    const options: CreateOptions = { signal: controller.signal };
    const answers = [zk.create('/a', null, options), zk.sync('/a', options)].map((answer) =>
      answer.catch(shown),
    );
    await settled();
    controller.abort();
    expect(await Promise.all(answers)).toEqual(['ABORTED/unknown', 'ABORTED/unknown']);
    expect(await zk.get('/a', options).catch(shown)).toBe('ABORTED/not-sent');
    await settled();
    expect(sent()).toHaveLength(2);
  });
});

describe('the client', () => {
  it('says who and where it is, and not its password', async () => {
    const { zk } = await scriptedClient();
    expect([zk.host, zk.sessionId, zk.sessionTimeoutMs, zk.connected, zk.hasRoom]).toEqual([
      'server.test:2181',
      0x77n,
      12_000,
      true,
      true,
    ]);
    expect(inspect(zk, { depth: 9, showHidden: true })).not.toMatch(/password|5a 5a/);
    await zk.room();
  });

  it('refuses every method after the end, and closes as often as one likes', async () => {
    const { zk, link } = await scriptedClient();
    const closing = zk.close();
    link.over();
    await closing;
    const calls = [
      zk.get('/a'),
      zk.set('/a', 'x'),
      zk.exists('/a'),
      zk.create('/a'),
      zk.delete('/a'),
      zk.getChildren('/a'),
      zk.sync('/a'),
      zk.multi([]),
      zk.room(),
    ];
    expect(await Promise.all(calls.map((call) => call.catch(shown)))).toEqual(
      calls.map(() => 'CONNECTION_CLOSED/not-sent'),
    );
    await zk.close();
    await zk[Symbol.asyncDispose]();
    expect(zk.connected).toBe(false);
  });

  it('closes when it is disposed of', async () => {
    const { zk, link, sent } = await scriptedClient();
    const disposed = zk[Symbol.asyncDispose]();
    await settled();
    expect(sent().map(({ op }) => op)).toEqual([-11]);
    link.deliver(reply(1));
    await disposed;
    expect(zk.connected).toBe(false);
  });

  it('adds identities', async () => {
    const { zk, link, sent } = await scriptedClient();
    const added = zk.addAuth({ scheme: 'digest', auth: 'user:secret' });
    await settled();
    expect(sent().map(({ xid, op }) => [xid, op])).toEqual([[-4, 100]]);
    link.deliver(reply(-4));
    await added;
  });

  it('shows in an inspection how it stands, and nothing else', async () => {
    const { zk, link } = await scriptedClient({}, 'server.test:2181/app');
    const standing = {
      state: 'connected',
      host: 'server.test:2181',
      sessionId: '0x77',
      sessionTimeoutMs: 12_000,
      chroot: '/app',
      pending: 0,
      watches: 0,
    };
    expect(inspect(zk)).toBe(`ZooKeeperClient ${inspect(standing)}`);
    expect(inspect({ deep: { zk } }, { depth: 0 })).toBe('{ deep: [Object] }');
    expect(inspect({ zk }, { depth: 0 })).toBe('{ zk: [ZooKeeperClient] }');
    zk.get('/a', { watch: () => {} }).catch(() => {});
    zk.get('/b', { watch: () => {} }).catch(() => {});
    await settled();
    link.deliver(dataReply(1, 'x'));
    expect(inspect(zk)).toContain('pending: 1,\n  watches: 1\n');
    const closing = zk.close();
    link.over();
    await closing;
    expect(inspect(zk)).toContain("state: 'closed',\n  host: null,");
  });

  it('takes a new list of servers, but no other chroot', async () => {
    const { zk } = await scriptedClient({}, 'server.test:2181/app');
    zk.updateServers('server.test:2181/app');
    for (const chroot of ['', '/', '/apple']) {
      expect(() => zk.updateServers(`server.test:2181${chroot}`)).toThrowError(
        /the chroot cannot change from "\/app" to/,
      );
    }
    expect(() => zk.updateServers('bad host')).toThrowError(/BAD_CONNECT_STRING|is not host/);
    expect(zk.connected).toBe(true);
  });

  it('leaves its session to others', async () => {
    const { zk, link } = await scriptedClient();
    const ticket = await zk.detach();
    expect([ticket.sessionId, ticket.sessionTimeoutMs]).toEqual([0x77n, 12_000]);
    expect(link.destroyed?.code).toBe('LINK_DESTROYED');
    expect(await zk.get('/a').catch(shown)).toBe('CONNECTION_CLOSED/not-sent');
  });
});
