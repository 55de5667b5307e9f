import { describe, expect, it } from 'vitest';
import { notification, pong } from '../pipeline/frames.ts';
import { TIMEOUT_MS } from '../session/scripted-network.ts';
import { clientNetwork } from './client-network.ts';

describe('the stats of a client', () => {
  it('are there from the first attempt on', async () => {
    const { zk } = await clientNetwork();
    expect(zk.stats()).toEqual({
      attempts: 1,
      connections: 1,
      sessions: 1,
      reconnects: 0,
      refusedRounds: 0,
      losses: 0,
      expiries: 0,
      watchEvents: 0,
      watchEventsIgnored: 0,
      pings: 0,
      pingMs: null,
    });
  });

  it('count attempts, reconnects, losses and expiries', async () => {
    const states: string[] = [];
    const times = (state: string): number => states.filter((each) => each === state).length;
    const { zk, first, latest, advance } = await clientNetwork('a:1,b:1', {
      onState: ({ state }) => void states.push(state),
    });
    await first.over();
    await latest().refuse();
    await latest().accept();
    expect(zk.stats()).toMatchObject({ attempts: 3, connections: 2, sessions: 1, reconnects: 1 });
    await latest().over();
    for (let refused = 0; refused < 6; refused++) {
      await latest().refuse();
      await advance(500);
    }
    expect(times('refused')).toBeGreaterThan(1);
    expect(zk.stats()).toMatchObject({
      attempts: times('connecting'),
      refusedRounds: times('refused'),
      losses: 0,
    });
    await advance(TIMEOUT_MS);
    expect(zk.stats()).toMatchObject({ losses: 1, expiries: 0 });
    while (latest().signal.aborted) await advance(500);
    await latest().expire();
    await latest().accept({ sessionId: 0x78n });
    expect(zk.stats()).toMatchObject({ sessions: 2, reconnects: 1, expiries: 1 });
  });

  it('count what watches hear, and what nobody watches', async () => {
    const { zk, first } = await clientNetwork();
    await first.deliver(notification('/a'), notification('/b'));
    expect(zk.stats()).toMatchObject({ watchEvents: 0, watchEventsIgnored: 2 });
  });

  it('time pings', async () => {
    const { zk, first, clock, advance } = await clientNetwork();
    await advance(TIMEOUT_MS / 4);
    expect(first.sentXids).toEqual(['-2 11']);
    clock.advance(12);
    await first.deliver(pong());
    expect(zk.stats()).toMatchObject({ pings: 1, pingMs: 12 });
    await first.deliver(pong());
    expect(zk.stats()).toMatchObject({ pings: 2, pingMs: 12 });
  });
});
