import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from 'vitest';
import {
  REQUEST_CHANNEL,
  type RequestMessage,
  STATE_CHANNEL,
  type StateEvent,
  type StateMessage,
} from '../../../src/client/index.ts';
import { dataReply, reply } from '../pipeline/frames.ts';
import { settled } from '../pipeline/pipelines.ts';
import { clientNetwork } from './client-network.ts';
import { scriptedClient } from './scripted-client.ts';

const STATES = ['connecting', 'connected', 'session', 'disconnected', 'closed'];

const subscriptions: (() => void)[] = [];

/** Subscribes until the test ends. */
function listen<T>(name: string, onMessage: (message: T) => void): void {
  const listener = (message: unknown): void => onMessage(message as T);
  subscribe(name, listener);
  subscriptions.push(() => void unsubscribe(name, listener));
}

afterEach(() => {
  for (const end of subscriptions.splice(0)) end();
});

describe('the channel of requests', () => {
  it('tells of each request that settles, once somebody subscribes', async () => {
    const { zk, link, clock } = await scriptedClient();
    const unheard = zk.get('/unheard');
    await settled();
    const messages: RequestMessage[] = [];
    listen<RequestMessage>(REQUEST_CHANNEL, (message) => void messages.push(message));
    const answers = [zk.get('/a'), zk.get('/b').catch((error) => error)];
    await settled();
    clock.advance(5);
    link.deliver(dataReply(1, 'x'), dataReply(2, 'four'), reply(3, { err: -101 }));
    const [, error] = await Promise.all([answers[0], answers[1], unheard]);
    const common = { client: zk, operation: 'getData', host: link.host, requestBytes: 19 };
    expect(messages).toEqual([
      { ...common, path: '/a', xid: 2, replyBytes: 96, durationMs: 5, error: null },
      { ...common, path: '/b', xid: 3, replyBytes: 20, durationMs: 5, error },
    ]);
    expect(messages[0]?.client).toBe(zk);
  });

  it('tells before whoever awaits the request goes on', async () => {
    const { zk, link } = await scriptedClient();
    let told = 0;
    listen(REQUEST_CHANNEL, () => {
      told++;
    });
    const seen = Promise.all(['/a', '/b'].map((path) => zk.get(path).then(() => told)));
    await settled();
    link.deliver(dataReply(1, 'x'), dataReply(2, 'x'));
    expect(await seen).toEqual([2, 2]);
  });

  it('lets its subscribers make requests, as many as they like', async () => {
    const { zk, link, sent } = await scriptedClient();
    const more: Promise<unknown>[] = [];
    listen<RequestMessage>(REQUEST_CHANNEL, ({ path }) => {
      if (path !== '/first') return;
      for (let made = 0; made < 200; made++) more.push(zk.get('/more'));
    });
    const first = zk.get('/first');
    await settled();
    link.deliver(dataReply(1, 'x'));
    await first;
    await settled();
    link.deliver(
      ...sent()
        .slice(1)
        .map(({ xid }) => dataReply(xid, 'x')),
    );
    await Promise.all(more);
    expect(more).toHaveLength(200);
    expect(zk.counters()).toMatchObject({ inflight: 0, inflightBytes: 0, replies: 201 });
  });

  it('tells no server for what never left, and the whole time for what waited for a connection', async () => {
    const { zk, first, latest, advance } = await clientNetwork();
    const messages: RequestMessage[] = [];
    listen<RequestMessage>(REQUEST_CHANNEL, (message) => void messages.push(message));
    await first.over();
    const waiting = zk.get('/waiting');
    const given = zk.get('/given', { timeoutMs: 50 }).catch(() => null);
    await advance(1000);
    await given;
    await latest().accept();
    await latest().deliver(dataReply(latest().sent[0]!.xid, 'x'));
    await waiting;
    expect(messages.map(({ path, host, error }) => [path, host, error?.code])).toEqual([
      ['/given', null, 'REQUEST_TIMEOUT'],
      ['/waiting', latest().link.host, undefined],
    ]);
    expect(messages[1]?.durationMs).toBe(1000);
  });
});

describe('the channel of states', () => {
  it('tells what happens to each client', async () => {
    const told: StateMessage[] = [];
    listen<StateMessage>(STATE_CHANNEL, (message) => void told.push(message));
    const events: StateEvent[] = [];
    const onState = (event: StateEvent): void => void events.push(event);
    const { zk, first } = await clientNetwork('a:1', { onState });
    const closing = zk.close();
    await first.over();
    await closing;
    expect(told.map(({ event }) => event)).toEqual(events);
    expect(events.map(({ state }) => state)).toEqual(STATES);
    expect(told.every(({ client }) => client === zk)).toBe(true);
  });
});
